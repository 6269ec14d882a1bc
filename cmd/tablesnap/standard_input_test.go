//go:build unix

package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestStandardInputInterrupted ends the command with a signal while standard input is
// still open. No temporary file may be left, whatever the signal.
func TestStandardInputInterrupted(t *testing.T) {
	// The command does not catch SIGHUP if it is ignored at its start, as under nohup. The
	// test catches the signal, so that it is not ignored in the child.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP)
	defer signal.Stop(caught)
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		t.Run(sent.String(), func(t *testing.T) {
			dir, tmp := t.TempDir(), t.TempDir()
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer write.Close()
			t.Setenv("TMPDIR", tmp)
			p := startTablesnapReading(t, read, dir, "apply", "-", "--table", "t", "--doc-id", "d1", "--yes", "--create")
			read.Close()
			// This is far more than a pipe's buffer, so the command is reading when
			// WriteString returns.
			if _, err := write.WriteString("email\n" + strings.Repeat("ada@example.com\n", 100_000)); err != nil {
				t.Fatal(err)
			}
			signalTo(t, p, sent)
			r := p.wait(t)
			interrupted := r.code == exitFailed && strings.Contains(r.stderr, "tablesnap: interrupted; nothing was changed: read standard input: ")
			if killed := r.code == -1; interrupted == killed || killed != (sent == syscall.SIGKILL) {
				t.Error(r)
			}
			for _, folder := range []string{dir, tmp} {
				if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
					t.Errorf("in %s is left: %v (%v)", folder, left, err)
				}
			}
		})
	}
}

// TestPipeIsNotWaitedFor names a pipe that nobody writes to as the file.
func TestPipeIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t.csv"), []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, "apply", "t.csv", "--table", "t", "--doc-id", "d1", "--create", "--yes")
	for _, name := range []string{"pipe.csv", "pipe"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"plan", name, "--table", "t", "--doc-id", "d2"},
			{"apply", name, "--table", "t", "--doc-id", "d2", "--yes"},
			{"diff", "t", "--file", name},
		} {
			if r := runTablesnap(t, dir, args...); r.code != exitUsage || !strings.Contains(r.stderr, "it is a pipe or a device") {
				t.Errorf("%q: %s", args, r)
			}
		}
	}
}
