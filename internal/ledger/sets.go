package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
)

// inSet are the SQL expressions for a step's set and the id of its runs. They are NULL for the
// steps of other runs.
func inSet(d dialect.PortableDialect) (set, run string) {
	details := d.Quote("details")
	return d.Detail(details, "set"), "CAST(" + d.Detail(details, "set_run") + " AS DECIMAL(20))" // some databases read a JSON number as text
}

// RunsOfSet returns the runs that share the id of a set, in the order in which they began.
func RunsOfSet(ctx context.Context, c dialect.Conn, d dialect.Backend, setRun int64) ([]Run, error) {
	words, ok := dialect.ToPortable(d)
	version, err := d.LedgerVersion(ctx, c)
	if err != nil || !ok || version < dialect.DetailsMigration {
		return nil, err
	}
	_, of := inSet(words)
	ids, err := collect(ctx, c, Query{SQL: "SELECT " + d.Quote("run_id") + " FROM " + quoteTable(d, dialect.AuditTable) +
		" WHERE " + d.Quote("seq") + " = 1 AND " + of + " = " + strconv.FormatInt(setRun, 10) + " ORDER BY " + d.Quote("run_id")},
		func(rows *sql.Rows, id *int64) error { return rows.Scan(id) })
	if err != nil {
		return nil, fmt.Errorf("read the runs of a set: %w", err)
	}
	var all []Run
	for _, id := range ids {
		runs, err := Runs(ctx, c, d, RunFilter{Run: id})
		if err != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	return all, AddSets(ctx, c, d, version, all)
}

// AddSets sets Set and SetRun of those of the runs that belong to a set. Version is that of the
// ledger's tables.
func AddSets(ctx context.Context, c dialect.Conn, d dialect.Dialect, version int64, runs []Run) error {
	words, ok := dialect.ToPortable(d)
	if !ok || version < dialect.DetailsMigration || len(runs) == 0 {
		return nil
	}
	first, last := runs[0].ID, runs[0].ID
	for _, r := range runs {
		first, last = min(first, r.ID), max(last, r.ID)
	}
	type member struct {
		run, setRun int64
		set         string
	}
	set, setRun := inSet(words)
	between := d.Quote("run_id") + " BETWEEN " + strconv.FormatInt(first, 10) + " AND " + strconv.FormatInt(last, 10)
	members, err := collect(ctx, c, Query{SQL: "SELECT " + d.Quote("run_id") + ", " + set + ", " + setRun + " FROM " + quoteTable(d, dialect.AuditTable) +
		" WHERE " + d.Quote("seq") + " = 1 AND " + between + " AND " + set + " IS NOT NULL"},
		func(rows *sql.Rows, m *member) error { return rows.Scan(&m.run, &m.set, &m.setRun) })
	if err != nil {
		return fmt.Errorf("read the sets of the runs: %w", err)
	}
	for _, m := range members {
		for i := range runs {
			if runs[i].ID == m.run {
				runs[i].Set, runs[i].SetRun = m.set, m.setRun
			}
		}
	}
	return nil
}

// Newest is the number of a table's newest version, or 0 if no run has made one.
func Newest(ctx context.Context, c dialect.Conn, d dialect.Dialect, table string) (version int64, err error) {
	return NewestBefore(ctx, c, d, table, 0)
}

// NewestBefore is Newest before a run. A run of 0 stands for all.
func NewestBefore(ctx context.Context, c dialect.Conn, d dialect.Dialect, table string, run int64) (version int64, err error) {
	runs, err := Runs(ctx, c, d, RunFilter{Table: table, State: Done, Made: MadeVersion})
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		if run == 0 || r.ID < run {
			return r.VersionMade, nil
		}
	}
	return 0, nil
}
