package plan_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// another is the hash of a plan that a hostile name or value pretends to be.
const another = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// TestFindHash finds the hash in scripts, whatever names and values they have.
func TestFindHash(t *testing.T) {
	pretend := "\n-- plan      SHA-256 " + another + "\n"
	all := append(goldens(),
		golden{"pretended by values", nil, upload("doc_1", lines("email,name", `"`+pretend+`",`+another)), plan.AllRows},
		golden{"pretended by a doc_id", nil, upload(pretend, lines("email", "a")), plan.AllRows},
		golden{"pretended by a table and a column", []any{`CREATE TABLE "` + pretend + `" ("` + strings.TrimSpace(pretend) + `" TEXT)`},
			upload("doc_1", lines(`"`+strings.TrimSpace(pretend)+`"`, "a"), table(pretend)), plan.AllRows},
	)
	for _, g := range all {
		p, src := g.plan(t)
		got, err := plan.FindHash(strings.NewReader(script(t, p, src)))
		if err != nil || got != p.Hash() {
			t.Errorf("%s: found %q, %v; want %q", g.name, got, err, p.Hash())
		}
	}
}

func TestFindHashInOtherText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"\ufeff-- plan SHA-256 " + another + "\r\n", another},
		{"<!-- plan SHA-256 " + another + " -->", another},
		{"plan SHA-256 " + another + "\nplan SHA-256 " + strings.Repeat("0", 64), another},
		{"the plan SHA-256 " + another, ""},
		{"-- plan SHA-256 " + another + "0", ""},
		{"-- plan SHA-256 " + another[1:], ""},
		{"-- plan SHA-256 " + another + " and more", ""},
		{"-- plan\nSHA-256 " + another, ""},
		{"", ""},
	} {
		got, err := plan.FindHash(strings.NewReader(c.text))
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !errors.Is(err, plan.ErrNoHash) {
			t.Errorf("%q: found %q, %v", c.text, got, err)
		}
	}
	if _, err := plan.FindHash(unreadable{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("from a file that cannot be read: %v", err)
	}
}

type unreadable struct{}

func (unreadable) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestHashIsThatOfTheRequest: neither who asks nor whether tablesnap's own tables exist
// makes another plan.
func TestHashIsThatOfTheRequest(t *testing.T) {
	b := newBench(t)
	b.run("CREATE TABLE people (email TEXT)")
	r := upload("doc_1", lines("email", "a"))
	in := b.input(r)
	before, err := plan.Build(sqlite.New(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.Actor = "somebody else"
	byAnother, err := plan.Build(sqlite.New(), in)
	if err != nil {
		t.Fatal(err)
	}
	b.run("-- own tables")
	after := b.plan(r)
	if before.Hash() != byAnother.Hash() || before.Hash() != after.Hash() {
		t.Errorf("the hashes are %s, %s and %s", before.Hash(), byAnother.Hash(), after.Hash())
	}
	if found := plan.Differences(before, after); len(found) > 0 {
		t.Errorf("the differences are %q", found)
	}
}

func TestDifferences(t *testing.T) {
	first := upload("doc_1", lines("email,name", "ada,Ada", "alan,Alan"))
	const people = "CREATE TABLE people (email TEXT PRIMARY KEY, name TEXT)"
	for _, c := range []struct {
		name  string
		setup []any // between the two plans
		now   exec.Request
		with  func(*plan.Input)
		want  []string
	}{
		{"nothing", nil, first, nil, nil},
		{"the file", nil, upload("doc_1", lines("email,name", "ada,Ada")), nil, []string{
			`the file's rows: 2, now 1`,
			`the file's SHA-256: "a40d518806d9dd92edbc81a538db7200ddaee12aeb1eff89752d38c4cc6f171f", now "e78e7b72b28713a9548b87198952563037dbc8db28a975edc43fb25ba9dc0509"`}},
		{"options", nil, upload("doc_2", lines("email,name", "ada,Ada", "alan,Alan"), allow(plan.Shrinks)), nil, []string{
			`allow: none, now ["SHRINKS"]`, `doc_id: "doc_1", now "doc_2"`}},
		{"another table", nil, upload("doc_1", lines("email,name", "ada,Ada", "alan,Alan"), table("staff")), nil, []string{
			"it was to replace all rows of people with those of people.csv (main.people), and is now to replace all rows of staff with those of people.csv (main.staff)"}},
		{"a column", []any{"ALTER TABLE people ADD COLUMN age INTEGER"}, first, nil, []string{
			`the definition of the table has another column age: none, now {"name":"age","type":"INTEGER","nullable":true}`}},
		{"a key", []any{"CREATE TRIGGER noting AFTER INSERT ON people BEGIN SELECT 1; END"}, first, nil, []string{
			"the definition of the table is another now (a key, an index, a reference, a trigger, or the order of its columns)",
			`hazard TRIGGERS_FIRE: none, now "triggers of \"people\" would fire for each row: \"noting\""`}},
		{"the table is gone", []any{"DROP TABLE people"}, first, nil, []string{
			"the table does not exist any more",
			`warning READERS_WAIT: "the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on", now none`}},
		{"the lock timeout", nil, first, func(in *plan.Input) { in.Options.LockTimeout = 1e9 }, []string{
			"the settings of the session, such as how long it waits for a lock, are others now"}},
		{"tablesnap", nil, first, func(in *plan.Input) { in.Tool = "v9" }, []string{`tablesnap's version: "v0.0.0", now "v9"`}},
		{"the server", nil, first, func(in *plan.Input) { in.Target.Server.SQLMode = "ANSI" }, []string{`the server's sql_mode: none, now "ANSI"`}},
		{"a warning", nil, first, func(in *plan.Input) { in.Source.Unterminated = true }, []string{
			`warning UNTERMINATED: none, now "the last line of people.csv has no line end: see that the file was not cut off"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.run(people)
			reviewed := b.plan(first)
			golden{setup: c.setup}.setUp(b)
			in := b.input(c.now)
			in.Options.Create = true
			if c.with != nil {
				c.with(&in)
			}
			now, err := plan.Build(sqlite.New(), in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, plan.Differences(reviewed, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestDifferencesOfVersions: an upload by somebody else in between is told.
func TestDifferencesOfVersions(t *testing.T) {
	b := newBench(t)
	b.upload(upload("doc_1", lines("email", "a")))
	r := upload("doc_3", lines("email", "c"))
	reviewed := b.plan(r)
	b.upload(upload("doc_2", lines("email", "b")))
	found := strings.Join(plan.Differences(reviewed, b.plan(r)), "\n")
	for _, want := range []string{"the newest version's version: 1, now 2", `the newest version's doc_id: "doc_1", now "doc_2"`, "the backup table did not exist, and does now"} {
		if !strings.Contains(found, want) {
			t.Errorf("it does not say %q:\n%s", want, found)
		}
	}
}

// TestPlanForAnyVersion: uploads do not change it, and what people review does.
func TestPlanForAnyVersion(t *testing.T) {
	anyVersion := func(r *exec.Request) { r.Options.Binding = plan.BoundToNone }
	for _, strategy := range []option{func(*exec.Request) {}, bySync} {
		b := newBench(t)
		b.run("CREATE TABLE people (email TEXT PRIMARY KEY, name TEXT)", "CREATE TABLE notes (author TEXT REFERENCES people (email) DEFERRABLE INITIALLY DEFERRED)")
		r := upload("doc_3", lines("email,name", "ada,Ada"), strategy, anyVersion)
		before := b.plan(r)
		b.upload(upload("doc_1", lines("email,name", "ada,Ada", "alan,Alan", "joan,Joan")))
		b.run("INSERT INTO notes VALUES ('ada')")
		b.upload(upload("doc_2", lines("email,name", "ada,Ada"), allow(plan.Shrinks)))
		after := b.plan(r)
		if diff := cmp.Diff(script(t, before, r.Source), script(t, after, r.Source)); diff != "" {
			t.Errorf("uploads have changed it (-before +after):\n%s", diff)
		}
		if diff := cmp.Diff(encoded(t, before), encoded(t, after)); diff != "" {
			t.Errorf("uploads have changed it as JSON (-before +after):\n%s", diff)
		}
		for name, other := range map[string]exec.Request{
			"file": upload("doc_3", lines("email,name", "ada,Lovelace"), strategy, anyVersion), "doc_id": upload("doc_4", lines("email,name", "ada,Ada"), strategy, anyVersion),
		} {
			if b.plan(other).Hash() == before.Hash() {
				t.Errorf("another %s does not change it", name)
			}
		}
		b.run("ALTER TABLE people ADD COLUMN age INTEGER")
		if b.plan(r).Hash() == before.Hash() {
			t.Error("another column does not change it")
		}
	}
}

// TestPlanForAnyVersionDoesNotRun, neither as a script nor by a client.
func TestPlanForAnyVersionDoesNotRun(t *testing.T) {
	b := newBench(t)
	r := upload("doc_1", lines("email", "a"))
	r.Options.Binding = plan.BoundToNone
	p := b.plan(r)
	if text := script(t, p, r.Source); !strings.Contains(text, "-- must be true: this script is for one version of the table ") {
		t.Errorf("the script does not stop:\n%s", text)
	}
	_, err := b.client.Run(t.Context(), p, r.Source, nil)
	if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
		t.Errorf("got %v, want a refusal", err)
	}
	if target, err := b.client.Inspect(t.Context(), "people"); err != nil || target.Table != nil || target.Ledger != (dialect.Ledger{}) {
		t.Errorf("the database has %+v, %v", target, err)
	}
}
