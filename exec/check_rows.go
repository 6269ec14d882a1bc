package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// FailedCheck is a check that has found rows.
type FailedCheck struct {
	Name     string        `json:"name"`
	Severity plan.Severity `json:"severity"`
	// Count is the number of the rows.
	Count int64 `json:"row_count"`
	// Columns are those of the check's query, and Rows are the values of the first rows, as
	// messages show them.
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"first_rows"`
	// computed are the columns that are none of the table's.
	computed []bool
}

// CheckError says which check has found rows, and shows the first of them. The table is as
// it was.
type CheckError struct {
	Table dialect.Ident
	Check FailedCheck
}

func (e *CheckError) Error() string {
	return e.Check.Says() + ": " + strings.Join(e.Check.Lines(), "; ")
}

// Says is how many rows the check has found, without their values.
func (f FailedCheck) Says() string {
	return fmt.Sprintf("the check %q finds %s", f.Name, dialect.Rows(f.Count))
}

// Lines are the first rows, as messages show them, and how many more there are.
func (f FailedCheck) Lines() []string {
	var lines []string
	for _, row := range f.Rows {
		values := make([]string, len(row))
		for i, v := range row {
			values[i] = f.Columns[i] + " " + v
		}
		lines = append(lines, strings.Join(values, ", "))
	}
	if more := f.Count - int64(len(f.Rows)); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

// Without is the check with another text for the values of columns that hides reports. If
// some are hidden, a column that is none of the table's is as well, since it may be computed
// from them.
func (f FailedCheck) Without(hides func(column string) bool, masked string) FailedCheck {
	rows := make([][]string, len(f.Rows))
	for i, row := range f.Rows {
		rows[i] = slices.Clone(row)
		for j := range row {
			if f.computed[j] || hides(f.Columns[j]) {
				rows[i][j] = masked
			}
		}
	}
	f.Rows = rows
	return f
}

// errNoFormerRows is the error of a check that compares with rows whose backup has failed.
var errNoFormerRows = errors.New("it compares with the former rows, and their backup has failed")

// check runs the query of a check, and returns how many rows it finds. If there are any, it
// warns or returns a *CheckError.
func (r *run) check(ctx context.Context, s plan.Step) (int64, error) {
	query := plan.FoundRows{SQL: s.SQL, Count: s.Check.Count}
	if s.Check.NeedsBackup && r.insteadOfBackup != "" {
		if r.insteadOfBackup != plan.Preserve || s.Check.Preserved == nil {
			return 0, fmt.Errorf("the check %q: %w", s.Check.Name, errNoFormerRows)
		}
		query = *s.Check.Preserved
	}
	failed := FailedCheck{Name: s.Check.Name, Severity: s.Check.Severity}
	if err := r.firstRows(ctx, query.SQL, &failed); err != nil || len(failed.Rows) == 0 {
		return 0, r.ofCheck(s, err)
	}
	if err := r.conn.QueryRowContext(ctx, "SELECT "+query.Count).Scan(&failed.Count); err != nil {
		return 0, r.ofCheck(s, err)
	}
	if s.Check.Severity != plan.Warn {
		return 0, &CheckError{Table: r.plan.Upload.Table, Check: failed}
	}
	r.failedChecks = append(r.failedChecks, failed)
	r.warn(plan.CheckFoundRows, "%s, and the upload went on", failed.Says())
	return failed.Count, nil
}

// probe has the database look at the queries of checks, before anything is changed. The error
// is a *plan.RefusedError.
func (c *Client) probe(ctx context.Context, in plan.Input) error {
	probes := plan.Probes(c.backend, in)
	if len(probes) == 0 {
		return nil
	}
	return c.reading(ctx, func(c *Client) error {
		for _, p := range probes {
			if err := c.tryQuery(ctx, in.Target.Ident, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Client) tryQuery(ctx context.Context, table dialect.Ident, p plan.Probe) error {
	rows, err := c.conn.QueryContext(ctx, p.SQL)
	if err == nil {
		defer rows.Close()
		for rows.Next() { // to its end: it may have an error
			continue
		}
		err = rows.Err()
	}
	switch {
	case err == nil:
		return nil
	case c.backend.Classify(err) == dialect.FailureRefused:
		return &plan.RefusedError{Table: table, Operation: plan.OpUpload,
			Reasons: []string{fmt.Sprintf("the database does not take the query of the check %q: %v", p.Name, err)}}
	default:
		return fmt.Errorf("look at the query of the check %q: %w", p.Name, err)
	}
}

// ofCheck names the check in an error of its query.
func (r *run) ofCheck(s plan.Step, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("run the query of the check %q: %w", s.Check.Name, err)
}

// firstRows reads the rows that a check shows.
func (r *run) firstRows(ctx context.Context, query string, into *FailedCheck) error {
	rows, err := r.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	if into.Columns, err = rows.Columns(); err != nil {
		return err
	}
	into.computed = r.computed(into.Columns)
	for rows.Next() {
		values, to := make([]any, len(into.Columns)), make([]any, len(into.Columns))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		into.Rows = append(into.Rows, shownValues(values))
	}
	return errors.Join(rows.Err(), rows.Close())
}

// computed reports which of the columns are none of the table's.
func (r *run) computed(columns []string) []bool {
	load, _ := r.plan.Find(plan.LoadRows)
	known := dialect.Table{}
	if r.plan.Table != nil {
		known.Columns = slices.Clone(r.plan.Table.Columns)
	}
	if load.Load != nil {
		known.Columns = append(known.Columns, load.Load.New...)
	}
	are := make([]bool, len(columns))
	for i, name := range columns {
		_, is := known.Column(name, r.backend.SameName)
		are[i] = !is
	}
	return are
}
