package conformance

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
)

// gooseLostSession runs a migration like the goose command does without a transaction:
// each statement on any connection of a pool, which opens a new one after it lost one.
// Wherever the connection is lost, the table must have either all old rows or all new
// rows.
func gooseLostSession(w *world) {
	w.other("CREATE TABLE people (n {int}, email {text})")
	rows := func(word string) []string {
		lines := make([]string, 1100) // several statements
		for i := range lines {
			lines[i] = fmt.Sprintf("%d,%s", i, word)
		}
		return lines
	}
	wanted := func(word string) []string {
		lines := replaceAll(rows(word), ",", " | ")
		slices.Sort(lines)
		return lines
	}
	statements := upStatements(w.gooseSQL(request("doc_new", csv("n,email", rows("new")...))))
	for at := 1; at < len(statements); at += 3 {
		w.upload(request("doc_old", csv("n,email", rows(fmt.Sprintf("old %d", at))...)))
		failed := sendLosing(w.migrating(), statements, at)
		if _, err := w.newClient().Recover(context.Background(), "people", exec.DoRecover); err != nil {
			w.Fatalf("recover a migration that lost its session at %s: %v", statements[at], err)
		}
		want := wanted(fmt.Sprintf("old %d", at))
		if len(w.query("SELECT 1 FROM people WHERE email = 'new'")) > 0 {
			want = wanted("new")
		} else if failed == nil {
			w.Errorf("no statement failed, and the new rows are not there (the session was lost at %s)", statements[at])
		}
		w.same("the table, where the session was lost at "+statements[at], w.lines("people"), want...)
		if left := slices.DeleteFunc(w.tables(), func(t string) bool { return !strings.Contains(t, "_tablesnap_") }); len(left) > 0 {
			w.Errorf("left over, where the session was lost at %s: %q", statements[at], left)
		}
	}
}

// upStatements returns the migration's up statements.
func upStatements(text string) []string {
	up, _, _ := strings.Cut(text, "-- +goose Down\n")
	var statements []string
	for _, part := range strings.Split(up, "-- +goose StatementBegin\n")[1:] {
		s, _, _ := strings.Cut(part, "\n-- +goose StatementEnd")
		statements = append(statements, s)
	}
	return statements
}

// sendLosing runs the statements until one fails. It closes the connection before the
// statement at the given index.
func sendLosing(db *sql.DB, statements []string, at int) error {
	ctx := context.Background()
	defer db.Close() // like the end of a program, this releases the run's lock
	for i, s := range statements {
		if i == at {
			conn, err := db.Conn(ctx)
			if err != nil {
				return err
			}
			_ = conn.Raw(func(raw any) error {
				_ = raw.(driver.Conn).Close()
				return driver.ErrBadConn // the pool opens another
			})
			_ = conn.Close()
		}
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}
