package conformance

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/internal/testservers"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func setCases() []testCase {
	tied := []testCase{
		{name: "set: parents, children and grandchildren", run: eachWayOfSet(setFamily)},
		{name: "set: what refers to it from outside", run: setFromOutside},
		{name: "set: tables that refer to one another in a circle", run: eachWayOfSet(setCircle)},
		{name: "set: rows that refer to another parent before theirs goes", run: setRepointed},
		{name: "set: a table that refers to itself", run: eachWayOfSet(setTree)},
	}
	for i := range tied {
		tied[i].unless = either(bySwap, singleServer)
	}
	return append(tied,
		testCase{name: "set: five tables", run: eachWayOfSet(setOfFive), unless: nodesSwap},
		testCase{name: "set: what cannot be one is refused", run: setRefused},
		testCase{name: "set: a failure leaves all tables as they were", run: eachWayOfSet(setFails), unless: nodesSwap},
		testCase{name: "set: a saved plan", run: eachWayOfSet(setSaved), unless: nodesSwap},
		testCase{name: "set: restored", run: eachWayOfSet(setRestored), unless: nodesSwap},
	)
}

// setLockCases are about sessions.
func setLockCases() []testCase {
	return []testCase{
		{name: "set: cut off at each step", run: lastWayOfSet(setCutOff), unless: nodesSwap},
		{name: "set: two sets with tables in common at once", run: setsAtOnce, unless: nodesSwap},
	}
}

// setScriptCases are about scripts and migrations.
func setScriptCases() []testCase {
	return []testCase{
		{name: "set: script equals apply", run: eachWayOfSet(setScript), unless: nodesSwap},
		{name: "set: a migration of goose", run: eachWayOfSet(setMigrated), unless: nodesSwap},
	}
}

// nodesSwap: the nodes of a cluster take no other strategy.
func nodesSwap(d Database) string {
	if d.swaps() {
		return ""
	}
	return singleServer(d)
}

// tableFiles are those of a set: of each table its header and its lines.
type tableFiles map[string][]string

// setOf is an upload of the files as one. Each table's doc_id is that of the set.
func (w *world) setOf(docID string, s dialect.Strategy, f tableFiles, allow ...plan.Code) exec.SetRequest {
	req := exec.SetRequest{Name: "family"}
	for _, table := range sorted(f) {
		lines := f[table]
		r := exec.Request{Table: table, Kind: plan.AnyTable(), DocID: docID, UploadTimestamp: "time of " + docID,
			Source:  rowsource.Bytes([]byte(strings.Join(lines, "\n")+"\n"), rowsource.Options{Name: table + ".csv"}),
			Options: plan.Options{Strategy: s, Allow: allow}}
		if s == dialect.Swap && w.commitsDDL() {
			r.Options.ChunkRows = chunkRows
		}
		req.Uploads = append(req.Uploads, r)
	}
	return req
}

func sorted(f tableFiles) []string {
	var names []string
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (w *world) uploadSet(req exec.SetRequest) exec.SetResult {
	w.Helper()
	res, err := w.client.UploadSet(context.Background(), req)
	if err != nil {
		w.Fatalf("upload the set %s: %v", req.Uploads[0].DocID, err)
	}
	return res
}

func eachWayOfSet(run func(*world, dialect.Strategy)) func(*world) {
	return func(w *world) { w.eachSetStrategy(run) }
}

// lastWayOfSet leaves the pass in place to the sync, which has all of its steps, unless
// everything is asked for.
func lastWayOfSet(run func(*world, dialect.Strategy)) func(*world) {
	return func(w *world) {
		switch {
		case testservers.Whole():
			w.eachSetStrategy(run)
		case w.family.Strategy == dialect.InPlace && cannotSync(w.family) == "":
			run(w, dialect.Sync)
		default:
			run(w, w.family.Strategy)
		}
	}
}

// eachSetStrategy runs a case for each strategy of the pass, in a database of its own: a pass in
// place also syncs.
func (w *world) eachSetStrategy(run func(*world, dialect.Strategy)) {
	run(w, w.family.Strategy)
	if w.family.Strategy == dialect.InPlace && cannotSync(w.family) == "" {
		run(newWorld(w.T, w.family), dialect.Sync)
	}
}

// fiveTables have no references, so that they can be swapped.
func (w *world) fiveTables() []string {
	names := []string{"a_people", "b_roles", "c_prices", "d_units", "e_notes"}
	for _, name := range names {
		w.other("CREATE TABLE "+name+" (id {int} NOT NULL PRIMARY KEY, name {text})", "INSERT INTO "+name+" VALUES (1, 'old'), (2, 'older')")
	}
	return names
}

// rowsFor are files with the same rows for each table.
func rowsFor(tables []string, lines ...string) tableFiles {
	f := tableFiles{}
	for _, name := range tables {
		f[name] = append([]string{"id,name"}, lines...)
	}
	return f
}

func (w *world) strategy() dialect.Strategy { return w.family.Strategy }

func setOfFive(w *world, by dialect.Strategy) {
	tables := w.fiveTables()
	w.uploadSet(w.setOf("doc_1", by, rowsFor(tables, "1,new", "3,newer", "4,newest")))
	for _, name := range tables {
		w.same(name, w.lines(name), "1 | new", "3 | newer", "4 | newest")
		w.same("the backup of "+name, w.snapshot(name+"_backup", 0, "id", "name"), "1 | old", "2 | older")
	}
	if w.swaps() {
		renames := slices.DeleteFunc(w.sent.Sent(), func(s string) bool { return !strings.HasPrefix(s, "RENAME TABLE") })
		equal(w, "the number of renames", len(renames), 1)
	}
	w.uploadSet(w.setOf("doc_2", by, rowsFor(tables[1:3], "5,e", "6,f")))
	w.same("a table of the next set", w.lines(tables[1]), "5 | e", "6 | f")
	w.same("a table that is not in it", w.lines(tables[0]), "1 | new", "3 | newer", "4 | newest")
}

func setRefused(w *world) {
	tables := w.fiveTables()
	refuse := func(req exec.SetRequest, says ...string) {
		w.Helper()
		_, err := w.client.PlanSet(context.Background(), req)
		w.says(err, says...)
	}
	refuse(exec.SetRequest{Name: "family"}, `refuse to upload to the set "family"`, "it has no tables")
	twice := w.setOf("doc_1", w.strategy(), rowsFor(tables[:1], "1,a", "2,b"))
	twice.Uploads = append(twice.Uploads, twice.Uploads[0])
	refuse(twice, `it has "a_people" twice`)
	noName := w.setOf("doc_1", w.strategy(), rowsFor(tables[:2], "1,a", "2,b"))
	noName.Name = ""
	refuse(noName, "it has no name")
	if cannotSync(w.family) == "" {
		mixed := w.setOf("doc_1", dialect.InPlace, rowsFor(tables[:2], "1,a", "2,b"))
		mixed.Uploads[1].Options.Strategy = dialect.Sync
		refuse(mixed, "several strategies", "in-place", "sync")
	}
	portable := w.setOf("doc_1", w.strategy(), rowsFor(tables[:2], "1,a", "2,b"))
	portable.Uploads[0].Options.Binding = plan.BoundToColumns
	refuse(portable, "migration")
	bad := rowsFor(tables[:2], "1,a", "2,b")
	bad["a_people"], bad["b_roles"] = []string{"id,name", "x,a"}, []string{"id,name", "y,a"}
	refuse(w.setOf("doc_1", w.strategy(), bad), "a_people.csv", "b_roles.csv")
	one, err := w.client.PlanSet(context.Background(), w.setOf("doc_1", w.strategy(), rowsFor(tables[:2], "1,a", "2,b")))
	if err != nil {
		w.Fatal(err)
	}
	_, err = w.client.Run(context.Background(), one.Plans[0], csv("id,name", "1,a", "2,b"), nil)
	w.says(err, "runs with the set")
}

// setFails lets the statement of each step fail in turn.
func setFails(w *world, by dialect.Strategy) {
	tables := w.fiveTables()[:2]
	ctx := context.Background()
	w.uploadSet(w.setOf("doc_0", by, rowsFor(tables, "1,a", "2,b")))
	before := w.contentsOf(tables...)
	for _, i := range []int{0, 1} {
		r := w.setOf("doc_1", by, rowsFor(tables, "1,c", "3,d"))
		r.Uploads[i].Options.Checks = []plan.Check{plan.QueryCheck("nobody is c", "SELECT * FROM {table} WHERE name = 'c'", plan.Refuse)}
		_, err := w.client.UploadSet(ctx, r)
		mustBe[*exec.CheckError](w, err)
		equal(w, "the tables", w.contentsOf(tables...), before)
		for _, name := range tables {
			run := w.lastRun(name)
			equal(w, "the run on "+name, run.State, string(ledger.Failed))
			for _, s := range run.Steps {
				if s.State == string(ledger.Started) {
					w.Errorf("step %s of %s is still %s", s.Step, name, s.State)
				}
			}
		}
		w.same("the tables", w.tables(), w.ownTablesAnd("a_people", "a_people_backup", "b_roles", "b_roles_backup", "c_prices", "d_units", "e_notes")...)
	}
	w.uploadSet(w.setOf("doc_2", by, rowsFor(tables, "1,c", "3,d")))
}

func setSaved(w *world, by dialect.Strategy) {
	tables := w.fiveTables()[:3]
	req := w.setOf("doc_1", by, rowsFor(tables, "1,a", "2,b"))
	set, err := w.client.PlanSet(context.Background(), req)
	if err != nil {
		w.Fatal(err)
	}
	var b bytes.Buffer
	if err := plan.EncodeSet(&b, set); err != nil {
		w.Fatal(err)
	}
	_, err = plan.Decode(bytes.NewReader(b.Bytes()))
	if !errors.Is(err, plan.ErrIsSet) {
		w.Errorf("the plan of a set, read as that of a table: %v", err)
	}
	saved, err := plan.DecodeSet(&b)
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the saved set", saved, set)
	sources := map[string]rowsource.Source{}
	for _, u := range req.Uploads {
		sources[u.Table] = u.Source
	}
	other := map[string]rowsource.Source{}
	for name := range sources {
		other[name] = csv("id,name", "1,x")
	}
	_, err = w.client.ApplySet(context.Background(), saved, other, nil)
	mustBe[*exec.DriftError](w, err)
	if _, err := w.client.ApplySet(context.Background(), saved, sources, nil); err != nil {
		w.Fatal(err)
	}
	w.same("a table", w.lines(tables[2]), "1 | a", "2 | b")
	_, err = w.client.ApplySet(context.Background(), saved, sources, nil)
	mustBe[*exec.DriftError](w, err)
}

// setRestored brings the tables back to what they were after a set, by the id of its runs.
func setRestored(w *world, by dialect.Strategy) {
	tables := w.fiveTables()[:3]
	ctx := context.Background()
	first := w.uploadSet(w.setOf("doc_1", by, rowsFor(tables, "1,a", "2,b")))
	w.uploadSet(w.setOf("doc_2", by, rowsFor(tables[:2], "1,c", "2,d")))
	options := plan.Options{Strategy: by}
	res, err := w.client.RestoreSet(ctx, exec.SetRestoreRequest{SetRun: first.SetRun, Set: "family", Options: options})
	if err != nil {
		w.Fatal(err)
	}
	equal(w, "the number of tables that were restored", len(res.Tables), 2)
	for _, name := range tables {
		w.same(name, w.lines(name), "1 | a", "2 | b")
	}
	w.same("the backup of what was replaced", w.snapshot(tables[0]+"_backup", 2, "id", "name"), "1 | c", "2 | d")
	equal(w, "the set of the restore", w.lastRun(tables[0]).SetRun, res.SetRun)
	again, err := w.client.PlanSetRestore(ctx, exec.SetRestoreRequest{SetRun: first.SetRun, Options: options})
	if err != nil || len(again.Plans) != 2 {
		w.Errorf("restored once more: %d plans, %v", len(again.Plans), err)
	}
	_, err = w.client.PlanSetRestore(ctx, exec.SetRestoreRequest{SetRun: res.SetRun, Options: options})
	w.says(err, "hold the versions of run", "already")
	_, err = w.client.PlanSetRestore(ctx, exec.SetRestoreRequest{SetRun: 9999, Options: options})
	w.says(err, "no finished run 9999 of a set")
	_, err = w.client.PlanSetRestore(ctx, exec.SetRestoreRequest{SetRun: first.SetRun, Set: "other", Options: options})
	w.says(err, `one of the set "family"`)
	w.takesBack(tables[:2], res.SetRun, options)
}

// takesBack brings back what the tables held before a run of a set that has restored version 1.
func (w *world) takesBack(tables []string, setRun int64, o plan.Options) {
	w.Helper()
	ctx := context.Background()
	found, err := w.client.SetRunOf(ctx, tables[0], *w.history(tables[0])[0].Number)
	if err != nil || found != setRun {
		w.Errorf("the run of the set of the newest version is %d, %v; want %d", found, err, setRun)
	}
	_, err = w.client.SetRunOf(ctx, tables[0], 0)
	mustBe[*plan.RefusedError](w, err)
	w.says(err, "no set has made version 0")
	before := exec.SetRestoreRequest{SetRun: setRun, Moment: exec.BeforeRuns, Options: o}
	if _, err := w.client.RestoreSet(ctx, before); err != nil {
		w.Fatal(err)
	}
	for _, name := range tables {
		w.same(name+" before the restore", w.lines(name), "1 | c", "2 | d")
	}
}
