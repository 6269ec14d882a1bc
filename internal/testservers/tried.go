package testservers

import (
	"fmt"
	"os"
	"testing"
)

// triedVariable names a file to which [Tried] appends. make crash and make cluster set it,
// and print the sums of the file.
const triedVariable = "TABLESNAP_TEST_TRIED"

// Tried adds n to the number of faults of one kind that tests have tried on a server or
// cluster, so that docs/reliability.md can give the numbers of a run. The kind is worded
// for its reader.
func Tried(t testing.TB, server, kind string, n int) {
	t.Helper()
	name := os.Getenv(triedVariable)
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
