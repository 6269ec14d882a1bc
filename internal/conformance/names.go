package conformance

import (
	"context"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func nameCases() []testCase {
	return []testCase{
		{name: "hostile names of tables", run: hostileTables},
		{name: "hostile names of columns", run: hostileColumns},
		{name: "a table's name as long as can be", run: longTable},
		{name: "the catalog's own spelling of a table", run: tableSpelling},
		{name: "qualified and quoted names are taken for what they say", run: spelledNames},
		{name: "a name that misses a table by its case", run: missedByCase},
		{name: "a name vanishes between two queries of an inspection", run: namesThatVanish},
		{name: "the table is made between two queries of a plan", run: tableMadeMeanwhile},
		{name: "a table is made only where the caller says so", run: createdOnlyIfAsked},
		{name: "a name can't break out of a script's comments", run: namesInComments},
		{name: "hostile doc_ids", run: hostileDocIDs},
	}
}

// hostileTables uploads to each name twice with the library and once with a script.
func hostileTables(w *world) {
	for i, name := range w.family.Words.HostileNames {
		w.other("CREATE TABLE "+w.d.Quote(name)+" (email {text})", "INSERT INTO "+w.d.Quote(name)+" VALUES ('old')")
		r := exec.Request{Table: w.d.Quote(name), Kind: plan.AnyTable(), DocID: "doc", UploadTimestamp: "ts", Options: plan.Options{Create: true}}
		r.Source = csv("email", fmt.Sprintf("new %d", i))
		if _, err := w.client.Upload(context.Background(), w.by(r)); err != nil {
			w.Errorf("upload to %q: %v", name, err)
			continue
		}
		w.same(fmt.Sprintf("the table %q", name), w.lines(name), fmt.Sprintf("new %d", i))
		r.Source = csv("email", fmt.Sprintf("newer %d", i))
		p := w.plan(r)
		if err := w.in.Client(w.T, w.script(p, r.Source)); err != nil {
			w.Errorf("run the script for %q: %v", name, err)
			continue
		}
		w.same(fmt.Sprintf("the table %q after the script", name), w.lines(name), fmt.Sprintf("newer %d", i))
		w.same(fmt.Sprintf("the backup of %q", name), w.lines(p.Backup.Ident.Name, "snapshot_version", "email"), "0 | old", fmt.Sprintf("1 | new %d", i))
		w.other("DROP TABLE "+w.d.Quote(name), "DROP TABLE "+w.d.Quote(p.Backup.Ident.Name)) // inspection reads the whole schema, which is slower with more tables
	}
}

// hostileColumns has all hostile names in one table. The kind drops the first. The file
// leaves out names with blanks around them, because it cannot contain those; the backup
// must keep their columns.
func hostileColumns(w *world) {
	names := w.family.Words.HostileNames
	var defs, values, loaded []string
	var row []any
	for i, n := range names {
		defs, values = append(defs, w.d.Quote(n)+" {text}"), append(values, fmt.Sprintf("'old %d'", i))
		if i > 0 && n == strings.TrimSpace(n) {
			loaded, row = append(loaded, n), append(row, "new "+n)
		}
	}
	w.other("CREATE TABLE people ("+strings.Join(defs, ", ")+")", "INSERT INTO people VALUES ("+strings.Join(values, ", ")+")")
	r := request("doc_1", rowsource.Rows("service", loaded, [][]any{row}))
	r = resetting(r)
	r.Kind = plan.Kind{Name: "own", Event: "OWN", DropColumns: names[:1]}
	w.upload(r)
	again := request("doc_2", rowsource.Rows("service", loaded, [][]any{row, row}))
	if err := w.in.Client(w.T, w.script(w.plan(again), again.Source)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	equal(w, "the columns left", w.columns("people"), names[1:])
	fresh := make([]string, len(loaded))
	for i, n := range loaded {
		fresh[i] = shownText("new " + n)
	}
	line := strings.Join(fresh, " | ")
	w.same("the table", w.lines("people", loaded...), line, line)
	w.same("the backup of the first upload", w.snapshot("people_backup", 1, loaded...), line)
	old := make([]string, len(names))
	for i := range names {
		old[i] = fmt.Sprintf("old %d", i)
	}
	w.same("the backup of what was there", w.snapshot("people_backup", 0, names...), strings.Join(old, " | "))
}

func longTable(w *world) {
	name := w.family.Words.LongTable
	r := exec.Request{Table: name, Kind: plan.AnyTable(), DocID: "doc_1", UploadTimestamp: "ts", Source: csv("email", "a"), Options: plan.Options{Create: true}}
	w.upload(r)
	r.DocID, r.Source = "doc_2", csv("email", "b")
	w.upload(r)
	w.same("the table", w.lines(name), "b")
	backup := w.inspect(name).Backup
	if backup == nil || backup.Ident.Name == name {
		w.Fatalf("the backup table of a long name is %v", backup)
	}
	w.same("the backup", w.lines(backup.Ident.Name, "doc_id", "email"), "doc_1 | a")
}

func tableSpelling(w *world) {
	w.other("CREATE TABLE "+w.d.Quote("People")+" (email {text})", "INSERT INTO "+w.d.Quote("People")+" VALUES ('old')")
	r := request("doc_1", csv("email", "new"))
	r.Table = "People"
	res := w.upload(r)
	equal(w, "the table's name", res.Table.Name, "People")
	w.same("the table", w.lines("People"), "new")
	w.same("the backup", w.lines("People_backup", "email"), "old")
	r = request("doc_2", csv("email", "newer"))
	r.Table = "People"
	equal(w, "the next version", w.upload(r).Version, int64(2))
}

// namesInComments checks that a name with line ends cannot add a statement to the
// script's comments.
func namesInComments(w *world) {
	bad := "x\nDROP TABLE victim; --\r\n.quit\u2028DELETE"
	w.other("CREATE TABLE victim (a {int})")
	src := rowsource.Bytes([]byte("email\na\n"), rowsource.Options{Name: bad + ".csv"})
	r := exec.Request{Table: "people", Kind: plan.Kind{Name: bad, Event: bad}, DocID: bad, UploadTimestamp: bad, Source: src, Options: plan.Options{Create: true}}
	p := w.plan(r)
	if err := w.in.Client(w.T, w.script(p, src)); err != nil {
		w.Errorf("run the script: %v", err)
	}
	w.same("the table", w.lines("people"), "a")
	if !strings.Contains(strings.Join(w.tables(), " "), "victim") {
		w.Errorf("the table victim is gone: a name broke out of a comment")
	}
	run := w.lastRun("people")
	equal(w, "what the run's row says", []string{run.DocID, run.UploadTimestamp, run.Event, run.SourceName}, []string{bad, bad, bad, bad + ".csv"})
}

func hostileDocIDs(w *world) {
	ids := w.kept("'", `"`, `\`, `\'`, "a\x00b", "line\nend\r\n", "$1 ${x} $$ $?", "? %s %d", "😀 ünï", "-- ; /*", strings.Repeat("long ", 40), " blank ")
	for i, id := range ids {
		r := request(id, csv("email", fmt.Sprint(i)))
		r.UploadTimestamp = id
		w.upload(r)
		equal(w, "the run's doc_id", w.lastRun("people").DocID, id)
	}
	w.upload(request("last", csv("email", "z")))
	var want []string
	for i, id := range ids {
		want = append(want, fmt.Sprintf("%d | %s | %s | %d", i+1, shownText(id), shownText(id), i))
	}
	w.same("the backup", w.lines("people_backup", "snapshot_version", "doc_id", "upload_timestamp", "email"), want...)
	var found []string
	for _, v := range w.history("people")[1:] {
		found = append([]string{*v.DocID}, found...)
	}
	equal(w, "the doc_ids in the history", found, ids)
}

// createdOnlyIfAsked checks that a misspelled name creates no table unless Create is set.
func createdOnlyIfAsked(w *world) {
	r := request("doc_1", csv("email", "a"))
	r.Options.Create = false
	w.says(mustBe[*plan.RefusedError](w, w.tryUpload(r)), "people", "does not exist", " made")
	_, err := w.client.Plan(context.Background(), w.by(r))
	w.says(mustBe[*plan.RefusedError](w, err), " made") // the error's text differs if other cases have a table of the name
	equal(w, "the table", w.inspect("people").Table == nil, true)
	r.Options.Create = true
	w.upload(r)
	again := request("doc_2", csv("email", "b"))
	again.Options.Create = false
	w.upload(again)
	w.same("the table", w.lines("people"), "b")
}

// spelledNames checks that every spelling of a name means the same table, and that a
// misquoted name or an unknown schema is refused.
func spelledNames(w *world) {
	w.upload(request("doc_0", csv("email", "a")))
	schema := w.inspect("people").Ident.Schema
	tables := strings.Join(w.tables(), " ")
	for i, spelling := range []string{schema + ".people", schema + ".People", w.d.Quote(schema) + "." + w.d.Quote("people"), `"people"`, "`people`", "[people]"} {
		r := request("doc_1", csv("email", fmt.Sprint(i)))
		r.Table, r.Options.Create = spelling, false
		res, err := w.client.Upload(context.Background(), w.by(r))
		if err != nil {
			w.Errorf("upload to %s: %v", spelling, err)
			continue
		}
		equal(w, "the table of "+spelling, res.Table, dialect.Ident{Schema: schema, Name: "people"})
		w.same("the table", w.lines("people"), fmt.Sprint(i))
		equal(w, "the versions of "+spelling, len(w.history(spelling)), i+2)
		equal(w, "the runs of "+spelling, len(w.audit(spelling)), i+2)
	}
	w.same("the tables", strings.Fields(tables+" people_backup"), w.tables()...)
	for _, wrong := range []string{"no.such", "a.b.c", ".people", "people.", `"people`, `"people"x`, "[people"} {
		r := request("doc_2", csv("email", "x"))
		r.Table = wrong
		equal(w, "the quoted form of "+wrong, mustBe[*dialect.NameError](w, w.tryUpload(r)).Quoted, dialect.Quoted(wrong))
	}
	r := request("doc_3", csv("email", "dotted"))
	r.Table = `"no.such"`
	w.upload(r)
	w.same("the table with a dot in its name", w.lines("no.such"), "dotted")
	_, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: schema + ".people", Version: version(1), Options: w.options()})
	if err != nil {
		w.Errorf("restore by schema and name: %v", err)
	}
	w.same("the table", w.lines("people"), "a")
}

// missedByCase checks that a name that differs from a table's name only in case creates
// no table, in databases where case matters.
func missedByCase(w *world) {
	w.other("CREATE TABLE "+w.d.Quote("Genre")+" (email {text})", "INSERT INTO "+w.d.Quote("Genre")+" VALUES ('old')")
	if w.inspect("genre").Table != nil {
		return // names are case-insensitive here
	}
	r := request("doc_1", csv("email", "new"))
	r.Table = "genre"
	for _, create := range []bool{false, true} {
		r.Options.Create = create
		w.says(mustBe[*plan.RefusedError](w, w.tryUpload(r)), `"Genre"`, "name it Genre", `name the table '"genre"' and have another made`)
	}
	r.Table = `"genre"`
	w.upload(r)
	w.same("the new table", w.lines("genre"), "new")
	w.same("the other", w.lines("Genre"), "old")
}

// tableMadeMeanwhile has another program make the table before each query of a plan in
// turn. The plan is for a new table or for the one that was made, and never a refusal.
func tableMadeMeanwhile(w *world) {
	for at := 1; ; at++ {
		sent, made := 0, false
		w.sent.BeforeEach(func(string) {
			if sent++; sent == at {
				made = true
				w.other("CREATE TABLE people (email {text})")
			}
		})
		_, err := w.client.Plan(context.Background(), w.by(request("doc_1", csv("email", "a"))))
		w.sent.BeforeEach(nil)
		if err != nil {
			w.Errorf("the table is made ahead of query %d: %v", at, err)
		}
		if !made {
			return // the plan has fewer queries than this
		}
		w.other("DROP TABLE people")
	}
}

// namesThatVanish drops all tables that an inspection reads before each of its queries in
// turn.
func namesThatVanish(w *world) {
	w.upload(request("doc_0", csv("email", "a"))) // creates the ledger
	w.other("DROP TABLE people")
	names := []string{"people_backup", "people" + dialect.ShadowSuffix, "child", "people"}
	prepare := func() {
		for _, n := range names[:2] {
			w.other("CREATE TABLE " + n + " (email {text}, n {int})")
		}
		w.other("CREATE TABLE people (email {text} PRIMARY KEY, n {int})", "INSERT INTO people VALUES ('a', 1)",
			"CREATE TABLE child (email {text}, FOREIGN KEY (email) REFERENCES people (email))", "INSERT INTO child VALUES ('a')")
	}
	for at := 1; ; at++ {
		prepare()
		sent, dropped := 0, false
		w.sent.BeforeEach(func(string) {
			if sent++; sent == at {
				dropped = true
				for _, n := range names {
					w.other("DROP TABLE " + n)
				}
			}
		})
		t, err := w.client.Inspect(context.Background(), "people")
		w.sent.BeforeEach(nil)
		if err != nil {
			w.Errorf("all tables vanish ahead of query %d: %v", at, err)
		}
		if t.Table != nil && len(t.Table.Columns) != 2 {
			w.Errorf("all tables vanish ahead of query %d: found %d columns", at, len(t.Table.Columns))
		}
		if !dropped {
			return // the inspection has fewer queries than this
		}
	}
}
