package conformance

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/internal/ledger"
)

// syncCutOff loses the connection before and behind the statement of each step. After a
// recovery the table holds the old rows or the new ones, as the run's row says, and none of
// the run's tables is left.
func syncCutOff(w *world) {
	w.other(syncedPeople, "INSERT INTO people (email, age) VALUES ('a', 0), ('b', 0)")
	w.upload(syncing("doc_0", "email,age", "a,1", "b,1"))
	for n := 0; ; n++ {
		// Each upload deletes, updates and inserts a row.
		r := syncing(fmt.Sprint("doc_", n+1), "email,age", fmt.Sprintf("a,%d", n+2), fmt.Sprintf("b_%d,1", n))
		p := w.plan(r)
		if n/2 >= len(p.Steps()) {
			break
		}
		step, before := p.Steps()[n/2], w.lines("people", "email", "age")
		lost := w.loseConnectionAt(step.SQL, n%2 == 1)
		_, err := w.client.Run(context.Background(), p, r.Source, nil)
		w.sent.AnswerBy(nil)
		if *lost && err == nil {
			w.Errorf("step %s was cut off, and the upload went through", step.ID)
		}
		w.tidied("people")
		want := before
		if run := w.lastRun("people"); run.DocID == r.DocID && run.State == string(ledger.Done) {
			want = []string{fmt.Sprintf("a | %d", n+2), fmt.Sprintf("b_%d | 1", n)}
		}
		w.same("the table after step "+step.ID+" was cut off", w.lines("people", "email", "age"), want...)
		w.same("the tables", w.tables(), w.ownTablesAnd("people", "people_backup")...)
		w.oneSetOfRows()
		if w.Failed() {
			w.Fatalf("step %s, cut off: %v", step.ID, err)
		}
	}
	w.upload(syncing("doc_last", "email,age", "z,1", "y,1"))
	if !slices.Equal(w.lines("people", "email"), []string{"y", "z"}) {
		w.Errorf("the table holds %q", w.lines("people"))
	}
}

// loseConnectionAt loses the connection at the first statement with this text, before it is sent or
// behind its answer, until the test answers in another way. Lost is true from then on.
func (w *world) loseConnectionAt(text string, behind bool) (lost *bool) {
	lost = new(bool)
	w.sent.AnswerBy(func(statement string, send func() error) error {
		if !*lost && statement == text && behind {
			_ = send()
		}
		if *lost = *lost || statement == text; *lost {
			return driver.ErrBadConn
		}
		return send()
	})
	return lost
}
