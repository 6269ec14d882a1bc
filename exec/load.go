package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// load inserts the source's rows. It compares the source's columns with the plan's before
// the load, and the SHA-256 after it.
func (r *run) load(ctx context.Context, s plan.Step) (int64, error) {
	n, err := r.loadInto(ctx, s, r.tableAtLoad(s), s.Load.Fixed)
	if err == nil && n != s.Load.Rows {
		err = fmt.Errorf("the database took %d of %s", n, dialect.Rows(s.Load.Rows))
	}
	if twin := s.Load.Twin; err == nil && twin != nil {
		if err = r.exec(ctx, twin.Create...); err == nil {
			_, err = r.loadInto(ctx, s, twin.Table, nil)
		}
		if err != nil {
			err = &plan.RemedyError{Remedies: []plan.Remedy{plan.RemedyAllowRewrite}, Err: fmt.Errorf(
				"load the rows once more, to compare what the triggers make of them (the user must be allowed to make a temporary table, or allow %s, which goes without): %w", plan.TriggersRewrite, err)}
		}
	}
	return n, err
}

func (r *run) loadInto(ctx context.Context, s plan.Step, into dialect.Table, fixed []dialect.FixedValue) (int64, error) {
	rows, err := r.source.Open()
	if err != nil {
		return 0, ofSource(err)
	}
	defer rows.Close()
	if !slices.Equal(rows.Columns(), r.plan.Upload.Source.ColumnNames()) {
		return 0, r.fileChanged("its columns are others")
	}
	target := dialect.Load{Source: r.source.Name(), Format: r.source.Format(), Server: r.plan.Server, Table: into}
	for _, name := range s.Load.Columns {
		c, _ := target.Table.Column(name, r.backend.SameName)
		target.Columns = append(target.Columns, c)
	}
	rows.KeepJSON(dialect.JSONColumns(target.Columns))
	target.Fixed, target.Again = fixed, r.again(target.Columns)
	ctx, done := watched(ctx, r.conn)
	defer done()
	var read int64
	return r.loadInChunks(ctx, target, s.Load.ChunkRows, func() (rowsource.Row, error) {
		worked := waitsForUs(r.conn)
		row, err := rows.Next()
		worked()
		if read++; read%progressEvery == 0 {
			e := r.progress(s, read)
			e.Bytes = rows.Offset()
			r.tell(e)
		}
		if errors.Is(err, io.EOF) && rows.SHA256() != s.Load.SHA256 {
			return row, r.fileChanged("its SHA-256 is " + rows.SHA256() + ", planned for " + s.Load.SHA256)
		}
		return row, ofSource(err)
	})
}

// ofSource wraps an error of the source in a *SourceError, so that it is not mistaken for
// a database error. A CellError needs no wrapping.
func ofSource(err error) error {
	var cell *rowsource.CellError
	if err == nil || errors.Is(err, io.EOF) || errors.As(err, &cell) {
		return err
	}
	return &SourceError{Err: err}
}

// again reads the source once more, for a dialect that looks for the row that the
// database rejected.
func (r *run) again(columns []dialect.Column) func(each func(rowsource.Row) bool) error {
	return func(each func(rowsource.Row) bool) error {
		rows, err := r.source.Open()
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.KeepJSON(dialect.JSONColumns(columns))
		for {
			row, err := rows.Next()
			if err != nil || !each(row) {
				return err
			}
		}
	}
}

// progressEvery is the number of rows between two progress events.
const progressEvery = 5000

func (r *run) fileChanged(how string) error {
	return &DriftError{Table: r.plan.Upload.Table, Changes: []string{fmt.Sprintf("%s changed after it was planned (%s)", r.source.Name(), how)}}
}

// tableAtLoad is the table when the load begins: without dropped columns, with columns
// that the plan has created.
func (r *run) tableAtLoad(s plan.Step) dialect.Table {
	t := dialect.Table{Ident: s.Table, Kind: dialect.BaseTable}
	if r.plan.Table != nil {
		t = *r.plan.Table
	}
	t.Ident = s.Table // a swap loads the table's shadow
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c dialect.Column) bool { return r.dropped(s.Table, c) })
	if s.Table != r.plan.Upload.Table && r.plan.Upload.Strategy == dialect.Sync { // the stage has no other columns
		t.Columns = slices.DeleteFunc(t.Columns, func(c dialect.Column) bool { return !slices.Contains(s.Load.Columns, c.Name) })
	}
	for _, c := range s.Load.New {
		if _, ok := t.Column(c.Name, r.backend.SameName); !ok {
			t.Columns = append(t.Columns, c)
		}
	}
	return t
}

func (r *run) dropped(from dialect.Ident, c dialect.Column) bool {
	drop := dialect.DropColumn(r.backend, from, c.Name).SQL
	return slices.ContainsFunc(r.steps, func(s StepResult) bool { return s.State == ledger.Done && s.Step.SQL == drop })
}
