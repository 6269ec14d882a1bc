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

// TestDeadlock has another session and the run wait for one another. The server
// rolls the run back, and the run begins its group again. (TiDB chooses whoever
// closes the circle, which here is the other.)
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
			w.nothingIsLost()
			w.sound()
		})
	}
}

// session is another session. What it says must work.
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

// uploadWith uploads, and lets something happen ahead of each statement. What has
// to go late goes late, so that the run has begun by then.
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
