//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
)

// terminal is the test's end of a process's terminal.
type terminal struct {
	*process
	pty  *os.File
	seen bytes.Buffer
}

func startOnTerminal(t *testing.T, dir string, args ...string) *terminal {
	t.Helper()
	p := &process{cmd: tablesnap(t, dir, args...), ended: make(chan error, 1)}
	f, err := pty.StartWithSize(p.cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatalf("start on a terminal: %v", err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill(); f.Close() })
	return &terminal{process: p, pty: f}
}

// waitFor reads until the process has printed text.
func (x *terminal) waitFor(t *testing.T, text string) {
	t.Helper()
	one := make([]byte, 1)
	for !strings.HasSuffix(x.seen.String(), text) {
		if _, err := x.pty.Read(one); err != nil {
			t.Fatalf("%v before it printed %q:\n%s", err, text, x.seen.String())
		}
		x.seen.Write(one)
	}
}

// end types keys, waits for the process to end, and returns its exit code and output.
func (x *terminal) end(t *testing.T, keys string) result {
	t.Helper()
	if _, err := x.pty.WriteString(keys); err != nil {
		t.Fatal(err)
	}
	_, err := io.Copy(&x.seen, x.pty)
	if err != nil && !errors.Is(err, syscall.EIO) { // on Linux, the terminal is closed
		t.Fatal(err)
	}
	go func() { x.ended <- x.cmd.Wait() }()
	r := x.wait(t)
	r.stdout = strings.ReplaceAll(x.seen.String(), "\r\n", "\n")
	return r
}

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
)

// TestPromptOfSet: a set is asked for once, with what happens to each table.
func TestPromptOfSet(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	writeRows(t, filepath.Join(dir, "b.csv"), "b", 20)
	if err := os.WriteFile(filepath.Join(dir, "tablesnap.yaml"), []byte("tables: {a: {file: a.csv}, b: {file: b.csv}}\nsets: {both: [a, b]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, keys := range []string{"n\n", "y\n"} {
		code := map[string]int{"n\n": exitRefused, "y\n": exitDone}[keys]
		x := startOnTerminal(t, dir, "apply", "--set", "both", "--doc-id", "d1")
		x.waitFor(t, "Run this? [y/N] ")
		for _, want := range []string{"Upload the set both on tablesnap.db", "tables   a, b, in this order\r\n", "Create main.a", "Create main.b"} {
			if strings.Count(x.seen.String(), want) != 1 {
				t.Errorf("the question does not say %q once:\n%s", want, x.seen.String())
			}
		}
		r := x.end(t, keys)
		if r.code != code || strings.Count(r.stdout, "Run this?") != 1 {
			t.Errorf("want exit code %d and one question: %s", code, r)
		}
	}
}

// TestPrompt answers the question of apply on a terminal.
func TestPrompt(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	writeRows(t, filepath.Join(dir, "b.csv"), "b", 20)
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
	for _, c := range []struct {
		name, keys string
		code       int
		says       string
	}{
		{"no", "n\n", exitRefused, "tablesnap: not run, and nothing was changed\n"},
		{"return", "\n", exitRefused, "tablesnap: not run, and nothing was changed\n"},
		{"another word", "yesterday\n", exitRefused, "tablesnap: not run, and nothing was changed\n"},
		{"end of input", ctrlD, exitRefused, "tablesnap: not run, and nothing was changed\n"},
		{"interrupt", ctrlC, exitFailed, "tablesnap: interrupted; nothing was changed: "},
		{"yes", "y\n", exitDone, "t is at version 2: 20 rows from b.csv (kind table, doc_id d2)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, err := listing(dir)
			if err != nil {
				t.Fatal(err)
			}
			x := startOnTerminal(t, dir, "apply", "b.csv", "--table", "t", "--doc-id", "d2")
			x.waitFor(t, "Run this? [y/N] ")
			for _, want := range []string{
				"Replace main.t on tablesnap.db",
				"version  2, doc_id d2; replaces 1, doc_id d1\r\n",
				"source   b.csv, SHA-256 ",
				"rows     10 -> 20 (before: as version 1 left it); 20 added, 10 removed, 0 changed\r\n",
				"backup   t_backup gets 10 rows\r\n",
				"   3  copy to backup    INSERT INTO \"main\".\"t_backup\" (...) SELECT",
				"warning READERS_WAIT  ",
			} {
				if !strings.Contains(x.seen.String(), want) {
					t.Errorf("the question does not say %q:\n%s", want, x.seen.String())
				}
			}
			r := x.end(t, c.keys)
			if r.code != c.code || !strings.Contains(r.stdout, c.says) {
				t.Errorf("want exit code %d and %q: %s", c.code, c.says, r)
			}
			after, err := listing(dir)
			if err != nil {
				t.Fatal(err)
			}
			if c.code != exitDone && after != before {
				t.Errorf("the files changed:\n%s\n%s", before, after)
			}
		})
	}
}

// TestPromptCreates: the question names what would be created, and the answer decides.
func TestPromptCreates(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	for _, c := range []struct {
		keys string
		code int
	}{{"n\n", exitRefused}, {"y\n", exitDone}} {
		x := startOnTerminal(t, dir, "apply", "a.csv", "--table", "t", "--doc-id", "d1")
		x.waitFor(t, "Run this? [y/N] ")
		for _, want := range []string{`there is no database "tablesnap.db"; it would be made`, "the table does not exist yet"} {
			if !strings.Contains(x.seen.String(), want) {
				t.Errorf("the question does not say %q:\n%s", want, x.seen.String())
			}
		}
		r := x.end(t, c.keys)
		if r.code != c.code {
			t.Errorf("%q: want exit code %d: %s", c.keys, c.code, r)
		}
		if _, err := os.Stat(filepath.Join(dir, "tablesnap.db")); (err == nil) != (c.code == exitDone) {
			t.Errorf("%q: looking for the database: %v", c.keys, err)
		}
	}
}

// TestPromptAll asks once for all uploads of the settings, after the summary of each.
func TestPromptAll(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	writeRows(t, filepath.Join(dir, "b.csv"), "b", 20)
	if err := os.WriteFile(filepath.Join(dir, "tablesnap.yaml"), []byte("tables:\n  t: {file: a.csv}\n  u: {file: b.csv}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, "apply", "--all", "--create", "--doc-id", "d1", "--yes")
	for _, c := range []struct {
		name, keys string
		code       int
		says       []string
	}{
		{"no", "n\n", exitRefused, []string{"tablesnap: not run, and nothing was changed\n"}},
		{"interrupt", ctrlC, exitFailed, []string{"tablesnap: interrupted; nothing was changed: "}},
		{"yes", "y\n", exitDone, []string{"t is at version 2: 10 rows from a.csv", "u is at version 2: 20 rows from b.csv"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, err := listing(dir)
			if err != nil {
				t.Fatal(err)
			}
			x := startOnTerminal(t, dir, "apply", "--all", "--doc-id", "d2", "--allow", "SAME_FILE")
			x.waitFor(t, "Run this? [y/N] ")
			shown := x.seen.String()
			first, second := strings.Index(shown, "Replace main.t on tablesnap.db"), strings.Index(shown, "Replace main.u on tablesnap.db")
			if first < 0 || second < first || strings.Contains(shown, "is at version") {
				t.Errorf("the question does not say what would run, in order:\n%s", shown)
			}
			r := x.end(t, c.keys)
			for _, says := range c.says {
				if r.code != c.code || !strings.Contains(r.stdout, says) {
					t.Errorf("want exit code %d and %q: %s", c.code, says, r)
				}
			}
			if strings.Count(r.stdout, "[y/N]") != 1 {
				t.Errorf("it has asked more than once: %s", r)
			}
			after, err := listing(dir)
			if err != nil {
				t.Fatal(err)
			}
			if c.code != exitDone && after != before {
				t.Errorf("the files changed:\n%s\n%s", before, after)
			}
		})
	}
}

// TestNotAsked has commands that ask nothing on a terminal.
func TestNotAsked(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	for _, args := range [][]string{
		{"apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes"},
		{"plan", "a.csv", "--table", "t", "--doc-id", "d2", "--allow", "SAME_FILE"},
		{"history", "t"},
		{"audit"},
	} {
		r := startOnTerminal(t, dir, args...).end(t, "")
		if r.code != exitDone || strings.Contains(r.stdout, "[y/N]") {
			t.Errorf("tablesnap %q: %s", args, r)
		}
		if strings.Contains(r.stdout, "\x1b") {
			t.Errorf("tablesnap %q has printed an escape sequence: %q", args, r.stdout)
		}
	}
}
