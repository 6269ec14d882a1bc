// Package lookup reads a database's catalog query by query.
package lookup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
)

// Reader runs queries and keeps the first error, so that callers need not check for an
// error after each query.
type Reader struct {
	Ctx  context.Context //nolint:containedctx // it lives as long as one inspection
	Conn dialect.Conn
	Err  error
}

// Fail keeps err if it is the first error.
func (r *Reader) Fail(err error) {
	if r.Err == nil {
		r.Err = err
	}
}

// Inspected is the error of an inspection, or nil. It returns a *dialect.NameError
// unwrapped, since that error already names the table.
func (r *Reader) Inspected(table string) error {
	if name, ok := errors.AsType[*dialect.NameError](r.Err); ok {
		return name
	}
	if r.Err != nil {
		return fmt.Errorf("inspect table %q: %w", table, r.Err)
	}
	return nil
}

// Each calls scan for every row of a query. It does nothing after an error.
func (r *Reader) Each(scan func(*sql.Rows) error, query string, args ...any) {
	if r.Err == nil {
		r.Err = r.TryEach(scan, query, args...)
	}
}

// TryEach is Each, but returns the error and does not keep it. It is for queries on
// objects that the server may lack or that the user may not read.
func (r *Reader) TryEach(scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := r.Conn.QueryContext(r.Ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// TryNames returns the texts that a query selects. It does not keep the error.
func (r *Reader) TryNames(query string, args ...any) (names []string, err error) {
	if r.Err != nil {
		return nil, r.Err
	}
	err = r.TryEach(func(rows *sql.Rows) error {
		var n string
		err := rows.Scan(&n)
		names = append(names, n)
		return err
	}, query, args...)
	return names, err
}

// Names returns the texts that a query selects.
func (r *Reader) Names(query string, args ...any) []string {
	names, err := r.TryNames(query, args...)
	if err != nil {
		r.Fail(err)
	}
	return names
}

// LastVersion reads the newest version of a table's contents, and how long the run took that
// made it. The query is the part of a SELECT behind the columns, which finds the run.
func (r *Reader) LastVersion(query string, args ...any) (last *dialect.VersionSummary, took time.Duration) {
	var began, ended sql.NullString
	r.Each(func(rows *sql.Rows) error {
		last = &dialect.VersionSummary{}
		return rows.Scan(&last.Number, &last.Event, &last.DocID, &last.UploadTimestamp, &last.Rows, &last.SourceSHA256, &began, &ended)
	}, "SELECT version_made, event, doc_id, upload_timestamp, coalesce(rows_loaded, 0), source_sha256, started_at, finished_at "+query, args...)
	return last, between(began.String, ended.String)
}

// between is the time between two moments of the ledger, or 0 if either is not known.
func between(began, ended string) time.Duration {
	from, err := time.Parse(time.RFC3339, began)
	if err != nil {
		return 0
	}
	to, err := time.Parse(time.RFC3339, ended)
	if err != nil {
		return 0
	}
	return max(0, to.Sub(from))
}

// preservedSuffix matches the end of a preserved table's name.
var preservedSuffix = regexp.MustCompile(regexp.QuoteMeta(dialect.PreservedSuffix) + `[0-9]+(_[0-9]+)?$`)

// Preserved returns those of the names that are names of preserved tables of the table.
// A preserved table keeps rows that could not be copied to the backup table.
func Preserved(d dialect.Dialect, table string, names []string) []string {
	var found []string
	for _, name := range names {
		if suffix := preservedSuffix.FindString(name); suffix != "" && name == dialect.SuffixedName(d, table, suffix) {
			found = append(found, name)
		}
	}
	return found
}
