package postgres

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// badRow finds the source's row that the server rejected.
type badRow struct {
	d    Dialect
	load dialect.Load
	rows *rowText
}

// of names the line and, if the server does, the column and the value. The error's
// context has the position in the COPY. A foreign key is checked after all rows are in,
// so its error has only the key.
func (b badRow) of(e *pgconn.PgError, err error) error {
	if e.Detail != "" {
		err = fmt.Errorf("%w: %s", err, firstBytes(e.Detail))
	}
	row, column, value, ok := b.inContext(e.Where)
	if !ok {
		return b.byKey(e, err)
	}
	line := b.rows.lines.of(row)
	if line == 0 {
		return err
	}
	if column == "" {
		column = b.columnOf(e)
	}
	return cellError(b.load, line, column, value, err)
}

// digits finds the line number in an error's context, such as COPY people, line 3,
// column age: "x", which may be in any language.
var digits = regexp.MustCompile(`[0-9]+`)

func (b badRow) inContext(where string) (row int, column, value string, ok bool) {
	for _, line := range strings.Split(where, "\n") {
		if !strings.Contains(line, "COPY") {
			continue
		}
		_, rest, named := strings.Cut(line, b.load.Table.Ident.Name)
		at := digits.FindStringIndex(rest)
		if !named || at == nil {
			continue
		}
		n, err := strconv.Atoi(rest[at[0]:at[1]])
		if err != nil {
			continue
		}
		column, value = b.columnIn(rest[at[1]:])
		return n - 1, column, value, true
	}
	return 0, "", "", false
}

// columnIn finds the column and the value after the line's number: the longest column
// name that is followed by a colon. If the server shows a whole line, it follows the
// number directly.
func (b badRow) columnIn(context string) (column, value string) {
	if !strings.HasPrefix(context, ",") {
		return "", ""
	}
	rest := ""
	for _, c := range b.load.Columns {
		_, after, found := strings.Cut(context, " "+c.Name)
		after = strings.TrimLeft(after, " \u00a0")
		if found && strings.HasPrefix(after, ":") && len(c.Name) > len(column) {
			column, rest = c.Name, after
		}
	}
	open, end := strings.IndexByte(rest, '"'), strings.LastIndexByte(rest, '"')
	if open < 0 || end <= open {
		return column, rowsource.Null().String()
	}
	return column, rowsource.Text(rest[open+1 : end]).String()
}

// keyed finds the columns of a key in an error's detail: "Key (a, b)=(1, 2)".
var keyed = regexp.MustCompile(`\((.+)\)=\(`)

// columnOf is the constraint's column if it has only one.
func (b badRow) columnOf(e *pgconn.PgError) string {
	name := e.ColumnName
	if m := keyed.FindStringSubmatch(e.Detail); name == "" && m != nil {
		name = m[1]
	}
	for _, c := range b.load.Columns {
		if name == c.Name || name == b.d.Quote(c.Name) {
			return c.Name
		}
	}
	return ""
}

// byKey reads the source again to find the first row with the key in the error.
func (b badRow) byKey(e *pgconn.PgError, err error) error {
	if b.load.Again == nil || e.Detail == "" {
		return err
	}
	line := 0
	again := b.load.Again(func(r rowsource.Row) bool {
		if b.hasKey(e.Detail, r) {
			line = r.Line
		}
		return line == 0
	})
	if again != nil || line == 0 {
		return err
	}
	return cellError(b.load, line, b.columnOf(e), "", err)
}

// hasKey reports whether the row has the key in the error's detail. The detail of a
// foreign key's error has unquoted names.
func (b badRow) hasKey(detail string, r rowsource.Row) bool {
	for _, f := range b.load.Table.ForeignKeys {
		var values []string
		for _, name := range f.Columns {
			for i, c := range b.load.Columns {
				if c.Name == name && !r.Values[i].IsNull() {
					values = append(values, fieldText(r.Values[i]))
				}
			}
		}
		if len(values) == len(f.Columns) && strings.Contains(detail, "("+strings.Join(f.Columns, ", ")+")=("+strings.Join(values, ", ")+")") {
			return true
		}
	}
	return false
}

// shownDetail is the maximum size in bytes of an error's detail in messages, since it
// contains values of the source.
const shownDetail = 200

func firstBytes(s string) string {
	if len(s) <= shownDetail {
		return s
	}
	return strings.ToValidUTF8(s[:shownDetail], "") + "…"
}

func cellError(l dialect.Load, line int, column, value string, err error) error {
	return &rowsource.CellError{Source: l.Source, Format: l.Format, Line: line, Column: column, Value: value, Err: err}
}
