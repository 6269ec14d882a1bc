// Package goosecmd gives tests goose's own command. It is the tool of a module
// of its own in tool/, which keeps all that it depends on from tablesnap's users.
package goosecmd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Run runs goose's command on a folder of migrations, as a person does in a
// shell. The driver, the DSN and the command ("up", "down", …) are in goose's own
// words. The error holds what goose said; without a goose the test ends.
func Run(t testing.TB, dir, driver, dsn string, command ...string) error {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = run(Path(t), append([]string{"-dir", dir, driver, dsn}, command...)...)
	return err
}

// Path is where goose's command is. Its file is called goose.
func Path(t testing.TB) string {
	t.Helper()
	goose, err := build()
	if err != nil {
		t.Fatalf("build goose's command: %v", err)
	}
	return goose
}

// tags leave out the databases that tablesnap does not know.
const tags = "no_clickhouse,no_libsql,no_mssql,no_vertica,no_ydb"

// build has Go make the program, which it keeps in its build cache, and returns where
// that is. To look whether it is up to date takes Go many times as long as goose takes
// for a migration, so that it is asked once.
var build = sync.OnceValues(func() (string, error) {
	path, err := run("go", "run", "-tags", tags, "-exec", "echo", "github.com/pressly/goose/v3/cmd/goose")
	return strings.TrimSpace(path), err
})

func run(program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	_, here, _, _ := runtime.Caller(0)
	cmd.Dir = filepath.Join(filepath.Dir(here), "tool")
	// Neither a workspace nor a DSN of the user's own.
	cmd.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOOSE_DRIVER=", "GOOSE_DBSTRING=", "GOOSE_TABLE=")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(program), err, ending(append(said.Bytes(), out...)))
	}
	return string(out), nil
}

// ending is where the database's own words are, behind the whole statement.
func ending(said []byte) []byte { return said[max(0, len(said)-2000):] }
