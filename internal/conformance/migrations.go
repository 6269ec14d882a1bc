package conformance

import (
	"context"
	"database/sql"
	"slices"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/exec/migration"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

func migrationCases() []testCase {
	return []testCase{
		{name: "tablesnap's own tables are there already", run: migrateAgain},
		{name: "tablesnap's own tables are those of an older version", run: migrateOlder},
		{name: "tablesnap's own tables were begun by a process that died", run: migrateBegun},
		{name: "tablesnap's own tables are read by goose", run: migrateForGoose},
		{name: "goose: up, down and up again", run: migrateUpAndDown},
		{name: "goose: a failed up leaves everything as it was", run: migrateFailing},
		{name: "goose: down brings back what its own up has replaced", run: migrateDownBehindOthers},
		{name: "goose: an up that makes the table", run: migrateNewTable},
		{name: "goose: a version that cannot be written down", run: migrateUnversioned},
		{name: "goose: hazards are refused", run: migrateHazard},
		{name: "goose: with goose's own lock", run: migrateLocked, unless: noGooseLock},
		{name: "goose: what is missing in a migration", run: migrateIncomplete},
		{name: "goose: two connections are enough, and one is refused or enough", run: migrateFewConnections},
	}
}

// makeLedger creates the ledger's tables as of an older version.
func (w *world) makeLedger(version int64) {
	w.Helper()
	w.session(ledger.Updates(olderLedger{w.d, version}, 0, ledger.Exactly))
}

// olderLedger is a dialect without the ledger migrations after newest.
type olderLedger struct {
	dialect.Dialect
	newest int64
}

func (d olderLedger) Ledger() dialect.LedgerWords {
	words := d.Dialect.Ledger()
	words.Migrations = slices.DeleteFunc(words.Migrations, func(m dialect.Migration) bool { return m.Version > d.newest })
	return words
}

// session runs statements in one session, as tablesnap does.
func (w *world) session(stmts []dialect.Stmt) {
	w.Helper()
	conn, err := w.db.Conn(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close()
	for _, s := range stmts {
		if _, err := conn.ExecContext(context.Background(), s.SQL); err != nil {
			w.Fatalf("%s: %v", s.SQL, err)
		}
	}
}

// migrations returns a goose provider with Go migrations.
func (w *world) migrations(migrations []*goose.Migration, options ...goose.ProviderOption) *goose.Provider {
	w.Helper()
	p, err := goose.NewProvider(w.family.Goose, w.migrating(), nil,
		append(options, goose.WithGoMigrations(migrations...), goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// migrating opens a program's own connections for goose.
func (w *world) migrating() *sql.DB {
	w.Helper()
	connector := w.in.Migrating
	if connector == nil {
		connector = w.in.Connector
	}
	db := sql.OpenDB(connector)
	w.Cleanup(func() { db.Close() })
	return db
}

// migration returns a Go migration that uploads a file to the table people.
func (w *world) migration(version int64, docID, file string) *goose.Migration {
	return migration.New(version, w.migrated(docID, file))
}

func (w *world) migrated(docID, file string) migration.Upload {
	return migration.Upload{
		Backend: w.d, Files: fstest.MapFS{"rows/people.csv": {Data: []byte(file)}}, File: "rows/people.csv",
		Table: "People", DocID: docID, UploadTimestamp: "time of " + docID, Actor: actor, Options: w.options(),
	}
}

func (w *world) up(p *goose.Provider) {
	w.Helper()
	if _, err := p.Up(context.Background()); err != nil {
		w.Fatalf("goose up: %v", err)
	}
}

func (w *world) down(p *goose.Provider) {
	w.Helper()
	if _, err := p.Down(context.Background()); err != nil {
		w.Fatalf("goose down: %v", err)
	}
}

// gooseVersions checks the versions in goose's table.
func (w *world) gooseVersions(want ...string) {
	w.Helper()
	w.same("goose's versions", w.lines("goose_db_version", "version_id"), want...)
}

// rowsOfPeople returns the exact rows of the table and its backup.
func (w *world) rowsOfPeople() map[string][]string {
	w.Helper()
	all := w.everything()
	return map[string][]string{"people": all["people"], "people_backup": all["people_backup"]}
}

const oldPeople = "CREATE TABLE people (email {text} NOT NULL, age {int})"

func migrateUpAndDown(migrated *world) {
	applied := newWorld(migrated.T, migrated.family)
	for _, w := range []*world{migrated, applied} {
		w.other(oldPeople, "INSERT INTO people VALUES ('old', 1), ('older', NULL)")
	}
	p := migrated.migrations([]*goose.Migration{migrated.migration(1, "doc_1", "email,age\na,1\nb,\n"), migrated.migration(2, "doc_2", "email,age\nc,3\nd,\ne,5\n")})
	migrated.up(p)
	applied.upload(request("doc_1", csv("email,age", "a,1", "b,")))
	applied.upload(request("doc_2", csv("email,age", "c,3", "d,", "e,5")))
	equal(migrated, "the rows after up", migrated.rowsOfPeople(), applied.rowsOfPeople())
	migrated.gooseVersions("0", "1", "2")

	restore := func(version int64) {
		applied.Helper()
		r := exec.RestoreRequest{Table: "people", Version: &version, Options: applied.options()}
		r.Options.Allow = plan.Codes()
		if _, err := applied.client.Restore(context.Background(), r); err != nil {
			applied.Fatal(err)
		}
	}
	migrated.down(p)
	restore(1)
	equal(migrated, "the rows after one down", migrated.rowsOfPeople(), applied.rowsOfPeople())
	migrated.down(p)
	restore(0)
	equal(migrated, "the rows after two downs", migrated.rowsOfPeople(), applied.rowsOfPeople())
	migrated.gooseVersions("0")

	migrated.up(p)
	applied.upload(request("doc_1", csv("email,age", "a,1", "b,")))
	applied.upload(request("doc_2", csv("email,age", "c,3", "d,", "e,5")))
	equal(migrated, "the rows after up again", migrated.rowsOfPeople(), applied.rowsOfPeople())
	run := migrated.lastRun("people")
	equal(migrated, "the run", []any{run.State, run.Operation, run.DocID, *run.Actor, run.SourceName}, []any{"done", "upload", "doc_2", actor, "people.csv of goose migration 2"})
	for _, s := range run.Steps {
		equal(migrated, "the state of "+s.Step, s.State, string(ledger.Done))
	}
}

func migrateFailing(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('old')")
	p := w.migrations([]*goose.Migration{w.migration(1, "doc_1", "email\nnew\n"), w.migration(2, "doc_2", "email\ntwice\ntwice\n")})
	if _, err := p.UpTo(context.Background(), 1); err != nil {
		w.Fatal(err)
	}
	people, versions := w.rowsOfPeople(), w.lines("goose_db_version", "version_id")
	audited := len(w.audit("people"))
	if _, err := p.Up(context.Background()); err == nil {
		w.Fatal("a row was uploaded twice into a unique column")
	}
	equal(w, "the rows", w.rowsOfPeople(), people)
	w.gooseVersions(versions...)
	equal(w, "the number of runs in the audit", len(w.audit("people")), audited) // the file's fault is found before a run begins

	if len(w.query("SELECT email FROM people WHERE email = 'NEW'")) == 0 {
		return
	}
	// Only the database knows that these are the same, so the load fails.
	p = w.migrations([]*goose.Migration{w.migration(1, "doc_1", "email\nnew\n"), w.migration(2, "doc_2", "email\ntwice\nTWICE\n")})
	if _, err := p.Up(context.Background()); err == nil {
		w.Fatal("a row was uploaded twice into a unique column")
	}
	equal(w, "the rows", w.rowsOfPeople(), people)
	w.gooseVersions(versions...)
	equal(w, "the state of the run", w.lastRun("people").State, string(ledger.Failed))
}

func migrateDownBehindOthers(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	w.upload(request("doc_1", csv("email,age", "before,1")))
	p := w.migrations([]*goose.Migration{w.migration(7, "doc_2", "email,age\nits own,2\n")})
	w.up(p)
	w.upload(request("doc_3", csv("email,age", "after,3")))
	w.upload(request("doc_4", csv("email,age", "long after,3")))
	w.down(p)
	w.same("the table", w.lines("people", "email"), "before")
	w.same("what stood there last", w.snapshot("people_backup", 4, "email"), "long after")
	equal(w, "the doc_id", w.lastRun("people").DocID, "doc_1")
}

func migrateNewTable(w *world) {
	p := w.migrations([]*goose.Migration{w.migration(1, "doc_1", "email\na\n")})
	w.up(p)
	w.same("the table", w.lines("people"), "a")
	w.down(p)
	w.same("the table, which was made by the up", w.lines("people"), nothing...)
	w.same("the rows, which are kept", w.lines("people_preserved_v1"), "a")
	w.up(p)
	w.same("the table", w.lines("people"), "a")
	w.other("UPDATE people SET email = 'b'")
	w.down(p)
	w.same("the rows, which are kept again", w.lines("people_preserved_v2"), "b")

	w.up(p)
	version := int64(2)
	if _, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "people", Version: &version, Options: w.options()}); err != nil {
		w.Fatalf("restore what was set aside: %v", err)
	}
	w.same("the table", w.lines("people"), "b")
}

// migrateUnversioned makes goose's insert of its version fail. If the upload is part of
// goose's transaction, it is rolled back. Otherwise it stays, and the next up is refused
// with SAME_FILE.
func migrateUnversioned(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	p := w.migrations([]*goose.Migration{w.migration(1, "doc_1", "email,age\na,1\n")})
	if _, err := p.GetDBVersion(context.Background()); err != nil { // creates goose's table
		w.Fatal(err)
	}
	w.other("CREATE UNIQUE INDEX only_one ON goose_db_version (is_applied)")
	before := w.rowsOfPeople()
	if _, err := p.Up(context.Background()); err == nil {
		w.Fatal("goose has written down two versions")
	}
	if !w.d.Facts().CommitsDefinitions {
		equal(w, "the rows", w.rowsOfPeople(), before)
		w.same("tablesnap's own tables, which are undone too", w.lines(dialect.RunTable), nothing...)
		return
	}
	w.same("the table", w.lines("people", "email"), "a")
	_, err := p.Up(context.Background())
	w.says(err, string(plan.SameFile))
}

func migrateHazard(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('a', 1), ('b', 2), ('c', 3)")
	w.upload(request("doc_0", csv("email,age", "a,1", "b,2", "c,3")))
	_, err := w.migrations([]*goose.Migration{w.migration(1, "doc_1", "email,age\nd,4\n")}).Up(context.Background())
	mustBe[*plan.HazardError](w, err)
	w.gooseVersions("0")
	allowing := w.migrated("doc_1", "email,age\nd,4\n")
	allowing.Options.Allow = []plan.Code{plan.Shrinks}
	p := w.migrations([]*goose.Migration{migration.New(1, allowing)})
	w.up(p)
	w.down(p)
	w.same("the table", w.lines("people", "email"), "a", "b", "c")
}

func migrateLocked(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	p := w.migrations([]*goose.Migration{w.migration(1, "doc_1", "email,age\na,1\n")}, w.family.GooseLock(w.T))
	w.up(p)
	w.same("the table", w.lines("people", "email"), "a")
	w.down(p)
	w.same("the table", w.lines("people", "email"), "old")
}

func migrateFewConnections(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	ctx := w.Context()
	for _, most := range []int{1, 2} {
		db := w.migrating()
		db.SetMaxOpenConns(most)
		p, err := goose.NewProvider(w.family.Goose, db, nil, goose.WithDisableGlobalRegistry(true),
			goose.WithGoMigrations(w.migration(1, "doc_1", "email,age\na,1\n"), w.migration(2, "doc_2", "email,age\nb,1\n")))
		if err != nil {
			w.Fatal(err)
		}
		_, err = p.Up(ctx)
		if most == 1 && w.d.Facts().CommitsDefinitions {
			w.says(err, "SetMaxOpenConns(2)")
			w.same("the table", w.lines("people", "email"), "old")
			continue
		}
		if err != nil {
			w.Fatalf("up with %d connections: %v", most, err)
		}
		w.same("the table", w.lines("people", "email"), "b")
		if _, err := p.DownTo(ctx, 0); err != nil {
			w.Fatalf("down with %d connections: %v", most, err)
		}
		w.same("the table", w.lines("people", "email"), "old")
	}
}

func migrateIncomplete(w *world) {
	_, err := w.migrations([]*goose.Migration{migration.New(1, migration.Upload{})}).Up(context.Background())
	w.says(err, "Upload.Backend")
	u := w.migrated("", "email\na\n")
	_, err = w.migrations([]*goose.Migration{migration.New(1, u)}).Up(context.Background())
	w.says(err, "Upload.DocID")
	u.DocID, u.File = "doc_1", "rows/nobody.csv"
	_, err = w.migrations([]*goose.Migration{migration.New(1, u)}).Up(context.Background())
	w.says(err, "nobody.csv")
	w.gooseVersions("0")
	w.same("the table", w.lines("people"), nothing...)
}

// options are the options of this pass of the suite.
func (w *world) options() plan.Options { return w.by(request("", csv("email", "a"))).Options }
