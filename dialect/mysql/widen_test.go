package mysql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

const (
	inUTF8   = " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	inLatin1 = " CHARACTER SET latin1 COLLATE latin1_bin"
	longest  = "longtext" + inUTF8
)

// widenings are types of the backup's and of the original's column, and the type that can
// store both: "" if it is the first one, "-" if there is none.
var widenings = []struct{ have, want, wider string }{
	{"int", "int", ""},
	{"int(11)", "int", ""},
	{"bigint", "int", ""},
	{"int", "bigint", "bigint"},
	{"int", "int unsigned", "bigint"},
	{"bigint", "int unsigned", ""},
	{"int unsigned", "int", "bigint"},
	{"bigint", "bigint unsigned", "decimal(20,0)"},
	{"decimal(10,2)", "decimal(12,4)", "decimal(12,4)"},
	{"decimal(10,2)", "decimal(10,4)", "decimal(12,4)"},
	{"decimal(12,4)", "decimal(10,2)", ""},
	{"decimal(10,2)", "int", "decimal(22,2)"},
	{"decimal(65,30)", "decimal(65,0)", longest},
	{"float", "double", "double"},
	{"double", "float", ""},
	{"float", "int", "-"},
	{"double", "bigint", longest},
	{"float", "varchar(10)" + inUTF8, "-"},
	{"varchar(10)" + inUTF8, "varchar(20)" + inUTF8, "varchar(20)" + inUTF8},
	{"varchar(20)" + inUTF8, "varchar(10)" + inUTF8, ""},
	{"varchar(20)" + inUTF8, "varchar(10)" + inLatin1, ""},
	{"varchar(20)" + inUTF8, "varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", ""},
	{"varchar(20)" + inLatin1, "varchar(10)" + inUTF8, longest},
	{"varchar(20)" + inLatin1, "varchar(20)" + inUTF8, "varchar(20)" + inUTF8},
	{"char(5)" + inUTF8, "varchar(5)" + inUTF8, "varchar(5)" + inUTF8},
	{"varchar(5)" + inUTF8, "char(5)" + inUTF8, ""},
	{"text" + inUTF8, "varchar(255)" + inUTF8, ""},
	{"text" + inUTF8, "varchar(16383)" + inUTF8, ""},
	{"tinytext" + inUTF8, "varchar(255)" + inUTF8, "varchar(255)" + inUTF8},
	{"tinytext" + inUTF8, "varchar(64)" + inUTF8, longest},
	{"text" + inUTF8, "mediumtext" + inUTF8, "mediumtext" + inUTF8},
	{"varchar(20)" + inUTF8, "int", longest},
	{"int", "varchar(20)" + inUTF8, longest},
	{"varchar(20)" + inUTF8, "datetime(3)", longest},
	{"varchar(20)" + inUTF8, "timestamp", "-"},
	{"datetime", "datetime(6)", "datetime(6)"},
	{"datetime(6)", "datetime", ""},
	{"date", "datetime", "datetime"},
	{"datetime(3)", "date", ""},
	{"datetime(3)", "timestamp(6)", "datetime(6)"},
	{"datetime", "timestamp", ""},
	{"time", "time(3)", "time(3)"},
	{"enum('a','b')" + inUTF8, "enum('b','c')" + inUTF8, "enum('a','b','c') CHARACTER SET utf8mb4"},
	{"enum('a','b')" + inUTF8, "enum('b')" + inUTF8, ""},
	{"set('a')" + inUTF8, "set('b','a')" + inUTF8, "set('b','a')" + inUTF8},
	{"enum('a')" + inUTF8, "varchar(3)" + inUTF8, longest},
	{"binary(4)", "binary(8)", "longblob"},
	{"binary(4)", "binary(4)", ""},
	{"varbinary(8)", "binary(4)", ""},
	{"blob", "longblob", "longblob"},
	{"varchar(20)" + inUTF8, "blob", "longblob"},
	{"varchar(20)" + inLatin1, "blob", "-"},
	{"bit(3)", "bit(8)", "bit(8)"},
	{"bit(8)", "int", "-"},
	{"year", "int", "decimal(20,0)"},
	{"json", "json", ""},
	{longest, "int", ""},
	{"decimal(22,2)", "int", ""},
	{"json", longest, longest},
}

func TestHolds(t *testing.T) {
	for _, c := range widenings {
		ok, wider := New().CanStore(dialect.Table{}, dialect.Table{}, dialect.Column{Name: "c", Type: c.have}, dialect.Column{Type: c.want})
		got := wider.Type
		switch {
		case ok && got == c.have:
			got = ""
		case got == "":
			got = "-"
		}
		if got != c.wider {
			t.Errorf("%s for %s: got %q, want %q", c.have, c.want, got, c.wider)
		}
	}
}

// extremes are values of a type that a conversion to another type could change.
var extremes = map[string][]string{
	"int": {"-2147483648", "2147483647"}, "int unsigned": {"4294967295"}, "bigint": {"-9223372036854775808", "9223372036854775807"}, "bigint unsigned": {"18446744073709551615"},
	"decimal(10,2)": {"-99999999.99", "0.01"}, "decimal(12,4)": {"99999999.9999"}, "decimal(10,4)": {"999999.9999"},
	"float": {"16777216", "0.1", "3.4e38"}, "double": {"1.7976931348623157e308", "0.1", "9007199254740993", "5e-300"},
	"datetime": {"'9999-12-31 23:59:59'"}, "datetime(3)": {"'2024-01-01 00:00:00.123'"}, "datetime(6)": {"'2024-01-01 00:00:00.123456'"},
	"date": {"'1000-01-01'"}, "timestamp": {"'2038-01-19 03:14:07'"}, "timestamp(6)": {"'2001-01-01 01:01:01.654321'"},
	"time": {"'-838:59:59'"}, "time(3)": {"'12:00:00.001'"}, "year": {"1901", "2155"}, "bit(3)": {"b'101'"}, "bit(8)": {"b'11111111'"}, "json": {`'{"a": [1, "ü"]}'`},
	"binary(4)": {"x'01020000'"}, "binary(8)": {"x'0102030400000000'"}, "blob": {"x'00FF'"}, "longblob": {"x'FF00'"},
	"char(5)" + inUTF8: {"'ü😀'"}, "varchar(5)" + inUTF8: {"'ab  '"}, "varchar(20)" + inUTF8: {"'😀 '", "'007'"}, "varchar(20)" + inLatin1: {"'ü '"}, "text" + inUTF8: {"'x\\n'"},
	"enum('a','b')" + inUTF8: {"'a'", "'b'"}, "enum('b','c')" + inUTF8: {"'c'", "'b'"}, "enum('b')" + inUTF8: {"'b'"}, "enum('a')" + inUTF8: {"'a'"}, "set('a')" + inUTF8: {"'a'"}, "set('b','a')" + inUTF8: {"'a,b'"},
	"varchar(10)" + inUTF8: {"'x'"}, "varchar(10)" + inLatin1: {"'é'"},
}

// TestRebuild widens a backup's column, copies a value of the original's new type to it,
// and checks that the old and the new values are unchanged.
func TestRebuild(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		for n, w := range widenings {
			if w.wider == "-" || extremes[w.have] == nil || extremes[w.want] == nil {
				continue
			}
			name := fmt.Sprintf("t%d", n)
			original, backup := l.ident(name), l.ident(name+"_backup")
			was := dialect.Table{Ident: original, Columns: []dialect.Column{{Name: "c", Type: w.have, Nullable: true}}}
			have := l.d.BackupTable(was, backup, [4]string{"id", "doc_id", "upload_timestamp", "snapshot_version"})
			runStmts(t, c, l.d.CreateTable(was), l.d.CreateTable(have), l.d.CreateIndex(backup, dialect.Index{Name: "i", Columns: []string{"snapshot_version"}}))
			for _, v := range extremes[w.have] {
				run(t, c, "INSERT INTO "+name+" VALUES ("+v+")")
			}
			copyAll := l.d.CopyRows(dialect.Copy{From: original, To: backup, Columns: []string{"c"}})
			runStmts(t, c, copyAll)
			first := lines(t, c, "SELECT c FROM "+name)

			is := was
			is.Columns = []dialect.Column{{Name: "c", Type: w.want, Nullable: true}}
			want := have
			want.Columns = append([]dialect.Column{}, have.Columns...)
			_, want.Columns[4] = l.d.CanStore(have, is, have.Columns[4], is.Columns[0])
			if want.Columns[4].Type == "" {
				continue // TiDB cannot change the type, and CanStore says so
			}
			want.Columns = append(want.Columns, l.d.BackupColumn(dialect.Column{Name: "more", Type: "timestamp"}))
			runStmts(t, c, l.d.Rebuild(have, want)...)
			run(t, c, "DROP TABLE "+name)
			runStmts(t, c, l.d.CreateTable(is))
			for _, v := range extremes[w.want] {
				run(t, c, "INSERT INTO "+name+" VALUES ("+v+")")
			}
			runStmts(t, c, copyAll)
			second := lines(t, c, "SELECT c FROM "+name)
			for i, set := range []struct {
				typ  string
				rows []string
			}{{w.have, first}, {w.want, second}} {
				back := fmt.Sprintf("back%d_%d", n, i)
				runStmts(t, c, l.d.CreateTable(dialect.Table{Ident: l.ident(back), Columns: []dialect.Column{{Name: "c", Type: set.typ, Nullable: true}}}))
				from := 1 + i*len(first)
				run(t, c, fmt.Sprintf("INSERT INTO %s SELECT c FROM (SELECT c FROM %s_backup ORDER BY id LIMIT %d OFFSET %d) x", back, name, len(set.rows), from-1))
				if got := lines(t, c, "SELECT c FROM "+back); strings.Join(got, "|") != strings.Join(set.rows, "|") {
					t.Errorf("%s for %s as %s: %q came back as %q", w.have, w.want, want.Columns[4].Type, set.rows, got)
				}
			}
		}
	})
}

func TestNewColumn(t *testing.T) {
	for _, c := range []struct {
		keyTexts, chars int
		want            string
	}{{0, 0, "longtext"}, {0, 1 << 22, "longtext"}, {1, 0, "varchar(255)"}, {1, 255, "varchar(255)"}, {1, 256, "varchar(750)"}, {3, 10, "varchar(250)"}, {5, 10, "varchar(150)"}} {
		got := New().NewColumn(dialect.Table{}, dialect.New{Name: "a", KeyTexts: c.keyTexts, MaxChars: c.chars}).Type
		if want := c.want + " CHARACTER SET utf8mb4"; got != want {
			t.Errorf("%d characters, %d texts in the key: %s, want %s", c.chars, c.keyTexts, got, want)
		}
	}
}

// TestNewColumnIsKnownAhead: the catalog shows a new text column with the type that
// NewColumn has returned, for tables with several collations.
func TestNewColumnIsKnownAhead(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		for i, of := range []string{"", " COLLATE utf8mb4_bin", " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", " CHARACTER SET latin1", " COLLATE binary"} {
			name := fmt.Sprint("t", i)
			run(t, l.db, "CREATE TABLE "+name+" (n INT)"+of)
			before := l.inspect(name).Table
			for j := range 2 {
				want := l.d.NewColumn(*before, dialect.New{Name: fmt.Sprint("c", j), KeyTexts: j})
				run(t, l.db, dialect.AddColumn(l.d, before.Ident, want).SQL)
				l.same(name+of, columnOf(t, l.inspect(name).Table, want.Name), want)
			}
		}
	})
}

// TestWideRows creates tables whose rows would exceed the limit of 65,535 bytes.
func TestWideRows(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		table := dialect.Table{Ident: l.ident("wide")}
		for n := range 150 {
			table.Columns = append(table.Columns, l.d.NewColumn(dialect.Table{}, dialect.New{Name: fmt.Sprintf("c%d", n), KeyTexts: 1}))
		}
		runStmts(t, c, l.d.CreateTable(table))
		run(t, c, "CREATE TABLE full (a VARCHAR(16300) CHARACTER SET utf8mb4, b VARBINARY(320))")
		full := *l.inspect("full").Table
		backup := l.d.BackupTable(full, l.ident("full_backup"), [4]string{"id", "doc_id", "upload_timestamp", "snapshot_version"})
		runStmts(t, c, l.d.CreateTable(backup))
	})
}

// TestPlaceholder checks that the server accepts the placeholder of every type.
func TestPlaceholder(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		types := []string{"TINYINT", "INT UNSIGNED", "BIGINT", "DECIMAL(5,2)", "FLOAT", "DOUBLE", "BIT(7)", "CHAR(3)", "VARCHAR(3)", "TEXT", "LONGTEXT", "BINARY(3)", "VARBINARY(3)", "BLOB",
			"DATE", "DATETIME(3)", "TIMESTAMP(6)", "TIME", "YEAR", "ENUM('it''s\\\\','b')", "SET('a','b')", "JSON", "BOOLEAN"}
		if l.name != "tidb" {
			types = append(types, "GEOMETRY", "POINT")
		}
		if strings.HasPrefix(l.name, "mariadb") {
			types = append(types, "UUID", "INET6", "INET4")
		}
		columns := make([]string, len(types))
		for i, typ := range types {
			columns[i] = fmt.Sprintf("c%d %s NOT NULL", i, typ)
		}
		c := l.session()
		run(t, c, "CREATE TABLE t ("+strings.Join(columns, ", ")+")")
		var names, values []string
		for _, col := range l.inspect("t").Table.Columns {
			v := l.d.Placeholder(col)
			if check := l.d.Checker(dialect.Server{}, dialect.Table{}, col); check != nil && !strings.HasPrefix(col.Type, "binary") {
				if err := check(v); err != nil {
					t.Errorf("%s: %v", col.Type, err)
				}
			}
			names, values = append(names, col.Name), append(values, l.d.Literal(v))
		}
		runStmts(t, c, dialect.InsertRows(l.d, l.ident("t"), names, [][]string{values}))
	})
}
