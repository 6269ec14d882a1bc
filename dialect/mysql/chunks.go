package mysql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

const forUpdate = " FOR UPDATE"

// CopyInChunks follows a unique key from where the last chunk has ended. Session
// variables hold that key, so that its values never become text, and comparisons use the
// column's own type and collation. The optimizer drops a condition on a variable that is
// NULL, and turns one on a value into a range scan of the key.
func (d Dialect) CopyInChunks(c dialect.Copy, from dialect.Table, rows int) *dialect.Chunks {
	key := chunkKey(from)
	if len(key) == 0 {
		return nil
	}
	var reset, found, move, same []string
	piece, behind := c, d.behind(key)
	if piece.Where = behind; c.Where != "" {
		piece.Where = c.Where + " AND " + behind
	}
	order := " ORDER BY " + d.quoteList(key)
	for i, column := range key {
		reset = append(reset, last(i)+" = NULL")
		found = append(found, fmt.Sprintf("%s = (SELECT %s FROM %s WHERE %s%s LIMIT 1 OFFSET %d)",
			next(i), d.Quote(column), d.QuoteTable(from.Ident), piece.Where, order, rows-1))
		move = append(move, last(i)+" = "+next(i))
		same = append(same, last(i)+" <=> "+next(i))
	}
	return &dialect.Chunks{
		Rows:  rows,
		Start: []dialect.Stmt{setAll(reset)},
		Copy:  dialect.Stmt{SQL: d.copyRows(piece) + order + " LIMIT " + strconv.Itoa(rows) + forUpdate},
		// Two statements, since the second value is found while the first one still has
		// its old value.
		Find:  []dialect.Stmt{setAll(found)},
		Next:  []dialect.Stmt{setAll(move)},
		Found: next(0) + " IS NOT NULL AND NOT (" + strings.Join(same, " AND ") + ")",
	}
}

func last(i int) string { return fmt.Sprintf("@tablesnap_last_%d", i+1) }

func next(i int) string { return fmt.Sprintf("@tablesnap_next_%d", i+1) }

func setAll(assignments []string) dialect.Stmt {
	return dialect.Stmt{SQL: "SET " + strings.Join(assignments, ", ")}
}

// behind is an SQL condition that selects the rows after the stored key, or all rows if
// no key is stored.
func (d Dialect) behind(key []string) string {
	ways := []string{last(0) + " IS NULL"}
	same := ""
	for i, column := range key {
		ways = append(ways, same+d.Quote(column)+" > "+last(i))
		same += d.Quote(column) + " = " + last(i) + " AND "
	}
	return "(" + strings.Join(ways, " OR ") + ")"
}

// chunkKey is the primary key, or a unique key without NULLs. It is nil unless variables
// can hold the key's values unchanged and in the key's order, which they cannot for a
// FLOAT or an ENUM.
func chunkKey(t dialect.Table) []string {
	for _, key := range append([][]string{t.PrimaryKey}, t.Uniques...) {
		usable := func(name string) bool {
			i := slices.IndexFunc(t.Columns, func(c dialect.Column) bool { return c.Name == name })
			return i >= 0 && !t.Columns[i].Nullable && keepsOrder(parseType(t.Columns[i].Type))
		}
		if len(key) > 0 && !slices.ContainsFunc(key, func(name string) bool { return !usable(name) }) {
			return key
		}
	}
	return nil
}

func keepsOrder(t columnType) bool {
	switch t.base {
	case "char", "varchar", "binary", "varbinary":
		return true
	default:
		return slices.Contains([]family{familyInteger, familyDecimal, familyDate, familyTime}, t.family())
	}
}

// DeleteSnapshot deletes up to limit rows by the index on the version.
func (d Dialect) DeleteSnapshot(backup dialect.Table, versionColumn string, version int64, limit int) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("DELETE FROM %s WHERE %s = %d LIMIT %d", d.QuoteTable(backup.Ident), d.Quote(versionColumn), version, limit)}
}

func (d Dialect) RenameTable(from, to dialect.Ident) dialect.Stmt {
	return ddl("RENAME TABLE %s TO %s", d.QuoteTable(from), d.QuoteTable(to))
}
