// Package goosecmd gives tests goose's own command. It is the tool of a module
// of its own in tool/, which keeps all that it depends on from tablesnap's users.
package goosecmd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Run runs goose's command on a folder of migrations, as a person does in a
// shell. The driver, the DSN and the command ("up", "down", …) are in goose's own
// words. The error holds what goose said; without a goose the test ends.
func Run(t testing.TB, dir, driver, dsn string, command ...string) error {
	t.Helper()
	if err := build(); err != nil {
		t.Fatalf("build goose's command: %v", err)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	return goose(append([]string{"-dir", dir, driver, dsn}, command...)...)
}

// build has Go make the program, which it keeps in its build cache. Tests that
// begin at the same time would each make it.
var build = sync.OnceValue(func() error { return goose("-version") })

// tags leave out the databases that tablesnap does not know.
const tags = "no_clickhouse,no_libsql,no_mssql,no_vertica,no_ydb"

func goose(args ...string) error {
	cmd := exec.Command("go", append([]string{"run", "-tags", tags, "github.com/pressly/goose/v3/cmd/goose"}, args...)...)
	_, here, _, _ := runtime.Caller(0)
	cmd.Dir = filepath.Join(filepath.Dir(here), "tool")
	// Neither a workspace nor a DSN of the user's own.
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOOSE_DRIVER=", "GOOSE_DBSTRING=", "GOOSE_TABLE=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("goose: %w: %s", err, ending(out))
	}
	return nil
}

// ending is where the database's own words are, behind the whole statement.
func ending(said []byte) []byte { return said[max(0, len(said)-2000):] }
