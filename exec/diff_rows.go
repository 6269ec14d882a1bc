package exec

import (
	"fmt"
	"io"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/internal/rowbag"
)

// differences reads the rows that differ into p. It reads each side once, in any order, and
// finds the rows that only one side has by their bytes. Each side is read by one statement;
// the transaction sees the database at one moment. It returns how many rows of both sides
// were read, or nil if the database has compared them.
//
// A file's row whose texts are those that the table's row would be exported with is the same
// as that row. Only the other rows are loaded into the temporary table, so that the database
// converts their values.
func (d snapshotReader) differences(from contents, to contents, memory int, p *pairing) (*rowsRead, error) {
	c := d.comparison(from, to, memory)
	if to.file != nil {
		read, err := c.file(p)
		if err != nil || read != nil {
			return read, err
		}
		to.file.whole = true
	}
	if c.possible {
		read, err := c.tables(p)
		if err != nil || read != nil {
			return read, err
		}
	}
	return nil, d.compareInDatabase(from.Contents, to.Contents, p)
}

// rowsRead are the numbers of rows that were read.
type rowsRead struct{ from, to int64 }

// comparison compares the rows of two sides by their bytes.
type comparison struct {
	snapshotReader
	from, to      contents
	before, after []dialect.Reading
	memory        int
	// possible states that two rows are the same if and only if they have the same bytes,
	// that both sides are read at the same moment, and that files may be made.
	possible bool
	// sameTypes states that both sides declare their columns with the same types.
	sameTypes bool
}

func (d snapshotReader) comparison(from, to contents, memory int) *comparison {
	_, before := compare.SelectContents(d.backend, from.Contents, "")
	_, after := compare.SelectContents(d.backend, to.Contents, "")
	c := &comparison{snapshotReader: d, from: from, to: to, memory: memory, before: before, after: after, possible: d.own && memory >= 0, sameTypes: true}
	for i := range after {
		c.possible = c.possible && before[i].Bytes == after[i].Bytes
		c.sameTypes = c.sameTypes && before[i].Typing == after[i].Typing && d.backend.BackupColumn(from.Columns[i]).Type == to.Columns[i].Type
		if before[i].Typing == dialect.ByValue {
			after[i].Typing = dialect.ByValue
		}
	}
	return c
}

// tables compares the rows of two tables. It returns nil if only the database can.
func (c comparison) tables(p *pairing) (*rowsRead, error) {
	bags, err := rowbag.New()
	if err != nil {
		return nil, unlessDatabaseCan(err)
	}
	defer bags.Close()
	err = c.addTable(bags, rowbag.From, c.from, &rowBytes{readings: c.after})
	if err == nil {
		err = c.addTable(bags, rowbag.To, c.to, &rowBytes{readings: c.after})
	}
	if err == nil {
		_, err = bags.Narrow()
	}
	left := c.newLeftRows(p.key)
	defer left.close()
	if err == nil {
		err = left.addAll(bags, rowbag.From)
	}
	if err == nil {
		err = left.addAll(bags, rowbag.To)
	}
	if err != nil {
		return nil, unlessDatabaseCan(err)
	}
	return &rowsRead{bags.Rows(rowbag.From), bags.Rows(rowbag.To)}, left.report(p)
}

// eachRow reads the rows of a side that have not been ruled out.
func eachRow(bags *rowbag.Bags, side rowbag.Side, row func(kept []byte) error) error {
	rows, err := bags.Read(side)
	if err != nil {
		return err
	}
	for {
		kept, err := rows.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = row(kept)
		}
		if err != nil {
			return err
		}
	}
}

// databaseCan reports whether the client has no room for the rows, which the database compares
// without.
func databaseCan(err error) bool {
	return as[*rowbag.SpoolError](err)
}

func unlessDatabaseCan(err error) error {
	if databaseCan(err) {
		return nil
	}
	return err
}

// addTable adds the rows of a table, or of a version.
func (c comparison) addTable(bags *rowbag.Bags, side rowbag.Side, of contents, row *rowBytes) error {
	return c.scan(of, row, func() error { return bags.Add(side, row.compared, row.kept) })
}

// scan reads rows in any order.
func (c comparison) scan(of contents, row *rowBytes, each func() error) error {
	query, _ := compare.SelectContents(c.backend, of.Contents, "")
	rows, err := c.conn.QueryContext(c.ctx, query)
	if err != nil {
		return fmt.Errorf("read the rows of %q: %w", c.target.Ident.Name, err)
	}
	defer rows.Close()
	into := row.into()
	for rows.Next() {
		row.reset()
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read a row: %w", err)
		}
		if err := each(); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the rows of %q: %w", c.target.Ident.Name, err)
	}
	return nil
}

// measure counts the rows of a version, and finds the numbers that bound them: to look up
// each row by an index on the version takes some databases three times as long.
func (d snapshotReader) measure(c *contents) error {
	query := compare.SelectSpan(d.backend, c.Contents)
	if query == "" {
		return nil
	}
	var rows int64
	if err := d.conn.QueryRowContext(d.ctx, query).Scan(&rows, &c.First, &c.Last); err != nil {
		return fmt.Errorf("count the rows of %q: %w", c.Table.Ident.Name, err)
	}
	c.rows = &rows
	return nil
}
