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
			other, err := w.db.Conn(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			say := func(statement string) error { _, err := other.ExecContext(context.Background(), statement); return err }
			for _, s := range []string{"START TRANSACTION", "INSERT INTO ballast VALUES (1)" + strings.Repeat(", (1)", 1000), "SELECT * FROM hr_panel WHERE id = 7 FOR UPDATE"} {
				if err := say(s); err != nil {
					t.Fatal(err)
				}
			}
			recorder, copies, circle := &conformance.Recorder{}, 0, make(chan error, 1)
			theCopy := "INSERT INTO " + w.backend.QuoteTable(w.ident.InSchemaOf(panel+dialect.BackupSuffix))
			recorder.BeforeEach(func(statement string) {
				if !strings.HasPrefix(statement, theCopy) {
					return
				}
				if copies++; copies == 1 {
					go func() {
						time.Sleep(time.Second) // the copy has the first rows, and waits for the last
						circle <- say("SELECT * FROM hr_panel WHERE id = 1 FOR UPDATE")
						_ = say("ROLLBACK")
					}()
				}
			})
			db := sql.OpenDB(recorder.Connector(connector(server, w.dsn, nil)))
			defer db.Close()
			res, err := exec.New(db, w.backend, exec.Identity{}).Upload(context.Background(), crashRequest(dialect.InPlace, "doc_1", newEmails))
			if err != nil {
				t.Fatal(err)
			}
			if err := <-circle; err != nil {
				t.Fatalf("the other session, which should have won: %v", err)
			}
			if copies != 2 || res.RowsBackedUp != int64(len(oldEmails)) {
				t.Errorf("the copy ran %d times, and %d rows were backed up", copies, res.RowsBackedUp)
			}
			w.exec("DROP TABLE ballast")
			w.nothingIsLost()
			w.sound()
		})
	}
}
