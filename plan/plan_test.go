package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestSameInputSameBytes checks that planning and scripts are deterministic.
func TestSameInputSameBytes(t *testing.T) {
	for _, g := range goldens() {
		first, src := g.plan(t)
		again, _ := g.plan(t) // in a database of its own
		want, got := encoded(t, first), encoded(t, again)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the plan differs:\n%s", g.name, diff)
		}
		if diff := cmp.Diff(script(t, first, src), script(t, again, src)); diff != "" {
			t.Errorf("%s: the script differs:\n%s", g.name, diff)
		}
	}
}

// TestBuildLeavesItsInputAlone checks that a plan shares no memory with its input.
func TestBuildLeavesItsInputAlone(t *testing.T) {
	for _, g := range goldens() {
		b := newBench(t)
		in := b.input(g.request)
		before, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan.Build(sqlite.New(), in)
		if err != nil {
			continue // without its setup, the situation may be refused
		}
		p.Groups[0].Steps[0].SQL = "changed"
		p.Session[0].SQL = "changed"
		after, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(before), string(after)); diff != "" {
			t.Errorf("%s: the input was changed:\n%s", g.name, diff)
		}
	}
}

func TestDecodeGivesTheSamePlan(t *testing.T) {
	for _, g := range goldens() {
		p, _ := g.plan(t)
		got, err := plan.Decode(strings.NewReader(encoded(t, p)))
		if err != nil {
			t.Errorf("%s: %v", g.name, err)
			continue
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("%s: the plan, saved and read (-saved +read):\n%s", g.name, diff)
		}
		if p.Hash() != got.Hash() {
			t.Errorf("%s: the hash differs", g.name)
		}
	}
}

// TestDecodeRefusesWhatWasChanged changes each value of a saved plan in turn.
func TestDecodeRefusesWhatWasChanged(t *testing.T) {
	p, _ := goldens()[5].plan(t)
	saved := encoded(t, p)
	changed := 0
	for _, at := range regexp.MustCompile(`[a-z0-9]"|[0-9],|true`).FindAllStringIndex(saved, -1) {
		c := saved[at[0]] + 1
		other := saved[:at[0]] + string(c) + saved[at[0]+1:]
		if got, err := plan.Decode(strings.NewReader(other)); err == nil {
			t.Errorf("a plan was read in which byte %d was changed: %s: %+v", at[0], saved[max(0, at[0]-30):at[0]+10], got.Upload)
		}
		changed++
	}
	if changed < 100 {
		t.Errorf("only %d values were changed", changed)
	}
}

func TestDecodeRefuses(t *testing.T) {
	p, _ := goldens()[0].plan(t)
	saved := encoded(t, p)
	newer := p
	newer.Format++
	for _, c := range []struct{ what, saved, says string }{
		{"nothing", "", "EOF"},
		{"no JSON", "-- SQL", "invalid"},
		{"a later format", encoded(t, newer), "format 6, and this tablesnap reads format 5; plan the upload again"},
		{"the format before, which had other names", `{"hash": "` + p.Hash() + `", "checksum": "", "plan": {"format": 4, "tool": "1.0"}}`, "format 4, and this tablesnap reads format 5; plan the upload again"},
		{"an unknown field", strings.Replace(saved, `"tool_version":`, `"toll": 1, "tool_version":`, 1), "toll"},
		{"an unknown field beside the plan", strings.Replace(saved, `"plan_hash":`, `"hush": 1, "plan_hash":`, 1), "hush"},
		{"more after it", saved + "{}", "after the end"},
		{"half of it", saved[:len(saved)/2], "unexpected EOF"},
		{"a plan without its hash", strings.Replace(saved, p.Hash(), "", 1), "changed"},
		{"no plan", `{"plan_hash": "` + p.Hash() + `"}`, "there is no plan in it"},
	} {
		_, err := plan.Decode(strings.NewReader(c.saved))
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "read the saved plan: ") {
			t.Errorf("%s: got %v, want an error that says %q", c.what, err, c.says)
		}
	}
}

// TestWordsThatAreNoTextAreRefused checks that invalid UTF-8 is refused, because JSON
// would change it.
func TestWordsThatAreNoTextAreRefused(t *testing.T) {
	b := newBench(t)
	for _, in := range []plan.Input{{DocID: "a\xff"}, {Timestamp: "a\xff"}, {Actor: "a\xff"}, {Kind: plan.Kind{Name: "a\xff"}}, {Kind: plan.Kind{Event: "a\xff"}}} {
		whole := b.input(upload("doc_1", lines("email", "x")))
		whole.DocID, whole.Timestamp, whole.Actor, whole.Kind = in.DocID+"d", in.Timestamp, in.Actor, in.Kind
		_, err := plan.Build(sqlite.New(), whole)
		if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
			t.Errorf("%+v: got %v, want a refusal", in, err)
		}
	}
}

// TestHashCoversWhatPeopleSay checks that plans with different doc_ids have different
// hashes.
func TestHashCoversWhatPeopleSay(t *testing.T) {
	seen := map[string]string{}
	for _, doc := range []string{"a", "b", "a\x00", "a\ufffd", "<a>", "&lt;"} {
		b := newBench(t)
		p := b.plan(upload(doc, lines("email", "x")))
		if other, taken := seen[p.Hash()]; taken {
			t.Errorf("the plans for doc_id %q and %q have the same hash", other, doc)
		}
		seen[p.Hash()] = doc
	}
}

func encoded(t *testing.T, p plan.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := plan.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func script(t *testing.T, p plan.Plan, src rowsource.Source) string {
	t.Helper()
	var b bytes.Buffer
	if err := plan.WriteScript(&b, sqlite.New(), p, src, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestEveryStepSaysWhatHolds checks that each step says in one line what state the table
// is in if the run stops there, also the steps that preserve the rows if the backup
// fails.
func TestEveryStepSaysWhatHolds(t *testing.T) {
	for _, g := range goldens() {
		p, _ := g.plan(t)
		for i, s := range append(p.Steps(), p.Preserve...) {
			if !strings.HasPrefix(s.IfStopped, "stops here: ") || strings.Contains(s.IfStopped, "\n") {
				t.Errorf("%s, step %s: it says %q", g.name, s.ID, s.IfStopped)
			}
			if s.Seq != i+1 || !strings.HasPrefix(s.ID, []string{"0", ""}[min(1, s.Seq/10)]) || !strings.HasSuffix(s.ID, "-"+string(s.Kind)) {
				t.Errorf("%s: step %d is number %d and called %s", g.name, i+1, s.Seq, s.ID)
			}
		}
	}
}

// TestOrderOfSteps checks that the steps of every plan are in this order.
func TestOrderOfSteps(t *testing.T) {
	order := []plan.StepKind{plan.RunBefore, plan.CreateTable, plan.CreateBackup, plan.WidenBackup, plan.CopyToBackup, plan.Clear, plan.DropColumn, plan.AddColumn, plan.DropIndex, plan.LoadRows, plan.CreateIndex, plan.CheckRows, plan.RunAfter}
	bySync := []plan.StepKind{plan.RunBefore, plan.AddColumn, plan.CreateStage, plan.LoadRows, plan.CompareRows, plan.CreateBackup, plan.WidenBackup, plan.CopyToBackup, plan.DetachRows,
		plan.DeleteRows, plan.ParkRows, plan.UpdateRows, plan.InsertRows, plan.AttachRows, plan.CheckRows, plan.DropColumn, plan.DropStage, plan.RunAfter}
	bySwap := []plan.StepKind{plan.KeepOld, plan.SetAside, plan.RecreateTable, plan.CopyAutoIncrement, plan.CreateIndex, plan.LoadRows, plan.CreateIndex, plan.CheckRows}
	for _, g := range goldens() {
		p, _ := g.plan(t)
		at, order := 0, order
		if p.Upload.Strategy == dialect.Sync {
			order = bySync
		}
		if p.Upload.Strategy == dialect.Swap {
			order = bySwap
		}
		for _, s := range p.Steps() {
			n := slices.Index(order[at:], s.Kind)
			if n < 0 {
				t.Fatalf("%s: %s stands behind %s", g.name, s.Kind, order[at])
			}
			at += n
		}
		if !p.Atomic() {
			t.Errorf("%s: the plan is not one transaction", g.name)
		}
	}
}

// autoCommitting is SQLite with DDL that commits implicitly, like MySQL's.
type autoCommitting struct{ sqlite.Dialect }

func auto(s dialect.Stmt) dialect.Stmt { s.AutoCommits = true; return s }

func (d autoCommitting) CreateTable(t dialect.Table) dialect.Stmt {
	return auto(d.Dialect.CreateTable(t))
}
func (d autoCommitting) CreateIndex(t dialect.Ident, i dialect.Index) dialect.Stmt {
	return auto(d.Dialect.CreateIndex(t, i))
}
func (d autoCommitting) Facts() dialect.Facts {
	f := d.Dialect.Facts()
	f.CommitsDefinitions = true
	return f
}

// TestNothingCommitsBetweenClearAndLoad checks that a statement that commits implicitly
// is in its own group, before or after the transaction.
func TestNothingCommitsBetweenClearAndLoad(t *testing.T) {
	for _, g := range goldens() {
		b := newBench(t)
		g.setUp(b)
		p, err := plan.Build(autoCommitting{}, b.input(g.request))
		if g.request.Options.Strategy != "" {
			continue // a sync loads its stage ahead, and its tables are temporary here; a swap clears nothing
		}
		if err != nil {
			t.Errorf("%s: %v", g.name, err)
			continue
		}
		for i, group := range p.Groups {
			autos := slices.ContainsFunc(group.Steps, func(s plan.Step) bool { return s.AutoCommits })
			if autos != group.Auto || autos && (len(group.Steps) != 1 || len(group.Begin) > 0) || !autos && len(group.Begin) == 0 {
				t.Errorf("%s, group %d: auto %t, %d steps, begins with %v", g.name, i+1, group.Auto, len(group.Steps), group.Begin)
			}
			kinds := kindsOf(group)
			if slices.Contains(kinds, plan.LoadRows) && p.Table != nil && !(slices.Contains(kinds, plan.Clear) && slices.Contains(kinds, plan.CopyToBackup)) {
				t.Errorf("%s, group %d: the load is not in one transaction with copy and clear: %v", g.name, i+1, kinds)
			}
		}
		checkBehind(t, g.name, p)
	}
}

// checkBehind checks that every step after the load mentions the new rows, and that
// columns are dropped only then.
func checkBehind(t *testing.T, name string, p plan.Plan) {
	t.Helper()
	loaded := false
	for _, group := range p.Groups {
		for _, s := range group.Steps {
			if loaded != strings.Contains(s.IfStopped, "new rows") {
				t.Errorf("%s, step %s: it says %q", name, s.ID, s.IfStopped)
			}
			if s.Kind == plan.DropColumn && !loaded {
				t.Errorf("%s: a column is dropped, and that committed, ahead of the load", name)
			}
		}
		loaded = loaded || slices.Contains(kindsOf(group), plan.LoadRows)
	}
}

func kindsOf(g plan.Group) []plan.StepKind {
	var kinds []plan.StepKind
	for _, s := range g.Steps {
		kinds = append(kinds, s.Kind)
	}
	return kinds
}

func TestBuildRefusesOptions(t *testing.T) {
	for _, percent := range []int{-1, 101} {
		b := newBench(t)
		r := upload("doc_1", lines("email", "a"))
		r.Options.MaxShrink = &percent
		_, err := plan.Build(sqlite.New(), b.input(r))
		if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
			t.Errorf("max shrink %d%%: got %v, want a refusal", percent, err)
		}
	}
}

func TestKinds(t *testing.T) {
	names := map[string][]string{}
	for _, k := range plan.Kinds() {
		names[k.Name+" "+k.Event] = k.DropColumns
	}
	want := map[string][]string{"panel PANEL_UPLOAD": {"initial_status", "final_status"}, "sot SOT_UPLOAD": nil, "table TABLE_UPLOAD": nil}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("the kinds (-want +got):\n%s", diff)
	}
}

// typeless is SQLite without types that can store the values of another type.
type typeless struct{ sqlite.Dialect }

func (typeless) CanStore(_, _ dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	if ok := have.Type == want.Type; ok {
		return true, have
	}
	return false, dialect.Column{Name: have.Name}
}

func (d typeless) BackupColumn(c dialect.Column) dialect.Column {
	c = d.Dialect.BackupColumn(c)
	c.Type = strings.Replace(c.Type, "REAL", "NUMERIC", 1)
	return c
}

// TestNoTypeKeepsBoth checks that planning fails if the backup could not store every
// value of a column, whether the backup already has the column or not.
func TestNoTypeKeepsBoth(t *testing.T) {
	for _, c := range []struct{ what, change, says string }{
		{"a column that the backup has", "ALTER TABLE people RENAME COLUMN n TO gone; ALTER TABLE people ADD COLUMN n TEXT",
			`cannot keep the column "n": the type there is INTEGER, in the table it is TEXT, and no type keeps the values of both; rename the backup table`},
		{"a column that it gets", "ALTER TABLE people ADD COLUMN more REAL",
			`cannot keep the column "more": the type there is NUMERIC, in the table it is REAL`},
	} {
		b := newBench(t)
		b.run("CREATE TABLE people (email TEXT, n INTEGER)")
		b.upload(upload("doc_1", lines("email", "a")))
		b.run(strings.Split(c.change, "; ")...)
		_, err := plan.Build(typeless{}, b.input(upload("doc_2", lines("email", "b"))))
		if refused, ok := errors.AsType[*plan.RefusedError](err); !ok || !strings.Contains(refused.Error(), c.says) {
			t.Errorf("%s: got %v, want a refusal that says %q", c.what, err, c.says)
		}
	}
}
