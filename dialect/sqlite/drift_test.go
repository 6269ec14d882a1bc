package sqlite_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

// definition is a definition of a table, and values that its column v accepts.
type definition struct{ name, create, values string }

func definitions() []definition {
	var ds []definition
	for _, typ := range []string{"", "TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB"} {
		ds = append(ds, definition{"type " + typ, "CREATE TABLE t (n INT, v " + typ + ")", numberedValues(anything)})
	}
	return append(ds,
		definition{"NOT NULL", "CREATE TABLE t (n INT, v TEXT NOT NULL)", "(1, ''), (2, 'x'), (3, '007')"},
		definition{"strict ANY", "CREATE TABLE t (n INT, v ANY) STRICT", numberedValues(anything)},
		definition{"strict TEXT", "CREATE TABLE t (n INT, v TEXT) STRICT", "(1, '007'), (2, '1.10'), (3, NULL)"},
		definition{"strict INTEGER", "CREATE TABLE t (n INT, v INTEGER) STRICT", "(1, 9223372036854775807), (2, -1), (3, NULL)"},
		definition{"strict REAL", "CREATE TABLE t (n INT, v REAL) STRICT", "(1, 1), (2, 1e308), (3, 0.1)"},
		definition{"strict BLOB", "CREATE TABLE t (n INT, v BLOB) STRICT", "(1, X''), (2, X'00FF'), (3, NULL)"},
		definition{"generated", "CREATE TABLE t (n INT, v TEXT AS (n || 'x'))", "(1), (2), (3)"},
		definition{"missing", "CREATE TABLE t (n INT)", "(1), (2), (3)"},
	)
}

// numberedValues inserts a number at the beginning of each row of values.
func numberedValues(values string) string {
	numbered := ""
	for i := 0; i < len(values); i++ {
		numbered += string(values[i])
		if values[i] == '(' && (i == 0 || values[i-1] == ' ' || values[i-1] == '\t') {
			numbered += fmt.Sprint(i) + ", "
		}
	}
	return numbered
}

// TestOriginalChangesUnderItsBackup changes the table from each definition to each other
// one. However the backup table is rebuilt, it must have the rows of every version bit for
// bit.
func TestOriginalChangesUnderItsBackup(t *testing.T) {
	for _, from := range definitions() {
		t.Run(from.name, func(t *testing.T) {
			t.Parallel()
			for _, to := range definitions() {
				throughBoth(t, from, to)
			}
		})
	}
}

func throughBoth(t *testing.T, from, to definition) {
	t.Helper()
	c := newClient(t)
	defer c.db.Close() // there are too many databases to keep all of them open
	var kept [2][]string
	for version, d := range []definition{from, to} {
		if version > 0 {
			sqlitetest.Exec(t, c.db, "DROP TABLE t")
		}
		insert := "INSERT INTO t VALUES " + d.values
		if d.name == "generated" {
			insert = "INSERT INTO t (n) VALUES " + d.values
		}
		sqlitetest.Exec(t, c.db, d.create, insert)
		kept[version] = c.driverExact("t", "", columnsOf(d)...)
		c.upload(fmt.Sprint("doc_", version+1), loadable(d, version)...)
	}
	for version, want := range kept {
		d := []definition{from, to}[version]
		got := c.driverExact("t_backup", fmt.Sprintf("WHERE snapshot_version = %d", version), columnsOf(d)...)
		c.same(fmt.Sprintf("%s, then %s: version %d in the backup", from.name, to.name, version), got, want)
	}
}

// driverExact is exact, but reads through the driver. Starting the sqlite3 program for
// each combination would take most of the test's time.
func (c client) driverExact(table, where string, columns ...string) []string {
	c.Helper()
	shown := make([]string, len(columns))
	for i, name := range columns {
		shown[i] = sqlitetest.Exact(name)
	}
	rows, err := c.db.QueryContext(context.Background(), "SELECT "+strings.Join(shown, " || ' | ' || ")+" FROM "+table+" "+where)
	if err != nil {
		c.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			c.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		c.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func columnsOf(d definition) []string {
	if d.name == "missing" {
		return []string{"n"}
	}
	return []string{"n", "v"}
}

// loadable is a file that the table accepts. It is different for each version.
func loadable(d definition, version int) []string {
	if d.name == "NOT NULL" {
		return []string{"n,v", fmt.Sprintf("%d,x", version)}
	}
	return []string{"n", fmt.Sprint(version)}
}
