package rowsource

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// sheetOptions say which cells of a spreadsheet are the table.
type sheetOptions struct {
	sheet     string
	within    cellRange
	headerRow int
	nulls     []string
	textLimit int // see workbook.readStrings
}

func openXLSX(f file, content io.ReadCloser) (Reader, error) {
	return openSheet(f, content, newXLSXReader)
}

func openODS(f file, content io.ReadCloser) (Reader, error) {
	return openSheet(f, content, newODSReader)
}

func openSheet(f file, content io.ReadCloser, read func(*container, sheetOptions) (Reader, error)) (Reader, error) {
	o := sheetOptions{sheet: f.options.Sheet, headerRow: f.options.HeaderRow, nulls: f.options.Null, textLimit: f.textLimit}
	if f.options.Range != "" {
		var err error
		if o.within, err = parseRange(f.options.Range); err != nil {
			return nil, err
		}
	}
	c, err := openContainer(f.name, content, f.format)
	if err != nil {
		return nil, err
	}
	r, err := read(c, o)
	if err != nil {
		c.discard()
		return nil, inSource(f.name, err)
	}
	return r, nil
}

// inSource puts the source's name before an error that has none.
func inSource(name string, err error) error {
	if _, ok := errors.AsType[*CellError](err); ok || strings.HasPrefix(err.Error(), "read "+name) {
		return err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

// checkSheet refuses options that a spreadsheet cannot follow.
func checkSheet(o Options) error {
	if o.Range == "" {
		return nil
	}
	_, err := parseRange(o.Range)
	return err
}
