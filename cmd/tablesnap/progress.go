package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

const (
	// quietFor is how long a run takes before a bar appears, or a step before a line is
	// logged.
	quietFor = time.Second
	// logEvery is the time between two lines if there is no terminal.
	logEvery = 10 * time.Second
	// redrawEvery is the minimum time between two drawings of the bar.
	redrawEvery = 100 * time.Millisecond
)

// progress shows a run's progress on standard error: as a bar on a terminal, otherwise as
// a line from time to time.
type progress struct {
	mu        sync.Mutex
	w         io.Writer
	total     int64
	began     time.Time
	last      exec.Event               // the last event that report has got
	since     time.Time                // when its step began
	logged    time.Time                // when its last line was logged
	described string                   // the bar's text
	bar       *progressbar.ProgressBar // nil if there is no terminal
	stop      chan struct{}
}

func newProgress(w io.Writer, p plan.Plan) *progress {
	now := time.Now()
	b := &progress{w: w, total: cmp.Or(p.Upload.Source.Bytes, -1), began: now, stop: make(chan struct{})}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b.bar = progressbar.NewOptions64(b.total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionThrottle(redrawEvery),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetPredictTime(false), // the bar starts late, so a prediction would be wrong
		)
	}
	return b
}

// start shows long steps that report no progress after their start.
func (b *progress) start() { go b.tick() }

func (b *progress) tick() {
	every := time.NewTicker(quietFor)
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
	if e.Kind == exec.StepEnded {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Step.ID != b.last.Step.ID {
		b.since, b.logged = time.Now(), time.Time{}
	}
	b.last = e
	b.show()
}

func (b *progress) show() {
	step, isLoad := b.last.Step.ID, b.last.Step.Load != nil
	switch {
	case step == "":
	case b.bar != nil && time.Since(b.began) >= quietFor:
		if step != b.described {
			b.described = step
			b.bar.Describe(step)
		}
		_ = b.bar.Set64(b.last.Bytes) // if the bar cannot be drawn, the run goes on
	case b.bar == nil && time.Since(b.since) >= quietFor && time.Since(b.logged) >= logEvery:
		b.logged = time.Now()
		if isLoad {
			fmt.Fprintf(b.w, "%s: %d of %d bytes read\n", step, b.last.Bytes, b.total)
		} else {
			fmt.Fprintf(b.w, "%s: running\n", step)
		}
	}
}

// done removes the bar.
func (b *progress) done() {
	close(b.stop)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = exec.Event{}
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
