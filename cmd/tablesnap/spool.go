package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
)

// spoolMemory is the number of bytes that a spool keeps in memory. A plan that shows some
// rows fits, so it needs no temporary file, which cannot be written on every machine.
const spoolMemory = 1 << 20

// spool holds output back until it is complete. Otherwise a program that reads a script
// from a pipe would run an incomplete script before it knows the exit code. Writes fail
// once ctx is done.
type spool struct {
	ctx  context.Context //nolint:containedctx // Write of an io.Writer has no context
	head bytes.Buffer
	rest *os.File // the output after the head
	done func()
}

// whole passes the output of write to deliver once it is complete.
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
