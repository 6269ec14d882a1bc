package exec_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
)

// TestDeadlock: the run and another session wait for each other. The server rolls back the
// run's transaction, and the run starts its group again. TiDB is left out: it rolls back
// the session that closes the circle, which here would be the other session.
func TestDeadlock(t *testing.T) {
	for _, server := range testservers.Named("mysql", "mariadb", "mariadb11", "postgres", "postgres18") {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, server, way{Strategy: dialect.InPlace})
			w.reset()
			say := w.session()
			for _, s := range w.deadlock.begins {
				say(s)
			}
			closeCircle := sync.OnceFunc(func() {
				go func() {
					if w.deadlock.closes {
						w.until(w.deadlock.waits)
					}
					say(w.deadlock.wants)
					say("ROLLBACK")
				}()
				if !w.deadlock.closes {
					w.until(w.deadlock.waits)
				}
			})
			copied := 0
			res := w.uploadWith(func(statement string) {
				if strings.HasPrefix(statement, w.copies()) {
					copied++
				}
				if strings.HasPrefix(statement, w.deadlock.at(w)) {
					closeCircle()
				}
			})
			if copied != 2 || res.RowsBackedUp != int64(len(oldEmails)) {
				t.Errorf("the copy ran %d times, and %d rows were backed up", copied, res.RowsBackedUp)
			}
			w.tried("deadlock", 1)
			w.nothingIsLost()
			w.sound()
		})
	}
}

// session opens another session and returns a function that runs a statement in it. The
// test fails if the statement fails.
func (w *crashWorld) session() (say func(statement string)) {
	w.Helper()
	conn, err := w.db.Conn(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { conn.Close() })
	return func(statement string) {
		if _, err := conn.ExecContext(context.Background(), statement); err != nil {
			w.Errorf("the other session: %.60s: %v", statement, err)
		}
	}
}

// uploadWith uploads, and calls happens before each statement. The upload drops columns
// last, so that their ALTER TABLE comes after the run has begun.
func (w *crashWorld) uploadWith(happens func(statement string)) exec.Result {
	w.Helper()
	recorder := &conformance.Recorder{}
	recorder.BeforeEach(happens)
	db := sql.OpenDB(recorder.Connector(w.connector(w.dsn, nil)))
	defer db.Close()
	request := crashRequest(w.way, "doc_1", newEmails)
	request.Options.DropColumns = plan.DropLast
	res, err := exec.New(db, w.backend, exec.Identity{}).Upload(context.Background(), request)
	if err != nil {
		w.Fatal(err)
	}
	return res
}
