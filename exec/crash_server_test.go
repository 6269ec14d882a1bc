//go:build crash

package exec_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/wait"
	"github.com/tablesnap/tablesnap/rowsource"
)

// killVariable lists servers of testfixtures/servers that TestKilledServer may kill,
// separated by blanks. Nothing else may use them meanwhile.
const killVariable = "TABLESNAP_TEST_KILL"

// manyRows is a number of rows that takes a while to load and to copy.
const manyRows = 200_000

// outage is what servers.sh does to a server, and to bring it back. done is the first as
// a participle.
type outage struct{ begins, ends, done string }

var (
	killed = outage{"kill", "start", "killed"}
	paused = outage{"pause", "resume", "paused"}
)

// TestKilledServer kills the server during a load and during a copy, and starts it again;
// or stops its processes, so that it keeps its connections and answers nothing, and
// continues them.
func TestKilledServer(t *testing.T) {
	servers := strings.Fields(os.Getenv(killVariable))
	if len(servers) == 0 {
		t.Fatalf("%s names no server", killVariable)
	}
	for _, server := range servers {
		for _, way := range databaseOf(server).ways() {
			in := func(what string, statement func(*crashWorld) string) {
				for _, o := range []outage{killed, paused} {
					t.Run(server+"/"+way.String()+"/"+what+"/"+o.begins, func(t *testing.T) {
						w := newCrashWorld(t, server, way)
						w.outageIn(o, statement(w))
					})
				}
			}
			in("load", func(w *crashWorld) string { return w.load })
			in("copy", (*crashWorld).copies)
		}
	}
}

func (w *crashWorld) outageIn(o outage, statement string) {
	w.Helper()
	before, after := numbered("old"), numbered("new")
	w.upload("doc_0", before)
	recorder, beginning, begun := &conformance.Recorder{}, make(chan struct{}), make(chan struct{})
	begin := sync.OnceFunc(func() {
		close(beginning)
		go func() {
			w.untilBusyWith(statement, recorder)
			w.servers(o.begins)
			close(begun)
		}()
	})
	recorder.BeforeEach(func(s string) {
		if strings.HasPrefix(s, statement) {
			begin()
		}
	})
	db := sql.OpenDB(w.recorded(w.dsn, recorder, &fuse{}))
	defer db.Close()
	request := crashRequest(w.way, "doc_1", after)
	request.Source = outliving{request.Source, beginning, begun}
	_, err := exec.New(db, w.backend, exec.Identity{Actor: "killed"}).WithStallTimeout(shortStall).Upload(context.Background(), request)
	if cut := new(exec.CutOffError); !errors.As(err, &cut) {
		w.Errorf("the run ended with %v", err)
	} else {
		w.Logf("the run ended with: %v", err)
	}
	<-begun
	w.tried("server "+o.done, 1)
	w.servers(o.ends)
	w.db.SetMaxIdleConns(0) // the test's own connections are dead, and the driver of PostgreSQL notices too late
	w.db.SetMaxIdleConns(2)
	w.wholeAfterRestart()
	w.untilFree() // a server that continues has the session still
	if w.isGuarded() && !w.cutOff() {
		w.Error("plan does not say that a run was cut off")
	}
	w.Logf("recover: %+v", w.recover(exec.DoRecover))
	w.wholeAfterRestart()
	w.upload("doc_2", nextEmails)
	w.sound()
}

// untilBusyWith waits until the server is running a statement of the run, or has already
// answered it.
func (w *crashWorld) untilBusyWith(statement string, run *conformance.Recorder) {
	w.Helper()
	is := func(s string) bool { return strings.HasPrefix(s, statement) }
	wait.Until(w.T, "the server is busy with "+statement, func() bool {
		sent := run.Sent()
		if !is(sent[len(sent)-1]) {
			return true
		}
		running, err := w.tryLines(w.busy)
		if err != nil && !mysqltest.SessionsUnreadable(err) {
			w.Errorf("%s: %v", w.busy, err)
			return true
		}
		return slices.ContainsFunc(running, is)
	})
}

// outliving is a source that does not end before the server is killed, so that the load
// cannot finish first.
type outliving struct {
	rowsource.Source
	beginning, begun chan struct{}
}

func (o outliving) Open() (rowsource.Reader, error) {
	r, err := o.Source.Open()
	return outlivingReader{r, o}, err
}

type outlivingReader struct {
	rowsource.Reader
	source outliving
}

func (r outlivingReader) Next() (rowsource.Row, error) {
	row, err := r.Reader.Next()
	if err != nil {
		select {
		case <-r.source.beginning:
			<-r.source.begun
		default:
		}
	}
	return row, err
}

func numbered(prefix string) []string {
	emails := make([]string, manyRows)
	for i := range emails {
		emails[i] = fmt.Sprintf("%s%06d", prefix, i)
	}
	return emails
}

// wholeAfterRestart checks that the table has all old rows or all new ones, and that all
// old rows are in the table, in the backup, or in the old table.
func (w *crashWorld) wholeAfterRestart() {
	w.Helper()
	all := fmt.Sprint(manyRows)
	count := func(table, prefix string) string {
		if !w.has(table) {
			return "no table"
		}
		return w.lines("SELECT count(DISTINCT email) FROM " + table + " WHERE email LIKE '" + prefix + "%'")[0]
	}
	rows := w.lines("SELECT count(*) FROM " + panel)[0]
	if rows != all || count(panel, "old") != all && count(panel, "new") != all {
		w.Errorf("the table has %s rows, %s old and %s new", rows, count(panel, "old"), count(panel, "new"))
	}
	if count(panel, "old") != all && count(panel+"_backup", "old") != all && count(panel+dialect.OldSuffix, "old") != all {
		w.Errorf("the old rows are nowhere whole")
	}
}

func (w *crashWorld) servers(command string) {
	out, err := osexec.Command("../testfixtures/servers/servers.sh", command, w.server).CombinedOutput()
	if err != nil {
		w.Errorf("%s %s: %v: %s", command, w.server, err, out)
	}
}
