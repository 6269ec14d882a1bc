package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const columns = "email, name, department, country, salary, started, badge, note"

// sqliteFile is a database in a file, with 1,000,000 rows in the table t, and what
// they are replaced with.
type sqliteFile struct {
	tool, full, work string
	before, after    string
}

// newSQLite makes the table t with a primary key on badge, or without one.
func newSQLite(b *testing.B, keyed bool) sqliteFile {
	b.Helper()
	dir := b.TempDir()
	s := sqliteFile{tool: buildTool(b, dir), full: filepath.Join(dir, "full.db"), work: filepath.Join(dir, "work.db"), before: writeRows(b, dir, 1), after: writeRows(b, dir, 2)}
	table := typed
	if keyed {
		table = strings.Replace(table, "badge TEXT", "badge TEXT NOT NULL PRIMARY KEY", 1)
	}
	run(b, strings.NewReader(fmt.Sprintf("CREATE TABLE t (%s);\n.mode csv\n.import --skip 1 %q t\n", table, s.before)), "sqlite3", s.full)
	return s
}

var typed = strings.ReplaceAll(columns, ",", " TEXT,") + " TEXT"

func (s sqliteFile) reset(b *testing.B) {
	b.Helper()
	os.Remove(s.work)
	copyFile(b, s.full, s.work)
}

// rest has nothing to wait for: no SQLite works behind a commit.
func (sqliteFile) rest(*testing.B) {}

func (s sqliteFile) sql(b *testing.B, script string) usage {
	b.Helper()
	return run(b, strings.NewReader(script), "sqlite3", s.work)
}

func (s sqliteFile) old() string { return s.before }

func (s sqliteFile) apply(b *testing.B, args ...string) usage {
	b.Helper()
	return s.tablesnap(b, append([]string{"apply", s.after, "--table", "t", "--doc-id", "doc_2", "--yes"}, args...)...)
}

func (s sqliteFile) tablesnap(b *testing.B, args ...string) usage {
	b.Helper()
	return run(b, nil, s.tool, append(args, "--dsn", "sqlite:"+s.work)...)
}

// BenchmarkSQLiteInPlace replaces 1,000,000 rows with 1,000,000 others, against
// the sqlite3 program doing INSERT ... SELECT, DELETE and .import in one
// transaction.
func BenchmarkSQLiteInPlace(b *testing.B) {
	s := newSQLite(b, false)
	byHand := fmt.Sprintf(`.bail on
BEGIN IMMEDIATE;
CREATE TABLE t_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, snapshot_version INTEGER, %s);
INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %s) SELECT 'doc_1', '2026-01-01', 1, %s FROM t;
DELETE FROM t;
.mode csv
.import --skip 1 %q t
COMMIT;
`, typed, columns, columns, s.after)
	pair(b, func() { s.reset(b) }, func() usage { return s.apply(b) }, func() usage { return s.sql(b, byHand) })
}

// BenchmarkSQLitePlan plans uploads to a new table, whose columns are texts, and to one with
// types and a primary key. A plan reads and checks the file once.
func BenchmarkSQLitePlan(b *testing.B) {
	dir := b.TempDir()
	tool, file, database := buildTool(b, dir), writeRows(b, dir, 1), filepath.Join(dir, "plan.db")
	run(b, strings.NewReader(`CREATE TABLE typed (email VARCHAR(100) PRIMARY KEY NOT NULL, name VARCHAR(100), department VARCHAR(20), country CHAR(4), salary INTEGER, started DATE, badge TEXT, note TEXT);`), "sqlite3", database)
	size, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	for _, table := range []string{"texts", "typed"} {
		b.Run(table, func(b *testing.B) {
			b.SetBytes(size.Size())
			var rss int64
			for b.Loop() {
				rss = max(rss, run(b, nil, tool, "plan", file, "--dsn", "sqlite:"+database, "--table", table, "--doc-id", "doc_1", "--create").rss)
			}
			b.ReportMetric(float64(rss)/(1<<20), "MB-resident")
		})
	}
}
