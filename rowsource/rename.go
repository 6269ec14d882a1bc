package rowsource

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// shape says which of a file's columns are read, and under which names.
type shape struct {
	header  []string
	columns []string
	// places are where the columns are in the file; a constant is at -1.
	places []int
	// constants are the values of the columns at -1.
	constants map[string]string
}

// shapedColumns are the names that the options give to the columns of a file.
func shapedColumns(name string, header []string, o Options) ([]string, error) {
	if !o.reshapes(header) {
		return header, nil
	}
	s, err := o.shape(header)
	if err != nil {
		return nil, fmt.Errorf("name the columns of %s: %w", name, err)
	}
	return s.columns, nil
}

// reshapes reports whether the options say anything of columns. An empty file has none.
func (o Options) reshapes(header []string) bool {
	return len(header) > 0 && (o.NormalizeHeaders || len(o.Renames) > 0 || len(o.Ignore) > 0 || len(o.Const) > 0)
}

// shaped has the columns that the options give to those of the file.
func shaped(name string, r Reader, o Options) (Reader, error) {
	if !o.reshapes(r.Columns()) {
		return r, nil
	}
	s, err := o.shape(r.Columns())
	if err != nil {
		r.Close()
		return nil, fmt.Errorf("name the columns of %s: %w", name, err)
	}
	if len(o.Ignore) == 0 && len(o.Const) == 0 {
		return renamedReader{r, s.columns}, nil
	}
	return newShapedReader(r, s), nil
}

func (o Options) shape(header []string) (shape, error) {
	names := header
	if o.NormalizeHeaders {
		names = normalized(header)
	}
	s := shape{header: header, constants: o.Const}
	used := make(map[string]bool)
	for i, in := range header {
		ignored := slices.Contains(o.Ignore, in) || slices.Contains(o.Ignore, names[i])
		used[in], used[names[i]] = true, true
		if ignored {
			continue
		}
		name := cmp.Or(o.Renames[in], o.Renames[names[i]], names[i])
		if first := slices.Index(s.columns, name); first >= 0 {
			return s, fmt.Errorf("its columns %q and %q would both be %q", header[s.places[first]], in, name)
		}
		s.columns, s.places = append(s.columns, name), append(s.places, i)
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(o.Renames)), o.Ignore) {
		if !used[name] {
			return s, fmt.Errorf("it has no column %q; it has %s", name, quotedList(header))
		}
	}
	return s, s.addConstants()
}

func (s *shape) addConstants() error {
	for _, name := range slices.Sorted(maps.Keys(s.constants)) {
		if slices.Contains(s.columns, name) {
			return fmt.Errorf("the file has the column %q, which is to have one value in all rows: ignore the file's, or leave the value out", name)
		}
		s.columns, s.places = append(s.columns, name), append(s.places, -1)
	}
	if len(s.columns) == 0 {
		return fmt.Errorf("all its columns are ignored")
	}
	return nil
}

// normalized are names in lower case, with _ for what is no letter or digit.
func normalized(header []string) []string {
	names := make([]string, len(header))
	for i, h := range header {
		words := strings.FieldsFunc(strings.ToLower(h), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		names[i] = cmp.Or(strings.Join(words, "_"), h)
	}
	return names
}

func quotedList(names []string) string {
	const shown = 20
	q := make([]string, 0, shown)
	for _, n := range names[:min(shown, len(names))] {
		q = append(q, Text(n).String())
	}
	if len(names) > shown {
		q = append(q, fmt.Sprintf("and %d more", len(names)-shown))
	}
	return strings.Join(q, ", ")
}

type renamedReader struct {
	Reader
	columns []string
}

func (r renamedReader) Columns() []string { return r.columns }

// shapedReader leaves columns out and adds constants.
type shapedReader struct {
	Reader
	shape
	values []Value
}

func newShapedReader(r Reader, s shape) *shapedReader {
	out := &shapedReader{Reader: r, shape: s, values: make([]Value, len(s.columns))}
	for i, place := range s.places {
		if place < 0 {
			out.values[i] = Text(s.constants[s.columns[i]])
		}
	}
	return out
}

func (r *shapedReader) Columns() []string { return r.columns }

func (r *shapedReader) KeepJSON(columns []int) {
	var places []int
	for _, c := range columns {
		if r.places[c] >= 0 {
			places = append(places, r.places[c])
		}
	}
	r.Reader.KeepJSON(places)
}

func (r *shapedReader) Next() (Row, error) {
	row, err := r.Reader.Next()
	if err != nil {
		return row, err
	}
	for i, place := range r.places {
		if place >= 0 {
			r.values[i] = row.Values[place]
		}
	}
	return Row{Values: r.values, Line: row.Line}, nil
}
