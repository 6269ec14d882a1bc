package sqlitetest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// Client pipes a script into the sqlite3 program for the database file. The error has the
// program's output.
func Client(t testing.TB, file, script string) error {
	t.Helper()
	_, err := run(t, file, script)
	return err
}

// Query returns the output of the sqlite3 program for a script.
func Query(t testing.TB, file, script string) string {
	t.Helper()
	out, err := run(t, file, script)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func run(t testing.TB, file, script string) (string, error) {
	t.Helper()
	cmd := exec.Command(program(t), "-init", os.DevNull, file) // ignores the user's own ~/.sqliterc
	cmd.Stdin = strings.NewReader(script)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("sqlite3: %w: %s", err, said.String())
	}
	return out.String(), nil
}

// program finds the sqlite3 program. If it is missing and the user is root, it installs
// the package. Otherwise it fails the test, which proves nothing without the program.
func program(t testing.TB) string {
	t.Helper()
	if path, err := exec.LookPath("sqlite3"); err == nil {
		return path
	}
	if err := install(); err != nil {
		t.Fatalf("the sqlite3 program is missing, and installing it failed (install the package sqlite3): %v", err)
	}
	path, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var install = sync.OnceValue(func() error {
	if os.Geteuid() != 0 {
		return fmt.Errorf("only root may install packages")
	}
	for _, args := range [][]string{{"update", "-q"}, {"install", "-q", "-y", "--no-install-recommends", "sqlite3"}} {
		cmd := exec.Command("apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w: %s", args[0], err, out)
		}
	}
	return nil
})
