// Package lookup reads a database's catalog query by query.
package lookup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"

	"github.com/tablesnap/tablesnap/dialect"
)

// Reader reads one thing after another and keeps the first error, so that what
// is read stands out from what can fail.
type Reader struct {
	Ctx  context.Context //nolint:containedctx // it lives as long as one inspection
	Conn dialect.Conn
	Err  error
}

// Fail keeps err, if it is the first.
func (r *Reader) Fail(err error) {
	if r.Err == nil {
		r.Err = err
	}
}

// Inspected is the error of an inspection, nil where there was none. What says that
// the name is wrong needs no more words.
func (r *Reader) Inspected(table string) error {
	if name, ok := errors.AsType[*dialect.NameError](r.Err); ok {
		return name
	}
	if r.Err != nil {
		return fmt.Errorf("inspect table %q: %w", table, r.Err)
	}
	return nil
}

// Each calls scan for every row of a query; it does nothing after an error.
func (r *Reader) Each(scan func(*sql.Rows) error, query string, args ...any) {
	if r.Err == nil {
		r.Err = r.TryEach(scan, query, args...)
	}
}

// TryEach is Each with an error that is not kept, for what the database may lack
// or keep from the user.
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

// TryNames are the texts that a query selects, with an error that is not kept.
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

// Names are the texts that a query selects.
func (r *Reader) Names(query string, args ...any) []string {
	names, err := r.TryNames(query, args...)
	if err != nil {
		r.Fail(err)
	}
	return names
}

// LastVersion runs a query for the newest version of a table's contents: number,
// event, doc_id, upload_timestamp, rows, and the source's SHA-256.
func (r *Reader) LastVersion(query string, args ...any) (last *dialect.VersionSummary) {
	r.Each(func(rows *sql.Rows) error {
		last = &dialect.VersionSummary{}
		return rows.Scan(&last.Number, &last.Event, &last.DocID, &last.UploadTimestamp, &last.Rows, &last.SourceSHA256)
	}, query, args...)
	return last
}

// preservedSuffix finds what may follow a table's name in the name of a table
// that keeps rows which its backup table could not take.
var preservedSuffix = regexp.MustCompile(regexp.QuoteMeta(dialect.PreservedSuffix) + `[0-9]+(_[0-9]+)?$`)

// Preserved chooses, of names of tables, those that keep rows of the table which
// its backup table could not take.
func Preserved(d dialect.Dialect, table string, names []string) []string {
	var found []string
	for _, name := range names {
		if suffix := preservedSuffix.FindString(name); suffix != "" && name == dialect.SuffixedName(d, table, suffix) {
			found = append(found, name)
		}
	}
	return found
}
