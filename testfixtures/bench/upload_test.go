package bench

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkInPlace replaces rows in place, against the same steps by hand.
func BenchmarkInPlace(b *testing.B) {
	replaced := func(b *testing.B, d database) {
		pair(b, func() { d.reset(b) }, func() usage { return apply(b, d, "--strategy", "in-place") }, func() usage { return d.replaceByHand(b) })
	}
	onEachSize(b, replaced)
	onEachSizeOf(b, "sqlite-texts", func(b *testing.B, rows int) { replaced(b, newSQLite(b, rows, texts)) })
}

// BenchmarkSwap replaces rows by swap, against the steps in place by hand.
func BenchmarkSwap(b *testing.B) {
	for _, name := range familyOfMySQL {
		onEachSizeOf(b, name, func(b *testing.B, rows int) {
			s := newServer(b, name, rows)
			pair(b, func() { s.reset(b) }, func() usage { return apply(b, s, "--strategy", "swap") }, func() usage { return s.replaceByHand(b) })
		})
	}
}

// BenchmarkKept replaces rows and keeps the old table, against a plain load of the file into a
// table that is empty. What the upload takes beside the load does not depend on the old rows.
// Tablesnap's own tables are there, as after the first upload to a database.
func BenchmarkKept(b *testing.B) {
	onEachSize(b, func(b *testing.B, d database) {
		pair(b, func() { d.reset(b); d.tablesnap(b, "migrate") }, func() usage { return apply(b, d, "--strategy", "swap", "--backup", "table") }, func() usage { return d.load(b) })
	})
}

// BenchmarkSync brings a table up to date with a file in which 1,200 rows differ, against a
// stage and three statements by hand.
func BenchmarkSync(b *testing.B) {
	onAll(b, func(b *testing.B, d database) {
		d = d.with(changes(b))
		pair(b, func() { d.reset(b) }, func() usage { return apply(b, d, "--strategy", "sync") }, func() usage { return d.syncByHand(b) })
	})
}

// BenchmarkRestore brings 1,000,000 rows back, against the same steps by hand:
// the rows of today into the backup, the table cleared, and the rows of the
// version from the backup into the table.
func BenchmarkRestore(b *testing.B) {
	byHand := strings.ReplaceAll("BEGIN;\n"+
		"INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, {}) SELECT 'doc_2', '2026-01-02', 1, {} FROM t;\n"+
		"DELETE FROM t;\n"+
		"INSERT INTO t ({}) SELECT {} FROM t_backup WHERE snapshot_version = 0;\n"+
		"COMMIT;\n", "{}", columns)
	onAll(b, func(b *testing.B, d database) {
		pair(b, func() {
			d.reset(b)
			apply(b, d)
			d.rest(b)
		}, func() usage {
			return d.tablesnap(b, "restore", "t", "--to", "0", "--yes")
		}, func() usage {
			return d.sql(b, byHand)
		})
	})
}

// BenchmarkPlan plans uploads to a new table, whose columns are texts, and to one with types
// and a primary key. A plan reads and checks the file once.
func BenchmarkPlan(b *testing.B) {
	const typed = "CREATE TABLE %[1]s (email VARCHAR(100) PRIMARY KEY NOT NULL, name VARCHAR(100), department VARCHAR(20), country CHAR(4)," +
		" salary INTEGER, started DATE, badge TEXT, note TEXT);\n"
	for name, table := range map[string]string{"texts": texts, "typed": typed} {
		b.Run(name, func(b *testing.B) {
			d := sqliteFile{work: b.TempDir() + "/plan.db"}
			d.sql(b, fmt.Sprintf(table, "t"))
			file := newRows(b, million)
			took := several(b, func() usage { return d.tablesnap(b, "plan", file, "--table", "t", "--doc-id", "doc_1") })
			b.ReportMetric(float64(size(b, file))/1e6/took, "MB/s")
		})
	}
}
