package plan

import (
	"errors"
	"math"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checks are what the table asks of the rows of a source with the columns: their values,
// and keys that no two rows may have in common. Columns that do not fit the table's are not
// checked; see [Misfit].
func Checks(d dialect.Dialect, in Input, columns []string) rowsource.Checks {
	in.Source.Columns = columnsNamed(columns)
	matched, _ := matchColumns(d, in)
	if len(matched.load) != len(columns) { // they cannot be told apart
		return rowsource.Checks{JSON: JSONColumns(d, in.tableNow(), columns)}
	}
	checks := rowsource.Checks{JSON: dialect.JSONColumns(matched.load)}
	for _, c := range matched.load {
		c.Nullable = c.Nullable || in.Target.Table == nil // Build refuses a NULL in a new key
		checks.Values = append(checks.Values, d.Checker(in.Target.Server, in.tableNow(), c))
	}
	for _, key := range keysToCheck(d, in, matched) {
		checks.Keys = append(checks.Keys, keyOf(d, in.tableNow(), matched.load, key))
	}
	if in.Options.Strategy == dialect.Sync {
		requireKey(d, in, matched.load, &checks)
	}
	return checks
}

// Misfit is the error of [Build] if the source's columns do not fit the table's, or nil.
func Misfit(d dialect.Dialect, in Input) error {
	if _, mismatch := matchColumns(d, in); mismatch != nil {
		return refuse(in.Target.Ident, OpUpload, []error{mismatch})
	}
	return nil
}

// JSONColumns are the places of the columns that hold JSON in the table.
func JSONColumns(d dialect.Dialect, t dialect.Table, columns []string) []int {
	loaded := make([]dialect.Column, len(columns))
	for i, name := range columns {
		loaded[i], _ = t.Column(name, d.SameName)
	}
	return dialect.JSONColumns(loaded)
}

// columnsNamed are columns whose values may be of any length.
func columnsNamed(names []string) []rowsource.Column {
	columns := make([]rowsource.Column, len(names))
	for i, n := range names {
		columns[i] = rowsource.Column{Name: n, MaxChars: math.MaxInt32}
	}
	return columns
}

// keysToCheck are the keys of the table that the source has all columns of. A trigger may
// give a row another key, so that nobody but the database knows.
func keysToCheck(d dialect.Dialect, in Input, matched columns) [][]string {
	t := in.tableNow()
	switch {
	case len(matched.key) > 0:
		return [][]string{matched.key}
	case len(t.Triggers) > 0:
		return nil
	}
	return slices.DeleteFunc(keysOf(t), func(key []string) bool { return len(notLoaded(d, key, matched.load)) > 0 })
}

func keyOf(d dialect.Dialect, t dialect.Table, loaded []dialect.Column, names []string) rowsource.Key {
	var key rowsource.Key
	for _, name := range names {
		place := slices.IndexFunc(loaded, func(c dialect.Column) bool { return d.SameName(c.Name, name) })
		key.Columns = append(key.Columns, place)
		key.Numbers = append(key.Numbers, dialect.KindOfValues(d, t, loaded[place]) == dialect.NumberValues)
	}
	return key
}

// requireKey has each row have the key by which a sync matches them, and no other row the
// same.
func requireKey(d dialect.Dialect, in Input, loaded []dialect.Column, checks *rowsource.Checks) {
	if in.Target.Table == nil {
		return
	}
	names, err := syncKey(d, in, loaded)
	if err != nil { // Build refuses the upload
		return
	}
	key := keyOf(d, in.tableNow(), loaded, names)
	if !slices.ContainsFunc(checks.Keys, func(k rowsource.Key) bool { return slices.Equal(k.Columns, key.Columns) }) {
		checks.Keys = append(checks.Keys, key)
	}
	for _, place := range key.Columns {
		checks.Values[place] = required(checks.Values[place])
	}
}

var errNoKey = errors.New("it is part of the key by which rows are matched, and has no value")

func required(check func(rowsource.Value) error) func(rowsource.Value) error {
	return func(v rowsource.Value) error {
		switch {
		case v.IsNull():
			return errNoKey
		case check == nil:
			return nil
		default:
			return check(v)
		}
	}
}
