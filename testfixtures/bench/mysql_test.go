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

	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// server is one of the MySQL family, as TABLESNAP_TEST_* names it.
type server struct {
	name   string
	dsn    *url.URL
	client string
	rows   string // the file of new ones
}

// familyOfMySQL are the servers that the benchmarks know; those without a DSN are skipped.
var familyOfMySQL = []string{"mysql", "mariadb", "mariadb11", "tidb"}

// onServers runs a benchmark on each server of the family that is there, with 1,000,000 rows.
func onServers(b *testing.B, run func(b *testing.B, s server)) {
	for _, name := range familyOfMySQL {
		b.Run(name, func(b *testing.B) { run(b, newServer(b, name, million)) })
	}
}

// newServer has the old rows in the table m.
func newServer(b *testing.B, name string, rows int) server {
	b.Helper()
	u, err := url.Parse(testservers.DSN(b, name))
	if err != nil {
		b.Fatal(err)
	}
	u.Path = "/tablesnap_bench"
	s := server{name: name, dsn: u, client: testservers.Client(b, name), rows: newRows(b, rows)}
	s.sqlIn(b, "", "DROP DATABASE IF EXISTS tablesnap_bench; CREATE DATABASE tablesnap_bench CHARACTER SET utf8mb4")
	b.Cleanup(func() { s.sqlIn(b, "", "DROP DATABASE IF EXISTS tablesnap_bench") })
	if s.purges() {
		// Otherwise what was purged counts as waiting until there is much of it.
		s.sqlIn(b, "", "SET GLOBAL innodb_purge_rseg_truncate_frequency = 1")
	}
	s.sql(b, s.create("m")+"; "+s.loadInto("m", oldRows(b, rows)))
	return s
}

func (s server) file() string              { return s.rows }
func (s server) with(file string) database { s.rows = file; return s }

func (s server) create(table string) string {
	return "CREATE TABLE " + table + " (email VARCHAR(80) NOT NULL, name VARCHAR(80), department VARCHAR(20), country VARCHAR(8)," +
		" salary INT, started DATE, badge CHAR(8) NOT NULL PRIMARY KEY, note VARCHAR(80), KEY (email)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
}

func (s server) loadInto(table, file string) string {
	return fmt.Sprintf(`LOAD DATA LOCAL INFILE '%s' INTO TABLE %s CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' IGNORE 1 LINES (%s)`, file, table, columns)
}

func (server) loading(table, file string, columns []string) string {
	return fmt.Sprintf("LOAD DATA LOCAL INFILE '%s' INTO TABLE %s FIELDS TERMINATED BY ',' IGNORE 1 LINES (%s);\n", file, table, strings.Join(columns, ", "))
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

// reset makes the tables anew, and reads the one that has rows: TiDB answers a commit before all
// of it is written, and who reads first waits for that.
func (s server) reset(b *testing.B) {
	b.Helper()
	s.sql(b, "DROP TABLE IF EXISTS s, n, t, t_backup, t_preserved_v0, tablesnap_run, tablesnap_audit, tablesnap_pin, tablesnap_lease, tablesnap_goose_version; "+
		s.create("n")+"; "+s.create("t")+"; INSERT INTO t SELECT * FROM m; ANALYZE TABLE t; SELECT count(*) FROM t; "+
		"CREATE TABLE t_backup (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, doc_id TEXT, upload_timestamp TEXT, snapshot_version BIGINT,"+
		" email VARCHAR(80), name VARCHAR(80), department VARCHAR(20), country VARCHAR(8), salary INT, started DATE, badge CHAR(8), note VARCHAR(80),"+
		" KEY t_backup_snapshot (snapshot_version)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
	s.rest(b)
}

// purges states that the server removes deleted rows later.
func (s server) purges() bool { return s.name != "tidb" }

// rest waits for InnoDB to purge the rows that were deleted, which would take a
// core from the one of a pair, and not from the other.
func (s server) rest(b *testing.B) {
	b.Helper()
	if !s.purges() {
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

func (s server) replaceByHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'; START TRANSACTION; "+copied()+"DELETE FROM t; "+s.loadInto("t", s.rows)+"; COMMIT")
}

func (s server) load(b *testing.B) usage { b.Helper(); return s.sql(b, s.loadInto("n", s.rows)) }

// syncByHand loads a stage, which is a table as tablesnap's is, and changes the rows that
// differ in one transaction.
func (s server) syncByHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "SET SESSION sql_mode = 'STRICT_ALL_TABLES';\n"+
		strings.Replace(s.create("s"), ", KEY (email)", "", 1)+";\n"+s.loadInto("s", s.rows)+";\nSTART TRANSACTION;\n"+
		syncedByHand("DELETE t FROM t LEFT JOIN s ON s.badge = t.badge WHERE s.badge IS NULL",
			"UPDATE t JOIN s ON s.badge = t.badge SET "+each("t.%[1]s = s.%[1]s", ", ")+" WHERE NOT ("+each("t.%[1]s <=> s.%[1]s", " AND ")+")")+
		"DROP TABLE s;\n")
}

func (s server) tablesnap(b *testing.B, args ...string) usage {
	b.Helper()
	scheme := strings.TrimSuffix(s.name, "11")
	return run(b, nil, tool(b), append(args, "--dsn", fmt.Sprintf("%s://%s@%s/tablesnap_bench", scheme, s.dsn.User, s.dsn.Host))...)
}

// BenchmarkInsert replaces rows in place where the server takes no LOAD DATA LOCAL.
func BenchmarkInsert(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		pair(b, func() { s.reset(b) }, func() usage {
			s.sql(b, "SET GLOBAL local_infile = OFF")
			defer s.sql(b, "SET GLOBAL local_infile = ON")
			return apply(b, s, "--strategy", "in-place")
		}, func() usage { return s.replaceByHand(b) })
	})
}

// BenchmarkSwapLock has a reader and a writer at the table while it is
// swapped, and reports the longest that each waited: in all, beside the load and
// the copy, and for the swap itself.
func BenchmarkSwapLock(b *testing.B) {
	onServers(b, func(b *testing.B, s server) {
		db := s.open(b)
		var read, write, readAtSwap, writeAtSwap, swap time.Duration
		uploads := 0
		for ; b.Loop(); uploads++ {
			s.reset(b)
			ctx, stop := context.WithCancel(context.Background())
			reader := hammer(ctx, b, db, func(int64) string { return "SELECT * FROM t WHERE badge = 'b0000007'" })
			writer := hammer(ctx, b, db, func(n int64) string { return fmt.Sprintf("REPLACE INTO t (email, badge) VALUES ('x', 'w%d')", n%1000) })
			apply(b, s, "--strategy", "swap")
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
		b.ReportMetric(float64(uploads), "uploads")
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
