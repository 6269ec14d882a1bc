package mysql

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// rowText writes rows in two forms: as LOAD DATA reads them, and as INSERT reads them.
// The first form is also read back to find a bad row.
type rowText struct {
	fields  []loadField
	fixed   []string // literals
	literal func(rowsource.Value) string
}

// loadField is one column of the rows.
type loadField struct {
	field
	column dialect.Column
	check  func(rowsource.Value) error // nil if there is nothing to check
}

func newRowText(words loadWords, l dialect.Load) *rowText {
	t := &rowText{literal: words.Literal}
	for _, c := range l.Columns {
		t.fields = append(t.fields, loadField{field: words.field(c), column: c, check: words.Checker(l.Server, l.Table, c)})
	}
	for _, f := range l.Fixed {
		t.fixed = append(t.fixed, words.Literal(f.Value))
	}
	return t
}

// prepare checks a value and converts it to the form in which it is sent.
func (f *loadField) prepare(v rowsource.Value) (rowsource.Value, error) {
	if f.check != nil {
		if err := f.check(v); err != nil {
			return v, err
		}
	}
	return f.sent(v)
}

// appendField appends the i-th value of a row as LOAD DATA reads it.
func (t *rowText) appendField(row []byte, i int, v rowsource.Value) []byte {
	if i > 0 {
		row = append(row, '\t')
	}
	switch {
	case v.IsNull():
		return append(row, `\N`...)
	case t.fields[i].form == asHex:
		return hex.AppendEncode(row, []byte(v.Str()))
	default:
		return appendEscaped(row, v.Str())
	}
}

// fieldEscapes maps each byte that must be escaped to the letter after the backslash
// (https://dev.mysql.com/doc/refman/8.4/en/load-data.html#load-data-field-line-handling).
var fieldEscapes = [256]byte{0: '0', '\n': 'n', '\r': 'r', '\t': 't', '\\': '\\'}

func appendEscaped(row []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if e := fieldEscapes[s[i]]; e != 0 {
			row = append(append(row, s[from:i]...), '\\', e)
			from = i + 1
		}
	}
	return append(row, s[from:]...)
}

// appendLiteral appends the i-th value of a row as INSERT reads it.
func (t *rowText) appendLiteral(tuple []byte, i int, v rowsource.Value) []byte {
	if i == 0 {
		tuple = append(tuple, '(')
	} else {
		tuple = append(tuple, ',')
	}
	return append(tuple, t.fields[i].literal(v, t.literal)...)
}

func (t *rowText) endTuple(tuple []byte) []byte {
	for _, literal := range t.fixed {
		tuple = append(append(tuple, ','), literal...)
	}
	return append(tuple, ')')
}

// parse returns the values of a row that appendField wrote, without its line end.
func (t *rowText) parse(row string) []rowsource.Value {
	values := make([]rowsource.Value, 0, len(t.fields))
	for i, field := range strings.Split(row, "\t") {
		if field == `\N` {
			values = append(values, rowsource.Null())
			continue
		}
		if t.fields[i].form == asHex {
			b, err := hex.DecodeString(field)
			if err != nil { // appendField wrote it
				panic(err)
			}
			values = append(values, rowsource.Blob(b))
			continue
		}
		values = append(values, rowsource.Text(unescaped(field)))
	}
	return values
}

func unescaped(field string) string {
	var b strings.Builder
	for i := 0; i < len(field); i++ {
		if field[i] == '\\' {
			i++
			b.WriteByte(byte(slices.Index(fieldEscapes[:], field[i])))
			continue
		}
		b.WriteByte(field[i])
	}
	return b.String()
}

// loadData is the LOAD DATA statement for a file of such rows. It sets every option
// explicitly: the default character set, for example, is the database's.
//
// If the statement has a SET clause, MariaDB replaces a 0 from the file in an
// AUTO_INCREMENT column by a new number, in spite of NO_AUTO_VALUE_ON_ZERO. So the SET
// clause sets the AUTO_INCREMENT column too (asNumber).
func (t *rowText) loadData(words loadWords, l dialect.Load, file string) string {
	var into, set []string
	for i, f := range t.fields {
		name, variable := words.Quote(f.column.Name), "@tablesnap_"+strconv.Itoa(i)
		switch f.form {
		case asText:
			into = append(into, name)
			continue
		case asHex:
			set = append(set, name+" = UNHEX("+variable+")")
		case asBits:
			set = append(set, name+" = CAST("+variable+" AS UNSIGNED)")
		case asNumber:
			set = append(set, name+" = "+variable)
		}
		into = append(into, variable)
	}
	for i, f := range l.Fixed {
		set = append(set, words.Quote(f.Column)+" = "+t.fixed[i])
	}
	statement := "LOAD DATA LOCAL INFILE '" + file + "' INTO TABLE " + words.QuoteTable(l.Table.Ident) +
		` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (` + strings.Join(into, ", ") + ")"
	if len(set) > 0 {
		statement += " SET " + strings.Join(set, ", ")
	}
	return statement
}

// insertInto is the beginning of an INSERT statement, before its rows.
func (t *rowText) insertInto(words loadWords, l dialect.Load) string {
	var names []string
	for _, c := range l.Columns {
		names = append(names, words.Quote(c.Name))
	}
	for _, f := range l.Fixed {
		names = append(names, words.Quote(f.Column))
	}
	return "INSERT INTO " + words.QuoteTable(l.Table.Ident) + " (" + strings.Join(names, ", ") + ") VALUES "
}
