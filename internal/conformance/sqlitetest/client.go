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

// Client pipes a script into the sqlite3 program, which opens the database
// file. The error holds what the program said.
func Client(t testing.TB, file, script string) error {
	t.Helper()
	_, err := run(t, file, script)
	return err
}

// Query returns what the sqlite3 program prints for a script.
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
	cmd := exec.Command(program(t), "-init", os.DevNull, file) // not what the user's own ~/.sqliterc says
	cmd.Stdin = strings.NewReader(script)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("sqlite3: %w: %s", err, said.String())
	}
	return out.String(), nil
}

// program finds the sqlite3 program. Where it is missing and we may, we install
// it: a test that goes without it would prove nothing.
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
