package plan

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

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
		check := d.Checker(in.Target.Server, in.tableNow(), c)
		if in.Source.Format.IsSheet() {
			check = withoutSerialNumbers(dialect.KindOfValues(d, in.tableNow(), c), c, check)
		}
		checks.Values = append(checks.Values, check)
	}
	for _, key := range keysToCheck(d, in, matched) {
		checks.Keys = append(checks.Keys, keyOf(d, in.tableNow(), matched.load, key))
	}
	if in.Options.Strategy == dialect.Sync {
		requireKey(d, in, matched.load, &checks)
	}
	for _, c := range in.Options.Checks {
		if c.Validate() == nil && readWith(d, matched, c) { // Build refuses the others, or makes steps of them
			c.addTo(&checks, func() rowsource.Key { return keyOf(d, in.tableNow(), matched.load, c.Columns) })
		}
	}
	return checks
}

// withoutSerialNumbers refuses numbers in a column of dates: in a sheet, one may be the serial
// number of a day.
func withoutSerialNumbers(kind dialect.ValueKind, c dialect.Column, check func(rowsource.Value) error) func(rowsource.Value) error {
	if kind != dialect.DateValues && kind != dialect.TimestampValues {
		return check
	}
	return func(v rowsource.Value) error {
		if v.Kind() == rowsource.KindInteger || v.Kind() == rowsource.KindReal {
			return fmt.Errorf("it may be the serial number of a day: give the cells a date format; the column's type is %s", c.Type)
		}
		if check == nil {
			return nil
		}
		return check(v)
	}
}

// Misfit is the error of [Build] if the source's columns do not fit the table's, or nil.
func Misfit(d dialect.Dialect, in Input) error {
	if _, mismatch := matchColumns(d, in); mismatch != nil {
		return refuse(in.Target.Ident, OpUpload, []error{mismatch})
	}
	return nil
}

// addTo adds what the check asks of the values of a source, which has all of its columns.
// Key makes a key of them.
func (c Check) addTo(checks *rowsource.Checks, key func() rowsource.Key) {
	switch c.Kind {
	case CheckUnique:
		checks.Keys = append(checks.Keys, key())
	case CheckNotNull, CheckValues, CheckMatches:
		value := c.valueCheck()
		for _, place := range key().Columns {
			checks.Values[place] = both(checks.Values[place], value)
		}
	default: // the others are about all rows, or the database
	}
}

// both checks a value by the first function, and then by the second.
func both(first, second func(rowsource.Value) error) func(rowsource.Value) error {
	if first == nil {
		return second
	}
	return func(v rowsource.Value) error {
		if err := first(v); err != nil {
			return err
		}
		return second(v)
	}
}

// valueCheck returns an error for a value that does not meet the condition.
func (c Check) valueCheck() func(rowsource.Value) error {
	switch c.Kind {
	case CheckNotNull:
		null := fmt.Errorf("it is NULL, and the check %q wants a value", c.Title())
		return func(v rowsource.Value) error {
			if v.IsNull() {
				return null
			}
			return nil
		}
	case CheckValues:
		known := make(map[string]bool, len(c.Values))
		for _, v := range c.Values {
			known[v] = true
		}
		return c.eachText("it is none of the values "+fewOf(c.Values), func(text string) bool { return known[text] })
	default:
		pattern, _ := c.pattern() // it was validated
		return c.eachText("it does not match "+c.Pattern, pattern.MatchString)
	}
}

// eachText checks values that are not NULL as texts.
func (c Check) eachText(says string, good func(text string) bool) func(rowsource.Value) error {
	bad := fmt.Errorf("%s (check %q)", says, c.Title())
	return func(v rowsource.Value) error {
		if v.IsNull() || good(plainText(v)) {
			return nil
		}
		return bad
	}
}

// plainText is a value as its source writes it.
func plainText(v rowsource.Value) string {
	if v.Kind() == rowsource.KindInteger || v.Kind() == rowsource.KindReal {
		return v.String()
	}
	return v.Str()
}

// fewOf lists the first few values for a message.
func fewOf(values []string) string {
	const few = 10
	if len(values) <= few {
		return strings.Join(values, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(values[:few], ", "), len(values)-few)
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
