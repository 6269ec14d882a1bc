package clustertest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// firstOwn is the lowest key of a row that a writer inserts. Files have lower ones.
const firstOwn = 1_000

// crowd writes to the table and reads it while a test uploads.
type crowd struct {
	c       *cluster
	parting atomic.Bool
	members sync.WaitGroup
	ids     atomic.Int64
	reads   atomic.Int64

	mu sync.Mutex
	// written has the last value that each row of the writers was given.
	written map[int64]int
	writes  int
}

// newCrowd has a writer on each of the given nodes, and a reader on every node.
func (c *cluster) newCrowd(writers []int) *crowd {
	w := &crowd{c: c, written: map[int64]int{}}
	w.ids.Store(firstOwn)
	for _, node := range writers {
		w.member(func() { w.write(c.dbs[node]) })
	}
	for node := range c.dbs {
		w.member(func() { w.read(node) })
	}
	return w
}

func (w *crowd) member(works func()) {
	w.members.Go(func() {
		for !w.parting.Load() && !w.c.Failed() {
			works()
		}
	})
}

// write inserts a row, and changes it, unless a swap has taken it away by then.
func (w *crowd) write(db *sql.DB) {
	id := w.ids.Add(1)
	if w.change(db, "INSERT INTO people VALUES (?, -1)", id) {
		w.wrote(id, -1)
		if w.change(db, "UPDATE people SET v = -2 WHERE n = ?", id) {
			w.wrote(id, -2)
		}
	}
}

func (w *crowd) wrote(id int64, value int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written[id] = value
	w.writes++
}

// change reports whether a statement has changed a row.
func (w *crowd) change(db *sql.DB, statement string, args ...any) bool {
	res, err := db.ExecContext(context.Background(), statement, args...)
	var n int64
	if err == nil {
		n, err = res.RowsAffected()
	}
	if err != nil && !isConflict(err) {
		w.c.Errorf("a writer: %s: %v", statement, err)
	}
	return err == nil && n == 1
}

// isConflict reports whether the server has undone a statement in favour of another one.
func isConflict(err error) bool {
	const lockWaitTimeout, deadlock, conflictAtCommit = 1205, 1213, 3101
	var e *mysqldriver.MySQLError
	return errors.As(err, &e) && (e.Number == lockWaitTimeout || e.Number == deadlock || e.Number == conflictAtCommit)
}

// read checks that the table has the rows of one whole version.
func (w *crowd) read(node int) {
	var count, versions int
	err := w.c.dbs[node].QueryRowContext(context.Background(), "SELECT count(*), count(DISTINCT v) FROM people WHERE n < ?", firstOwn).Scan(&count, &versions)
	switch {
	case err == nil && (count != rows || versions != 1):
		w.c.Errorf("%s: a reader saw %d rows of %d versions", w.c.all.Nodes[node].Name, count, versions)
	case err != nil && !isConflict(err):
		w.c.Errorf("%s: a reader: %v", w.c.all.Nodes[node].Name, err)
	}
	w.reads.Add(1)
}

// part ends the crowd. It checks that each node has every row of the writers once, with
// its last value: in the table, or in the backup.
func (w *crowd) part() {
	w.c.Helper()
	w.parting.Store(true)
	w.members.Wait()
	for node := range w.c.dbs {
		found := map[int64]int{}
		for _, row := range w.c.pairs(node, "SELECT n, v FROM people WHERE n >= ? UNION ALL SELECT n, v FROM people_backup WHERE n >= ?", firstOwn, firstOwn) {
			if _, twice := found[row[0]]; twice {
				w.c.Errorf("%s has row %d twice", w.c.all.Nodes[node].Name, row[0])
			}
			found[row[0]] = int(row[1])
		}
		if diff := cmp.Diff(w.written, found); diff != "" {
			w.c.Errorf("%s: the rows of the writers (-written +found):\n%s", w.c.all.Nodes[node].Name, diff)
		}
	}
	w.c.tried("write beside uploads", w.writes)
	w.c.tried("read beside uploads", int(w.reads.Load()))
}

// pairs returns the rows of a query for two numbers.
func (c *cluster) pairs(node int, query string, args ...any) (found [][2]int64) {
	c.Helper()
	r, err := c.dbs[node].QueryContext(context.Background(), query, args...)
	if err != nil {
		c.Fatalf("%s: %s: %v", c.all.Nodes[node].Name, query, err)
	}
	defer r.Close()
	for r.Next() {
		var row [2]int64
		if err := r.Scan(&row[0], &row[1]); err != nil {
			c.Fatal(err)
		}
		found = append(found, row)
	}
	if err := r.Err(); err != nil {
		c.Fatal(err)
	}
	return found
}

// TestUploadsBesideWriters uploads on one node, while rows are written on the others and
// read on all. In a replication group, rows are written on the only node that takes them.
func TestUploadsBesideWriters(t *testing.T) {
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.startOver()
		node := c.primaries()[0]
		writers := c.others(node)
		if c.all.Name == "groupreplication" {
			writers = []int{node, node}
		}
		uploads, waited := 30, 0
		if testing.Short() {
			uploads = 3
		}
		crowd := c.newCrowd(writers)
		for version := 1; version <= uploads; version++ {
			wait.Until(t, "an upload gets the lock for its rename", func() bool {
				err := c.upload(node, version, time.Minute, nil)
				if errors.As(err, new(*exec.LockedError)) {
					waited++
					return false
				}
				if err != nil {
					t.Errorf("upload %d: %v", version, err)
				}
				return true
			})
		}
		crowd.part()
		for node := range c.dbs {
			for _, snapshot := range c.pairs(node, "SELECT snapshot_version, count(*) FROM people_backup WHERE n < ? AND v = snapshot_version GROUP BY snapshot_version", firstOwn) {
				if snapshot[1] != rows {
					t.Errorf("%s: the snapshot of version %d has %d rows", c.all.Nodes[node].Name, snapshot[0], snapshot[1])
				}
			}
			if all := c.pairs(node, "SELECT count(*), count(DISTINCT snapshot_version) FROM people_backup WHERE n < ?", firstOwn)[0]; all != [2]int64{int64(uploads * rows), int64(uploads)} {
				t.Errorf("%s: the backup has %d rows of %d versions", c.all.Nodes[node].Name, all[0], all[1])
			}
		}
		c.tried("upload beside writers", uploads)
		t.Logf("%d of the uploads tried again because of a lock", waited)
	})
}

// TestReadsBesideDefinitions reads on one node in every way, while other programs define
// other tables on the other nodes. A node of Galera aborts queries for that.
func TestReadsBesideDefinitions(t *testing.T) {
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.startOver()
		node := c.primaries()[0]
		for version := 1; version <= 2; version++ {
			if err := c.upload(node, version, time.Minute, nil); err != nil {
				t.Fatal(err)
			}
		}
		var done atomic.Bool
		var others sync.WaitGroup
		for i, other := range c.primaries() {
			others.Go(func() {
				for n := 0; !done.Load() && !t.Failed(); n++ {
					table := fmt.Sprintf("defined_%d_%d", i, n%5)
					for _, s := range []string{"CREATE TABLE %s (n INT PRIMARY KEY)", "ALTER TABLE %s ADD COLUMN v INT, ADD KEY (v)", "DROP TABLE %s"} {
						if _, err := c.dbs[other].ExecContext(context.Background(), fmt.Sprintf(s, table)); err != nil && !isConflict(err) {
							t.Errorf("another program on %s: %v", c.all.Nodes[other].Name, err)
						}
					}
				}
			})
		}
		rounds := 100
		if testing.Short() {
			rounds = 5
		}
		client, version := c.client(node), int64(1)
		for range rounds {
			w, err := rowsource.NewWriter(io.Discard, rowsource.FormatCSV, "")
			if err != nil {
				t.Fatal(err)
			}
			if n, err := client.Export(context.Background(), exec.ExportRequest{Table: "people", Version: &version}, w); err != nil || n != rows {
				t.Errorf("export: %d rows, %v", n, err)
			}
			if _, err := client.Diff(context.Background(), exec.DiffRequest{Table: "people"}, nil); err != nil {
				t.Errorf("diff: %v", err)
			}
			if _, err := client.BackupHistory(context.Background(), "people", 0); err != nil {
				t.Errorf("history: %v", err)
			}
			if _, err := client.Audit(context.Background(), exec.RunFilter{Table: "people"}); err != nil {
				t.Errorf("audit: %v", err)
			}
		}
		done.Store(true)
		others.Wait()
		c.tried("read beside definitions", 4*rounds)
	})
}

// TestWriteSetLimit uploads a table that no transaction of the cluster could hold. If the
// limit is only lowered after the plan was made, the error says what to do.
func TestWriteSetLimit(t *testing.T) {
	limits := map[string]string{"galera": "wsrep_max_ws_size", "groupreplication": "group_replication_transaction_size_limit"}
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.startOver()
		node := c.primaries()[0]
		c.write("ALTER TABLE people ADD COLUMN note TEXT")
		note := strings.Repeat("x", 2000) // 400 kB with all rows
		c.write("UPDATE people SET note = '" + note + "'")
		c.write("ANALYZE TABLE people")
		limit := func(bytes string) {
			for _, db := range c.dbs {
				if _, err := db.ExecContext(context.Background(), "SET GLOBAL "+limits[c.all.Name]+" = "+bytes); err != nil {
					t.Fatal(err)
				}
			}
		}
		var was string
		if err := c.dbs[node].QueryRowContext(context.Background(), "SELECT @@GLOBAL."+limits[c.all.Name]).Scan(&was); err != nil {
			t.Fatal(err)
		}
		defer limit(was)
		const small = "100000"
		limit(small)
		request := c.request(1, time.Minute, ",note", ","+note)
		request.Options.ChunkRows = 0 // as the plan finds fit
		if _, err := c.client(node).Upload(context.Background(), request); err != nil {
			t.Fatalf("upload more than a transaction may hold: %v", err)
		}
		c.versions(1)
		c.write("ANALYZE TABLE people")
		request = c.request(2, time.Minute, ",note", ","+note)
		request.Options.ChunkRows = 0
		p, err := c.client(node).Plan(context.Background(), request)
		if err != nil {
			t.Fatal(err)
		}
		limit(strconv.Itoa(chunkOf(t, p) * len(note) / 2))
		_, err = c.client(node).Run(context.Background(), p, request.Source, nil)
		if err == nil || !strings.Contains(err.Error(), limits[c.all.Name]) || !strings.Contains(err.Error(), "is as it was") {
			t.Errorf("a chunk that became too large: %v", err)
		}
		limit(small)
		c.versions(1)
	})
}

// chunkOf returns the number of rows that p loads in a transaction.
func chunkOf(t *testing.T, p plan.Plan) int {
	t.Helper()
	for _, s := range p.Steps() {
		if s.Load != nil && s.Load.ChunkRows > 1 {
			return s.Load.ChunkRows
		}
	}
	t.Fatal("the plan does not load in chunks of several rows")
	return 0
}
