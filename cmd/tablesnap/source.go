package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// input is the file of an upload or a comparison.
type input struct {
	file string
	// allowUnterminated accepts standard input whose last line has no line end.
	allowUnterminated bool
}

func bindUnterminated(cmd *cobra.Command, into *bool) {
	cmd.Flags().BoolVar(into, "allow-unterminated", false, "take standard input whose last line has no line end")
}

// open returns the file's rows. The name "-" means standard input, which is copied to a
// temporary file, since an upload is read more than once. Call done at the end.
func (i input) open(ctx context.Context, o rowsource.Options) (src rowsource.Source, done func(), err error) {
	if i.file != "-" {
		return rowsource.File(i.file, o), func() {}, nil
	}
	if o.Name == "" {
		o.Name = "standard input"
	}
	tmp, done, err := namelessFile()
	if err != nil {
		return nil, nil, fmt.Errorf("keep standard input: %w", err)
	}
	size, err := copyUntil(ctx, tmp, os.Stdin)
	if o.Format == "" {
		o.Format = cmp.Or(rowsource.At(tmp, size, o).Format(), rowsource.FormatCSV)
	}
	if err == nil {
		err = i.checkEnd(tmp, size, o.Format)
	}
	if err != nil {
		done()
		if ctx.Err() == nil {
			err = inputError{err}
		}
		return nil, nil, fmt.Errorf("read standard input: %w", err)
	}
	return rowsource.At(tmp, size, o), done, nil
}

// namelessFile returns a temporary file that is deleted when the program ends, even if it
// is killed. If the system cannot delete an open file, done deletes it.
func namelessFile() (f *os.File, done func(), err error) {
	f, err = os.CreateTemp("", "tablesnap-*")
	if err != nil {
		return nil, nil, err
	}
	_ = os.Remove(f.Name())
	return f, func() {
		f.Close()
		_ = os.Remove(f.Name())
	}, nil
}

// copyUntil copies all of src, and stops waiting for it when ctx is done.
func copyUntil(ctx context.Context, dst io.Writer, src io.Reader) (int64, error) {
	type copied struct {
		size int64
		err  error
	}
	ended := make(chan copied, 1)
	go func() {
		size, err := io.Copy(dst, src)
		ended <- copied{size, err}
	}()
	select {
	case c := <-ended:
		return c.size, c.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// warn prints the warnings about a file that a plan would have.
func (i input) warn(w io.Writer, format rowsource.Format) {
	info, err := os.Stat(i.file)
	if err != nil || !info.Mode().IsRegular() {
		return // reading it will return the error; to open a pipe could wait for ever
	}
	f, err := os.Open(i.file)
	if err != nil {
		return
	}
	defer f.Close()
	if i.checkEnd(f, info.Size(), format) != nil {
		fmt.Fprintf(w, "warning %s: the last line of %s has no line end: see that the file was not cut off\n", plan.Unterminated, i.file)
	}
}

// checkEnd returns an error if the last line has no line end, since the content may have
// been cut off.
func (i input) checkEnd(content io.ReaderAt, size int64, format rowsource.Format) error {
	if i.allowUnterminated {
		return nil
	}
	lacks, err := format.LacksLineEnd(content, size)
	if lacks {
		return errors.New("its last line has no line end, so that it may be cut off: see that what writes it ends well, or write --allow-unterminated")
	}
	return err
}
