package mysql

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// rowText writes rows in the two forms in which they are sent: as LOAD DATA
// reads them, and as INSERT does. The first is also kept to find the row at
// fault. Both give the server the same texts, so that both store the same.
type rowText struct {
	fields  []loadField
	fixed   []string // literals
	literal func(rowsource.Value) string
}

// loadField is one column of the rows.
type loadField struct {
	column dialect.Column
	form   fieldForm
	check  func(rowsource.Value) error // nil where there is nothing to check
}

// fieldForm is how the values of a column are sent.
type fieldForm int

const (
	asText fieldForm = iota
	// asHex is for bytes, which are no UTF-8: LOAD DATA reads all columns of a
	// file in one character set.
	asHex
	// asBits is for BIT, in which the text "5" is the bits of the character 5.
	asBits
	// asNumber is for a column that the database numbers itself. It is as text,
	// but by way of a variable: see rowText.loadData.
	asNumber
)

func newRowText(words loadWords, l dialect.Load) *rowText {
	t := &rowText{literal: words.Literal}
	for _, c := range l.Columns {
		t.fields = append(t.fields, loadField{column: c, form: formOf(c), check: words.Checker(l.Table, c)})
	}
	for _, f := range l.Fixed {
		t.fixed = append(t.fixed, words.Literal(f.Value))
	}
	return t
}

func formOf(c dialect.Column) fieldForm {
	switch parseType(c.Type).family() {
	case familyBit:
		return asBits
	case familyBinary, familyGeometry:
		return asHex
	}
	if c.Assigned {
		return asNumber
	}
	return asText
}

// prepare turns a value into what is sent for it, or refuses it.
func (f *loadField) prepare(v rowsource.Value) (rowsource.Value, error) {
	if v.Kind() == rowsource.KindBlob && f.form != asHex && f.form != asBits {
		if !utf8.ValidString(v.Str()) {
			return v, errors.New("the column holds text, and the bytes are not UTF-8")
		}
		v = rowsource.Text(v.Str())
	}
	if f.check != nil {
		if err := f.check(v); err != nil {
			return v, err
		}
	}
	if f.form == asBits && !v.IsNull() {
		return bits(v)
	}
	// "0" would be the year 2000.
	if v.Kind() == rowsource.KindInteger && parseType(f.column.Type).family() == familyYear {
		return rowsource.Text(fmt.Sprintf("%04d", v.Int())), nil
	}
	return v, nil
}

// bits is the number that a BIT column shall hold, in decimal digits.
func bits(v rowsource.Value) (rowsource.Value, error) {
	digits := v.Str()
	switch v.Kind() {
	case rowsource.KindBlob:
		b := strings.TrimLeft(digits, "\x00")
		if len(b) > 8 {
			return v, errors.New("these are more than 64 bits")
		}
		var n uint64
		for i := range len(b) {
			n = n<<8 | uint64(b[i])
		}
		digits = strconv.FormatUint(n, 10)
	case rowsource.KindInteger:
		digits = strconv.FormatInt(v.Int(), 10)
	case rowsource.KindReal:
		digits = v.String()
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return v, errors.New("a BIT column takes a whole number in decimal digits, not below 0")
	}
	return rowsource.Text(strconv.FormatUint(n, 10)), nil
}

// appendField appends the i-th field of a row, as LOAD DATA reads it.
func (t *rowText) appendField(row []byte, i int, v rowsource.Value) []byte {
	if i > 0 {
		row = append(row, '\t')
	}
	form := t.fields[i].form
	switch {
	case v.IsNull():
		return append(row, `\N`...)
	case form == asHex:
		return hex.AppendEncode(row, []byte(plain(v)))
	case v.Kind() == rowsource.KindInteger:
		return strconv.AppendInt(row, v.Int(), 10)
	case v.Kind() == rowsource.KindReal:
		return strconv.AppendFloat(row, v.Float(), 'g', -1, 64)
	default:
		return appendEscaped(row, v.Str())
	}
}

// plain is a value's text, or its bytes.
func plain(v rowsource.Value) string {
	switch v.Kind() {
	case rowsource.KindInteger, rowsource.KindReal:
		return v.String()
	default:
		return v.Str()
	}
}

// fieldEscapes has the letter behind the backslash for each byte that needs one, in
// the order of https://dev.mysql.com/doc/refman/8.4/en/load-data.html#load-data-field-line-handling
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

// appendLiteral appends the i-th value of a row, as INSERT reads it.
func (t *rowText) appendLiteral(tuple []byte, i int, v rowsource.Value) []byte {
	if i == 0 {
		tuple = append(tuple, '(')
	} else {
		tuple = append(tuple, ',')
	}
	form := t.fields[i].form
	switch {
	case v.IsNull():
		return append(tuple, "NULL"...)
	case form == asBits:
		return append(tuple, v.Str()...)
	case form == asHex:
		return append(tuple, t.literal(rowsource.Blob([]byte(plain(v))))...)
	default:
		return append(tuple, t.literal(rowsource.Text(plain(v)))...)
	}
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

// loadData is the LOAD DATA statement for a file of such rows. It leaves nothing
// to the defaults: the character set would be the database's.
//
// MariaDB forgets at a SET clause that the file gave a number to a column which
// the database numbers itself, and counts a 0 on in spite of
// NO_AUTO_VALUE_ON_ZERO; so the SET clause gives that number too.
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

// insertInto is an INSERT statement up to its rows.
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
