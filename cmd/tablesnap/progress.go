package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
)

const (
	// quietFor is how long a run takes before a bar appears, or a step before a line is
	// logged.
	quietFor = time.Second
	// logEvery is the time between two lines if there is no terminal.
	logEvery = 10 * time.Second
	// redrawEvery is the time between two drawings of the bar.
	redrawEvery = 200 * time.Millisecond
)

// progress shows a run's progress on standard error: as a bar or a spinner on a terminal,
// otherwise as a line from time to time.
type progress struct {
	mu  sync.Mutex
	w   io.Writer
	who string // who rolls back
	// ofSeveral states that several tables change, so that a step needs its table.
	ofSeveral bool
	began     time.Time
	last      exec.Event // the last event that report has got
	step      string     // what is going on, empty before the first step
	since     time.Time  // when it began
	logged    time.Time  // when its last line was logged
	tty       *os.File   // nil if there is no terminal
	bar       *progressbar.ProgressBar
	stop      chan struct{}
}

func newProgress(w io.Writer, d dialect.Dialect) *progress {
	b := &progress{w: w, who: "the database", began: time.Now(), stop: make(chan struct{})}
	if _, ok := dialect.As[dialect.SessionObserver](d); ok {
		b.who = "the server"
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b.tty = f
	}
	return b
}

// start shows long steps that report no progress after their start. When ctx is done, it
// says what an interruption does.
func (b *progress) start(ctx context.Context) (done func()) {
	told := make(chan struct{})
	unasked := context.AfterFunc(ctx, func() {
		defer close(told)
		b.interrupted()
	})
	go b.tick()
	return func() {
		if !unasked() {
			<-told
		}
		b.done()
	}
}

func (b *progress) tick() {
	every := time.NewTicker(redrawEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			b.mu.Lock()
			b.show()
			b.mu.Unlock()
		case <-b.stop:
			return
		}
	}
}

// report handles an event of the run. A step is shown until the next one starts.
func (b *progress) report(e exec.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e.Kind {
	case exec.StepEnded:
		return
	case exec.CommitSent:
		b.begin("commit")
	case exec.StepBegun:
		b.begin(b.called(e))
	case exec.StepGoesOn:
		if b.called(e) != b.step { // the command was interrupted meanwhile
			return
		}
	}
	b.last = e
}

// called is the name of an event's step.
func (b *progress) called(e exec.Event) string {
	if b.ofSeveral {
		return printable(e.Table.Name) + " " + e.Step.ID
	}
	return e.Step.ID
}

// begin shows something else from now on.
func (b *progress) begin(step string) {
	b.clear()
	b.step, b.since, b.logged = step, time.Now(), time.Time{}
}

// interrupted says at once what happens, since the run's end may be far away.
func (b *progress) interrupted() {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.step == "": // nothing to roll back
		return
	case b.last.Kind == exec.CommitSent:
		b.clear()
		fmt.Fprintln(b.w, "interrupted during a commit, whose answer decides what was done")
		return
	}
	b.begin("roll back")
	b.last = exec.Event{}
	fmt.Fprintf(b.w, "interrupted; %s rolls back, which can take as long as the run did\n", b.who)
}

func (b *progress) show() {
	now := time.Now()
	switch {
	case b.step == "":
	case b.tty != nil && now.Sub(b.began) >= quietFor:
		b.draw(now)
	case b.tty == nil && now.Sub(b.since) >= quietFor && now.Sub(b.logged) >= logEvery:
		b.logged = now
		fmt.Fprintln(b.w, b.says(now, math.MaxInt))
	}
}

// says is all that is known of the step's progress, as far as it fits into a width. What is
// an estimate has a "~".
func (b *progress) says(now time.Time, width int) string {
	said := text.Trim(b.step, min(width, len(b.step)))
	for i, part := range b.parts(now) {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		if len(said)+len(separator)+len(part) > width {
			break
		}
		said += separator + part
	}
	return said
}

func (b *progress) parts(now time.Time) []string {
	rows, elapsed := b.last.Rows, now.Sub(b.since)
	if rows == 0 {
		return []string{"running", seconds(elapsed)}
	}
	rate := humanize.Comma(int64(float64(rows)/elapsed.Seconds())) + "/s"
	if !b.shareKnown() {
		return []string{humanize.Comma(rows) + " rows", rate, seconds(elapsed)}
	}
	about := ""
	if b.last.OfIs == exec.Estimated {
		about = "~"
	}
	left := float64(elapsed) * float64(b.last.Of-rows) / float64(rows)
	return []string{
		fmt.Sprintf("%s of %s%s rows", humanize.Comma(rows), about, humanize.Comma(b.last.Of)),
		rate, seconds(elapsed), fmt.Sprintf("~%s left", seconds(time.Duration(left))),
	}
}

// shareKnown reports whether the number of rows is a share of a known number. An estimate
// may be too low.
func (b *progress) shareKnown() bool {
	return b.last.Rows > 0 && b.last.OfIs != exec.NotKnown && b.last.Rows <= b.last.Of
}

func seconds(d time.Duration) string { return d.Truncate(time.Second).String() }

// full is the end of the bar. It is never reached: the bar would remove itself.
const full = 1000

// besideText is what a bar takes at least of a line.
const besideText = len(" 100% |") + len("12345678") + len("|  ")

// draw draws a bar if the share is known, and otherwise a spinner. If a drawing fails, the
// run goes on.
func (b *progress) draw(now time.Time) {
	width, _, err := term.GetSize(int(b.tty.Fd()))
	if err != nil || width == 0 {
		width = 80
	}
	said := b.says(now, max(0, width-besideText))
	if known := b.shareKnown(); b.bar == nil || known != (b.bar.GetMax64() == full) {
		b.clear()
		b.bar = newBar(b.tty, said, known)
	}
	if b.shareKnown() {
		_ = b.bar.Set64(min(b.last.Rows*full/b.last.Of, full-1))
	}
	b.bar.Describe(said) // draws it
}

// newBar returns a bar, or a spinner if the share is not known. The text says all else.
func newBar(w io.Writer, said string, shareKnown bool) *progressbar.ProgressBar {
	end := int64(-1)
	if shareKnown {
		end = full
	}
	return progressbar.NewOptions64(end,
		progressbar.OptionSetDescription(said),
		progressbar.OptionSetWriter(w),
		progressbar.OptionFullWidth(),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSpinnerType(14),             // dots
		progressbar.OptionSetSpinnerChangeInterval(0), // it turns with each drawing
	)
}

// clear removes the bar.
func (b *progress) clear() {
	if b.bar != nil {
		_ = b.bar.Clear()
		b.bar = nil
	}
}

// done removes the bar for good.
func (b *progress) done() {
	close(b.stop)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	b.step = ""
}
