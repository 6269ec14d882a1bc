package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/spf13/cobra"
)

// stdout remembers the first write error, since the code that prints several lines does
// not check for errors.
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

// changedDatabase records that the database has been changed. If the result then cannot be
// printed, the command must still succeed, so that a pipeline does not run it again.
func changedDatabase(cmd *cobra.Command) {
	if s, ok := cmd.OutOrStdout().(*stdout); ok {
		s.done = true
	}
}

// lost returns the message and the exit code if output could not be written.
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
