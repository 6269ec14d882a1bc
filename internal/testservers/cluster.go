package testservers

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// Cluster is a cluster that servers.sh has started. One test at a time may have it,
// since the test may kill its nodes.
type Cluster struct {
	// Name is galera or groupreplication.
	Name  string
	Nodes []Node
}

// IsCluster reports whether a name is that of a cluster, and not of a single server.
func IsCluster(name string) bool { return name == "galera" || name == "groupreplication" }

// Node is one server of a cluster.
type Node struct {
	// Name is that of testfixtures/servers, such as galera.1.
	Name string
	DSN  string
}

// NewCluster starts the nodes that are down, and does so again after the test. Without
// the cluster's DSNs the test ends, as in [DSN]. A cluster of the user's own will not
// do: only servers.sh can kill nodes and start them.
func NewCluster(t testing.TB, name string) *Cluster {
	t.Helper()
	dsn := DSN(t, name)
	if env := run(t, "env", name); !strings.Contains(env, "'"+dsn+"'") {
		t.Fatalf("%s names another cluster than servers.sh env %[2]s, and tests kill its nodes: use the one of servers.sh start %[2]s", Variable(name), name)
	}
	c := &Cluster{Name: name}
	for i, dsn := range strings.Fields(dsn) {
		c.Nodes = append(c.Nodes, Node{fmt.Sprintf("%s.%d", name, i+1), dsn})
	}
	c.Start(t)
	t.Cleanup(func() { c.Start(t) })
	return c
}

// Start has all nodes take part in the cluster, and returns when they do. Without a
// quorum, the node with the most transactions founds the cluster anew.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	run(t, "start", c.Name)
}

// MultiPrimary has every node of a replication group take writes until the test ends.
func (c *Cluster) MultiPrimary(t testing.TB) {
	t.Helper()
	mode := func(mode string) {
		if _, err := c.Nodes[0].Open(t, nil).ExecContext(context.Background(), "DO group_replication_switch_to_"+mode+"_primary_mode()"); err != nil {
			t.Errorf("switch to the %s-primary mode: %v", mode, err)
		}
	}
	mode("multi")
	t.Cleanup(func() { mode("single") })
}

// Kill ends the server with kill -9.
func (n Node) Kill(t testing.TB) { t.Helper(); run(t, "kill", n.Name) }

// Pause stops the server's processes where they are, with SIGSTOP: its clients wait,
// and the other nodes take it for dead after a while.
func (n Node) Pause(t testing.TB) { t.Helper(); run(t, "pause", n.Name) }

// Resume lets a paused server go on. It may have to rejoin, which [Node.Start] waits
// for.
func (n Node) Resume(t testing.TB) { t.Helper(); run(t, "resume", n.Name) }

// Start has the node take part in the cluster, and returns when it has all that the
// others have (Synced or ONLINE). The nodes that run must have a quorum.
func (n Node) Start(t testing.TB) { t.Helper(); run(t, "start", n.Name) }

// Open connects to the node's empty database. Settings hold in each session.
func (n Node) Open(t testing.TB, settings map[string]string) *sql.DB {
	t.Helper()
	config := driverConfig(t, n.Name, n.DSN)
	config.DBName, config.Params = "tablesnap_test", settings
	connector, err := mysqldriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return db
}

// run has servers.sh do something, and returns what it wrote to standard output.
func run(t testing.TB, command, name string) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	cmd := exec.Command(filepath.Join(filepath.Dir(here), "..", "..", "testfixtures", "servers", "servers.sh"), command, name)
	var said strings.Builder
	cmd.Stderr, cmd.Env = &said, os.Environ()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("servers.sh %s %s: %v: %s", command, name, err, said.String())
	}
	return strings.TrimSpace(string(out))
}
