package conformance

import (
	"context"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
)

func syncCases() []testCase {
	cases := []testCase{
		{name: "sync: only rows that differ are written, and nothing if none does", run: syncWrites},
		{name: "sync: restore, undo, export and diff", run: syncBack},
		{name: "sync: keys", run: syncKeys},
		{name: "sync: files without a key", run: syncWithoutKey},
		{name: "sync: values that move between rows", run: syncMoves},
		{name: "sync: guards", run: syncGuards},
		{name: "sync: triggers fire for rows that change", run: syncTriggers, unless: noTriggers},
		{name: "sync: rows that others refer to", run: syncReferences},
		{name: "sync: a table that refers to itself", run: syncTree},
		{name: "sync: a failure leaves the table as it was", run: syncFails},
		{name: "sync: a panel, and retention", run: syncPanel},
		{name: "sync: cut off at each step", run: syncCutOff},
		{name: "sync: another program writes in between", run: syncWriters},
		{name: "sync: a row begins to refer to one that goes", run: syncReferring},
		{name: "sync: keys of every type", run: syncTypes},
		{name: "sync: columns of JSON", run: syncJSON, unless: withoutJSON},
		{name: "sync: references that are checked at the commit", run: syncDeferred, unless: checksAtOnce},
		{name: "sync: migrations of goose", run: syncByGoose},
	}
	for i := range cases {
		cases[i].unless = either(bySwap, cannotSync, cases[i].orNothing())
	}
	return cases
}

// orNothing is the case's own condition.
func (c testCase) orNothing() condition {
	if c.unless == nil {
		return func(Database) string { return "" }
	}
	return c.unless
}

func cannotSync(d Database) string {
	_, can := dialect.As[dialect.Syncer](d.Backend)
	server := dialect.Server{Dialect: d.Backend.Facts().Name}
	refused := d.Backend.Unsupported(dialect.Target{Server: server, Table: &dialect.Table{PrimaryKey: []string{"x"}}}, dialect.Sync)
	return because(!can || len(refused) > 0, "this family has no strategy sync")
}

// syncing returns an upload to people by the strategy sync.
func syncing(docID, header string, lines ...string) exec.Request {
	r := request(docID, csv(header, lines...))
	r.Options.Strategy = dialect.Sync
	return r
}

func permitting(r exec.Request, codes ...plan.Code) exec.Request {
	r.Options.Allow = append(r.Options.Allow, codes...)
	return r
}

// synced uploads, and checks the numbers of rows that were changed.
func (w *world) synced(r exec.Request, deleted, updated, inserted int64) exec.Result {
	w.Helper()
	res := w.upload(r)
	want := exec.Changes{Deleted: deleted, Updated: updated, Inserted: inserted}
	if res.Changes == nil || *res.Changes != want {
		w.Errorf("%s has changed %+v, want %+v", r.DocID, res.Changes, want)
	}
	return res
}

// notSynced uploads, and checks that the upload fails and leaves the tables as they were.
func (w *world) notSynced(r exec.Request, says []string, tables ...string) error {
	w.Helper()
	before := w.contentsOf(append(tables, "people")...)
	err := w.tryUpload(r)
	w.says(err, says...)
	equal(w, "the tables after "+r.DocID, w.contentsOf(append(tables, "people")...), before)
	w.tidied("people")
	return err
}

const syncedPeople = "CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int}, note {text} DEFAULT 'new')"

// syncWrites also looks at columns that the file lacks: they keep their values, or get the
// default in new rows.
func syncWrites(w *world) {
	w.other(syncedPeople, "INSERT INTO people VALUES ('same', 1, 'a'), ('changes', 2, 'b'), ('null', NULL, NULL), ('goes', 4, 'd')")
	src := []string{"same,1", "changes,3", "null,", "comes,5"}
	res := w.synced(syncing("doc_1", "email,age", src...), 1, 1, 1)
	equal(w, "the version", res.Version, 1)
	w.same("the table", w.lines("people"), "changes | 3 | b", "comes | 5 | new", "null | NULL | NULL", "same | 1 | a")
	old := []string{"changes | 2 | b", "goes | 4 | d", "null | NULL | NULL", "same | 1 | a"}
	w.same("the backup", w.snapshot("people_backup", 0, "email", "age", "note"), old...)
	counts := map[plan.StepKind]int64{}
	for _, s := range w.lastRun("people").Steps {
		if s.RowCount != nil {
			counts[plan.StepKind(s.Kind)] = *s.RowCount
		}
	}
	equal(w, "the counts of the steps", counts, map[plan.StepKind]int64{plan.LoadRows: 4, plan.CompareRows: 3, plan.CopyToBackup: 4,
		plan.DeleteRows: 1, plan.UpdateRows: 1, plan.InsertRows: 1})

	w.refusedUnasked(syncing("doc_1", "email,age", src...), plan.SameFile)
	backup, versions := w.lines("people_backup"), historyLines(w.history("people"))
	for _, doc := range []string{"doc_2", "doc_3"} {
		res = w.synced(permitting(syncing(doc, "email,age", src...), plan.SameFile), 0, 0, 0)
		if !res.Unchanged || res.Version != 1 || len(failureCodes(res.Warnings)) > 0 {
			w.Errorf("an upload without differences gives %+v", res)
		}
		run := w.lastRun("people")
		if run.State != string(ledger.Done) || run.VersionMade != 0 || run.VersionReplaced != nil || run.DocID != doc || len(strings.Fields(run.Warnings)) > len(warningCodes(res.Warnings)) {
			w.Errorf("the run without differences is %+v", run)
		}
	}
	w.same("the backup", w.lines("people_backup"), backup...)
	w.same("the history", historyLines(w.history("people")), versions...)
	res = w.synced(syncing("doc_4", "email,age", "same,1", "changes,2", "null,0"), 1, 2, 0)
	equal(w, "the version after runs without differences", res.Version, 2)
	w.same("the backup", w.snapshot("people_backup", 1, "email", "age"), "changes | 3", "comes | 5", "null | NULL", "same | 1")
	w.synced(permitting(syncing("doc_5", "email,age"), plan.EmptySource), 3, 0, 0)
	w.synced(syncing("doc_6", "age,email", "7,x"), 0, 0, 1)
	w.same("the table", w.lines("people"), "x | 7 | new")
	w.same("no other table is left", w.tables(), w.ownTablesAnd("people", "people_backup")...)
}

// ownTablesAnd are the ledger's tables and the given ones.
func (w *world) ownTablesAnd(tables ...string) []string {
	for _, name := range w.tables() {
		if strings.HasPrefix(name, "tablesnap_") || strings.HasPrefix(name, "sqlite_") {
			tables = append(tables, name)
		}
	}
	return tables
}

// syncBack makes versions by both strategies, and restores by both.
func syncBack(w *world) {
	w.other(syncedPeople, "INSERT INTO people VALUES ('a', 1, 'first'), ('b', 2, 'first')")
	r := syncing("doc_1", "email,age,note", "b,3,second", "c,4,second")
	undo, err := plan.BuildUndo(w.d, w.input(r))
	if err != nil {
		w.Fatal(err)
	}
	w.upload(r)
	found, changes := w.diff(exec.DiffRequest{Table: "people"})
	equal(w, "the differences", []int64{found.Added, found.Removed, found.Changed}, []int64{1, 1, 1})
	equal(w, "the number of changes", len(changes), 3)
	if err := w.in.Client(w.T, w.script(undo, nil)); err != nil {
		w.Fatalf("undo: %v", err)
	}
	w.same("the table after the undo", w.lines("people"), "a | 1 | first", "b | 2 | first")
	in := request("doc_3", csv("email,age,note", "z,26,third"))
	w.upload(in)
	o := plan.Options{Strategy: dialect.Sync, Allow: []plan.Code{plan.Shrinks}}
	for version, want := range [][]string{{"a | 1 | first", "b | 2 | first"}, {"b | 3 | second", "c | 4 | second"}, {"a | 1 | first", "b | 2 | first"}, {"z | 26 | third"}} {
		n := int64(version)
		res, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "people", Version: &n, Options: o})
		if err != nil {
			w.Fatalf("restore version %d: %v", version, err)
		}
		if res.Unchanged {
			w.Errorf("restoring version %d has changed nothing", version)
		}
		w.same("the table", w.lines("people"), want...)
	}
	first := int64(1)
	exported, _ := w.mustExport(exec.ExportRequest{Table: "people", Version: &first}, "csv")
	w.upload(exec.Request{Table: "people", DocID: "again", Source: exported, Options: plan.Options{Strategy: dialect.Sync}})
	w.same("the table, as exported", w.lines("people"), "b | 3 | second", "c | 4 | second")
	w.upload(request("doc_9", csv("email,age,note", "a,1,in place", "b,2,in place")))
	w.same("the last backup", w.snapshot("people_backup", int(w.lastRun("people").VersionMade)-1, "email", "age"), "b | 3", "c | 4")
}

// syncKeys matches by several columns, by a unique key, by a key that no index says, and by
// keys that a collation may take for the same. Whatever it takes for the same, the table is
// equal to the file.
func syncKeys(w *world) {
	w.other("CREATE TABLE people (a {text} NOT NULL, b {int} NOT NULL, v {text}, PRIMARY KEY (b, a))", "INSERT INTO people VALUES ('x', 1, 'old'), ('x', 2, 'old'), ('y', 1, 'old')")
	w.synced(syncing("doc_1", "v,a,b", "old,x,1", "new,x,2", "new,z,1"), 1, 1, 1)
	w.same("the table", w.lines("people"), "x | 1 | old", "x | 2 | new", "z | 1 | new")
	w.other("DROP TABLE people", "DROP TABLE people_backup", "CREATE TABLE people (id {id}, email {text} NOT NULL UNIQUE, v {text})",
		"INSERT INTO people (email, v) VALUES ('a', 'old'), ('b', 'old'), ('c', 'old')")
	ids := w.query("SELECT id FROM people WHERE email IN ('b', 'c') ORDER BY email")
	w.synced(permitting(syncing("doc_2", "email,v", "c,new", "b,old", "d,new"), plan.Shrinks), 1, 1, 1)
	w.same("the generated keys", w.query("SELECT id FROM people WHERE email IN ('b', 'c') ORDER BY email"), ids...)
	w.same("the table", w.lines("people", "email", "v"), "b | old", "c | new", "d | new")

	w.other("DROP TABLE people", "DROP TABLE people_backup", "CREATE TABLE people (email {text}, v {text})", "INSERT INTO people VALUES ('a', 'old'), ('b', 'old')")
	r := syncing("doc_3", "email,v", "a,new", "c,new")
	w.refused(r, "no primary key", "people.csv")
	r.Options.Key = []string{"email"}
	w.synced(r, 1, 1, 1)
	w.same("the table", w.lines("people"), "a | new", "c | new")
	w.other("INSERT INTO people VALUES ('a', 'again')")
	r = syncing("doc_4", "email,v", "a,x", "c,x")
	r.Options.Key = []string{"email"}
	w.notSynced(r, []string{"no two rows of people have the same key", `"a"`})
	w.other("UPDATE people SET email = NULL WHERE v = 'again'")
	w.notSynced(r, []string{"no row of people lacks a value in the key"})

	w.other("DROP TABLE people", "DROP TABLE people_backup", "CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, v {int})", "INSERT INTO people VALUES ('Ada', 1), ('ete', 2), ('blank', 3)")
	w.upload(syncing("doc_5", "email,v", "ada,1", "été,2", "blank ,3", "new,4"))
	w.same("the table", w.query("SELECT "+w.family.Words.Exact("email")+" FROM people WHERE v = 1"), w.exactOf("ada"))
	equal(w, "the rows", len(w.lines("people")), 4)
	found, _ := w.diff(exec.DiffRequest{Table: "people", File: csv("email,v", "ada,1", "été,2", "blank ,3", "new,4")})
	equal(w, "the differences", []int64{found.Added, found.Removed, found.Changed}, []int64{0, 0, 0})
}

// exactOf is how [Words.Exact] shows a text of the table people.
func (w *world) exactOf(text string) string {
	return w.query("SELECT " + w.family.Words.Exact("email") + " FROM people WHERE email = '" + text + "'")[0]
}

func syncWithoutKey(w *world) {
	w.other("CREATE TABLE people (id {id}, email {text})", "INSERT INTO people (email) VALUES ('a')")
	w.refused(syncing("doc_1", "email", "a"), "people.csv lacks the key", "id")
	r := syncing("doc_1", "email", "a", "b", "c", "b", "c")
	r.Options.Key = []string{"email"}
	w.says(mustBe[*exec.SourceError](w, w.tryUpload(r)), `line 5, column "email": value "b": line 3 has the same key`, `line 6, column "email": value "c"`)
	r = syncing("doc_1", "id,email", "1,a", "2,", ",c")
	w.says(mustBe[*exec.SourceError](w, w.tryUpload(r)), `line 4, column "id": value NULL: it is part of the key by which rows are matched`)
	for key, says := range map[string]string{"nobody": "none of that name", "id": "none of that name"} {
		r = syncing("doc_1", "email", "a")
		r.Options.Key = []string{key}
		w.refused(r, says)
	}
	w.other("CREATE TABLE numbered (n {int} NOT NULL PRIMARY KEY, v {text})", "INSERT INTO numbered VALUES (1, 'a')")
	r = syncing("doc_1", "n,v", "01,a", "1,b")
	r.Table = "numbered"
	if err := w.tryUpload(r); err == nil {
		w.Error("two rows with the same number were uploaded")
	}
	w.same("the table", w.lines("numbered"), "1 | a")
}

// syncMoves gives unique values to other rows.
func syncMoves(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, badge {int} UNIQUE, room {int} NOT NULL UNIQUE)",
		"INSERT INTO people VALUES ('a', 1, 10), ('b', 2, 20), ('c', NULL, 30), ('d', 4, 40)")
	w.upload(syncing("doc_1", "email,badge,room", "a,2,10", "b,1,20", "c,,30", "e,4,40"))
	w.same("badges that swap", w.lines("people"), "a | 2 | 10", "b | 1 | 20", "c | NULL | 30", "e | 4 | 40")
	w.upload(syncing("doc_2", "email,badge,room", "a,2,20", "b,1,30", "c,4,10", "e,,41", "f,5,40"))
	w.same("rooms that go round", w.lines("people"), "a | 2 | 20", "b | 1 | 30", "c | 4 | 10", "e | NULL | 41", "f | 5 | 40")
	w.notSynced(syncing("doc_3", "email,room", "a,30", "b,20", "c,10", "e,41", "f,40"), []string{"no value of room moves", `"a"`, `"b"`})
	w.upload(syncing("doc_4", "email,room", "a,99", "b,30", "c,10", "e,41", "f,98"))
	w.same("values that nobody has", w.lines("people"), "a | 2 | 99", "b | 1 | 30", "c | 4 | 10", "e | NULL | 41", "f | 5 | 98")
}

func syncGuards(w *world) {
	w.other(syncedPeople, "INSERT INTO people (email, age) VALUES ('a', 1), ('b', 1), ('c', 1), ('d', 1)")
	most := 49
	r := syncing("doc_1", "email,age", "a,2", "b,1", "c,1", "e,1")
	r.Options.MaxChange = &most
	hazard := mustBe[*plan.HazardError](w, w.notSynced(r, []string{"at most 49%", "(2, 4)"}))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.MostChanged})
	w.same("the backup", w.lines("people_backup"), nothing...)
	w.synced(permitting(r, plan.MostChanged), 1, 1, 1)
	r = syncing("doc_2", "email,age", "a,1")
	w.refusedUnasked(r, plan.Shrinks)
	w.refusedUnasked(syncing("doc_2", "email"), plan.EmptySource)
	r = syncing("doc_2", "email,age", "a,1", "b,2")
	r.Options.ChunkRows = 5
	if !w.commitsDDL() {
		w.refused(r, "chunks are for the strategy swap")
	}
	r = syncing("doc_2", "email,age", "a,1")
	r.Table = "nobody"
	w.upload(r)
	w.same("a table that the upload makes", w.lines("nobody"), "a | 1")
}

func syncTriggers(w *world) {
	w.other(syncedPeople, "INSERT INTO people (email, age) VALUES ('a', 1), ('b', 1), ('c', 1)", "CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting_in", "people", "INSERT", "noted")...)
	w.other(w.family.Words.Note("noting_out", "people", "DELETE", "noted")...)
	r := syncing("doc_1", "email,age", "a,1", "b,2", "d,1")
	w.refusedUnasked(r, plan.TriggersFire, "each row that changes")
	w.synced(permitting(r, plan.TriggersFire), 1, 1, 1)
	equal(w, "the events", len(w.lines("noted")), 2)
	w.other("DROP TRIGGER noting_in"+w.onPeople(), "DROP TRIGGER noting_out"+w.onPeople())
	w.other(w.family.Words.Rewrite("dating", "people", "note", "now")...)
	r = permitting(syncing("doc_2", "email,age,note", "a,1,new", "b,2,new", "d,1,new", "e,1,then"), plan.TriggersFire)
	hazard := mustBe[*plan.HazardError](w, w.notSynced(r, []string{`"note" in 1 row`}))
	equal(w, "the hazards", hazardCodes(hazard.Hazards), []plan.Code{plan.TriggersRewrite})
	w.synced(permitting(r, plan.TriggersRewrite), 0, 0, 1)
	w.same("the table, as the user allowed", w.lines("people"), "a | 1 | new", "b | 2 | new", "d | 1 | new", "e | 1 | now")
}

// onPeople follows the name of a trigger that is dropped, if it belongs to the table.
func (w *world) onPeople() string {
	if slices.ContainsFunc(w.family.Words.Note("x", "people", "INSERT", "noted"), func(s string) bool { return strings.Contains(s, "EXECUTE FUNCTION") }) {
		return " ON people"
	}
	return ""
}

func syncPanel(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, access {text}, initial_status {text} NOT NULL, final_status {text})",
		"INSERT INTO people VALUES ('a', 'old', 'kept', 'kept'), ('b', 'old', 'kept', NULL)")
	r := syncing("doc_1", "email,access", "a,old", "b,new", "c,new")
	r.Kind = plan.Panel()
	w.synced(r, 0, 1, 1)
	w.same("the table", w.lines("people"), "a | old", "b | new", "c | new")
	w.same("the backup", w.snapshot("people_backup", 0, "email", "access", "initial_status"), "a | old | kept", "b | old | kept")
	for _, doc := range []string{"x", "y"} {
		w.upload(syncing("doc_"+doc, "email,access", "a,"+doc, "b,new", "c,new"))
	}
	rule := plan.Retention{Keep: 1}
	res := w.synced(permitting(retaining(syncing("doc_2", "email,access", "a,y", "b,new", "c,new"), rule), plan.SameFile), 0, 0, 0)
	for _, s := range w.pruneSteps(res) {
		equal(w, "the state of "+s.Step.ID, s.State, exec.Skipped)
	}
	equal(w, "the snapshots", len(w.lines("people_backup")), 8)
	w.upload(retaining(syncing("doc_3", "email,access", "a,z", "b,new", "c,new"), rule))
	if lines := w.lines("people_backup", "snapshot_version", "access"); len(lines) >= 11 {
		w.Errorf("no snapshot has gone: %q", lines)
	}
}
