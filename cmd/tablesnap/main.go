// Command tablesnap replaces the whole contents of SQL tables from files, and keeps the
// replaced rows as a backup.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// gcPercent lets the heap grow to four times its live size before a collection. The live
// heap is small whatever the size of the file, so the default would cause hundreds of
// collections during a load.
const gcPercent = 300

// memoryLimit is the number of bytes from which the heap is collected more often. With the
// program itself, and what a driver takes, that keeps what is resident below 64 MB.
const memoryLimit = 32 << 20

func main() { os.Exit(run()) }

// run is main with the exit code as its result.
func run() int {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	defer stop()
	context.AfterFunc(ctx, stop)   // a second Ctrl-C ends the program at once
	signal.Ignore(syscall.SIGPIPE) // a closed pipe must not end a run
	root, out := newRoot(), &stdout{Writer: os.Stdout}
	root.SetOut(out)
	cmd, err := root.ExecuteContextC(ctx)
	if out.err != nil && (err == nil || errors.Is(err, out.err)) {
		says, code := out.lost()
		if code != exitUnread {
			fmt.Fprintln(os.Stderr, "tablesnap:", says)
		}
		return code
	}
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(os.Stderr, "tablesnap:", explain(cmd, err))
	return exitCode(err)
}
