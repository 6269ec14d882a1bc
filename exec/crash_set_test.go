package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The tables of a set. Rows of hands refer to crews, unless the tables are swapped or truncated.
const (
	crews = "crews"
	hands = "hands"
)

// crashSet has the rows for both tables.
func crashSet(way way, doc string, names []string) exec.SetRequest {
	set := exec.SetRequest{Name: "harbour"}
	for _, table := range []string{crews, hands} {
		request := exec.Request{Table: table, Kind: plan.AnyTable(), DocID: doc, UploadTimestamp: "time of " + doc,
			Source:  namesAsRows(table, names),
			Options: plan.Options{Strategy: way.Strategy, Clear: way.Clear, Allow: plan.Codes()}}
		if way.Strategy == dialect.Swap {
			request.Options.ChunkRows = 2
		}
		set.Uploads = append(set.Uploads, request)
	}
	return set
}

// namesAsRows is a source with one column.
func namesAsRows(source string, names []string) rowsource.Source {
	rows := make([][]any, len(names))
	for i, name := range names {
		rows[i] = []any{name}
	}
	return rowsource.Rows(source, []string{"name"}, rows)
}

// dropTables drops all tables but the ledger's, which it empties.
func (w *crashWorld) dropTables() {
	w.Helper()
	for _, name := range slices.Backward(w.allTables()) { // hands refer to crews
		switch {
		case name == dialect.VersionTable:
		case strings.HasPrefix(name, "tablesnap_"):
			w.exec("DELETE FROM " + name)
		default:
			w.exec("DROP TABLE " + name)
		}
	}
}

// fillWithOld gives a table the rows that it has before any upload.
func (w *crashWorld) fillWithOld(table string) {
	w.Helper()
	for _, name := range oldEmails {
		w.exec("INSERT INTO " + table + " VALUES ('" + name + "')")
	}
}

// recoverAll recovers all tables, and checks that nothing is left to recover.
func (w *crashWorld) recoverAll() {
	w.Helper()
	if _, err := w.client.Recover(context.Background(), "", exec.DoRecover); err != nil {
		w.Fatalf("recover: %v", err)
	}
	if again, err := w.client.Recover(context.Background(), "", exec.DoRecover); err != nil || len(again) > 0 {
		w.Errorf("recover did something the second time: %+v, %v", again, err)
	}
}

// resetSet restores both tables to their state before any upload.
func (w *crashWorld) resetSet() {
	w.Helper()
	w.dropTables()
	refers := ""
	if w.way.Strategy != dialect.Swap && w.way.Clear != plan.ClearByTruncate {
		refers = ", FOREIGN KEY (name) REFERENCES " + crews + " (name)"
	}
	w.exec("CREATE TABLE "+crews+" (name "+w.text+" NOT NULL PRIMARY KEY)", "CREATE TABLE "+hands+" (name "+w.text+" NOT NULL PRIMARY KEY"+refers+")")
	w.fillWithOld(crews)
	w.fillWithOld(hands)
}

func (w *crashWorld) names(table, where string) []string {
	w.Helper()
	return w.lines("SELECT name FROM " + table + " " + where + " ORDER BY name")
}

// setIsWhole checks that both tables have the old rows, or both the new ones, and that the old
// ones are kept.
func (w *crashWorld) setIsWhole() {
	w.Helper()
	rows := w.names(crews, "")
	if got := w.names(hands, ""); !slices.Equal(got, rows) {
		w.Errorf("one table holds %q, and the other %q", rows, got)
	}
	if slices.Equal(rows, oldEmails) {
		return
	}
	if !slices.Equal(rows, newEmails) {
		w.Errorf("the tables hold %q", rows)
	}
	for _, table := range []string{crews, hands} {
		kept, where := table+dialect.OldSuffix, ""
		if !w.has(kept) {
			kept, where = table+dialect.BackupSuffix, "WHERE snapshot_version = 0"
		}
		if got := w.names(kept, where); !slices.Equal(got, oldEmails) {
			w.Errorf("of the old rows of %s, there are only %q in %s", table, got, kept)
		}
	}
}

// setGoesOn checks that after a recovery both tables are alike, and that the next set works.
func (w *crashWorld) setGoesOn() {
	w.Helper()
	if w.isGuarded() && w.has(dialect.RunTable) {
		w.recoverAll()
	}
	w.setIsWhole()
	replaced := w.names(crews, "")
	res, err := w.client.UploadSet(context.Background(), crashSet(w.way, "doc_next", nextEmails))
	if err != nil {
		w.Fatalf("the next set: %v", err)
	}
	for _, r := range res.Tables {
		if got := w.names(r.Table.Name, ""); !slices.Equal(got, nextEmails) {
			w.Errorf("after the next set %s holds %q", r.Table.Name, got)
		}
		where := fmt.Sprintf("WHERE snapshot_version = %d", *r.Replaced)
		if got := w.names(r.Table.Name+dialect.BackupSuffix, where); !slices.Equal(got, replaced) {
			w.Errorf("the backup of %s holds %q, and it had %q", r.Table.Name, got, replaced)
		}
	}
	if open := w.lines("SELECT id FROM tablesnap_run WHERE state = 'started'"); len(open) > 0 {
		w.Errorf("these runs say started: %q", open)
	}
	if open := w.lines("SELECT run_id, step FROM tablesnap_audit WHERE state = 'started'"); len(open) > 0 {
		w.Errorf("these steps say started: %q", open)
	}
}

// lateMoments are the moments to try if it is not everyOne. What a process leaves that is killed
// before a statement, it also leaves behind the one before.
func (w *crashWorld) lateMoments() []moment {
	if everyOne() {
		return w.moments
	}
	return w.moments[len(w.moments)-1:]
}

// TestKilledSet kills the process at every step boundary of an upload to two tables as one. A
// family whose upload is one transaction tries one way, unless it is everyOne.
func TestKilledSet(t *testing.T) {
	onEach(t, quick(everywhere), func(w *crashWorld) {
		if !everyOne() && !w.backend.Facts().CommitsDefinitions && w.way.Strategy != dialect.Sync {
			return
		}
		w.lost, w.after = w.setIsWhole, w.setGoesOn
		upload := job{Does: sets, Doc: "doc_1", Rows: newEmails}
		w.resetSet()
		w.child(upload) // creates the ledger's tables
		w.resetSet()
		statements, _ := w.child(upload)
		w.setIsWhole()
		w.resetSet()
		for _, when := range w.lateMoments() {
			w.killAtEach(statements, when, upload, w.resetSet)
		}
	})
}
