package conformance

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/goosecmd"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func gooseSQLCases() []testCase {
	return []testCase{
		{name: "goose in SQL: hostile rows by goose's command, up, down and up again", run: gooseHostileRows, unless: otherStrategy},
		{name: "goose in SQL: where other versions stand", run: gooseElsewhere},
		{name: "goose in SQL: columns that are dropped", run: goosePanel},
		{name: "goose in SQL: other columns", run: gooseOtherColumns},
		{name: "goose in SQL: rows that the database refuses", run: gooseRefusedRows},
		{name: "goose in SQL: rows that the database refuses goose's command", run: gooseRefusedCommand},
		{name: "goose in SQL: what cannot be written", run: gooseUnwritable},
		{name: "goose in SQL: a session that is lost", run: gooseLostSession, unless: either(keepsSession, otherStrategy)},
	}
}

// hostileToGoose are texts that goose's parser could mistake for annotations or the ends
// of statements.
func hostileToGoose() []string {
	return []string{
		";", "a;", "ends here;\nSELECT 1;", "-- +goose Down", "\n-- +goose Down\n", "\n-- +goose StatementEnd\nDROP TABLE people;\n", "-- +goose StatementBegin",
		"\n-- +goose NO TRANSACTION\n", "\n-- +goose ENVSUB ON\n${HOME}", "$HOME ${HOME}", "--", "\n--\n", "\n\n\n", "$$", "$touched$", "\r\n-- +goose Down\r\n",
		strings.Repeat("x;\n", 1_500_000), strings.Repeat("it's ü\\ \n", 400_000),
	}
}

// gooseSQL returns the upload of a request as a SQL migration, planned in the database of
// w.
func (w *world) gooseSQL(r exec.Request) string {
	w.Helper()
	text, err := w.tryGooseSQL(r)
	if err != nil {
		w.Fatalf("write a goose migration: %v", err)
	}
	return text
}

func (w *world) tryGooseSQL(r exec.Request) (string, error) {
	w.Helper()
	if r.Options.Strategy != dialect.Sync {
		r.Options.Strategy = "" // the format has its own strategy
	}
	m, err := w.client.PlanMigration(context.Background(), r)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = plan.WriteGoose(&b, dialect.InExternalTx(w.d), m, r.Source)
	return b.String(), err
}

// gooseUnchecked is a migration for which nobody has looked for rows with the same key.
func (w *world) gooseUnchecked(r exec.Request) string {
	w.Helper()
	in := w.unchecked(r)
	in.Options.Strategy, in.Options.ChunkRows = "", 0
	var b strings.Builder
	m, err := plan.BuildMigration(dialect.InExternalTx(w.d), in)
	if err == nil {
		err = plan.WriteGoose(&b, dialect.InExternalTx(w.d), m, r.Source)
	}
	if err != nil {
		w.Fatalf("write a goose migration: %v", err)
	}
	return b.String()
}

// gooseFolder returns a folder with a SQL migration as version 1.
func (w *world) gooseFolder(text string) string {
	w.Helper()
	dir := w.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "00001_upload.sql"), []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return dir
}

// gooseFile returns a provider with a SQL migration as version 1.
func (w *world) gooseFile(text string) *goose.Provider {
	w.Helper()
	p, err := goose.NewProvider(w.family.Goose, w.migrating(), os.DirFS(w.gooseFolder(text)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// goose runs the goose command, as a separate process with its own sessions.
func (w *world) goose(dir, command string) {
	w.Helper()
	if err := w.tryGoose(dir, command); err != nil {
		w.Fatal(err)
	}
}

func (w *world) tryGoose(dir, command string) error {
	w.Helper()
	return goosecmd.Run(w.T, dir, string(w.family.Goose), w.in.GooseDSN, command)
}

// everythingUploaded is everything without what differs between an upload and the same
// upload by a migration: goose's own tables, the hashes of plan and source, the
// statements, the run that a down undoes, and the step that checks for a backup table.
func (w *world) everythingUploaded() map[string][]string {
	w.Helper()
	all := w.everything()
	delete(all, "goose_db_version")
	delete(all, "sqlite_sequence")
	all[dialect.RunTable] = w.without(dialect.RunTable, "plan_hash", "source_name", "source_sha256", "warnings", "upload_timestamp")
	all[dialect.AuditTable] = slices.DeleteFunc(w.without(dialect.AuditTable, "sql_text", "message", "seq", "step", "details"), func(row string) bool {
		return strings.Contains(row, string(plan.CreateBackup))
	})
	return all
}

func (w *world) without(table string, names ...string) []string {
	w.Helper()
	return w.comparable(table, slices.DeleteFunc(w.columns(table), func(c string) bool {
		return slices.Contains(names, c) || slices.Contains(timings[table], c)
	}))
}

// restoreBack restores a version the way that the down migration does.
func (w *world) restoreBack(version int64) {
	w.Helper()
	o := plan.Options{Allow: plan.Codes(), OnBackupFailure: plan.Abort, OnDropColumnFailure: plan.Abort, Strategy: w.family.gooseStrategy()}
	if _, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "people", Version: &version, Actor: actor, Options: o}); err != nil {
		w.Fatalf("restore: %v", err)
	}
}

// gooseStrategy is the strategy of SQL migrations.
func (d Database) gooseStrategy() dialect.Strategy {
	if d.Backend.Facts().CommitsDefinitions {
		return dialect.Swap
	}
	return dialect.InPlace
}

func gooseHostileRows(migrated *world) {
	applied := newWorld(migrated.T, migrated.family)
	for _, w := range []*world{migrated, applied} {
		w.other("CREATE TABLE people (n {int}, value "+w.family.Words.LongText+")", "INSERT INTO people VALUES (1, 'old'), (2, NULL)")
	}
	texts := migrated.kept(slices.Concat(hostileTexts(), textsWithNUL(), hostileToGoose())...)
	rows := [][]any{{nil, nil}}
	for i, text := range texts {
		rows = append(rows, []any{i, text})
	}
	r := request("doc ' \" \\ \n-- +goose Down\n $1", rowsource.Rows("-- +goose Down", []string{"n", "value"}, rows))
	r.Actor, r.Options.OnBackupFailure, r.Options.OnDropColumnFailure = actor, plan.Abort, plan.Abort
	dir := migrated.gooseFolder(migrated.gooseSQL(r))

	apply := func() {
		applied.Helper()
		r.Options.Strategy = applied.family.gooseStrategy()
		applied.upload(r)
	}
	migrated.goose(dir, "up")
	apply()
	equal(migrated, "what up left, against apply", migrated.everythingUploaded(), applied.everythingUploaded())
	migrated.goose(dir, "down")
	applied.restoreBack(0)
	equal(migrated, "what down left, against restore", migrated.everythingUploaded(), applied.everythingUploaded())
	migrated.gooseVersions("0")
	migrated.goose(dir, "up")
	apply()
	equal(migrated, "what up left the second time", migrated.everythingUploaded(), applied.everythingUploaded())
	migrated.goose(dir, "down")
	applied.restoreBack(2)
	equal(migrated, "what down left the second time", migrated.everythingUploaded(), applied.everythingUploaded())
}

// gooseElsewhere plans a migration in one database and runs it in another, where uploads
// were made before and the columns are in another order.
func gooseElsewhere(w *world) {
	there := newWorld(w.T, w.family)
	w.other(oldPeople)
	text := w.gooseSQL(request("doc_9", csv("email,age", "new,9")))
	there.other("CREATE TABLE people (age {int}, email {text} NOT NULL)", "INSERT INTO people VALUES (1, 'old')")
	there.upload(request("doc_1", csv("email,age", "a,1")))
	there.upload(request("doc_2", csv("email,age", "b,2")))
	there.other("INSERT INTO people VALUES (3, 'somebody else')")
	p := there.gooseFile(text)
	there.up(p)
	there.same("the table", there.lines("people", "email", "age"), "new | 9")
	there.same("the backup", there.lines("people_backup", "snapshot_version", "doc_id", "upload_timestamp", "email"),
		"0 | NULL | NULL | old", "1 | doc_1 | time of doc_1 | a", "2 | doc_2 | time of doc_2 | b", "2 | doc_2 | time of doc_2 | somebody else")
	run := there.lastRun("people")
	equal(there, "the run", []any{run.VersionMade, *run.VersionReplaced, run.DocID, run.State, *run.RowsBackedUp, *run.RowsLoaded, strings.Contains(run.Warnings, string(plan.ChangedSince))},
		[]any{int64(3), int64(2), "doc_9", "done", int64(2), int64(1), true})
	there.upload(request("doc_4", csv("email,age", "later,4")))
	there.down(p)
	there.same("the table", there.lines("people", "email", "age"), "b | 2", "somebody else | 3")
	equal(there, "whose rows they are", there.lastRun("people").DocID, "doc_2")
	there.upload(request("doc_5", csv("email,age", "last,5", "last,6"))) // tablesnap can work with what the migration left
	there.same("the newest snapshot", there.snapshot("people_backup", 5, "email"), "b", "somebody else")
}

func goosePanel(w *world) {
	w.other("CREATE TABLE people (email {text}, initial_status {text}, access {text})", "INSERT INTO people VALUES ('a', 'keep', 'admin')")
	r := request("doc_1", csv("email,access", "b,viewer"))
	r.Kind = plan.Panel()
	p := w.gooseFile(w.gooseSQL(r))
	for range 2 {
		w.up(p)
		w.same("the table", w.lines("people"), "b | viewer")
		w.down(p)
		w.same("the table", w.lines("people", "email", "initial_status", "access"), "a | keep | admin")
	}
}

func gooseOtherColumns(w *world) {
	there := newWorld(w.T, w.family)
	w.other(oldPeople)
	text := w.gooseSQL(request("doc_1", csv("email,age", "new,9")))
	p := there.gooseFile(text)
	refused := func(why string) {
		there.Helper()
		before := there.everything()
		delete(before, "goose_db_version")
		if _, err := p.Up(context.Background()); err == nil {
			there.Errorf("goose has migrated where %s", why)
		}
		after := there.everything()
		delete(after, "goose_db_version")
		equal(there, "the database, where "+why, after, before)
	}
	refused("the table does not exist")
	there.other("CREATE TABLE people (email {text} NOT NULL, age {int}, phone {text})", "INSERT INTO people VALUES ('old', 1, '1')")
	refused("the table has a column more")
	there.other("ALTER TABLE people DROP COLUMN phone", "ALTER TABLE people DROP COLUMN age")
	refused("the table has a column less")
	there.other("ALTER TABLE people ADD COLUMN age {text}")
	refused("a column is of another type")
	there.other("DROP TABLE people", oldPeople, "CREATE TABLE people_backup (email {text}, age {int})")
	refused("something else has the name of the backup")
	there.other("DROP TABLE people_backup")
	there.up(p)
	there.same("the table", there.lines("people", "email"), "new")
}

func gooseRefusedRows(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('old')")
	p := w.gooseFile(w.gooseUnchecked(request("doc_1", csv("email", "twice", "twice"))))
	if _, err := p.Up(context.Background()); err == nil {
		w.Fatal("a row was uploaded twice into a unique column")
	}
	w.same("the table", w.lines("people"), "old")
	w.gooseVersions("0")
	if w.d.Facts().CommitsDefinitions {
		_, err := p.Up(context.Background())
		w.says(err, "tablesnap recover")
		if err := p.Close(); err != nil { // the failed session holds the lock until it ends
			w.Fatal(err)
		}
		if _, err := w.newClient().Recover(context.Background(), "people", exec.DoRecover); err != nil {
			w.Fatalf("recover: %v", err)
		}
		w.same("the tables that are left over", w.lines("people_tablesnap_shadow"), nothing...)
	}
	w.upload(request("doc_2", csv("email", "new")))
	w.same("the table", w.lines("people"), "new")
}

// gooseRefusedCommand checks that the goose command ends the failed session, which
// releases its lock.
func gooseRefusedCommand(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('old')")
	dir := w.gooseFolder(w.gooseUnchecked(request("doc_1", csv("email", "twice", "twice"))))
	w.says(w.tryGoose(dir, "up"), "failed to execute SQL query", "twice")
	w.same("the table", w.lines("people"), "old")
	w.gooseVersions("0")
	if w.d.Facts().CommitsDefinitions {
		w.says(w.tryGoose(dir, "up"), "tablesnap recover")
		if _, err := w.client.Recover(context.Background(), "people", exec.DoRecover); err != nil {
			w.Fatalf("recover: %v", err)
		}
		w.same("the tables that are left over", w.lines("people_tablesnap_shadow"), nothing...)
	}
	w.upload(request("doc_2", csv("email", "new")))
	w.same("the table", w.lines("people"), "new")
}

func gooseUnwritable(w *world) {
	_, err := w.tryGooseSQL(request("doc_1", csv("email", "a")))
	w.says(err, "the table does not exist")
	w.other(oldPeople)
	r := request("doc_1", csv("email,age,phone", "a,1,2"))
	r.Options.NewColumns = plan.AddNewColumns
	_, err = w.tryGooseSQL(r)
	w.says(err, "adds no columns")
	name := "a\n-- +goose Down\nb"
	if !slices.Contains(w.family.Words.HostileNames, "new\nline") {
		return
	}
	w.other("ALTER TABLE people ADD COLUMN " + w.d.Quote(name) + " {text}")
	_, err = w.tryGooseSQL(request("doc_1", csv("email,age", "a,1")))
	w.says(err, "annotation", "exec/migration")
}
