package rowsource

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"
)

// goRows is a Source of Go values.
type goRows struct {
	name    string
	columns []string
	rows    [][]any
	options Options
}

// Rows are rows handed over as Go values, which must not be changed while the
// Source is in use. A value may be nil, a string, a []byte (NULL if nil), an
// integer, a float, a bool (1 or 0), a [time.Time] (as UTC), a [json.Number] (an
// integer, or text as it is written), a [Value], a type made from a string, number,
// bool or []byte, a pointer to any of these (NULL if nil), or a [driver.Valuer]. In
// a column of JSON, a string is JSON text, and a bool is true or false.
// Values of other types, and those that not all databases can keep as they are
// (NaN, infinities, text that is not UTF-8, integers past int64), are refused by
// row and column.
func Rows(name string, columns []string, rows [][]any) Source {
	return goRows{name: name, columns: columns, rows: rows}
}

// Records are rows handed over as maps, with the values that [Rows] takes. The
// columns are all the keys, sorted; a key that a map lacks is NULL in its row.
func Records(name string, records []map[string]any) Source {
	keys := make(map[string]struct{})
	for _, record := range records {
		for key := range record {
			keys[key] = struct{}{}
		}
	}
	columns := slices.Sorted(maps.Keys(keys))
	rows := make([][]any, len(records))
	for i, record := range records {
		rows[i] = make([]any, len(columns))
		for j, column := range columns {
			rows[i][j] = record[column]
		}
	}
	return Rows(name, columns, rows)
}

func (g goRows) Name() string   { return g.name }
func (g goRows) Format() Format { return FormatGo }

// Options has only what is about columns and whole rows: the rows are not read from text.
func (g goRows) Options() Options { return g.options }

func (g goRows) With(o Options) Source {
	g.options = Options{NormalizeHeaders: o.NormalizeHeaders, Renames: o.Renames, Ignore: o.Ignore, Const: o.Const, LeaveOut: o.LeaveOut}
	return g
}

func (g goRows) Open() (Reader, error) {
	columns, err := columnNames(g.columns, inRows)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", g.name, err)
	}
	r := &goReader{source: g.name, columns: columns, rows: g.rows, hash: sha256.New(), values: make([]Value, len(columns))}
	r.hashHeader()
	rows, err := shaped(g.name, r, g.options)
	if err != nil {
		return nil, err
	}
	return without(rows, g.options.LeaveOut), nil
}

// goReader is the Reader of goRows.
type goReader struct {
	source  string
	columns []string
	rows    [][]any
	row     int // how many have been read
	values  []Value
	hash    hash.Hash
	encoded []byte
	json    []int // columns that hold JSON
	err     error
}

func (r *goReader) Columns() []string  { return r.columns }
func (r *goReader) Offset() int64      { return 0 }
func (r *goReader) Close() error       { return nil }
func (r *goReader) Unterminated() bool { return false }
func (r *goReader) KeepJSON(cs []int)  { r.json = cs }

func (r *goReader) SHA256() string {
	if r.err != io.EOF {
		return ""
	}
	return hex.EncodeToString(r.hash.Sum(nil))
}

func (r *goReader) Next() (Row, error) {
	if r.err == nil {
		r.err = r.convert()
	}
	if r.err != nil {
		return Row{}, r.err
	}
	return Row{Values: r.values, Line: r.row}, nil
}

// convert reads the next row into values.
func (r *goReader) convert() error {
	if r.row == len(r.rows) {
		return io.EOF
	}
	cells := r.rows[r.row]
	r.row++
	if len(cells) != len(r.columns) {
		return &CellError{Source: r.source, Format: FormatGo, Line: r.row, Err: countError(len(cells), len(r.columns),
			"hand over one value for each, nil for NULL")}
	}
	for i, cell := range cells {
		v, err := valueOf(cell)
		if err != nil {
			return &CellError{Source: r.source, Format: FormatGo, Line: r.row, Column: r.columns[i], Err: err}
		}
		r.values[i] = v
	}
	r.hashRow()
	for _, i := range r.json {
		if isBool(cells[i]) {
			r.values[i] = Text(strconv.FormatBool(r.values[i].Int() != 0))
		}
	}
	return nil
}

// The hash covers an encoding in which no two tables of typed values look alike:
// each string has its length before it, each value its kind, and the number of
// values in a row is that of the columns. The first line keeps it apart from the
// hashes of files, and would change with the encoding.

func (r *goReader) hashHeader() {
	r.encoded = append(r.encoded[:0], "tablesnap rows 1\n"...)
	r.encoded = binary.BigEndian.AppendUint64(r.encoded, uint64(len(r.columns)))
	for _, name := range r.columns {
		r.encoded = appendString(r.encoded, name)
	}
	r.hash.Write(r.encoded)
}

func (r *goReader) hashRow() {
	r.encoded = r.encoded[:0]
	for _, v := range r.values {
		r.encoded = append(r.encoded, byte(v.kind))
		switch v.kind {
		case KindNull:
		case KindText, KindBlob:
			r.encoded = appendString(r.encoded, v.str)
		default:
			r.encoded = binary.BigEndian.AppendUint64(r.encoded, v.num)
		}
	}
	r.hash.Write(r.encoded)
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}
