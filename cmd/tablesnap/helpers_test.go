//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Some tests run the command as a process. The process is this test binary, which acts as
// tablesnap if it is called by that name (see TestMain).

func tablesnap(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("tablesnap")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Env = withoutDSN("NO_COLOR=")
	return cmd
}

// withoutDSN is the environment without the variable for the DSN, and with other
// variables.
func withoutDSN(others ...string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, dsnVariable+"=") })
	return append(env, others...)
}

// result is the exit code and the output of a process.
type result struct {
	code           int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("exit code %d\n%s\n%s", r.code, r.stdout, r.stderr)
}

func runTablesnap(t *testing.T, dir string, args ...string) result {
	t.Helper()
	return startTablesnap(t, dir, args...).wait(t)
}

func mustRun(t *testing.T, dir string, args ...string) result {
	t.Helper()
	r := runTablesnap(t, dir, args...)
	if r.code != 0 {
		t.Fatalf("tablesnap %q: %s", args, r)
	}
	return r
}

type process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	ended          chan error
}

func startTablesnap(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	return startTablesnapReading(t, nil, dir, args...)
}

// startTablesnapReading starts tablesnap with a standard input. Nil means none.
func startTablesnapReading(t *testing.T, stdin io.Reader, dir string, args ...string) *process {
	t.Helper()
	p := &process{cmd: tablesnap(t, dir, args...), ended: make(chan error, 1)}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = stdin, &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func (p *process) wait(t *testing.T) result {
	t.Helper()
	select {
	case err := <-p.ended:
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return result{p.cmd.ProcessState.ExitCode(), p.stdout.String(), p.stderr.String()}
	case <-time.After(5 * time.Minute):
		t.Fatalf("%s does not end\n%s", p.cmd, p.stderr.String())
		return result{}
	}
}

// copyDatabase copies a database file with its journal or log.
func copyDatabase(t *testing.T, from, to string) string {
	t.Helper()
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		content, err := os.ReadFile(from + suffix)
		if errors.Is(err, os.ErrNotExist) {
			os.Remove(to + suffix) // of an earlier copy
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+suffix, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// digest is the hash of a query's rows.
func digest(t *testing.T, path, query string) string {
	t.Helper()
	hash := sha256.New()
	for _, l := range rowsOf(t, path, query) {
		fmt.Fprintln(hash, l)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

func rowsOf(t *testing.T, path, query string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	lines, err := queryLines(db, query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return lines
}
