//go:build unix

package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// brokenPipe runs p with its output in a pipe whose reader closes it after some lines.
func brokenPipe(t *testing.T, p *exec.Cmd, lines int) (code int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if lines == 0 { // close the pipe before anything is written
		r.Close()
	}
	if p.Stdout == nil {
		p.Stdout = w
	} else {
		p.Stderr = w
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for from := bufio.NewReader(r); lines > 0; lines-- {
		if _, err := from.ReadString('\n'); err != nil {
			t.Error(err)
		}
	}
	r.Close()
	_ = p.Wait() // the exit code says it
	return p.ProcessState.ExitCode()
}

// TestReaderEnds: if the reader of the output (such as head) closes the pipe, a verb that
// only reads the database ends silently, with the exit code of SIGPIPE.
func TestReaderEnds(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 5000) // more than the buffer of a pipe
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
	before, err := listing(dir)
	if err != nil {
		t.Fatal(err)
	}
	for verb, lines := range map[string]int{
		"export t": 1, "plan a.csv --table t --doc-id d2 --allow SAME_FILE --rows all": 1, "plan a.csv --table t --doc-id d2 --allow SAME_FILE --format json": 0,
		"export t --format jsonl": 0, "history t": 0, "history t --json": 0, "audit": 0, "inspect t": 0, "diff t --file a.csv": 0,
		"backup t --doc-id d2 --dry-run": 0,
	} {
		var stderr bytes.Buffer
		p := tablesnap(t, dir, strings.Fields(verb)...)
		p.Stderr = &stderr
		if code := brokenPipe(t, p, lines); code != exitUnread || strings.Contains(stderr.String(), "tablesnap:") || strings.Contains(stderr.String(), "goroutine") {
			t.Errorf("%s, whose reader has ended: exit code %d, want %d\n%s", verb, code, exitUnread, &stderr)
		}
	}
	if after, err := listing(dir); err != nil || after != before {
		t.Errorf("the files changed (%v):\n%s\n%s", err, before, after)
	}
}

// TestNobodyReadsResult: an upload succeeds with exit code 0 even if nobody reads its
// result, its warnings or its progress.
func TestNobodyReadsResult(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
	upload := []string{"apply", "a.csv", "--table", "t", "--doc-id", "d2", "--allow", "SAME_FILE", "--yes"}
	var stdout, stderr bytes.Buffer
	if r := mustRun(t, dir, upload...); !strings.Contains(r.stderr, "warning ") {
		t.Fatalf("there is no warning to be read by nobody: %s", r)
	}
	p := tablesnap(t, dir, upload...)
	p.Stdout = &stdout
	if code := brokenPipe(t, p, 0); code != exitDone || !strings.Contains(stdout.String(), "t is at version 3: 10 rows") {
		t.Errorf("nobody reads standard error: exit code %d\n%s", code, &stdout)
	}
	p = tablesnap(t, dir, upload...)
	p.Stderr = &stderr
	if code := brokenPipe(t, p, 0); code != exitDone || !strings.Contains(stderr.String(), "it is done, but the result could not be written") {
		t.Errorf("nobody reads standard output: exit code %d\n%s", code, &stderr)
	}
	stdout.Reset()
	p = tablesnap(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes", "--dsn", "sqlite:new.db") // prints a note that it creates the file
	p.Stdout = &stdout
	if code := brokenPipe(t, p, 0); code != exitDone || !strings.Contains(stdout.String(), "t is at version 1: 10 rows") {
		t.Errorf("nobody reads the note ahead of the run: exit code %d\n%s", code, &stdout)
	}
	closed := exec.Command("sh", append([]string{"-c", `tablesnap "$@" >&- 2>&-`, "sh"}, upload...)...)
	closed.Dir, closed.Env = dir, withoutDSN("NO_COLOR=")
	if err := closed.Run(); err != nil {
		t.Errorf("both are closed: %v", err)
	}
	if r := mustRun(t, dir, "history", "t", "--limit", "1"); !strings.Contains(r.stdout, "\n      5 ") {
		t.Errorf("want version 5: %s", r)
	}
}
