package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/spf13/cobra"
)

// stdout remembers that something could not be written, which no printing of
// several lines looks at.
type stdout struct {
	io.Writer
	err  error
	done bool
}

func (s *stdout) Write(p []byte) (int, error) {
	n, err := s.Writer.Write(p)
	if s.err == nil {
		s.err = err
	}
	return n, err
}

// changedDatabase notes that what is still to be printed is about what is done: a
// pipeline that tried again would do it twice.
func changedDatabase(cmd *cobra.Command) {
	if s, ok := cmd.OutOrStdout().(*stdout); ok {
		s.done = true
	}
}

// lost says what became of output that could not be written, and the exit code.
func (s *stdout) lost() (says string, code int) {
	if s.done {
		return fmt.Sprintf("it is done, but the result could not be written: %v; do not run it again, and look at the result with tablesnap audit", s.err), exitDone
	}
	code = exitFailed
	if errors.Is(s.err, syscall.EPIPE) {
		code = exitUnread
	}
	return fmt.Sprintf("write the result: %v; what was written is not all of it", s.err), code
}
