package conformance

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// nothing are the lines of a table that is empty or does not exist.
var nothing []string

// lines returns the rows of a table, sorted, each as "ada | Ada Lovelace | NULL". Without
// column names, it returns all columns. If the table does not exist, it returns none.
func (w *world) lines(table string, columns ...string) []string {
	w.Helper()
	return w.read(table, columns, "", func(c string) string { return c })
}

// exact is like lines, with each value exact and with its type; see [Words.Exact].
func (w *world) exact(table string, columns ...string) []string {
	w.Helper()
	return w.read(table, columns, "", w.family.Words.Exact)
}

// snapshot is like lines, for one version in the backup table.
func (w *world) snapshot(table string, version int, columns ...string) []string {
	w.Helper()
	return w.read(table, columns, w.ofVersion(table, version), func(c string) string { return c })
}

func (w *world) exactSnapshot(table string, version int, columns ...string) []string {
	w.Helper()
	return w.read(table, columns, w.ofVersion(table, version), w.family.Words.Exact)
}

func (w *world) ofVersion(backup string, version int) string {
	w.Helper()
	if !slices.Contains(w.tables(), backup) {
		return ""
	}
	return " WHERE " + w.d.Quote(w.backupColumns(backup).Version) + " = " + strconv.Itoa(version)
}

// backupColumns returns the names of a backup table's metadata columns.
func (w *world) backupColumns(backup string) plan.MetadataColumns {
	w.Helper()
	names, ok := ledger.SnapshotColumns(w.d, w.inspect(strings.TrimSuffix(backup, dialect.BackupSuffix)))
	if !ok {
		w.Fatalf("%s is no backup table: its columns are %q", backup, w.columns(backup))
	}
	return names
}

func (w *world) read(table string, columns []string, where string, show func(string) string) []string {
	w.Helper()
	if !slices.Contains(w.tables(), table) {
		return nothing
	}
	quoted := w.d.Quote(table)
	if len(columns) == 0 {
		columns = w.columns(table)
	}
	shown := make([]string, len(columns))
	for i, c := range columns {
		shown[i] = show(quoted + "." + w.d.Quote(c))
	}
	lines := w.query("SELECT " + strings.Join(shown, ", ") + " FROM " + quoted + where)
	slices.Sort(lines)
	return lines
}

// tables returns the names of all tables in the database.
func (w *world) tables() []string {
	w.Helper()
	rows, err := w.in.Other.QueryContext(context.Background(), w.family.Words.Tables)
	if err != nil {
		w.Fatalf("list the tables: %v", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.Fatalf("list the tables: %v", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		w.Fatalf("list the tables: %v", err)
	}
	return names
}

func (w *world) columns(table string) []string {
	w.Helper()
	rows, err := w.in.Other.QueryContext(context.Background(), "SELECT * FROM "+w.d.Quote(table)+" WHERE 1 = 0")
	if err != nil {
		w.Fatalf("read the columns of %q: %v", table, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err := errors.Join(err, rows.Err()); err != nil {
		w.Fatalf("read the columns of %q: %v", table, err)
	}
	return names
}

// query returns the rows of a query as lines.
func (w *world) query(query string) []string {
	w.Helper()
	rows, err := w.in.Other.QueryContext(context.Background(), w.fill(query))
	if err != nil {
		w.Fatalf("query %s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.Fatalf("query %s: %v", query, err)
	}
	var lines []string
	for rows.Next() {
		lines = append(lines, w.scan(rows, len(columns)))
	}
	if err := rows.Err(); err != nil {
		w.Fatalf("query %s: %v", query, err)
	}
	return lines
}

func (w *world) scan(rows *sql.Rows, width int) string {
	w.Helper()
	values, into := make([]sql.NullString, width), make([]any, width)
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		w.Fatalf("read a row: %v", err)
	}
	texts := make([]string, width)
	for i, v := range values {
		texts[i] = shown(v)
	}
	return strings.Join(texts, " | ")
}

var plainValue = regexp.MustCompile(`^[\pL\pN@.,:;'()+_/*=-][\pL\pN@.,:;'()+_/*= -]*$`)

// shown quotes values that would be ambiguous in a message: blank text, the text NULL,
// text with line ends.
func shown(v sql.NullString) string {
	switch {
	case !v.Valid:
		return "NULL"
	case v.String == "NULL" || strings.HasSuffix(v.String, " ") || !plainValue.MatchString(v.String):
		return strconv.Quote(v.String)
	default:
		return v.String
	}
}

// shownText is the text as lines shows it.
func shownText(s string) string { return shown(sql.NullString{String: s, Valid: true}) }

// same compares lines in any order; what names them in the message.
func (w *world) same(what string, got []string, want ...string) {
	w.Helper()
	if len(got) == 0 && len(want) == 0 {
		return
	}
	want = slices.Clone(want)
	slices.Sort(want)
	got = slices.Clone(got)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func equal[T any](w *world, what string, got, want T, opts ...cmp.Option) {
	w.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// timings are the columns of the ledger that differ between two equal runs.
var timings = map[string][]string{
	dialect.RunTable:     {"started_at", "finished_at"},
	dialect.AuditTable:   {"duration_ms", "started_at", "finished_at"},
	dialect.LeaseTable:   {"renewals"}, // a run renews its lease for each chunk of a copy
	dialect.VersionTable: {"tstamp"},
}

// everything returns the exact contents of all tables by name, without timings.
func (w *world) everything() map[string][]string {
	w.Helper()
	all := map[string][]string{}
	for _, table := range w.tables() {
		columns := slices.DeleteFunc(w.columns(table), func(c string) bool { return slices.Contains(timings[table], c) || w.countsRows(table, c) })
		all[table] = append([]string{strings.Join(columns, " | ")}, w.comparable(table, columns)...)
	}
	return all
}

// countsRows reports whether a column numbers a backup's rows in the order in which they
// were read, in a family that reads them in any order.
func (w *world) countsRows(table, column string) bool {
	w.Helper()
	return w.family.Words.Reads == InAnyOrder && strings.HasSuffix(table, dialect.BackupSuffix) && column == w.columns(table)[0]
}

// comparable returns a table's rows without the names that differ between two databases.
func (w *world) comparable(table string, columns []string) []string {
	w.Helper()
	rows := w.exact(table, columns...)
	for i := range rows {
		rows[i] = w.withoutNames(rows[i])
	}
	slices.Sort(rows)
	return rows
}
