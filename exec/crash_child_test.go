package exec_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	osexec "os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// job is the work of a child process. The test binary starts itself again as the child, so
// that the tests kill a real process with a real connection.
type job struct {
	Server string
	DSN    string
	Way    way
	Does   string
	Doc    string
	Rows   []string
	Checks checking
	// Kill is the number of the statement at which the child kills itself. If it is 0, the
	// child is not killed.
	Kill int
	When moment
}

// The values of job.Does.
const (
	uploads  = "upload"
	sets     = "upload of a set"
	keeps    = "upload that keeps the old table"
	recovers = "recover"
	prunes   = "prune"
)

// moment is when a child kills itself.
type moment string

const (
	// before means after the answer to the previous statement.
	before moment = "before"
	// sent means that the server gets the statement, but the child does not read the
	// answer.
	sent moment = "sent"
)

const childVariable = "TABLESNAP_CRASH_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		var j job
		if err := json.Unmarshal([]byte(text), &j); err != nil {
			panic(err)
		}
		if err := j.run(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// run does the job, and prints the statements that it sent.
func (j job) run() error {
	recorder, fuse := &conformance.Recorder{}, &fuse{}
	n := 0
	recorder.BeforeEach(func(string) {
		if n++; n != j.Kill {
			return
		}
		if j.When == before {
			die()
		}
		fuse.armed.Store(true)
	})
	d := databaseOf(j.Server)
	db := sql.OpenDB(d.recorded(j.DSN, recorder, fuse))
	defer db.Close()
	client := exec.New(db, d.backend, exec.Identity{Actor: "child"})
	var err error
	switch j.Does {
	case recovers:
		_, err = client.Recover(context.Background(), panel, exec.DoRecover)
	case sets:
		_, err = client.UploadSet(context.Background(), crashSet(j.Way, j.Doc, j.Rows))
	case keeps:
		_, err = client.Upload(context.Background(), crashKeeping(d.backend, j.Doc, j.Rows))
	case prunes:
		_, _, err = client.Prune(context.Background(), pruneRequest(slices.Sorted(maps.Keys(prunedVersions))...))
	default:
		_, err = client.Upload(context.Background(), j.Checks.of(crashRequest(j.Way, j.Doc, j.Rows)))
		if _, refused := errors.AsType[*exec.CheckError](err); refused && j.Checks == refusing {
			err = nil
		}
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(recorder.Sent())
}

// panel is the table that all uploads go to.
const panel = "hr_panel"

// panelIndex is an index of it, which is made after the rows where that is faster.
const panelIndex = "hr_panel_by_email"

func crashRequest(way way, doc string, emails []string) exec.Request {
	rows := make([][]any, len(emails))
	for i, email := range emails {
		rows[i] = []any{email}
	}
	options := plan.Options{Create: true, Strategy: way.Strategy, Clear: way.Clear, IndexesAfter: 1, Allow: plan.Codes()}
	if way.Strategy == dialect.Swap {
		options.ChunkRows = max(2, len(rows)/4) // so that a copy has several transactions
	}
	if way.Strategy == dialect.Sync {
		options.Key = []string{"email"} // the first upload makes the table, without a key
	}
	return exec.Request{Table: panel, Kind: plan.Panel(), DocID: doc, UploadTimestamp: "time of " + doc,
		Source: rowsource.Rows("crash", []string{"email"}, rows), Options: options}
}

// fuse kills the process after it has sent the next packet, if it is armed.
type fuse struct {
	armed atomic.Bool
	// unseen, if not nil, is called before a statement that does not go through
	// database/sql is sent.
	unseen func(statement string)
}

type fusedConn struct {
	net.Conn
	fuse *fuse
}

func (c fusedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.fuse.armed.Load() {
		die()
	}
	return n, err
}

// die is kill -9: no deferred call runs, and no connection is closed properly.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// child runs a job in a process of its own. It returns the statements that the process
// has sent, unless the process was killed.
func child(t *testing.T, j job) (statements []string, killed bool) {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(text))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || status.Signal() != syscall.SIGKILL {
			t.Fatalf("%s, to be killed %s statement %d: %v: %s", j.Does, j.When, j.Kill, err, said.String())
		}
		return nil, true
	}
	if err := json.Unmarshal(out, &statements); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return statements, false
}
