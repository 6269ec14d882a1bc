package conformance

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

func gooseTwiceCases() []testCase {
	return []testCase{
		{name: "goose in SQL: the same upload twice in a folder", run: gooseSameTwice, unless: otherStrategy},
		{name: "goose in SQL: migrations know their own runs", run: gooseOwnRuns, unless: otherStrategy},
		{name: "goose in SQL: goose has lost its version", run: gooseLostVersion, unless: otherStrategy},
		{name: "goose in SQL: two ups at once", run: gooseTwoAtOnce, unless: otherStrategy},
		{name: "goose in SQL: tablesnap's own tables are those of an older version", run: gooseOlder, unless: otherStrategy},
	}
}

// gooseMigrations returns a folder with SQL migrations. The keys are the file names.
func (w *world) gooseMigrations(files map[string]string) string {
	w.Helper()
	dir := w.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			w.Fatal(err)
		}
	}
	return dir
}

// fileOf returns a SQL migration that uploads one new row. Version 0 means that the
// version is unknown when the migration is written.
func (w *world) fileOf(version int64, name string, allow ...plan.Code) string {
	w.Helper()
	r := request("doc_1", csv("email,age", "new,1"))
	r.Options.Allow = append(allow, plan.Shrinks)
	if version > 0 {
		r.Goose = &plan.GooseMigration{Version: version, File: name}
	}
	return w.gooseSQL(r)
}

// gooseSameTwice runs the same migration under two versions. Each down undoes only the
// run of its own up. Without SAME_FILE allowed, the second up is refused.
func gooseSameTwice(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1), ('older', 2)")
	allowed := w.fileOf(0, "", plan.SameFile)
	twice := w.gooseMigrations(map[string]string{"00001_a.sql": allowed, "00002_b.sql": allowed})
	for range 2 {
		w.goose(twice, "up")
		w.same("the table", w.lines("people", "email"), "new")
		w.goose(twice, "down")
		w.same("the table after one down", w.lines("people", "email"), "new")
		w.goose(twice, "down")
		w.same("the table after two downs", w.lines("people", "email"), "old", "older")
	}
	refused := w.fileOf(0, "")
	twice = w.gooseMigrations(map[string]string{"00001_a.sql": refused, "00002_b.sql": refused})
	w.says(w.tryGoose(twice, "up"), string(plan.SameFile))
	w.gooseVersions("0", "1")
	w.same("the table", w.lines("people", "email"), "new")
	w.goose(twice, "down")
	w.same("the table", w.lines("people", "email"), "old", "older")
}

// gooseOwnRuns checks that each down undoes the run of its own up, in any order of the
// downs.
func gooseOwnRuns(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	dir := w.gooseMigrations(map[string]string{
		"00007_it's.sql": w.fileOf(7, "00007_it's.sql", plan.SameFile), "00009_b.sql": w.fileOf(9, "00009_b.sql", plan.SameFile),
	})
	p, err := goose.NewProvider(w.family.Goose, w.migrating(), os.DirFS(dir), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		w.Fatal(err)
	}
	w.up(p)
	made := func() *plan.GooseMigration {
		for _, s := range w.lastRun("people").Steps {
			if s.Details != nil && s.Details.Migration != nil {
				return s.Details.Migration
			}
		}
		return nil
	}
	equal(w, "who has made the last run", made(), &plan.GooseMigration{Version: 9, File: "00009_b.sql"})
	w.upload(request("doc_2", csv("email,age", "somebody else,1")))
	if _, err := p.ApplyVersion(context.Background(), 7, false); err != nil {
		w.Fatal(err)
	}
	w.same("the table after the down of the first", w.lines("people", "email"), "old")
	w.down(p)
	w.same("the table after the down of the second", w.lines("people", "email"), "new")
	undone := []int64{}
	for _, r := range w.audit("people") {
		for _, s := range r.Steps {
			if s.Details != nil && s.Details.Undoes != 0 {
				undone = append(undone, s.Details.Undoes)
			}
		}
	}
	ups := []int64{}
	for _, r := range w.audit("people") {
		if r.DocID == "doc_1" && r.Operation == string(plan.OpUpload) {
			ups = append(ups, r.ID)
		}
	}
	slices.Sort(ups)
	slices.Reverse(undone)
	equal(w, "the runs that were taken back, in order", undone, ups)
}

func gooseLostVersion(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	dir := w.gooseMigrations(map[string]string{"00001_a.sql": w.fileOf(1, "00001_a.sql")})
	lose := func() { w.other("DELETE FROM goose_db_version WHERE version_id = 1") }
	w.goose(dir, "up")
	lose()
	w.says(w.tryGoose(dir, "up"), string(plan.SameFile))
	w.gooseVersions("0")
	w.upload(request("doc_2", csv("email,age", "somebody else,1")))
	w.goose(dir, "up")
	w.same("the table", w.lines("people", "email"), "new")
	w.goose(dir, "down")
	w.same("the table", w.lines("people", "email"), "somebody else")
	w.upload(request("doc_3", csv("email,age", "later,1")))
	w.goose(dir, "up")
	w.goose(dir, "down")
	w.same("the table", w.lines("people", "email"), "later")
}

func gooseTwoAtOnce(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	dir := w.gooseMigrations(map[string]string{"00001_a.sql": w.fileOf(1, "00001_a.sql")})
	w.goose(dir, "status") // creates goose's own table
	for range 2 {
		var both sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			both.Go(func() { errs[i] = w.tryGoose(dir, "up") })
		}
		both.Wait()
		if errs[0] != nil && errs[1] != nil {
			w.Fatalf("neither has migrated: %v; %v", errs[0], errs[1])
		}
		w.same("the table", w.lines("people", "email"), "new")
		w.goose(dir, "down")
		w.same("the table", w.lines("people", "email"), "old")
	}
	done := 0
	for _, r := range w.audit("people") {
		if r.State == string(ledger.Done) && r.Operation == string(plan.OpUpload) {
			done++
		}
	}
	equal(w, "the uploads", done, 2)
}

// gooseOlder checks that a migration updates the ledger's tables, or that its error names
// the command that does.
func gooseOlder(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	w.makeLedger(dialect.PinMigration)
	dir := w.gooseMigrations(map[string]string{"00001_a.sql": w.fileOf(1, "00001_a.sql")})
	if err := w.tryGoose(dir, "up"); err != nil {
		w.says(err, "tablesnap migrate")
		w.same("the table", w.lines("people", "email"), "old")
		if _, err := w.client.Migrate(context.Background()); err != nil {
			w.Fatal(err)
		}
		w.goose(dir, "up")
	}
	w.same("the table", w.lines("people", "email"), "new")
	w.goose(dir, "down")
	w.same("the table", w.lines("people", "email"), "old")
}
