package clustertest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/plan"
)

// fault is what happens to a node, and how it ends.
type fault struct {
	name         string
	begins, ends func(testservers.Node, testing.TB)
}

func faults() []fault {
	return []fault{
		{"killed", testservers.Node.Kill, testservers.Node.Start},
		{"paused", testservers.Node.Pause, func(n testservers.Node, t testing.TB) { n.Resume(t); n.Start(t) }},
	}
}

// TestFaultAtEachStep kills or pauses a node at each step of an upload: the node that
// uploads, or another one. While the node is away, the run is recovered on one that is
// left. When it is back, no node may have lost a row, and nothing of the run may commit
// after its recovery.
func TestFaultAtEachStep(t *testing.T) {
	onEachCluster(t, func(t *testing.T, c *cluster) {
		steps := c.stepsOfUpload(c.primaries()[0])
		for _, f := range faults() {
			for step := range steps {
				for _, hit := range []string{"the node that uploads", "another node"} {
					t.Run(fmt.Sprintf("%s at step %d of %d/%s", f.name, step+1, steps, hit), func(t *testing.T) {
						if testing.Short() && (f.name != "killed" || step != steps/2 || hit != "the node that uploads") {
							t.Skip("one fault is enough for a short run")
						}
						c := &cluster{T: t, all: c.all, dbs: c.dbs}
						node := c.primaries()[step%len(c.primaries())]
						victim := node
						if hit == "another node" {
							victim = c.others(node)[step%2]
						}
						c.faultAt(step, f, node, victim)
					})
				}
			}
		}
	})
}

// faultAt uploads on a node, and has a fault hit the victim when a step begins.
func (c *cluster) faultAt(step int, f fault, node, victim int) {
	c.Helper()
	c.seeOneAnother()
	c.startOver()
	began := 0
	err := c.upload(node, 1, shortLease, func(plan.Step) {
		if began++; began == step+1 {
			f.begins(c.all.Nodes[victim], c)
		}
	})
	c.Logf("the upload ended with: %v", err)
	c.tried("node "+f.name+" during an upload", 1)
	beside := c.primaryBeside(victim)
	made := c.recovered(beside)
	f.ends(c.all.Nodes[victim], c)
	c.seeOneAnother()
	if err == nil && !made {
		c.Error("the upload said that it was done, and its rows are not in the table")
	}
	if err != nil && made && !errors.As(err, new(*exec.CutOffError)) {
		c.Errorf("the upload said that the table is as it was, and its rows are in it: %v", err)
	}
	newest := 0
	if made {
		newest = 1
		c.versions(newest)
	}
	if err := c.upload(c.primaries()[0], newest+1, time.Minute, nil); err != nil {
		c.Errorf("the next upload: %v", err)
	}
	c.versions(newest + 1)
}

// seeOneAnother waits until each node sees all others, and answers. One that has just joined
// again may be known to one of them only, so that the loss of that one would leave no quorum.
// One that continues after a pause may not have noticed yet that it was excluded.
func (c *cluster) seeOneAnother() {
	c.Helper()
	seen := map[string]string{
		"galera":           "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'wsrep_cluster_size'",
		"groupreplication": "SELECT count(*) FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'",
	}[c.all.Name]
	wait.Until(c, "each node sees all others", func() bool {
		for _, db := range c.dbs {
			var n, kept int
			err := errors.Join(db.QueryRowContext(context.Background(), seen).Scan(&n),
				db.QueryRowContext(context.Background(), "SELECT count(*) FROM kept").Scan(&kept))
			if err != nil || n != len(c.dbs) {
				c.all.Start(c)
				return false
			}
		}
		return true
	})
}

// primaryBeside waits for a node that accepts writes and is not the victim.
func (c *cluster) primaryBeside(victim int) (node int) {
	c.Helper()
	wait.Until(c, "another node takes writes", func() bool {
		for _, node = range c.others(victim) {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			_, err := c.dbs[node].ExecContext(ctx, "DELETE FROM kept")
			cancel()
			if err == nil {
				return true
			}
		}
		return false
	})
	return node
}

// recovered recovers the run once its lease has ended, and reports whether the table has
// the rows of the upload.
func (c *cluster) recovered(node int) (made bool) {
	c.Helper()
	wait.Until(c, "recover gets the table", func() bool {
		_, err := c.client(node).Recover(context.Background(), "people", exec.DoRecover)
		// A node answers nobody before it has noticed that another one is gone.
		if err != nil && !errors.As(err, new(*exec.LockedError)) && !errors.As(err, new(*exec.StalledError)) {
			c.Errorf("recover: %v", err)
			return true
		}
		return err == nil
	})
	if err := c.dbs[node].QueryRowContext(context.Background(), "SELECT max(v) FROM people").Scan(&made); err != nil {
		c.Error(err)
	}
	return made
}
