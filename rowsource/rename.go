package rowsource

import (
	"fmt"
	"maps"
	"slices"
)

// Renamed is src under other names for some of its columns: from the name in the
// file to the one that it has from here on. A name that the file has not, or a name
// that two columns would have, fails when the source is opened. Without names it is
// src, and so is a src that is nil.
func Renamed(src Source, names map[string]string) Source {
	if len(names) == 0 || src == nil {
		return src
	}
	return renamed{src, names}
}

type renamed struct {
	Source
	names map[string]string
}

func (r renamed) Open() (Reader, error) {
	reader, err := r.Source.Open()
	if err != nil {
		return nil, err
	}
	if len(reader.Columns()) == 0 { // no row names any
		return reader, nil
	}
	columns, err := r.columns(reader.Columns())
	if err != nil {
		reader.Close()
		return nil, fmt.Errorf("rename the columns of %s: %w", r.Name(), err)
	}
	return renamedReader{reader, columns}, nil
}

func (r renamed) columns(header []string) ([]string, error) {
	for _, from := range slices.Sorted(maps.Keys(r.names)) {
		if !slices.Contains(header, from) {
			return nil, fmt.Errorf("it has no column %q", from)
		}
	}
	columns := slices.Clone(header)
	for i, name := range columns {
		if to, ok := r.names[name]; ok {
			columns[i] = to
		}
		if first := slices.Index(columns[:i], columns[i]); first >= 0 {
			return nil, fmt.Errorf("its columns %q and %q would both be %q", header[first], header[i], columns[i])
		}
	}
	return columns, nil
}

type renamedReader struct {
	Reader
	columns []string
}

func (r renamedReader) Columns() []string { return r.columns }
