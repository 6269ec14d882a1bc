package conformance

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

// migrateAgain checks that Migrate creates no table again. A failing statement would make
// goose wait and retry.
func migrateAgain(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.sent.Reset()
	applied, err := w.client.Migrate(context.Background())
	if err != nil || len(applied) > 0 {
		w.Errorf("applied %d, %v", applied, err)
	}
	for _, s := range w.sent.Sent() {
		if strings.HasPrefix(s, "CREATE TABLE") {
			w.Errorf("sent %s", s)
		}
	}
}

// migrateOlder checks that entries of an older tablesnap stay readable and that the next
// run updates the ledger's tables. It also covers a process that died between a migration
// and its row in goose's table.
func migrateOlder(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	w.makeLedger(dialect.PinMigration)
	equal(w, "the version", w.inspect("people").Ledger.Migration, int64(dialect.PinMigration))
	w.session(slices.Concat(
		[]dialect.Stmt{ledger.BeginRun(w.d, ledger.NewRun{Table: "people", Operation: string(plan.OpUpload), DocID: "doc_0", SourceRows: "1", VersionMade: 1})},
		w.d.RememberRun(0),
		[]dialect.Stmt{
			ledger.BeginStep(w.d, ledger.StepRow{Seq: 1, Step: "01-load", Kind: string(plan.LoadRows), State: ledger.Done}),
			ledger.FinishRun(w.d, ledger.RunOutcome{State: ledger.Done, RowsLoaded: "1"}),
		},
	))
	before := w.lastRun("people")
	equal(w, "the details of an older step", before.Steps[0].Details, (*ledger.Details)(nil))
	w.upload(request("doc_1", csv("email,age", "a,1", "b,2")))
	newest := w.inspect("people").Ledger.Migration
	equal(w, "pending migrations", len(ledger.Pending(w.d, newest)), 0)
	equal(w, "what the older tablesnap has written", w.audit("people")[1], before)
	if w.d.Facts().CommitsDefinitions { // otherwise the migration and its row are one transaction
		w.other(fmt.Sprintf("DELETE FROM %s WHERE version_id = %d", dialect.VersionTable, newest))
		if applied, err := w.client.Migrate(context.Background()); err != nil || len(applied) != 1 {
			w.Errorf("a migration whose row was lost: applied %d, %v", applied, err)
		}
	}
}

// migrateBegun migrates after a process died while it created goose's table. If CREATE
// TABLE commits by itself, the table may lack its first row.
func migrateBegun(w *world) {
	made := ledger.Updates(olderLedger{w.d, 0}, 0, ledger.Exactly)
	for done := 1; done <= len(made); done++ {
		w := newWorld(w.T, w.family)
		w.session(made[:done])
		w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
		applied, err := w.client.Migrate(context.Background())
		if err != nil {
			w.Fatalf("after %d of %d statements: %v", done, len(made), err)
		}
		versions := []string{"0"}
		for _, v := range ledger.Pending(w.d, 0) {
			versions = append(versions, strconv.FormatInt(v, 10))
		}
		equal(w, "what was applied", applied, ledger.Pending(w.d, 0))
		w.same("the versions", w.lines(dialect.VersionTable, "version_id"), versions...)
		w.upload(request("doc_1", csv("email,age", "a,1")))
	}
}

// migrateForGoose checks that goose itself reads the ledger's version and finds no
// pending migration.
func migrateForGoose(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	var known []*goose.Migration
	for _, m := range w.d.Ledger().Migrations[1:] {
		known = append(known, goose.NewGoMigration(m.Version, nil, nil))
	}
	p, err := goose.NewProvider(w.family.Goose, w.migrating(), nil, goose.WithTableName(dialect.VersionTable),
		goose.WithGoMigrations(known...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		w.Fatal(err)
	}
	version, err := p.GetDBVersion(context.Background())
	if err != nil || len(ledger.Pending(w.d, version)) > 0 {
		w.Errorf("goose finds version %d, %v", version, err)
	}
	if pending, err := p.HasPending(context.Background()); err != nil || pending {
		w.Errorf("goose finds something to do: %t, %v", pending, err)
	}
}
