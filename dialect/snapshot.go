package dialect

import (
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"
)

// OfVersion is an SQL condition: the row is one of a version's snapshot.
func OfVersion(d Dialect, versionColumn string, version int64) string {
	return d.Quote(versionColumn) + " = " + strconv.FormatInt(version, 10)
}

// OfUpload is an SQL condition: the row is one of a snapshot without a version,
// which another program made and which is known by its doc_id and
// upload_timestamp. An empty one of these may be NULL.
func OfUpload(d Dialect, versionColumn, docColumn, doc, timestampColumn, timestamp string) string {
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

// RowsWhere is an SQL expression for the number of rows of a table that a
// condition chooses; an empty one chooses all.
func RowsWhere(d Dialect, table Ident, where string) string {
	return "(SELECT count(*) FROM " + d.QuoteTable(table) + whereClause(where) + ")"
}

// DeleteWhere deletes the rows of a table that a condition chooses.
func DeleteWhere(d Dialect, table Ident, where string) Stmt {
	return Stmt{SQL: "DELETE FROM " + d.QuoteTable(table) + whereClause(where)}
}

// Retyped is a column that had another type when its values were kept.
type Retyped struct{ Kept, Now Column }

// HasAll is an SQL condition: every row that a condition chooses of one table is
// in the other, value by value. Each side is a UNION with nothing of the other
// one's columns, which brings both to one type: TiDB's EXCEPT would take '007'
// and 7 for the same. The columns are named, since MySQL makes a 1 of the * in an
// EXISTS.
func HasAll(d Dialect, in, of Ident, where string, columns []Retyped) string {
	var names, exprs []string
	comparer, ownTypes := As[Comparer](d)
	for _, c := range columns {
		name := d.Quote(c.Now.Name)
		expr := name
		if ownTypes {
			expr = comparer.Comparable(name, c.Kept, c.Now)
		}
		names, exprs = append(names, name), append(exprs, named(expr, name))
	}
	list := strings.Join(names, ", ")
	rows := func(from Ident, where string) string {
		return "SELECT " + strings.Join(exprs, ", ") + " FROM " + d.QuoteTable(from) + whereClause(where)
	}
	const nothing = "1 = 0"
	return "NOT EXISTS (SELECT " + list + " FROM (" + rows(of, where) + " UNION ALL " + rows(in, nothing) + ") AS " + d.Quote("kept") +
		" EXCEPT SELECT " + list + " FROM (" + rows(in, "") + " UNION ALL " + rows(of, nothing) + ") AS " + d.Quote("loaded") + ")"
}

func named(expr, name string) string {
	if expr == name {
		return name
	}
	return expr + " AS " + name
}

func whereClause(where string) string {
	if where == "" {
		return ""
	}
	return " WHERE " + where
}

// SelectNotNull selects one row with a number for each column: how many of the
// rows that a condition chooses have a value there.
func SelectNotNull(d Dialect, table Ident, where string, columns []string) Query {
	counts := make([]string, len(columns))
	for i, c := range columns {
		counts[i] = "count(" + d.Quote(c) + ")"
	}
	return Query{SQL: "SELECT " + strings.Join(counts, ", ") + " FROM " + d.QuoteTable(table) + whereClause(where)}
}

// InsertPin is the statement that pins a version. It is refused where the
// version is pinned by now.
func InsertPin(d Dialect, table string, version int64, actor string) Stmt {
	return insertLedger(d, PinTable, [][2]string{
		{"table_name", text(d, table)},
		{"version", strconv.FormatInt(version, 10)},
		{"actor", optionalText(d, actor)},
		{"at", d.Ledger().Now},
	})
}

// DeletePin is the statement that takes a pin away.
func DeletePin(d Dialect, table string, version int64) Stmt {
	return DeleteWhere(d, LedgerTable(d, PinTable),
		d.Quote("table_name")+" = "+text(d, table)+" AND "+d.Quote("version")+" = "+strconv.FormatInt(version, 10))
}

// NotPinned is an SQL condition: the version has no pin.
func NotPinned(d Dialect, table string, version int64) string {
	return "NOT EXISTS (SELECT 1 FROM " + ledgerTable(d, PinTable) + " WHERE " + d.Quote("table_name") + " = " + text(d, table) +
		" AND " + d.Quote("version") + " = " + strconv.FormatInt(version, 10) + ")"
}

// SelectPins selects the versions of a table that are pinned.
func SelectPins(d Dialect, table string) Query {
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select(sqlbuilder.Escape(d.Quote("version"))).From(sqlbuilder.Escape(ledgerTable(d, PinTable))).
		Where(b.Equal(d.Quote("table_name"), table)).OrderByAsc(d.Quote("version"))
	sql, args := b.Build()
	return Query{sql, args}
}
