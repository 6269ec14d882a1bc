package rowsource

import (
	"fmt"
	"maps"
	"slices"
)

// renamed are the columns under the names that Options.Renames gives them.
func renamed(header []string, names map[string]string) ([]string, error) {
	for _, from := range slices.Sorted(maps.Keys(names)) {
		if !slices.Contains(header, from) {
			return nil, fmt.Errorf("it has no column %q", from)
		}
	}
	columns := slices.Clone(header)
	for i, name := range columns {
		if to, ok := names[name]; ok {
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
