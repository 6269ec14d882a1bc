package main

import (
	"fmt"
	"io"
	"os"

	"github.com/tablesnap/tablesnap/rowsource"
)

// openSource returns the upload file; "-" is standard input, which is kept in a
// temporary file, since an upload is read more than once. Call done at the end.
func openSource(file string, o rowsource.Options) (src rowsource.Source, done func(), err error) {
	if file != "-" {
		return rowsource.File(file, o), func() {}, nil
	}
	if o.Format == "" {
		o.Format = rowsource.FormatCSV
	}
	if o.Name == "" {
		o.Name = "standard input"
	}
	tmp, err := os.CreateTemp("", "tablesnap-*")
	if err != nil {
		return nil, nil, fmt.Errorf("keep standard input: %w", err)
	}
	done = func() { os.Remove(tmp.Name()) }
	_, err = io.Copy(tmp, os.Stdin)
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		done()
		return nil, nil, inputError{fmt.Errorf("read standard input: %w", err)}
	}
	return rowsource.File(tmp.Name(), o), done, nil
}
