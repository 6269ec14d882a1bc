package clustertest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	// rows is the number of rows of each version. A run copies them in ten chunks.
	rows = 200
	// lockTimeout is the shortest that the servers allow. shortLease is a little longer.
	lockTimeout = time.Second
	shortLease  = 2 * time.Second
	shortStall  = 2 * time.Second
)

// client returns tablesnap's client for one node.
func (c *cluster) client(node int) *exec.Client {
	c.Helper()
	backend, err := mysql.BackendFor(context.Background(), c.dbs[node])
	if err != nil {
		c.Fatal(err)
	}
	return exec.New(c.dbs[node], backend, exec.Identity{Actor: c.all.Nodes[node].Name}).WithStallTimeout(shortStall)
}

// primaries returns the nodes that accept writes: all of a Galera cluster, the primary of
// a replication group.
func (c *cluster) primaries() (nodes []int) {
	c.Helper()
	for i, db := range c.dbs {
		var readOnly bool
		if err := db.QueryRowContext(context.Background(), "SELECT @@GLOBAL.super_read_only").Scan(&readOnly); err != nil {
			readOnly = false // Galera has no such setting
		}
		if !readOnly {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// others returns all nodes except one.
func (c *cluster) others(node int) (nodes []int) {
	for i := range c.dbs {
		if i != node {
			nodes = append(nodes, i)
		}
	}
	return nodes
}

// startOver recreates the table with version 0.
func (c *cluster) startOver() {
	c.Helper()
	for _, table := range []string{"people", "people_backup", "people" + dialect.ShadowSuffix, "people" + dialect.OldSuffix, "tablesnap_run", "tablesnap_audit", "tablesnap_pin", "tablesnap_lease", "tablesnap_goose_version"} {
		c.write("DROP TABLE IF EXISTS " + table)
	}
	c.write("CREATE TABLE people (n INT PRIMARY KEY, v INT)")
	var values []string
	for n := range rows {
		values = append(values, fmt.Sprintf("(%d,0)", n))
	}
	c.write("INSERT INTO people VALUES " + strings.Join(values, ","))
}

// upload uploads a version. It calls at when a step begins.
func (c *cluster) upload(node, version int, lease time.Duration, at func(plan.Step)) error {
	request := c.request(version, lease, "", "")
	request.Events = func(e exec.Event) {
		if e.Kind == exec.StepBegun && at != nil {
			at(e.Step)
		}
	}
	_, err := c.client(node).Upload(context.Background(), request)
	return err
}

// request is for an upload of a version. The file may have further columns, with the same
// values in each row.
func (c *cluster) request(version int, lease time.Duration, moreColumns, moreValues string) exec.Request {
	var b strings.Builder
	b.WriteString("n,v" + moreColumns + "\n")
	for n := range rows {
		fmt.Fprintf(&b, "%d,%d%s\n", n, version, moreValues)
	}
	return exec.Request{
		Table: "people", DocID: fmt.Sprintf("doc_%d", version), Source: rowsource.Bytes([]byte(b.String()), rowsource.Options{Name: fmt.Sprintf("v%d.csv", version)}),
		// Rows of the writers make the table larger than the files.
		Options: plan.Options{Strategy: dialect.Swap, ChunkRows: rows / 10, LockTimeout: lockTimeout, Lease: lease, MaxShrink: new(int)},
	}
}

// versions checks on each node that the table has the rows of the newest version, and the
// backup those of all earlier versions, each once.
func (c *cluster) versions(newest int) {
	c.Helper()
	for node, db := range c.dbs {
		count := func(query string, args ...any) (n int) {
			if err := db.QueryRowContext(context.Background(), query, args...).Scan(&n); err != nil {
				c.Errorf("%s: %s: %v", c.all.Nodes[node].Name, query, err)
			}
			return n
		}
		if n := count("SELECT count(*) FROM people WHERE v = ?", newest); n != rows {
			c.Errorf("%s: the table has %d rows of version %d", c.all.Nodes[node].Name, n, newest)
		}
		for v := range newest {
			if n := count("SELECT count(*) FROM people_backup WHERE v = ? AND snapshot_version = ?", v, v); n != rows {
				c.Errorf("%s: the backup has %d rows of version %d", c.all.Nodes[node].Name, n, v)
			}
		}
		if n, want := count("SELECT count(*) FROM people_backup"), newest*rows; n != want {
			c.Errorf("%s: the backup has %d rows, not %d", c.all.Nodes[node].Name, n, want)
		}
	}
}

// TestRecoverBesideARun recovers on every other node when each step of a run begins. No
// recovery may take the run for one that was cut off.
func TestRecoverBesideARun(t *testing.T) {
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.startOver()
		tries, uploads := 0, 10 // more than 100 tries
		if testing.Short() {
			uploads = 1
		}
		for version := 1; version <= uploads; version++ {
			node := c.primaries()[version%len(c.primaries())]
			err := c.upload(node, version, time.Minute, func(plan.Step) {
				for _, other := range c.others(node) {
					// Without a timeout, Recover would wait for the run as long as its
					// lease is held.
					ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
					done, err := c.client(other).Recover(ctx, "people", exec.DoRecover)
					cancel()
					if tries++; len(done) > 0 {
						t.Errorf("%s has recovered a run that lives: %v", c.all.Nodes[other].Name, done)
					}
					var locked *exec.LockedError
					var refused *plan.RefusedError
					if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &locked) && !errors.As(err, &refused) {
						t.Errorf("%s: %v", c.all.Nodes[other].Name, err)
					}
				}
			})
			if err != nil {
				t.Fatalf("version %d: %v", version, err)
			}
			c.versions(version)
		}
		c.tried("recover on another node beside a run", tries)
	})
}

// TestLeaseEnds stops a run in each of its steps in turn, until another node has
// recovered it. From then on, the run must not commit, and no row may be lost. A
// replication group is left out, because the lock on its only primary shows whether a run
// is alive.
func TestLeaseEnds(t *testing.T) {
	notShort(t)
	on(t, []string{"galera"}, func(t *testing.T, c *cluster) {
		writers := c.primaries()
		steps := c.stepsOfUpload(writers[0])
		for stop := range steps {
			c.startOver()
			node, other := writers[stop%len(writers)], writers[(stop+1)%len(writers)]
			c.dbs[node].SetMaxOpenConns(1) // leaves no connection to renew the lease on
			began := 0
			err := c.upload(node, 1, shortLease, func(s plan.Step) {
				if began++; began-1 != stop {
					return
				}
				wait.Until(t, "the lease of a run in "+s.ID+" ends", func() bool {
					done, err := c.client(other).Recover(context.Background(), "people", exec.DoRecover)
					if err != nil && !errors.As(err, new(*exec.LockedError)) {
						t.Errorf("recover a run that stands in %s: %v", s.ID, err)
						return true
					}
					return len(done) > 0
				})
			})
			c.dbs[node].SetMaxOpenConns(0)
			c.tried("lease ended during a run", 1)
			if err == nil {
				t.Errorf("a run that stood in step %d goes on although its table was taken over", stop)
			}
			c.settle(other)
		}
	})
}

// notShort leaves a test out of short runs, which kill no more than one node.
func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out of short runs")
	}
}

func (c *cluster) stepsOfUpload(node int) (n int) {
	c.Helper()
	c.startOver()
	if err := c.upload(node, 1, time.Minute, func(plan.Step) { n++ }); err != nil {
		c.Fatal(err)
	}
	return n
}

// settle runs a recovery and checks that the table has one complete version, and the
// backup all earlier ones.
func (c *cluster) settle(node int) {
	c.Helper()
	if _, err := c.client(node).Recover(context.Background(), "people", exec.DoRecover); err != nil {
		c.Errorf("recover: %v", err)
	}
	var newest int
	if err := c.dbs[node].QueryRowContext(context.Background(), "SELECT max(v) FROM people").Scan(&newest); err != nil {
		c.Error(err)
	}
	if newest == 0 {
		return // the upload was undone; the next run copies to the backup again
	}
	c.versions(newest)
}

// TestUploadsOnAllNodes uploads on all nodes at once. Each upload gets its own version or
// is refused because of another one.
func TestUploadsOnAllNodes(t *testing.T) {
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.startOver()
		writers := c.primaries()
		for round := range 3 {
			failed := make([]error, len(writers))
			var all sync.WaitGroup
			for i, node := range writers {
				all.Go(func() { failed[i] = c.upload(node, 100*round+i+1, time.Minute, nil) })
			}
			all.Wait()
			c.tried("upload at the same time as others", len(writers))
			done := 0
			for i, err := range failed {
				switch {
				case err == nil:
					done++
				case !errors.As(err, new(*exec.LockedError)) && !errors.As(err, new(*exec.DriftError)):
					t.Errorf("%s: %v", c.all.Nodes[writers[i]].Name, err)
				}
			}
			if done == 0 {
				t.Errorf("of the uploads of round %d none was done: %v", round, failed)
			}
		}
		c.everyVersionOnce()
	})
}

// everyVersionOnce checks that the backup has each replaced version once and complete.
func (c *cluster) everyVersionOnce() {
	c.Helper()
	ctx := context.Background()
	for node, db := range c.dbs {
		var runs, snapshots, mixed int
		for query, into := range map[string]*int{
			"SELECT count(*) FROM tablesnap_run WHERE state = 'done'":    &runs,
			"SELECT count(DISTINCT snapshot_version) FROM people_backup": &snapshots,
			`SELECT count(*) FROM (SELECT snapshot_version FROM people_backup GROUP BY snapshot_version
				HAVING count(*) <> 200 OR count(DISTINCT v) <> 1) AS wrong`: &mixed,
		} {
			if err := db.QueryRowContext(ctx, query).Scan(into); err != nil {
				c.Error(err)
			}
		}
		if snapshots != runs || mixed > 0 {
			c.Errorf("%s: %d runs are done, and the backup has %d versions, %d of which are not whole", c.all.Nodes[node].Name, runs, snapshots, mixed)
		}
	}
}

// TestNodeThatLags checks that a node that is not synced is refused until it is synced
// again.
func TestNodeThatLags(t *testing.T) {
	on(t, []string{"galera"}, func(t *testing.T, c *cluster) {
		c.startOver()
		set := func(value string) {
			if _, err := c.dbs[1].ExecContext(context.Background(), "SET GLOBAL wsrep_desync = "+value); err != nil {
				t.Fatal(err)
			}
		}
		set("ON")
		err := c.upload(1, 1, time.Minute, nil)
		if !errors.As(err, new(*plan.RefusedError)) || !strings.Contains(err.Error(), "Synced") {
			t.Errorf("upload on a node that lags: %v", err)
		}
		set("OFF")
		wait.Until(t, "the node is synced", func() bool { return c.upload(1, 1, time.Minute, nil) == nil })
		c.versions(1)
	})
}

// TestReplicationGroupRefuses checks that tablesnap refuses tables without a primary key
// and groups with several primaries.
func TestReplicationGroupRefuses(t *testing.T) {
	on(t, []string{"groupreplication"}, func(t *testing.T, c *cluster) {
		c.startOver()
		primary := c.primaries()[0]
		refused := func(what, says string) {
			t.Helper()
			err := c.upload(primary, 1, time.Minute, nil)
			if !errors.As(err, new(*plan.RefusedError)) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", what, err)
			}
		}
		c.write("ALTER TABLE people DROP PRIMARY KEY")
		refused("a table without a primary key", "primary key")
		c.startOver()
		if err := c.upload(primary, 1, time.Minute, nil); err != nil {
			t.Fatal(err)
		}
		c.versions(1)
		c.all.MultiPrimary(t)
		refused("a group of many primaries", "multi-primary")
	})
}
