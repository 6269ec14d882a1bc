package ledger

import (
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
)

// HasSnapshot selects a row if a backup table has rows of a version.
func HasSnapshot(d dialect.Dialect, table dialect.Ident, versionColumn string, version int64) Query {
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select("1").From(sqlbuilder.Escape(d.QuoteTable(table))).
		Where(b.Equal(d.Quote(versionColumn), version)).Limit(1)
	sql, args := b.Build()
	return Query{sql, args}
}

// HasSnapshotSince selects a row if a backup table has rows of a version or a later one. The
// order has the database look into the index: without statistics of the table, PostgreSQL
// expects such a row among the first ones, and reads all of them if there is none.
func HasSnapshotSince(d dialect.Dialect, table dialect.Ident, versionColumn string, version int64) Query {
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select("1").From(sqlbuilder.Escape(d.QuoteTable(table))).
		Where(b.GreaterEqualThan(d.Quote(versionColumn), version)).OrderByDesc(d.Quote(versionColumn)).Limit(1)
	sql, args := b.Build()
	return Query{sql, args}
}

// CountSnapshot is an SQL expression for the number of rows of a version in a backup
// table.
func CountSnapshot(d dialect.Dialect, table dialect.Ident, versionColumn string, version int64) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + " WHERE " + d.Quote(versionColumn) + " = " + strconv.FormatInt(version, 10) + ")"
}

// OfUpload is an SQL condition for the rows of a snapshot without a version. Another
// program made the snapshot, and it is identified by its doc_id and upload_timestamp. If
// either is empty, the column may also be NULL.
func OfUpload(d dialect.Dialect, versionColumn, docColumn, doc, timestampColumn, timestamp string) string {
	is := func(column, word string) string {
		same := d.Quote(column) + " = " + text(d, word)
		if word == "" {
			return "(" + same + " OR " + d.Quote(column) + " IS NULL)"
		}
		return same
	}
	conditions := []string{is(docColumn, doc), is(timestampColumn, timestamp)}
	if versionColumn != "" {
		conditions = append(conditions, d.Quote(versionColumn)+" IS NULL")
	}
	return strings.Join(conditions, " AND ")
}

// SelectNotNull selects one row with a number for each column: how many of the rows that
// where selects have a value in it.
func SelectNotNull(d dialect.Dialect, table dialect.Ident, where string, columns []string) Query {
	counts := make([]string, len(columns))
	for i, c := range columns {
		counts[i] = "count(" + d.Quote(c) + ")"
	}
	return Query{SQL: "SELECT " + strings.Join(counts, ", ") + " FROM " + d.QuoteTable(table) + dialect.Where(where)}
}

// SelectForeignSnapshots counts the snapshots that another program put into a backup
// table: rows without a version, grouped by doc_id and upload_timestamp.
func SelectForeignSnapshots(d dialect.Dialect, table dialect.Ident, docID, timestamp, version string) Query {
	doc, ts := d.Quote(docID), d.Quote(timestamp)
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select(sqlbuilder.EscapeAll(doc, ts, "count(*)")...).From(sqlbuilder.Escape(d.QuoteTable(table)))
	if version != "" {
		b.Where(b.IsNull(d.Quote(version)))
	}
	b.GroupBy(sqlbuilder.EscapeAll(doc, ts)...).OrderByDesc(ts)
	sql, args := b.Build()
	return Query{sql, args}
}
