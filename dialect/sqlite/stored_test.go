package sqlite_test

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestStored compares the converted values with those that SQLite stores.
func TestStored(t *testing.T) {
	db := sql.OpenDB(sqlitetest.Connector(":memory:", sqlitetest.RollbackJournal))
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE t (r REAL, n DECIMAL(8,2), i INT, s TEXT, b BLOB)"); err != nil {
		t.Fatal(err)
	}
	values := []any{"0", "-0", "-0.0", "0.0", "1", "-1", "1.0", "1.50", "007", "1.", ".5", "+1", " 1", "1e3", "0x10", "-", "", "1.2.3", "2024-01-02", "NULL", "inf",
		"999999999999999", "9999999999999999", "9223372036854775807", "9223372036854775808", "0.000000000000001", "99999999999999.9",
		int64(5), int64(1) << 49, int64(1) << 60, int64(-7), 1.5, 2.0, math.Copysign(0, -1), 1e18, 1e300, 0.1}
	random := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		digits := fmt.Sprint(random.Int64N(1_000_000_000_000_000))
		at := random.IntN(len(digits))
		values = append(values, strings.TrimPrefix(digits[:at]+"."+digits[at:], "."))
	}
	columns := []dialect.Column{{Name: "r", Type: "REAL"}, {Name: "n", Type: "DECIMAL(8,2)"}, {Name: "i", Type: "INT"}, {Name: "s", Type: "TEXT"}, {Name: "b", Type: "BLOB"}}
	insert, err := db.Prepare("INSERT INTO t VALUES (?1, ?1, ?1, ?1, ?1)")
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	for _, v := range values {
		if _, err := insert.Exec(v); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.Query("SELECT +r, +n, +i, +s, +b FROM t ORDER BY rowid")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for _, v := range values {
		into, stored := make([]any, len(columns)), make([]any, len(columns))
		for i := range stored {
			into[i] = &stored[i]
		}
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, c := range columns {
			if f := (sqlite.Dialect{}).Stored(dialect.Table{}, c); f != nil {
				given := driverValue(t, v)
				got, is := f(given), driverValue(t, stored[i])
				if got != given && got != is && (got.Kind() != is.Kind() || got.Float() != is.Float()) { // -0 is 0
					t.Errorf("%s stores %#v as %v, and not as %v", c.Name, v, is, got)
				}
			}
		}
	}
}

func driverValue(t *testing.T, v any) rowsource.Value {
	t.Helper()
	switch v := v.(type) {
	case string:
		return rowsource.Text(v)
	case int64:
		return rowsource.Integer(v)
	case float64:
		return rowsource.Real(v)
	default:
		t.Fatalf("%T", v)
		return rowsource.Null()
	}
}
