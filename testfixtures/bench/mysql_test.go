package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/testfixtures/servers"
)

// server is one of the MySQL family, as TABLESNAP_TEST_* names it.
type server struct {
	name   string
	dsn    *url.URL
	client string
	dir    string
	tool   string
	before string
	after  string
}

// serverNames are those that the benchmarks know; the ones without a DSN are skipped.
var serverNames = []string{"mysql", "mariadb", "mariadb11", "tidb"}

// onServers runs a benchmark on each server that is there, with 1,000,000 rows
// in the table m.
func onServers(b *testing.B, run func(b *testing.B, s server)) {
	for _, name := range serverNames {
		b.Run(name, func(b *testing.B) {
			u, err := url.Parse(servers.DSN(b, name))
			if err != nil {
				b.Fatal(err)
			}
			u.Path = "/tablesnap_bench"
			s := server{name: name, dsn: u, client: servers.Client(b, name), dir: b.TempDir()}
			s.tool = buildTool(b, s.dir)
			s.before, s.after = writeRows(b, s.dir, 1), writeRows(b, s.dir, 2)
			s.sqlIn(b, "", "DROP DATABASE IF EXISTS tablesnap_bench; CREATE DATABASE tablesnap_bench CHARACTER SET utf8mb4")
			b.Cleanup(func() { s.sqlIn(b, "", "DROP DATABASE IF EXISTS tablesnap_bench") })
			s.sql(b, s.create("m")+"; "+s.load("m", s.before))
			run(b, s)
		})
	}
}

func (s server) create(table string) string {
	return "CREATE TABLE " + table + " (email VARCHAR(80) NOT NULL, name VARCHAR(80), department VARCHAR(20), country VARCHAR(8)," +
		" salary INT, started DATE, badge CHAR(8) NOT NULL PRIMARY KEY, note VARCHAR(80), KEY (email)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
}

func (s server) load(table, file string) string {
	return fmt.Sprintf(`LOAD DATA LOCAL INFILE '%s' INTO TABLE %s CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' IGNORE 1 LINES (%s)`, file, table, columns)
}

// sql runs statements by the vendor's own client.
func (s server) sql(b *testing.B, script string) usage {
	b.Helper()
	return s.sqlIn(b, "tablesnap_bench", script)
}

func (s server) sqlIn(b *testing.B, database, script string) usage {
	b.Helper()
	args := []string{"--no-defaults", "--local-infile=1", "--protocol=tcp", "--host=" + s.dsn.Hostname(), "--port=" + s.dsn.Port(), "--user=" + s.dsn.User.Username()}
	return run(b, strings.NewReader(script), s.client, append(args, database)...)
}

// reset puts the 1,000,000 old rows into the table t, and nothing else.
func (s server) reset(b *testing.B) {
	b.Helper()
	s.sql(b, "DROP TABLE IF EXISTS t, t_backup, tablesnap_run, tablesnap_audit, tablesnap_pin, tablesnap_goose_version; "+
		s.create("t")+"; INSERT INTO t SELECT * FROM m; "+
		"CREATE TABLE t_backup (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, doc_id TEXT, upload_timestamp TEXT, snapshot_version BIGINT,"+
		" email VARCHAR(80), name VARCHAR(80), department VARCHAR(20), country VARCHAR(8), salary INT, started DATE, badge CHAR(8), note VARCHAR(80),"+
		" KEY t_backup_snapshot (snapshot_version)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
}

// byHand does the steps in place, in one transaction, without a guard.
func (s server) byHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'; START TRANSACTION; "+
		fmt.Sprintf("INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %s) SELECT 'doc_1', '2026-01-01', 1, %s FROM t; ", columns, columns)+
		"DELETE FROM t; "+s.load("t", s.after)+"; COMMIT")
}

func (s server) apply(b *testing.B, args ...string) usage {
	b.Helper()
	return s.tablesnap(b, append([]string{"apply", s.after, "--table", "t", "--doc-id", "doc_2", "--yes"}, args...)...)
}

func (s server) tablesnap(b *testing.B, args ...string) usage {
	b.Helper()
	scheme := strings.TrimSuffix(s.name, "11")
	return run(b, nil, s.tool, append(args, "--dsn", fmt.Sprintf("%s://%s@%s/tablesnap_bench", scheme, s.dsn.User, s.dsn.Host))...)
}

// BenchmarkServersInPlace is the in-place upload against the same steps by hand.
func BenchmarkServersInPlace(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		pair(b, func() { s.reset(b) }, func() usage { return s.apply(b, "--strategy", "in-place") }, func() usage { return s.byHand(b) })
	})
}

// BenchmarkServersInsert is the same where the server takes no LOAD DATA LOCAL.
func BenchmarkServersInsert(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		pair(b, func() { s.reset(b) }, func() usage {
			s.sql(b, "SET GLOBAL local_infile = OFF")
			defer s.sql(b, "SET GLOBAL local_infile = ON")
			return s.apply(b, "--strategy", "in-place")
		}, func() usage { return s.byHand(b) })
	})
}

// BenchmarkServersSwap is the upload by swap against the steps in place by hand.
func BenchmarkServersSwap(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		pair(b, func() { s.reset(b) }, func() usage { return s.apply(b, "--strategy", "swap") }, func() usage { return s.byHand(b) })
	})
}

// BenchmarkServersSwapLock has a reader and a writer at the table while it is
// swapped, and reports the longest that each waited.
func BenchmarkServersSwapLock(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		config := mysqldriver.NewConfig()
		config.Net, config.Addr, config.User, config.DBName = "tcp", s.dsn.Host, s.dsn.User.Username(), "tablesnap_bench"
		connector, err := mysqldriver.NewConnector(config)
		if err != nil {
			b.Fatal(err)
		}
		db := sql.OpenDB(connector)
		defer db.Close()
		var read, write time.Duration
		for b.Loop() {
			s.reset(b)
			ctx, stop := context.WithCancel(context.Background())
			reader := hammer(ctx, b, db, func(int64) string { return "SELECT * FROM t WHERE badge = 'b0000007'" })
			writer := hammer(ctx, b, db, func(n int64) string { return fmt.Sprintf("REPLACE INTO t (email, badge) VALUES ('x', 'w%d')", n%1000) })
			s.apply(b, "--strategy", "swap")
			stop()
			read, write = max(read, <-reader), max(write, <-writer)
		}
		b.ReportMetric(float64(read.Milliseconds()), "ms/longest-read")
		b.ReportMetric(float64(write.Milliseconds()), "ms/longest-write")
		b.ReportMetric(0, "ns/op")
	})
}

// hammer runs one statement after another until ctx is done, and then tells how
// long the slowest took. None of them may fail.
func hammer(ctx context.Context, b *testing.B, db *sql.DB, statement func(n int64) string) <-chan time.Duration {
	slowest := make(chan time.Duration, 1)
	go func() {
		var longest time.Duration
		for n := int64(0); ctx.Err() == nil; n++ {
			began := time.Now()
			if _, err := db.ExecContext(context.Background(), statement(n)); err != nil {
				b.Errorf("%s: %v", statement(n), err)
			}
			longest = max(longest, time.Since(began))
			time.Sleep(time.Millisecond)
		}
		slowest <- longest
	}()
	return slowest
}
