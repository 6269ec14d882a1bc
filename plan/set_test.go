package plan_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// staff are the definitions of tables that refer to one another in a circle, and of one that
// refers to them.
var staff = []string{
	"CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL, lead INTEGER REFERENCES people (id))",
	"CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, team INTEGER REFERENCES teams (id))",
	"CREATE TABLE badges (n INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people (id))",
}

// staffUploads are uploads to these tables, with a name for the person 1.
func staffUploads(docID, person string, options ...option) []exec.Request {
	of := func(name, file string) exec.Request {
		r := upload(docID, "", append([]option{table(name)}, options...)...)
		r.Source = rowsource.Bytes([]byte(file), rowsource.Options{Name: name + ".csv"})
		return r
	}
	return []exec.Request{
		of("badges", lines("n,person", "10,1", "20,2")),
		of("people", lines("id,name,team", "1,"+person, "2,Grace,1")),
		of("teams", lines("id,name,lead", "1,Core,1")),
	}
}

// setBench has the tables of the staff, with a version of each.
func setBench(t *testing.T) bench {
	t.Helper()
	b := newBench(t)
	b.run(staff...)
	if _, err := b.client.UploadSet(t.Context(), exec.SetRequest{Name: "staff", Uploads: staffUploads("doc_1", "Ada,")}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b bench) set(name string, requests []exec.Request) (plan.Set, map[string]rowsource.Source) {
	b.Helper()
	set, err := plan.BuildSet(sqlite.New(), name, b.inputs(requests))
	if err != nil {
		b.Fatal(err)
	}
	sources := map[string]rowsource.Source{}
	for _, r := range requests {
		sources[r.Table] = r.Source
	}
	return set, sources
}

func (b bench) inputs(requests []exec.Request) []plan.Input {
	b.Helper()
	var inputs []plan.Input
	for _, r := range requests {
		inputs = append(inputs, b.input(r))
	}
	return inputs
}

// setWriters are the formats of a set for people, by the extensions of their files.
func setWriters() map[string]func(*bytes.Buffer, plan.Set, map[string]rowsource.Source, plan.SetOptions) error {
	return map[string]func(*bytes.Buffer, plan.Set, map[string]rowsource.Source, plan.SetOptions) error{
		".txt": func(b *bytes.Buffer, s plan.Set, _ map[string]rowsource.Source, o plan.SetOptions) error {
			return plan.WriteSetSummary(b, sqlite.New(), s, o)
		},
		".sql": func(b *bytes.Buffer, s plan.Set, sources map[string]rowsource.Source, o plan.SetOptions) error {
			return plan.WriteSetScript(b, sqlite.New(), s, sources, o.Script)
		},
		".md": func(b *bytes.Buffer, s plan.Set, sources map[string]rowsource.Source, o plan.SetOptions) error {
			return plan.WriteSetMarkdown(b, sqlite.New(), s, sources, o)
		},
		".html": func(b *bytes.Buffer, s plan.Set, sources map[string]rowsource.Source, o plan.SetOptions) error {
			return plan.WriteSetHTML(b, sqlite.New(), s, sources, o)
		},
	}
}

func TestGoldenSets(t *testing.T) {
	for _, c := range []struct {
		name    string
		options []option
	}{{"set", nil}, {"set_by_sync", []option{bySync}}} {
		t.Run(c.name, func(t *testing.T) {
			b := setBench(t)
			requests := staffUploads("doc_2", "Ada Lovelace,1", c.options...)
			set, sources := b.set("staff", requests)
			undo, err := plan.BuildSetUndo(sqlite.New(), "staff", b.inputs(requests))
			if err != nil {
				t.Fatal(err)
			}
			o := plan.SetOptions{Database: "staff.db", TakeBack: "take it back", FullSQL: "--format sql", Undo: &undo, Script: plan.ScriptOptions{Rows: plan.AllRows},
				Tables: []plan.PageOptions{sampleOptions()}}
			for extension, write := range setWriters() {
				var out bytes.Buffer
				if err := write(&out, set, sources, o); err != nil {
					t.Fatal(err)
				}
				found, err := plan.FindHash(strings.NewReader(out.String()))
				if err != nil || found != set.Hash() {
					t.Errorf("%s has the hash %q, %v; want %s", extension, found, err, set.Hash())
				}
				text := out.String()
				for _, p := range set.Plans {
					if strings.Contains(text, "SHA-256 "+p.Hash()) {
						t.Errorf("%s has the hash of the plan of %s", extension, p.Upload.Table.Name)
					}
				}
				if extension == ".html" || extension == ".md" {
					text, _, _ = strings.Cut(text, "<details>") // the scripts are in their own file
				}
				compare(t, c.name+extension, []byte(text))
			}
		})
	}
}

// TestSetsShowHostileTexts: no name breaks a line, ends an element, or looks like a hash.
func TestSetsShowHostileTexts(t *testing.T) {
	b := setBench(t)
	all := strings.Join(hostileTexts, " ") + unprintable
	for _, name := range []string{all, strings.Repeat("long ", 50) + "plan SHA-256 " + strings.Repeat("0", 64)} {
		set, sources := b.set(name, staffUploads("doc_2", "Ada,1"))
		for extension, write := range setWriters() {
			var out bytes.Buffer
			if err := write(&out, set, sources, plan.SetOptions{TakeBack: "restore " + name, Database: name}); err != nil {
				t.Fatal(err)
			}
			if found, err := plan.FindHash(bytes.NewReader(out.Bytes())); err != nil || found != set.Hash() {
				t.Errorf("%s of %q has the hash %q, %v", extension, name, found, err)
			}
			if i := strings.IndexAny(out.String(), strings.ReplaceAll(unprintable, "\n", "")); i >= 0 && extension != ".sql" {
				t.Errorf("%s of %q has the character %q", extension, name, out.String()[i:i+1])
			}
			switch {
			case extension == ".html" && name == all:
				parse(t, out.String()).has(t, "html head meta title style body section h1 h2 p b dl dt dd ol li div span table thead tbody tr th td code bdi ins del details summary pre",
					"lang charset http-equiv content name class rowspan")
			case extension == ".sql":
				wholeLines(t, out.String())
			}
		}
	}
}

func TestSavedSets(t *testing.T) {
	set, _ := setBench(t).set("staff", staffUploads("doc_2", "Ada,1"))
	var saved bytes.Buffer
	if err := plan.EncodeSet(&saved, set); err != nil {
		t.Fatal(err)
	}
	got, err := plan.DecodeSet(bytes.NewReader(saved.Bytes()))
	if diff := cmp.Diff(set, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := plan.Decode(bytes.NewReader(saved.Bytes())); !errors.Is(err, plan.ErrIsSet) {
		t.Errorf("read as the plan of a table: %v", err)
	}
	for _, change := range [][2]string{{`"set": "staff"`, `"set": "other"`}, {"doc_2", "doc_3"}, {"DELETE FROM", "DELETE  FROM"}} {
		if _, err := plan.DecodeSet(strings.NewReader(strings.Replace(saved.String(), change[0], change[1], 1))); err == nil {
			t.Errorf("a set with %q is read", change[1])
		}
	}
}

func TestSetDifferences(t *testing.T) {
	b := setBench(t)
	reviewed, _ := b.set("staff", staffUploads("doc_2", "Ada,1"))
	other := staffUploads("doc_2", "Bob,1")
	for _, c := range []struct {
		name     string
		set      string
		requests []exec.Request
		want     []string
	}{
		{"nothing", "staff", staffUploads("doc_2", "Ada,1"), nil},
		{"a file", "staff", other, []string{`people: the file's SHA-256: `}},
		{"the name", "others", staffUploads("doc_2", "Ada,1"), []string{`it is the set "others", and was "staff"`}},
		{"the tables", "staff", staffUploads("doc_2", "Ada,1")[1:], []string{"its tables in their order: people, badges, teams, now people, teams"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, _ := b.set(c.set, c.requests)
			found := plan.SetDifferences(reviewed, now)
			if len(found) != len(c.want) {
				t.Fatalf("the differences are %q, want %q", found, c.want)
			}
			for i := range found {
				if !strings.HasPrefix(found[i], c.want[i]) {
					t.Errorf("the differences are %q, want %q", found, c.want)
				}
			}
		})
	}
}

// TestSameFilesOfSets: a set is refused for the files of the last time only if all are.
func TestSameFilesOfSets(t *testing.T) {
	b := setBench(t)
	for person, want := range map[string]int{"Ada,": 3, "Bob,": 0} {
		set, _ := b.set("staff", staffUploads("doc_2", person))
		found := 0
		for _, p := range set.Plans {
			if slices.ContainsFunc(p.Hazards, func(h plan.Hazard) bool { return h.Code == plan.SameFile }) {
				found++
			}
		}
		if found != want {
			t.Errorf("%s: %d tables have the hazard, want %d", person, found, want)
		}
	}
}

func TestNoSetUndo(t *testing.T) {
	b := newBench(t)
	_, err := plan.BuildSetUndo(sqlite.New(), "staff", b.inputs([]exec.Request{upload("doc_1", lines("email", "a"))}))
	if !errors.Is(err, plan.ErrNothingToUndo) || !strings.Contains(err.Error(), `"people"`) {
		t.Errorf("the undo of an upload that makes its table: %v", err)
	}
}
