package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// situation is the state of a database before an upload, and the upload.
type situation struct {
	name  string
	setup func(*world)
	// request is called once per world, because each needs a source of its own.
	request func() exec.Request
	// unless is nil if the situation applies to all families and strategies.
	unless condition
}

// scriptCases run each situation in two databases with the same setup: once with the
// library, and once with the vendor's client from the script.
func scriptCases() []testCase {
	var cases []testCase
	for _, s := range situations() {
		cases = append(cases, testCase{name: "script equals apply: " + s.name, run: func(w *world) { scriptEqualsApply(w, s) }, unless: s.unless})
	}
	unchanged := situation{setup: syncable, request: func() exec.Request { return syncing("doc_2", "email,age", "b,2", "d,4", "a,1") }}
	cases = append(cases, testCase{name: "script equals apply: a sync without differences", run: func(w *world) { scriptEqualsApply(w, unchanged) }, unless: either(bySwap, cannotSync)})
	return append(cases, testCase{name: "script: one that shows the first rows fails at its first statement", run: scriptToRead})
}

// scriptToRead runs scripts that show only some rows. They must fail without a change.
func scriptToRead(w *world) {
	w.other(oldPeople, "INSERT INTO people VALUES ('old', 1)")
	w.upload(request("doc_1", csv("email,age", "a,1", "b,2", "c,3")))
	r := request("doc_2", csv("email,age", "d,1", "e,2", "f,3", "g,4", "h,5", "i,6"))
	p := w.plan(r)
	for _, rows := range []int{0, 1, 5} {
		var b strings.Builder
		if err := plan.WriteScript(&b, w.d, p, r.Source, plan.ScriptOptions{Rows: rows}); err != nil {
			w.Fatal(err)
		}
		before := w.everything()
		w.says(w.in.Client(w.T, b.String()), "it is not true that this script holds all 6 rows", "print it with all rows")
		equal(w, "the database", w.everything(), before)
	}
	w.upload(r)
}

func scriptEqualsApply(applied *world, s situation) {
	scripted := newWorld(applied.T, applied.family)
	s.setup(applied)
	s.setup(scripted)
	r := s.request()
	p, q := applied.plan(r), scripted.plan(r)
	equal(applied, "the two databases at the start", scripted.everything(), applied.everything())
	if diff := cmp.Diff(strings.Split(applied.withoutNames(encoded(applied, p)), "\n"), strings.Split(scripted.withoutNames(encoded(scripted, q)), "\n")); diff != "" {
		applied.Fatalf("the plans of two databases that are alike differ:\n%s", diff)
	}
	pureAndSaved(applied, r, p)
	script := scripted.script(q, r.Source)

	applied.sent.Reset()
	if _, err := applied.client.Run(context.Background(), p, r.Source, nil); err != nil {
		applied.Fatalf("run the plan: %v", err)
	}
	sentAsPrinted(applied, p, applied.script(p, r.Source))
	if err := scripted.in.Client(applied.T, script); err != nil {
		applied.Fatalf("run the script: %v", err)
	}
	for _, s := range scripted.lastRun(q.Upload.Table.Name).Steps {
		equal(applied, "the sql_text of step "+s.Step+" of the script", s.SQLText, "")
	}
	alike(applied, scripted, r, p)
	if r.UploadTimestamp == "" {
		return // the snapshot's timestamp is the time of the run, which differs
	}
	for _, w := range []*world{applied, scripted} {
		next := s.request()
		next.DocID, next.Options.Allow = "doc_next", plan.Codes()
		w.upload(next)
	}
	alike(applied, scripted, r, p)
}

// alike compares what a script and a run left in the database.
func alike(applied, scripted *world, r exec.Request, p plan.Plan) {
	applied.Helper()
	equal(applied, "what the script left, against what the run left", forComparison(scripted, r), forComparison(applied, r))
	for _, table := range []string{r.Table, p.Upload.Table.Name + dialect.BackupSuffix} {
		equal(applied, "the definition of "+table, scripted.definition(table), applied.definition(table))
	}
}

// forComparison is everything without the statements in the audit, which a script does
// not record. If the request has no upload_timestamp, it leaves out that column, which
// has the time of the run.
func forComparison(w *world, r exec.Request) map[string][]string {
	w.Helper()
	all := w.everything()
	all[dialect.AuditTable] = w.without(dialect.AuditTable, "sql_text")
	if r.UploadTimestamp != "" {
		return all
	}
	columns := slices.DeleteFunc(w.columns(dialect.RunTable), func(c string) bool {
		return c == "upload_timestamp" || slices.Contains(timings[dialect.RunTable], c)
	})
	all[dialect.RunTable] = w.comparable(dialect.RunTable, columns)
	return all
}

// pureAndSaved checks that planning is deterministic and that a saved plan decodes to the
// same plan.
func pureAndSaved(w *world, r exec.Request, p plan.Plan) {
	w.Helper()
	in := w.input(r)
	for range 2 {
		again, err := plan.Build(w.d, in)
		if err != nil {
			w.Fatalf("plan again: %v", err)
		}
		equal(w, "the plan, built again", encoded(w, again), encoded(w, p))
	}
	w.offline(w.by(r), p)
	decoded, err := plan.Decode(strings.NewReader(encoded(w, p)))
	if err != nil {
		w.Fatalf("decode the plan: %v", err)
	}
	equal(w, "the plan, saved and read", decoded, p)
	equal(w, "the script of the plan that was saved", w.script(decoded, r.Source), w.script(p, r.Source))
}

// offline plans without a database, from the encoded schema of the table.
func (w *world) offline(r exec.Request, p plan.Plan) {
	w.Helper()
	schema, err := w.client.Schema(context.Background(), r.Table)
	if err != nil {
		w.Fatalf("read the schema: %v", err)
	}
	text, err := json.Marshal(schema)
	if err != nil {
		w.Fatal(err)
	}
	target, err := dialect.DecodeTarget(bytes.NewReader(text))
	if err != nil {
		w.Fatalf("read the schema that inspection wrote: %v", err)
	}
	r.Actor = actor
	in, err := exec.InputFor(context.Background(), w.d, target, r, tool)
	if err != nil {
		w.Fatal(err)
	}
	planned, err := plan.Build(w.d, in)
	if err != nil {
		w.Fatalf("plan without a database: %v", err)
	}
	equal(w, "the plan that was made without a database", strings.Split(encoded(w, planned), "\n"), strings.Split(encoded(w, p), "\n"))
}

func encoded(w *world, p plan.Plan) string {
	w.Helper()
	var b strings.Builder
	if err := plan.Encode(&b, p); err != nil {
		w.Fatalf("encode the plan: %v", err)
	}
	return b.String()
}

// sentAsPrinted checks that each statement of the plan was sent verbatim, once and in
// order, and is in the script. Other statements may only be those that noSurprises
// allows.
func sentAsPrinted(w *world, p plan.Plan, script string) {
	w.Helper()
	sent := w.sent.Sent()
	at := 0
	expect := func(what, sql string) {
		w.Helper()
		found := slices.Index(sent[at:], sql)
		if found < 0 {
			w.Errorf("%s was not sent in its turn: %s", what, sql)
			return
		}
		at += found + 1
		if !strings.Contains(script, "\n"+sql+";\n") && !prepares(w, script, sql) {
			w.Errorf("%s was sent, and is not printed: %s", what, sql)
		}
	}
	for _, s := range p.Session {
		expect("a statement of the session", s.SQL)
	}
	for _, g := range p.Groups {
		for _, s := range g.Begin {
			expect("the beginning of a group", s.SQL)
		}
		for _, assertion := range g.Before {
			expect("an assertion ahead of a group", assertion.SQL)
		}
		for _, s := range g.Steps {
			expectStep(w, s, sent, expect)
		}
	}
	noSurprises(w, sent, script)
}

// prepares reports whether the script has the session keep the statement, to run it by name.
func prepares(w *world, script, sql string) bool {
	keeper, ok := dialect.As[dialect.Preparer](w.d)
	if !ok {
		return false
	}
	_, quoted, _ := strings.Cut(keeper.Prepare("name", sql).SQL, "name")
	return strings.Contains(script, quoted+";\n")
}

func expectStep(w *world, s plan.Step, sent []string, expect func(what, sql string)) {
	w.Helper()
	for _, assertion := range s.Before {
		expect("an assertion before step "+s.ID, assertion.SQL)
	}
	switch {
	case s.Chunks != nil:
		if !slices.Contains(sent, s.Chunks.Copy.SQL) || slices.Contains(sent, s.SQL) {
			w.Errorf("step %s was not sent piece by piece: %s", s.ID, s.Chunks.Copy.SQL)
		}
	case s.Load == nil:
		expect("step "+s.ID, s.SQL)
		if n := count(sent, s.SQL); n != 1 {
			w.Errorf("step %s was sent %d times", s.ID, n)
		}
	}
	for _, assertion := range s.After {
		expect("an assertion after step "+s.ID, assertion.SQL)
	}
}

func count(sent []string, sql string) int {
	n := 0
	for _, s := range sent {
		if s == sql {
			n++
		}
	}
	return n
}

// noSurprises checks the statements that are not in the script. They may only read, load
// rows, limit the network's timeouts, or work on tablesnap's own tables.
func noSurprises(w *world, sent []string, script string) {
	w.Helper()
	var timeouts []dialect.Stmt
	if limiter, ok := dialect.As[dialect.NetworkLimiter](w.d); ok {
		timeouts = append(limiter.NetworkTimeouts(dialect.ForReading), limiter.NetworkTimeouts(dialect.ForWriting)...)
	}
	for _, s := range sent {
		switch {
		case slices.ContainsFunc(timeouts, func(t dialect.Stmt) bool { return t.SQL == s }):
		case strings.Contains(script, s+";\n"), prepares(w, script, s):
		case strings.Contains(script, "--     "+strings.ReplaceAll(s, "\n", "\n--     ")+"\n"): // apply runs it in chunks, and the script shows it as a comment
		case strings.HasPrefix(s, "SELECT"), strings.HasPrefix(s, "PRAGMA"), strings.HasPrefix(s, "SHOW"):
		case strings.Contains(s, "tablesnap_"): // the audit, goose's table, savepoints
		case strings.Contains(s, "VALUES (?"), strings.HasPrefix(s, "LOAD DATA"): // the load
		case strings.HasPrefix(s, "ROLLBACK"):
		default:
			w.Errorf("a statement was sent that the script does not show: %s", s)
		}
	}
}

// definition returns a table's definition without the database's name.
func (w *world) definition(table string) []string {
	w.Helper()
	text, err := json.MarshalIndent(w.inspect(table).Table, "", "  ")
	if err != nil {
		w.Fatal(err)
	}
	return strings.Split(w.withoutNames(string(text)), "\n")
}

// hashes match the hashes of plans and definitions, which depend on the database's name.
var hashes = regexp.MustCompile("[0-9a-f]{64}")

// withoutNames replaces the database's name and the hashes, so that the texts of two
// databases can be compared.
func (w *world) withoutNames(text string) string {
	if w.in.Schema == "" {
		return text
	}
	return hashes.ReplaceAllString(strings.ReplaceAll(text, w.in.Schema, "{schema}"), "{hash}")
}
