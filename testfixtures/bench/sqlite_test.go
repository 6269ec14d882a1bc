package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const columns = "email, name, department, country, salary, started, badge, note"

// BenchmarkSQLiteInPlace replaces 1,000,000 rows with 1,000,000 others, against
// the sqlite3 program doing INSERT ... SELECT, DELETE and .import in one
// transaction.
func BenchmarkSQLiteInPlace(b *testing.B) {
	dir := b.TempDir()
	tool := buildTool(b, dir)
	before, after := writeRows(b, dir, 1), writeRows(b, dir, 2)
	full, db := filepath.Join(dir, "full.db"), filepath.Join(dir, "work.db")
	typed := strings.ReplaceAll(columns, ",", " TEXT,") + " TEXT"
	run(b, strings.NewReader(fmt.Sprintf("CREATE TABLE t (%s);\n.mode csv\n.import --skip 1 %q t\n", typed, before)), "sqlite3", full)
	byHand := fmt.Sprintf(`.bail on
BEGIN IMMEDIATE;
CREATE TABLE t_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, snapshot_version INTEGER, %s);
INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %s) SELECT 'doc_1', '2026-01-01', 1, %s FROM t;
DELETE FROM t;
.mode csv
.import --skip 1 %q t
COMMIT;
`, typed, columns, columns, after)
	pair(b, func() {
		os.Remove(db)
		copyFile(b, full, db)
	}, func() usage {
		return run(b, nil, tool, "apply", after, "--dsn", "sqlite:"+db, "--table", "t", "--doc-id", "doc_2", "--yes")
	}, func() usage {
		return run(b, strings.NewReader(byHand), "sqlite3", db)
	})
}

// BenchmarkSQLitePlan plans the same upload; a plan reads the file once.
func BenchmarkSQLitePlan(b *testing.B) {
	dir := b.TempDir()
	tool := buildTool(b, dir)
	file := writeRows(b, dir, 1)
	size, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size.Size())
	var rss int64
	for b.Loop() {
		u := run(b, nil, tool, "plan", file, "--dsn", "sqlite:"+filepath.Join(dir, "none.db"), "--table", "t", "--doc-id", "doc_1")
		rss = max(rss, u.rss)
	}
	b.ReportMetric(float64(rss)/(1<<20), "MB-resident")
}
