package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/rowsource"
)

// checked is a table with a column of each type, as Inspect describes it.
type checked struct {
	db    *sql.DB
	table dialect.Table
}

func openChecked(t testing.TB, create string) checked {
	t.Helper()
	db := sql.OpenDB(sqlitetest.Connector(":memory:", sqlitetest.RollbackJournal))
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	sqlitetest.Exec(t, db, create)
	target, err := sqlite.New().Inspect(context.Background(), db, dialect.Named("t"))
	if err != nil {
		t.Fatal(err)
	}
	return checked{db, *target.Table}
}

func openEachType(t testing.TB) []checked {
	return []checked{
		openChecked(t, `CREATE TABLE t (c1, c2 INTEGER, c3 INT, c4 TEXT, c5 REAL, c6 NUMERIC, c7 BLOB, c8 VARCHAR(5), c9 DECIMAL(10,2), c10 DATE, c11 BOOLEAN, c12 ANY, c13 FLOAT, c14 "FLOATING POINT", c15 MONEY, c16 STRING)`),
		openChecked(t, `CREATE TABLE t (c1 INT, c2 INTEGER, c3 TEXT, c4 REAL, c5 BLOB, c6 ANY) STRICT`),
		openChecked(t, `CREATE TABLE t (c1 INTEGER PRIMARY KEY)`),
	}
}

// keeps checks that a column returns each value that its checker and the database
// accept: a text unchanged or as the same number, a number as the same number, and every
// other value bit for bit.
func (c checked) keeps(t *testing.T, v rowsource.Value) {
	t.Helper()
	for _, column := range c.table.Columns {
		check := sqlite.New().Checker(dialect.Server{}, c.table, column)
		if check != nil && check(v) != nil {
			continue
		}
		var stored any
		err := c.db.QueryRowContext(context.Background(), `INSERT INTO t ("`+column.Name+`") VALUES (?) RETURNING ("`+column.Name+`")`, parameter(v)).Scan(&stored)
		if err != nil {
			continue // the database rejects the value, and the upload fails
		}
		if got := valueOf(t, stored); !keeps(v, got) {
			t.Errorf("column type %q (traits %q): %s was accepted, and is stored as %s", column.Type, c.table.Traits, v, got)
		}
		sqlitetest.Exec(t, c.db, "DELETE FROM t")
	}
}

func keeps(v, got rowsource.Value) bool {
	if same(v, got) {
		return true
	}
	if v.IsNull() {
		return got.Kind() == rowsource.KindInteger // an INTEGER PRIMARY KEY numbers the row
	}
	want, ok := exactly(v)
	have, ok2 := exactly(got)
	if !ok || !ok2 || v.Kind() == rowsource.KindBlob || got.Kind() == rowsource.KindBlob {
		return false
	}
	if want.Cmp(have) == 0 {
		return true
	}
	if v.Kind() == rowsource.KindText && got.Kind() == rowsource.KindReal {
		// The nearest 64-bit floating-point number, if its 15 digits are those of the text.
		have, ok = exactly(rowsource.Text(strconv.FormatFloat(got.Float(), 'g', 15, 64)))
		return ok && want.Cmp(have) == 0
	}
	if v.Kind() == rowsource.KindReal && got.Kind() == rowsource.KindText {
		f, err := strconv.ParseFloat(got.Str(), 64)
		return err == nil && f == v.Float()
	}
	return false
}

// exactly returns a number, or a text as a number. Ok is false for any other value.
func exactly(v rowsource.Value) (*big.Rat, bool) {
	switch v.Kind() {
	case rowsource.KindInteger:
		return new(big.Rat).SetInt64(v.Int()), true
	case rowsource.KindReal:
		return new(big.Rat).SetFloat64(v.Float()), true
	case rowsource.KindText:
		if _, e, ok := strings.Cut(strings.ToLower(v.Str()), "e"); ok {
			if n, err := strconv.Atoi(e); err != nil || n > 4000 || n < -4000 {
				return nil, false // out of range for every column
			}
		}
		return new(big.Rat).SetString(v.Str())
	default:
		return nil, false
	}
}

func TestCheckerAgainstSQLite(t *testing.T) {
	tables := openEachType(t)
	random := rand.New(rand.NewPCG(1, 2))
	values := corpus()
	for _, s := range numberTexts() {
		values = append(values, rowsource.Text(s))
	}
	for range 3000 {
		values = append(values, rowsource.Text(randomNumber(random)), rowsource.Integer(int64(random.Uint64())),
			rowsource.Integer(random.Int64N(1<<54)), rowsource.Real(math.Float64frombits(random.Uint64())), rowsource.Real(float64(random.Int64N(1e6))/1000))
	}
	for _, c := range tables {
		for _, v := range values {
			if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
				continue // rowsource rejects it
			}
			c.keeps(t, v)
			if t.Failed() && testing.Short() {
				return
			}
		}
	}
}

// TestRealColumnKeepsDigits: a floating-point column would round an integer of more than
// 53 bits, so the checker rejects it.
func TestRealColumnKeepsDigits(t *testing.T) {
	for _, c := range openEachType(t) {
		for _, s := range []string{"9007199254740993", "9223372036854775807", "-9007199254740993", "123456789012345678"} {
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			c.keeps(t, rowsource.Text(s))
			c.keeps(t, rowsource.Integer(n))
		}
	}
}

func numberTexts() []string {
	return []string{
		"0", "-0", "+1", "007", "-007", "1.", ".5", "-.5", "1.10", "1.0", "1e3", "1E3", "1e+3", "1e-3", "1e", "e1", "1e15", "1e16", "1e19", "1.5e1", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "123456789012345", "1234567890123456", "12345678901234567", "0.123456789012345", "0.1234567890123456", "1e308", "1e309", "1e-307", "1e-330",
		"100000000000000000000", "1000000000000000000000000000000", "0x10", "1_000", " 1", "1 ", "\t1\n", "1\v", "\u00a01", "1,5", "NaN", "Inf", "infinity", "--1", "+-1", "1.2.3", "1e1e1", "1\x00", "\x001",
		"9007199254740993.0", "9007199254740993e0", "0.0", "0e0", "0e999", "0.00000000000000000000000000000000000001", "000", "0.10e1", "12345678901234500000",
		"0.000000000000000123456789012345", "4.35", "0.3", "2.675", "1e22", "1e23", "99999999999999999999", "179769313486231570000000000000000000000",
	}
}

// randomNumber is a text that is a number, or almost one.
func randomNumber(r *rand.Rand) string {
	digits := func(most int) string {
		var b strings.Builder
		for range r.IntN(most + 1) {
			b.WriteByte(byte('0' + r.IntN(10)*r.IntN(2)))
		}
		return b.String()
	}
	s := []string{"", "", "", "-", "+"}[r.IntN(5)] + digits(20)
	if r.IntN(2) == 0 {
		s += "." + digits(18)
	}
	if r.IntN(3) == 0 {
		s += fmt.Sprintf("e%d", r.IntN(80)-40)
	}
	return []string{"", "", "", "", " ", "0"}[r.IntN(6)] + s + []string{"", "", "", "", " ", "x"}[r.IntN(6)]
}

func FuzzChecker(f *testing.F) {
	for i, s := range append(numberTexts(), texts()...) {
		f.Add(s, int64(i), float64(i)/3)
	}
	tables := openEachType(f)
	f.Fuzz(func(t *testing.T, s string, n int64, r float64) {
		for _, c := range tables {
			if utf8.ValidString(s) {
				c.keeps(t, rowsource.Text(s))
			}
			c.keeps(t, rowsource.Blob([]byte(s)))
			c.keeps(t, rowsource.Integer(n))
			if !math.IsNaN(r) && !math.IsInf(r, 0) {
				c.keeps(t, rowsource.Real(r))
			}
		}
	})
}
