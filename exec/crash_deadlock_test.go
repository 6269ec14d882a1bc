package exec_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/testfixtures/conformance"
)

// TestDeadlock has another session and the run wait for one another. The server
// rolls the run back, which has changed less, and the run begins its group
// again. (TiDB chooses whoever closes the circle, which here is the other.)
func TestDeadlock(t *testing.T) {
	for _, server := range []string{"mysql", "mariadb", "mariadb11"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			w := newCrashWorld(t, server, dialect.InPlace)
			w.reset()
			w.exec("CREATE TABLE ballast (n INT)")
			say := w.heavySession()
			say("SELECT * FROM hr_panel WHERE id = 7 FOR UPDATE")
			copies := 0
			res := w.uploadWith(w.copies(), func() {
				if copies++; copies > 1 {
					return
				}
				go func() {
					time.Sleep(time.Second) // the copy has the first rows, and waits for the last
					say("SELECT * FROM hr_panel WHERE id = 1 FOR UPDATE")
					say("ROLLBACK")
				}()
			})
			if copies != 2 || res.RowsBackedUp != int64(len(oldEmails)) {
				t.Errorf("the copy ran %d times, and %d rows were backed up", copies, res.RowsBackedUp)
			}
			w.exec("DROP TABLE ballast")
			w.nothingIsLost()
			w.sound()
		})
	}
}

// heavySession is another session, in a transaction that has changed more than
// an upload does. What it says must work.
func (w *crashWorld) heavySession() (say func(statement string)) {
	w.Helper()
	conn, err := w.db.Conn(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { conn.Close() })
	say = func(statement string) {
		if _, err := conn.ExecContext(context.Background(), statement); err != nil {
			w.Errorf("the other session: %.60s: %v", statement, err)
		}
	}
	say("START TRANSACTION")
	say("INSERT INTO ballast VALUES (1)" + strings.Repeat(", (1)", 1000))
	return say
}

// uploadWith uploads, and lets something happen ahead of each statement that
// begins like this.
func (w *crashWorld) uploadWith(beginning string, happens func()) exec.Result {
	w.Helper()
	recorder := &conformance.Recorder{}
	recorder.BeforeEach(func(statement string) {
		if strings.HasPrefix(statement, beginning) {
			happens()
		}
	})
	db := sql.OpenDB(recorder.Connector(connector(w.server, w.dsn, nil)))
	defer db.Close()
	res, err := exec.New(db, w.backend, exec.Identity{}).Upload(context.Background(), crashRequest(w.strategy, "doc_1", newEmails))
	if err != nil {
		w.Fatal(err)
	}
	return res
}
