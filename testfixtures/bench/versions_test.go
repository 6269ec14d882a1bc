package bench

import (
	"strings"
	"testing"
)

// bench is a database of any family with 1,000,000 old rows in the table t.
type bench interface {
	// reset puts the 1,000,000 old rows into the table t, and nothing else.
	reset(b *testing.B)
	// sql runs a script by the vendor's own client.
	sql(b *testing.B, script string) usage
	// old is the file of the old rows.
	old() string
	// apply uploads 1,000,000 other rows.
	apply(b *testing.B, args ...string) usage
	// rest waits until the database has done what it does behind a commit.
	rest(b *testing.B)
	// tablesnap runs a verb of the program.
	tablesnap(b *testing.B, args ...string) usage
}

// onAll runs a benchmark on each database of any family that is there.
func onAll(b *testing.B, run func(b *testing.B, s bench)) {
	b.Run("sqlite", func(b *testing.B) { run(b, newSQLite(b, true)) })
	onServers(b, func(b *testing.B, s server) { run(b, s) })
	onPostgres(b, func(b *testing.B, s postgresServer) { run(b, s) })
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
	onAll(b, func(b *testing.B, s bench) {
		pair(b, func() {
			s.reset(b)
			s.apply(b)
			s.rest(b)
		}, func() usage {
			return s.tablesnap(b, "restore", "t", "--to", "0", "--yes")
		}, func() usage {
			return s.sql(b, byHand)
		})
	})
}

// BenchmarkDiff compares 1,000,000 rows with as many; 1,000 have changed,
// and without 100 of them.
func BenchmarkDiff(b *testing.B) {
	onAll(b, func(b *testing.B, s bench) {
		s.reset(b)
		s.tablesnap(b, "backup", "t", "--yes")
		change(b, s)
		slowest(b, func() usage { return s.tablesnap(b, "diff", "t", "0") })
	})
}

// BenchmarkDiffFile compares the same rows with the file that they come from.
func BenchmarkDiffFile(b *testing.B) {
	onAll(b, func(b *testing.B, s bench) {
		s.reset(b)
		change(b, s)
		slowest(b, func() usage { return s.tablesnap(b, "diff", "t", "--file", s.old()) })
	})
}

func change(b *testing.B, s bench) {
	b.Helper()
	s.sql(b, "UPDATE t SET salary = salary + 1 WHERE badge LIKE 'b0__0_77';\nDELETE FROM t WHERE badge LIKE 'b0__1888';\n")
}

// slowest reports the slowest of the runs.
func slowest(b *testing.B, ours func() usage) {
	b.Helper()
	var took, rss float64
	for b.Loop() {
		u := ours()
		b.Logf("%.1f s", u.wall.Seconds())
		took, rss = max(took, u.wall.Seconds()), max(rss, float64(u.rss)/(1<<20))
	}
	b.ReportMetric(took, "s/slowest")
	b.ReportMetric(rss, "MB-resident")
	b.ReportMetric(0, "ns/op")
}
