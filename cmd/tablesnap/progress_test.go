//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// begun, goesOn and commit are events of a run.
func begun(id string) exec.Event {
	return exec.Event{Kind: exec.StepBegun, Step: plan.Step{ID: id}}
}

func goesOn(id string, rows, of int64, is exec.Certainty) exec.Event {
	return exec.Event{Kind: exec.StepGoesOn, Step: plan.Step{ID: id}, Rows: rows, Of: of, OfIs: is}
}

var commit = exec.Event{Kind: exec.CommitSent}

// drawn is what a terminal of so many columns has got.
func drawn(t *testing.T, columns uint16, draw func(t *testing.T, tty *os.File)) string {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	read := make(chan struct{})
	go func() { // outside of synctest, where a drawing would wait for it
		defer close(read)
		_, _ = io.Copy(&shown, ptmx) // its error says that the terminal is closed
	}()
	synctest.Test(t, func(t *testing.T) { draw(t, tty) })
	tty.Close()
	<-read
	ptmx.Close()
	return shown.String()
}

// lastDrawings are the last line of each step, without the spinner.
func lastDrawings(shown string) []string {
	var last []string
	for drawing := range strings.SplitSeq(shown, "\r") {
		line := strings.Trim(drawing, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
		if line == "" {
			continue
		}
		step := func(line string) string {
			return strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ':' })[0]
		}
		if n := len(last); n > 0 && step(last[n-1]) == step(line) {
			last[n-1] = line
		} else {
			last = append(last, line)
		}
	}
	return last
}

// TestProgressBar draws the steps of a run on terminals. Time is that of synctest.
func TestProgressBar(t *testing.T) {
	run := func(t *testing.T, tty *os.File) {
		t.Helper()
		bar := newProgress(tty, sqlite.New())
		done := bar.start(t.Context())
		bar.report(begun("03-copy-to-backup"))
		time.Sleep(quietFor / 2) // too early, draws nothing
		bar.report(goesOn("03-copy-to-backup", 100, 1_000_000, exec.Estimated))
		time.Sleep(4*quietFor - quietFor/2)
		bar.report(goesOn("03-copy-to-backup", 412_000, 1_000_000, exec.Estimated))
		time.Sleep(2*redrawEvery + redrawEvery/2)
		bar.report(begun("04-clear"))
		time.Sleep(3*quietFor + 3*redrawEvery/4) // no event falls together with a drawing
		bar.report(begun("05-load"))
		time.Sleep(2 * quietFor)
		bar.report(goesOn("05-load", 1_200_000, 1_200_000, exec.Counted))
		time.Sleep(2 * redrawEvery)
		bar.report(commit)
		time.Sleep(2*quietFor + redrawEvery)
		done()
	}
	for columns, want := range map[uint16][]string{
		100: {
			"03-copy-to-backup: 412,000 of ~1,000,000 rows, 93,636/s, 4s, ~6s left  41% |████████            |",
			"04-clear: running, 3s",
			"05-load: 1,200,000 of 1,200,000 rows, 510,638/s, 2s, ~0s left  99% |███████████████████████████ |",
			"commit: running, 2s",
		},
		60: {
			"03-copy-to-backup  41% |█████████████                   |",
			"04-clear: running, 3s",
			"05-load: 1,200,000 of 1,200,000 rows  99% |████████████ |",
			"commit: running, 2s",
		},
	} {
		shown := drawn(t, columns, run)
		if strings.Contains(shown, "\n") {
			t.Errorf("a drawing has more than a line: %q", shown)
		}
		if diff := cmp.Diff(want, lastDrawings(shown)); diff != "" {
			t.Errorf("on %d columns (-want +got):\n%s", columns, diff)
		}
		lines := strings.Split(strings.TrimRight(shown, "\r"), "\r")
		if last := lines[len(lines)-1]; strings.TrimSpace(last) != "" {
			t.Errorf("the bar was left on the terminal: %q", shown)
		}
	}
}

// TestProgressLines checks the lines that are logged if there is no terminal.
func TestProgressLines(t *testing.T) {
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		lines := newProgress(&log, sqlite.New())
		done := lines.start(t.Context())
		lines.report(begun("03-copy-to-backup")) // a short step has no line
		time.Sleep(quietFor / 2)
		lines.report(begun("04-clear"))
		time.Sleep(2 * quietFor)
		lines.report(begun("05-load"))
		lines.report(goesOn("05-load", 500, 10_000, exec.Counted))
		time.Sleep(2 * quietFor)
		lines.report(goesOn("05-load", 5_000, 10_000, exec.Counted))
		time.Sleep(logEvery)
		done()
	})
	if diff := cmp.Diff(`04-clear: running, 1s
05-load: 500 of 10,000 rows, 454/s, 1s, ~20s left
05-load: 5,000 of 10,000 rows, 450/s, 11s, ~11s left
`, log.String()); diff != "" {
		t.Errorf("the log is (-want +got):\n%s", diff)
	}
}

// TestProgressOfSet: the steps of several tables have the same names.
func TestProgressOfSet(t *testing.T) {
	of := func(table string, e exec.Event) exec.Event {
		e.Table.Name = table
		return e
	}
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		lines := newProgress(&log, sqlite.New())
		lines.ofSeveral = true
		done := lines.start(t.Context())
		lines.report(of("people", begun("05-load")))
		lines.report(of("people", goesOn("05-load", 500, 10_000, exec.Counted)))
		time.Sleep(2 * quietFor)
		lines.report(of("teams", begun("05-load")))
		lines.report(of("people", goesOn("05-load", 10_000, 10_000, exec.Counted))) // it was on its way
		time.Sleep(2 * quietFor)
		done()
	})
	if diff := cmp.Diff("people 05-load: 500 of 10,000 rows, 500/s, 1s, ~19s left\nteams 05-load: running, 1s\n", log.String()); diff != "" {
		t.Errorf("the log is (-want +got):\n%s", diff)
	}
}

// TestProgressInterrupted checks what an interruption says at once.
func TestProgressInterrupted(t *testing.T) {
	for _, c := range []struct {
		events []exec.Event
		want   string
	}{
		{nil, ""},
		{[]exec.Event{begun("04-clear")}, "interrupted; the database rolls back, which can take as long as the run did\nroll back: running, 1s\n"},
		{[]exec.Event{begun("05-load"), commit}, "interrupted during a commit, whose answer decides what was done\ncommit: running, 1s\n"},
	} {
		var log bytes.Buffer
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			lines := newProgress(&log, sqlite.New())
			done := lines.start(ctx)
			for _, e := range c.events {
				lines.report(e)
			}
			interrupt()
			synctest.Wait()
			lines.report(goesOn("04-clear", 10, 0, exec.NotKnown)) // it was on its way
			time.Sleep(2 * quietFor)
			done()
		})
		if diff := cmp.Diff(c.want, log.String()); diff != "" {
			t.Errorf("after %d events (-want +got):\n%s", len(c.events), diff)
		}
	}
}

// TestInterruptedOnTerminal interrupts an upload whose trigger never ends.
func TestInterruptedOnTerminal(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "a.csv"), "a", 10)
	mustRun(t, dir, "apply", "a.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
	rowsOf(t, filepath.Join(dir, "tablesnap.db"),
		"CREATE TRIGGER endless AFTER INSERT ON t BEGIN SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n); END")
	x := startOnTerminal(t, dir, "apply", "a.csv", "--table", "t", "--doc-id", "d2", "--yes", "--allow", "SAME_FILE,TRIGGERS_FIRE")
	x.waitFor(t, "05-load: running, 1s")
	r := x.end(t, ctrlC)
	if r.code != exitFailed || !regexp.MustCompile(
		`(?s)interrupted; the database rolls back, which can take as long as the run did\n.*tablesnap: interrupted; nothing was changed: `).MatchString(r.stdout) {
		t.Errorf("want exit code %d: %s", exitFailed, r)
	}
	if rows := mustRun(t, dir, "export", "t").stdout; strings.Count(rows, "\n") != 11 {
		t.Errorf("the table has %q", rows)
	}
}
