package main

import (
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
	// quietFor is how long a run may take before it says how far it is.
	quietFor = time.Second
	// logEvery is how often it says so where there is no terminal.
	logEvery = 10 * time.Second
)

// progress shows on standard error how far a run is: as a bar on a terminal, as
// a line now and then elsewhere.
type progress struct {
	mu     sync.Mutex
	w      io.Writer
	total  int64
	began  time.Time
	logged time.Time
	step   string
	bar    *progressbar.ProgressBar // nil where there is no terminal
}

func newProgress(w io.Writer, p plan.Plan) *progress {
	now := time.Now()
	b := &progress{w: w, total: p.Upload.Source.Bytes, began: now, logged: now}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		b.bar = progressbar.NewOptions64(b.total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionShowBytes(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(false),
		)
	}
	return b
}

func (b *progress) report(p exec.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.began) < quietFor {
		return
	}
	if b.bar != nil {
		b.bar.Describe(p.Step.ID)
		_ = b.bar.Set64(p.Bytes) // a bar that cannot be drawn must not end the run
		return
	}
	if p.Step.ID != b.step || time.Since(b.logged) >= logEvery {
		b.step, b.logged = p.Step.ID, time.Now()
		fmt.Fprintf(b.w, "%s: %d of %d bytes read\n", p.Step.ID, p.Bytes, b.total)
	}
}

func (b *progress) done() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Clear()
	}
}
