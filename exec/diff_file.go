package exec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/rowsource"
)

// fileRows are the rows of a file, and the temporary table for those that only the database
// can compare.
type fileRows struct {
	rows   rowsource.Reader
	done   func()
	load   dialect.Load
	places []int // of the loaded columns in the file
	// values, written are those of a row.
	values, written []rowsource.Value
	// defaults are the values of the columns of reset, or nil if the table has no row.
	reset    []dialect.Column
	defaults []rowsource.Value
	// whole states that all rows are in the temporary table.
	whole bool
}

func (f *fileRows) close() {
	f.rows.Close()
	f.done()
}

// next reads a row with only the values of the loaded columns. It is valid until the next
// call.
func (f *fileRows) next() (rowsource.Row, error) {
	row, err := f.rows.Next()
	if err != nil {
		return row, err
	}
	f.values, f.written = f.values[:0], f.written[:0]
	for _, p := range f.places {
		f.values, f.written = append(f.values, row.Values[p]), append(f.written, row.Written(p))
	}
	return rowsource.NewRow(row.Line, f.values, f.written), nil
}

// file opens a file, and makes a temporary table for it. It leaves out the file's columns
// that the table lacks, and names them in unknown. It fills the columns of lackable that the
// file lacks as an upload would.
func (d snapshotReader) file(src rowsource.Source, lackable []dialect.Column) (found contents, err error) {
	table, err := d.present()
	if err != nil {
		return contents{}, err
	}
	src, done, err := suited(d.backend, &dialect.Table{Columns: table.Columns, Traits: table.Table.Traits}, src)
	if err != nil {
		return contents{}, &SourceError{Err: err}
	}
	rows, err := src.Open()
	if err != nil {
		done()
		return contents{}, &SourceError{Err: err}
	}
	found.file = &fileRows{rows: rows, done: done, load: dialect.Load{Source: src.Name(), Format: src.Format(), Server: d.target.Server}}
	found.name = src.Name()
	if err := d.prepare(&found, table, lackable); err != nil {
		found.close()
		return contents{}, err
	}
	return found, nil
}

// prepare makes the temporary table for a file that has been opened.
func (d snapshotReader) prepare(found *contents, table contents, lackable []dialect.Column) (err error) {
	f := found.file
	names := f.rows.Columns()
	if len(names) == 0 { // it has no rows, whatever the columns
		names = dialect.ColumnNames(table.Columns)
	}
	has := d.fileColumns(names, table.Columns)
	if len(has.places) == 0 {
		return &SourceError{Err: fmt.Errorf("%s has none of the columns of %q: it has %s", found.name, table.Table.Ident.Name, strings.Join(f.rows.Columns(), ", "))}
	}
	f.rows.KeepJSON(has.json)
	found.unknown = has.unknown
	columns := slices.Concat(has.columns, found.findLacking(d.backend, has.columns, lackable))
	f.places, f.load.Columns, f.reset = has.places, has.columns, found.reset
	f.load.Table, err = d.createTemporary(dialect.Table{Ident: table.Table.Ident.InSchemaOf("tablesnap_file"), Kind: dialect.BaseTable,
		Traits: table.Table.Traits, Columns: columns})
	if err != nil {
		return err
	}
	found.Contents = compare.Contents{Table: f.load.Table, Columns: columns}
	f.defaults, err = d.defaults(f.reset)
	return err
}

// loadFile loads rows of the file into its temporary table.
func (d snapshotReader) loadFile(f *fileRows, next func() (rowsource.Row, error)) error {
	if _, err := d.backend.Load(d.ctx, d.conn, f.load, next); err != nil {
		return &SourceError{Err: err}
	}
	return d.setDefaults(f)
}

// fileColumns are a file's columns that the table has too.
type fileColumns struct {
	columns []dialect.Column
	// places are the columns' indexes in the file, and json those of JSON columns.
	places, json []int
	// unknown are the file's columns that the table lacks.
	unknown []string
}

func (d snapshotReader) fileColumns(names []string, table []dialect.Column) (has fileColumns) {
	for i, name := range names {
		c, ok := dialect.Table{Columns: table}.Column(name, d.backend.SameName)
		if !ok {
			has.unknown = append(has.unknown, name)
			continue
		}
		has.columns, has.places = append(has.columns, d.backend.BackupColumn(c)), append(has.places, i)
		if c.JSON {
			has.json = append(has.json, i)
		}
	}
	return has
}

// findLacking fills reset and anew, and returns the columns that hold the defaults of
// reset.
func (c *contents) findLacking(d dialect.Dialect, loaded, lackable []dialect.Column) []dialect.Column {
	var columns []dialect.Column
	for _, lacked := range lackable {
		_, has := dialect.Table{Columns: loaded}.Column(lacked.Name, d.SameName)
		switch {
		case has:
		case lacked.Anew():
			c.anew = append(c.anew, lacked)
		default:
			c.reset, columns = append(c.reset, lacked), append(columns, d.BackupColumn(lacked))
		}
	}
	return columns
}

// defaults reads the defaults of columns, which may be expressions. If the table is empty,
// there is nothing to compare, and it returns nil.
func (d snapshotReader) defaults(reset []dialect.Column) ([]rowsource.Value, error) {
	var readings []dialect.Reading
	var exprs []string
	for _, c := range reset {
		expr := "NULL"
		if c.Default != nil {
			expr = d.backend.DefaultOf(c)
		}
		r := d.backend.Reading(*d.target.Table, c, expr)
		readings, exprs = append(readings, r), append(exprs, r.Expr)
	}
	if len(reset) == 0 {
		return nil, nil
	}
	return d.readOne("SELECT "+strings.Join(exprs, ", ")+" FROM "+d.backend.QuoteTable(d.target.Ident)+" LIMIT 1", readings)
}

// setDefaults writes the defaults as literals: reading them in the UPDATE would lock rows of
// the table in some databases.
func (d snapshotReader) setDefaults(f *fileRows) error {
	var set []string
	for i, c := range f.reset {
		if f.defaults != nil && !f.defaults[i].IsNull() {
			set = append(set, d.backend.Quote(c.Name)+" = "+d.backend.ColumnLiteral(c)(f.defaults[i]))
		}
	}
	if len(set) == 0 {
		return nil
	}
	if _, err := d.conn.ExecContext(d.ctx, "UPDATE "+d.backend.QuoteTable(f.load.Table.Ident)+" SET "+strings.Join(set, ", ")); err != nil {
		return fmt.Errorf("give the rows of the file the defaults of the columns that it lacks: %w", err)
	}
	return nil
}
