package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
)

// spoolMemory is how much a spool keeps in memory. A plan that shows some rows needs
// no file, which not every machine lets anybody write.
const spoolMemory = 1 << 20

// spool keeps output back until all of it is there: whoever pipes a script on would
// run the half of it, and not wait for the exit code. It takes nothing more once ctx
// is done.
type spool struct {
	ctx  context.Context //nolint:containedctx // an io.Writer is given none
	head bytes.Buffer
	rest *os.File // what is beyond the head
	done func()
}

// whole hands deliver what write wrote, once that is all.
func whole(ctx context.Context, write func(io.Writer) error, deliver func(io.Reader) error) error {
	s := &spool{ctx: ctx, done: func() {}}
	defer func() { s.done() }()
	if err := cmp.Or(write(s), ctx.Err()); err != nil {
		return err
	}
	if s.rest == nil {
		return deliver(&s.head)
	}
	if _, err := s.rest.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read what was kept of the output: %w", err)
	}
	return deliver(io.MultiReader(&s.head, s.rest))
}

func (s *spool) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	if s.rest == nil && s.head.Len()+len(p) <= spoolMemory {
		return s.head.Write(p)
	}
	if s.rest == nil {
		rest, done, err := namelessFile()
		if err != nil {
			return 0, fmt.Errorf("keep the output until all of it is there: %w", err)
		}
		s.rest, s.done = rest, done
	}
	n, err := s.rest.Write(p)
	if err != nil {
		return n, fmt.Errorf("keep the output until all of it is there (TMPDIR names the folder): %w", err)
	}
	return n, nil
}
