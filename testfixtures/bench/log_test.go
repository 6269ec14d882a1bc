package bench

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// BenchmarkBinlog measures what the server writes to its binary log for the same
// upload, if it has one (TABLESNAP_SERVERS_BINLOG=1 when it is started).
func BenchmarkBinlog(b *testing.B) {
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
		logs(b, s.with(changes(b)), func() (written int64) {
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

// BenchmarkWAL measures what PostgreSQL writes to its write-ahead log.
func BenchmarkWAL(b *testing.B) {
	onPostgres(b, func(b *testing.B, s postgresServer) {
		conn, err := pgx.Connect(b.Context(), s.dsn.String())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close(b.Context()) })
		logs(b, s.with(changes(b)), func() (written int64) {
			if err := conn.QueryRow(b.Context(), "SELECT (pg_current_wal_lsn() - '0/0')::bigint").Scan(&written); err != nil {
				b.Fatal(err)
			}
			return written
		})
	})
}

// logs reports what is logged for an upload in place and by sync, and for the copy to the
// backup that is part of both.
func logs(b *testing.B, d database, written func() int64) {
	b.Helper()
	for name, upload := range map[string]func(){
		"in-place": func() { apply(b, d, "--strategy", "in-place") },
		"sync":     func() { apply(b, d, "--strategy", "sync") },
		"copy":     func() { d.sql(b, copied()) },
	} {
		b.Run(name, func(b *testing.B) {
			var most int64
			for b.Loop() {
				d.reset(b)
				before := written()
				upload()
				most = max(most, written()-before)
			}
			b.ReportMetric(float64(most)/1e6, "MB-logged")
			b.ReportMetric(0, "ns/op")
		})
	}
}
