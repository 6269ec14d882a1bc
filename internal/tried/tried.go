// Package tried counts the faults that tests try, so that docs/reliability.md can give the
// numbers of a run.
package tried

import (
	"fmt"
	"os"
	"testing"
)

// Variable names a file to which [Count] appends. make crash and make cluster set it, and
// print the sums of the file.
const Variable = "TABLESNAP_TEST_TRIED"

// Count adds n to the number of faults of one kind that were tried on a server or cluster.
// The kind is worded for the reader of docs/reliability.md. Without [Variable] it does
// nothing.
func Count(t testing.TB, server, kind string, n int) {
	t.Helper()
	name := os.Getenv(Variable)
	if name == "" || n == 0 {
		return
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s\t%s\t%d\n", server, kind, n); err != nil {
		t.Fatal(err)
	}
}
