package bench

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
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
			u, err := url.Parse(testservers.DSN(b, name))
			if err != nil {
				b.Fatal(err)
			}
			u.Path = "/tablesnap_bench"
			s := server{name: name, dsn: u, client: testservers.Client(b, name), dir: b.TempDir()}
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
	s.sql(b, "DROP TABLE IF EXISTS s, t, t_backup, tablesnap_run, tablesnap_audit, tablesnap_pin, tablesnap_lease, tablesnap_goose_version; "+
		s.create("t")+"; INSERT INTO t SELECT * FROM m; "+
		"CREATE TABLE t_backup (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, doc_id TEXT, upload_timestamp TEXT, snapshot_version BIGINT,"+
		" email VARCHAR(80), name VARCHAR(80), department VARCHAR(20), country VARCHAR(8), salary INT, started DATE, badge CHAR(8), note VARCHAR(80),"+
		" KEY t_backup_snapshot (snapshot_version)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
}

// rest waits for InnoDB to purge the rows that were deleted, which would take a
// core from the one of a pair, and not from the other.
func (s server) rest(b *testing.B) {
	b.Helper()
	if s.name == "tidb" {
		return
	}
	db := s.open(b)
	wait.Until(b, "the server has purged the rows that were deleted", func() bool {
		var transactions int
		if err := db.QueryRow("SELECT count FROM information_schema.innodb_metrics WHERE name = 'trx_rseg_history_len'").Scan(&transactions); err != nil {
			b.Fatal(err)
		}
		return transactions < 100
	})
}

// byHand does the steps in place, in one transaction, without a guard.
func (s server) byHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'; START TRANSACTION; "+
		fmt.Sprintf("INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %s) SELECT 'doc_1', '2026-01-01', 1, %s FROM t; ", columns, columns)+
		"DELETE FROM t; "+s.load("t", s.after)+"; COMMIT")
}

func (s server) old() string { return s.before }

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
// swapped, and reports the longest that each waited: in all, beside the load and
// the copy, and for the swap itself.
func BenchmarkServersSwapLock(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		db := s.open(b)
		var read, write, readAtSwap, writeAtSwap, swap time.Duration
		for b.Loop() {
			s.reset(b)
			ctx, stop := context.WithCancel(context.Background())
			reader := hammer(ctx, b, db, func(int64) string { return "SELECT * FROM t WHERE badge = 'b0000007'" })
			writer := hammer(ctx, b, db, func(n int64) string { return fmt.Sprintf("REPLACE INTO t (email, badge) VALUES ('x', 'w%d')", n%1000) })
			s.apply(b, "--strategy", "swap")
			stop()
			at := s.swap(b, db)
			reads, writes := <-reader, <-writer
			read, write = max(read, longest(reads)), max(write, longest(writes))
			readAtSwap, writeAtSwap = max(readAtSwap, longest(at.within(reads))), max(writeAtSwap, longest(at.within(writes)))
			swap = max(swap, at.took)
		}
		for name, d := range map[string]time.Duration{"read": read, "write": write, "read-at-swap": readAtSwap, "write-at-swap": writeAtSwap, "swap": swap} {
			b.ReportMetric(float64(d.Milliseconds()), "ms/"+name)
		}
		b.ReportMetric(0, "ns/op")
	})
}

func (s server) open(b *testing.B) *sql.DB {
	b.Helper()
	config := mysqldriver.NewConfig()
	config.Net, config.Addr, config.User, config.DBName = "tcp", s.dsn.Host, s.dsn.User.Username(), "tablesnap_bench"
	connector, err := mysqldriver.NewConnector(config)
	if err != nil {
		b.Fatal(err)
	}
	db := sql.OpenDB(connector)
	b.Cleanup(func() { db.Close() })
	return db
}

// moment is when something began, and how long it took.
type moment struct {
	began time.Time
	took  time.Duration
}

// swap is when the last run swapped the tables, as its audit says, with what
// prepares that.
func (s server) swap(b *testing.B, db *sql.DB) moment {
	b.Helper()
	var finished string
	var millis int64
	err := db.QueryRow("SELECT finished_at, duration_ms FROM tablesnap_audit WHERE kind = 'swap-tables' ORDER BY run_id DESC LIMIT 1").Scan(&finished, &millis)
	if err != nil {
		b.Fatal(err)
	}
	end, err := time.Parse(time.RFC3339Nano, finished)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Duration(millis) * time.Millisecond
	return moment{end.Add(-took), took}
}

// within are those that were under way at the moment, or some milliseconds off it:
// the audit is no more exact.
func (m moment) within(all []moment) []moment {
	const off = 20 * time.Millisecond
	var near []moment
	for _, o := range all {
		if o.began.Before(m.began.Add(m.took+off)) && o.began.Add(o.took).After(m.began.Add(-off)) {
			near = append(near, o)
		}
	}
	return near
}

func longest(all []moment) time.Duration {
	var most time.Duration
	for _, m := range all {
		most = max(most, m.took)
	}
	return most
}

// hammer runs a statement each millisecond until ctx is done, and then tells when
// each was. None of them may fail.
func hammer(ctx context.Context, b *testing.B, db *sql.DB, statement func(n int64) string) <-chan []moment {
	done := make(chan []moment, 1)
	go func() {
		var all []moment
		each := time.NewTicker(time.Millisecond)
		defer each.Stop()
		for n := int64(0); ctx.Err() == nil; n++ {
			began := time.Now()
			if _, err := db.ExecContext(context.Background(), statement(n)); err != nil {
				b.Errorf("%s: %v", statement(n), err)
			}
			all = append(all, moment{began, time.Since(began)})
			<-each.C
		}
		done <- all
	}()
	return done
}

// BenchmarkServersSwapKept is the upload by swap that keeps the old table, against a plain load
// of the file into a new table: what it takes beside the load does not depend on the rows.
func BenchmarkServersSwapKept(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		for _, rows := range []int{10_000, 100_000, 1_000_000} {
			b.Run(strconv.Itoa(rows), func(b *testing.B) {
				s := s.first(b, rows)
				pair(b, func() {
					s.reset(b)
					s.sql(b, fmt.Sprintf("DROP TABLE IF EXISTS n, t_preserved_v0; %s; TRUNCATE t; INSERT INTO t SELECT * FROM m ORDER BY badge LIMIT %d; ANALYZE TABLE t", s.create("n"), rows))
				}, func() usage { return s.apply(b, "--strategy", "swap", "--backup", "table") },
					func() usage { return s.sql(b, s.load("n", s.after)) })
			})
		}
	})
}

// first is the server with a file of the first rows.
func (s server) first(b *testing.B, rows int) server {
	b.Helper()
	from, err := os.Open(s.after)
	if err != nil {
		b.Fatal(err)
	}
	defer from.Close()
	s.after = filepath.Join(s.dir, fmt.Sprintf("first-%d.csv", rows))
	to, err := os.Create(s.after)
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewReader(from)
	for range rows + 1 { // and the header
		line, err := lines.ReadBytes('\n')
		if err == nil {
			_, err = to.Write(line)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		b.Fatal(err)
	}
	return s
}
