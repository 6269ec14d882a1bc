package bench

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// syncedByHand brings the table t up to date with the stage s, after a copy to the backup:
// a DELETE, an UPDATE and an INSERT, as differ and set are written for the database.
func syncedByHand(remove, update string) string {
	return fmt.Sprintf("INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %[1]s) SELECT 'doc_1', '2026-01-01', 1, %[1]s FROM t;\n"+
		"%[2]s;\n%[3]s;\nINSERT INTO t (%[1]s) SELECT s.%[4]s FROM s LEFT JOIN t ON t.badge = s.badge WHERE t.badge IS NULL;\nCOMMIT;\n",
		columns, remove, update, strings.ReplaceAll(columns, ", ", ", s."))
}

// each joins what is written of each column.
func each(format, separator string) string {
	var parts []string
	for _, c := range strings.Split(columns, ", ") {
		parts = append(parts, fmt.Sprintf(format, c))
	}
	return strings.Join(parts, separator)
}

// syncByHand loads a stage, which is a table as tablesnap's is, and changes the rows that
// differ in one transaction.
func (s server) syncByHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "SET SESSION sql_mode = 'STRICT_ALL_TABLES';\n"+
		strings.Replace(s.create("s"), ", KEY (email)", "", 1)+";\n"+s.load("s", s.after)+";\nSTART TRANSACTION;\n"+
		syncedByHand("DELETE t FROM t LEFT JOIN s ON s.badge = t.badge WHERE s.badge IS NULL",
			"UPDATE t JOIN s ON s.badge = t.badge SET "+each("t.%[1]s = s.%[1]s", ", ")+" WHERE NOT ("+each("t.%[1]s <=> s.%[1]s", " AND ")+")")+
		"DROP TABLE s;\n")
}

// BenchmarkServersSync brings a table of 1,000,000 rows up to date with a file in which
// 1,200 differ, against a stage and three statements by hand.
func BenchmarkServersSync(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		s.after = writeChanges(b, s.before)
		pair(b, func() { s.reset(b) }, func() usage { return s.apply(b, "--strategy", "sync") }, func() usage { return s.syncByHand(b) })
	})
}

func (s postgresServer) syncByHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "BEGIN;\nCREATE TEMPORARY TABLE s (LIKE t);\nALTER TABLE s ADD PRIMARY KEY (badge);\n"+s.copyFrom("s", s.after)+"ANALYZE s;\n"+
		syncedByHand("DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.badge = t.badge)",
			"UPDATE t SET "+each("%[1]s = s.%[1]s", ", ")+" FROM s WHERE s.badge = t.badge AND ("+each("t.%[1]s IS DISTINCT FROM s.%[1]s", " OR ")+")"))
}

// BenchmarkPostgresSync is the same on PostgreSQL.
func BenchmarkPostgresSync(b *testing.B) {
	onPostgres(b, func(b *testing.B, s postgresServer) {
		s.after = writeChanges(b, s.before)
		pair(b, func() { s.reset(b) }, func() usage { return s.apply(b, "--strategy", "sync") }, func() usage { return s.syncByHand(b) })
	})
}

// BenchmarkServersLog measures what the server writes to its binary log for the same
// upload, if it has one (TABLESNAP_SERVERS_BINLOG=1 when it is started).
func BenchmarkServersLog(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		if s.name == "tidb" {
			b.Skip("TiDB has no binary log")
		}
		db := s.open(b)
		var on bool
		if err := db.QueryRow("SELECT @@GLOBAL.log_bin").Scan(&on); err != nil {
			b.Fatal(err)
		}
		if !on {
			b.Skip("the server has no binary log; start it with TABLESNAP_SERVERS_BINLOG=1")
		}
		s.after = writeChanges(b, s.before)
		logs(b, s, func() (written int64) {
			rows, err := db.Query("SHOW BINARY LOGS")
			if err != nil {
				b.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				names, err := rows.Columns()
				if err != nil {
					b.Fatal(err)
				}
				var size int64
				into := make([]any, len(names))
				for i := range into {
					into[i] = new(any)
				}
				into[1] = &size
				if err := rows.Scan(into...); err != nil {
					b.Fatal(err)
				}
				written += size
			}
			if err := rows.Err(); err != nil {
				b.Fatal(err)
			}
			return written
		})
	})
}

// BenchmarkPostgresLog measures what PostgreSQL writes to its write-ahead log.
func BenchmarkPostgresLog(b *testing.B) {
	onPostgres(b, func(b *testing.B, s postgresServer) {
		conn, err := pgx.Connect(b.Context(), s.dsn.String())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close(b.Context()) })
		s.after = writeChanges(b, s.before)
		logs(b, s, func() (written int64) {
			if err := conn.QueryRow(b.Context(), "SELECT (pg_current_wal_lsn() - '0/0')::bigint").Scan(&written); err != nil {
				b.Fatal(err)
			}
			return written
		})
	})
}

// logs reports what is logged for an upload in place and by sync, and for the copy to the
// backup that is part of both.
func logs(b *testing.B, s bench, written func() int64) {
	b.Helper()
	copied := fmt.Sprintf("INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %[1]s) SELECT 'doc_1', '2026-01-01', 1, %[1]s FROM t;\n", columns)
	for name, upload := range map[string]func(){
		"in-place": func() { s.apply(b, "--strategy", "in-place") },
		"sync":     func() { s.apply(b, "--strategy", "sync") },
		"copy":     func() { s.sql(b, copied) },
	} {
		b.Run(name, func(b *testing.B) {
			var most int64
			for b.Loop() {
				s.reset(b)
				before := written()
				upload()
				most = max(most, written()-before)
			}
			b.ReportMetric(float64(most)/1e6, "MB-logged")
			b.ReportMetric(0, "ns/op")
		})
	}
}
