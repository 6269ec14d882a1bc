package clustertest_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
)

// upToDate are the settings with which a read sees everything that other nodes have
// committed.
var upToDate = map[string]map[string]string{
	"galera":           {"wsrep_sync_wait": "1"},
	"groupreplication": {"group_replication_consistency": "'BEFORE'"},
}

func onEachCluster(t *testing.T, f func(*testing.T, *cluster)) {
	on(t, []string{"galera", "groupreplication"}, f)
}

func on(t *testing.T, clusters []string, f func(*testing.T, *cluster)) {
	for _, name := range testservers.Named(clusters...) {
		t.Run(name, func(t *testing.T) { f(t, newCluster(t, name)) })
	}
}

func newCluster(t *testing.T, name string) *cluster {
	c := &cluster{T: t, all: testservers.NewCluster(t, name)}
	for _, n := range c.all.Nodes {
		c.dbs = append(c.dbs, n.Open(t, upToDate[name]))
	}
	c.write("DROP TABLE IF EXISTS kept")
	c.write("CREATE TABLE kept (n INT PRIMARY KEY)")
	return c
}

type cluster struct {
	*testing.T
	all *testservers.Cluster
	dbs []*sql.DB
}

// write runs a statement on the first node that accepts it. Secondaries and stopped nodes
// do not.
func (c *cluster) write(statement string) {
	c.Helper()
	var refusals []error
	wait.Until(c, "a node runs "+statement, func() bool {
		refusals = nil
		for _, db := range c.dbs {
			_, err := db.ExecContext(context.Background(), statement)
			if err == nil {
				return true
			}
			refusals = append(refusals, err)
		}
		return false
	})
	if c.Failed() {
		c.Fatal(refusals)
	}
}

// tried counts faults of a kind for docs/reliability.md.
func (c *cluster) tried(kind string, n int) {
	c.Helper()
	testservers.Tried(c, c.all.Name, kind, n)
}

// has checks the rows on a node.
func (c *cluster) has(node int, want string) {
	c.Helper()
	var got sql.NullString
	err := c.dbs[node].QueryRowContext(context.Background(), "SELECT GROUP_CONCAT(n ORDER BY n) FROM kept").Scan(&got)
	if err != nil || got.String != want {
		c.Errorf("%s has %q (%v), not %q", c.all.Nodes[node].Name, got.String, err, want)
	}
}

func (c *cluster) insert(n int) { c.Helper(); c.write(fmt.Sprintf("INSERT INTO kept VALUES (%d)", n)) }

// TestKilledNode kills each node in turn, including the one that took the writes.
func TestKilledNode(t *testing.T) {
	notShort(t)
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.insert(0)
		want := "0"
		for i, n := range c.all.Nodes {
			c.has(i, want)
			n.Kill(t)
			c.insert(i + 1)
			want += fmt.Sprintf(",%d", i+1)
			n.Start(t)
			for node := range c.all.Nodes {
				c.has(node, want)
			}
		}
	})
}

// TestPausedNode pauses a node until the others have excluded it.
func TestPausedNode(t *testing.T) {
	notShort(t)
	onEachCluster(t, func(t *testing.T, c *cluster) {
		last := len(c.all.Nodes) - 1
		c.has(last, "")
		c.all.Nodes[last].Pause(t)
		c.insert(1)
		c.all.Nodes[last].Resume(t)
		c.all.Nodes[last].Start(t)
		c.has(last, "1")
	})
}

// TestLostQuorum kills all nodes but one, so that it accepts no writes, and then all
// nodes.
func TestLostQuorum(t *testing.T) {
	notShort(t)
	onEachCluster(t, func(t *testing.T, c *cluster) {
		c.insert(1)
		for i, killed := range [][]testservers.Node{c.all.Nodes[1:], c.all.Nodes} {
			for _, n := range killed {
				n.Kill(t)
			}
			c.all.Start(t)
			c.insert(i + 2)
		}
		for node := range c.all.Nodes {
			c.has(node, "1,2,3")
		}
	})
}

// TestWhoTakesWrites checks that one node of a replication group accepts writes, or all
// in multi-primary mode, also after all nodes were killed.
func TestWhoTakesWrites(t *testing.T) {
	for _, name := range testservers.Named("groupreplication") {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, name)
			c.writers(1)
			c.all.MultiPrimary(t)
			c.writers(len(c.dbs))
			for _, n := range c.all.Nodes {
				n.Kill(t)
			}
			c.all.Start(t)
			c.writers(len(c.dbs))
		})
	}
}

// writers checks how many nodes accept writes.
func (c *cluster) writers(want int) {
	c.Helper()
	got := 0
	for _, db := range c.dbs {
		if _, err := db.ExecContext(context.Background(), "DELETE FROM kept"); err == nil {
			got++
		}
	}
	if got != want {
		c.Errorf("%d nodes take writes, not %d", got, want)
	}
}
