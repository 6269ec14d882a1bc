package exec

import (
	"maps"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// suited is the source as the table has it read: a column whose name differs from the
// table's only in case has the table's, and what the options say of numbers or of columns
// that are no text is said of each of them. The options that it is read by say all of it,
// so that nobody needs the table to read it again. Its header has been read, and the next
// Open goes on from there. A table that does not exist yet is nil. Call done at the end.
func suited(d dialect.Dialect, t *dialect.Table, src rowsource.Source) (suits rowsource.Source, done func(), err error) {
	if src == nil || t == nil || len(t.Columns) == 0 {
		return src, func() {}, nil
	}
	begun, err := rowsource.Begin(src)
	if err != nil {
		return nil, nil, err
	}
	return begun.With(readFor(d, *t, src.Options(), begun.Columns)), func() { begun.Close() }, nil
}

// readFor are the options by which a file with columns of these names is read for a table.
func readFor(d dialect.Dialect, t dialect.Table, o rowsource.Options, names []string) rowsource.Options {
	renames := otherCase(d, t, names)
	if len(renames) > 0 {
		o.Renames = renamedAgain(o.Renames, renames)
	}
	o.Forms = maps.Clone(o.Forms)
	for _, name := range names {
		if to, ok := renames[name]; ok {
			if f, given := o.Forms[name]; given {
				delete(o.Forms, name)
				o.Forms[to] = f
			}
			name = to
		}
		formOf(d, t, &o, name)
	}
	return o
}

// otherCase finds columns that differ only in case from exactly one of the table's, which
// no other column of the file means.
func otherCase(d dialect.Dialect, t dialect.Table, names []string) map[string]string {
	renames, meant := make(map[string]string), make(map[string]int)
	for _, name := range names {
		if c, found := t.Column(name, d.SameName); found {
			meant[c.Name] += 2
			continue
		}
		var fits []string
		for _, c := range t.Columns {
			if strings.EqualFold(c.Name, name) {
				fits = append(fits, c.Name)
			}
		}
		if len(fits) == 1 {
			renames[name] = fits[0]
			meant[fits[0]]++
		}
	}
	maps.DeleteFunc(renames, func(_, to string) bool { return meant[to] > 1 })
	return renames
}

// renamedAgain has other names for what names gives to columns.
func renamedAgain(names, again map[string]string) map[string]string {
	both, left := make(map[string]string), maps.Clone(again)
	for from, to := range names {
		if other, ok := again[to]; ok {
			delete(left, to)
			to = other
		}
		both[from] = to
	}
	maps.Copy(both, left)
	return both
}

// formOf sets how the values of one column are written.
func formOf(d dialect.Dialect, t dialect.Table, o *rowsource.Options, name string) {
	c, found := t.Column(name, d.SameName)
	if !found {
		return
	}
	kind, form := dialect.KindOfValues(d, t, c), o.Forms[name]
	before := form
	if o.NullQuoted && kind != dialect.TextValues {
		form.EmptyIsNull = true
	}
	if o.Decimal != "" && kind == dialect.NumberValues && form.Decimal == "" && form.Dates == "" && len(form.Booleans) == 0 {
		form.Decimal = o.Decimal
	}
	if kind == dialect.BooleanValues && form.Dates == "" && len(form.Booleans) == 0 && form.Decimal == "" {
		form.Truth = true
	}
	if form.EmptyIsNull == before.EmptyIsNull && form.Decimal == before.Decimal && form.Truth == before.Truth {
		return
	}
	if o.Forms == nil {
		o.Forms = make(map[string]rowsource.Form)
	}
	o.Forms[name] = form
}
