package conformance

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func situations() []situation {
	return []situation{
		{"a first upload, tablesnap's tables missing", func(*world) {}, asked("doc_1", "email,name", "a,A", "b,"), nil},
		{"a first upload, tablesnap's tables there", ownTables, asked("doc_1", "email,name", "a,A", "b,"), nil},
		{"a table that another program made", somebodysTable, asked("doc_1", "email,age", "a,1", "b,2"), nil},
		{"a second upload", uploaded("doc_1", "email", "a", "b"), asked("doc_2", "email", "c", "d"), nil},
		{"a second upload, without a timestamp", uploaded("doc_1", "email", "a", "b"), withoutTimestamp, nil},
		{"a third upload", func(w *world) {
			uploaded("doc_1", "email", "a", "b")(w)
			uploaded("doc_2", "email", "c", "d")(w)
		}, asked("doc_3", "email", "e", "f", "g"), nil},
		{"after a run that failed", afterFailure, asked("doc_2", "email", "c", "d"), nil},
		{"a panel with status columns", reviewedPanel, panelAsked, nil},
		{"a panel whose backup table is there already", reviewedAgain, panelAsked, nil},
		{"a widened backup", widened, asked("doc_2", "email,age", "c,1"), nil},
		{"a backup whose columns must be of another type", retyped, asked("doc_2", "email,code", "c,1"), nil},
		{"an adopted backup", adopted, asked("doc_1", "email", "c"), nil},
		{"the backup's own column names", uploaded("doc_1", "id,doc_id,upload_timestamp,snapshot_version", "1,2,3,4"),
			asked("doc_2", "id,doc_id,upload_timestamp,snapshot_version", "5,6,7,8"), nil},
		{"columns added", uploaded("doc_1", "email", "a"), addingColumns, nil},
		{"hostile values", uploaded("doc_1", "n,value", "1,"+strings.Repeat("x", 70_000)), hostileRequest, nil},
		{"hostile values in a first upload", func(*world) {}, hostileRequest, nil},
		{"values with NUL characters", uploaded("doc_1", "n,value", "1,x"), nulRequest, refusesNUL},
		{"hostile words for the upload", uploaded("doc ' \" \\ \n $1", "email", "a"), asked("doc ' \" \\ \r\n $$ 😀", "email", "b"), nil},
		{"NULL and empty", uploaded("doc_1", "email,name", "a,"), asked("doc_2", "email,name", `a,`, `,""`, `"",x`), nil},
		{"another text for NULL", uploaded("doc_1", "email,name", "a,"), anotherNull, nil},
		{"an empty file, allowed", uploaded("doc_1", "email", "a", "b"), allowing(plan.EmptySource, "email"), nil},
		{"a file that shrinks the table, allowed", uploaded("doc_1", "email", "a", "b", "c"), allowing(plan.Shrinks, "email", "x"), nil},
		{"a row count that is not what the last upload left", changed, asked("doc_2", "email", "c", "d"), nil},
		{"many rows", uploaded("doc_1", "email,n", strings.Repeat("x", 1000)+",1"), manyRequest, nil},
		{"triggers, allowed", triggered, allowing(plan.TriggersFire, "email", "x", "y"), withoutTriggers},
		{"a display name", uploaded("doc_1", "email", "a"), displayed, nil},
		{"rows of Go values", typedTable, typedRequest, nil},
		{"children whose parents come again", parents, asked("doc_1", "email", "a", "b"), keysChecked},
		{"the old table is kept", uploaded("doc_1", "email", "a", "b"), keepingTable("doc_2", "email", "c", "d"), inPlace},
		{"indexes added after the rows", indexed, asked("doc_1", "email,age", "x,1", "y,2"), inPlace},
		{"a sync", syncable, func() exec.Request { return syncing("doc_2", "email,age", "a,1", "b,3", "c,3") }, either(bySwap, cannotSync)},
	}
}

// asked returns an upload of a file with the header and the rows.
func asked(docID, header string, lines ...string) func() exec.Request {
	return func() exec.Request { return request(docID, csv(header, lines...)) }
}

// uploaded returns a setup that uploads a file.
func uploaded(docID, header string, lines ...string) func(*world) {
	return func(w *world) { w.Helper(); w.upload(request(docID, csv(header, lines...))) }
}

func withoutTimestamp() exec.Request {
	r := request("doc_2", csv("email", "c", "d"))
	r.UploadTimestamp = ""
	return r
}

func allowing(code plan.Code, header string, lines ...string) func() exec.Request {
	return func() exec.Request {
		r := request("doc_2", csv(header, lines...))
		r.Options.Allow = []plan.Code{code}
		return r
	}
}

func ownTables(w *world) {
	if _, err := w.client.Migrate(w.Context()); err != nil {
		w.Fatal(err)
	}
}

func somebodysTable(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int} DEFAULT 3)", "INSERT INTO people VALUES ('x', 1), ('y', NULL)")
}

func afterFailure(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL UNIQUE)")
	w.upload(request("doc_1", csv("email", "a", "b")))
	if err := w.tryUpload(request("doc_bad", csv("email", "c", "c"))); err == nil {
		w.Fatal("a row was uploaded twice into a unique column")
	}
}

func reviewedPanel(w *world) {
	w.upload(panelRequest("doc_1", csv("email,access", "ada,admin", "alan,viewer")))
	w.review("keep", "kept")
}

func reviewedAgain(w *world) {
	reviewedPanel(w)
	w.upload(panelRequest("doc_2", csv("email,access", "ada,none", "alan,none")))
	w.review("revoke", "revoked")
}

func panelAsked() exec.Request {
	return panelRequest("doc_3", csv("email,access", "ada,admin", "alan,admin"))
}

func widened(w *world) {
	w.upload(request("doc_0", csv("email", "a")))
	w.upload(request("doc_1", csv("email", "b")))
	w.other("ALTER TABLE people ADD COLUMN age {int}", "UPDATE people SET age = 42")
}

func retyped(w *world) {
	w.other("CREATE TABLE people (email {text}, code {int})")
	w.upload(request("doc_0", csv("email,code", "a,7")))
	w.upload(request("doc_1", csv("email,code", "b,8")))
	w.other("ALTER TABLE people DROP COLUMN code", "ALTER TABLE people ADD COLUMN code {text}", "UPDATE people SET code = '007'")
}

func adopted(w *world) {
	w.other(plainBackup, "INSERT INTO people_backup (doc_id, upload_timestamp, email) VALUES ('theirs', '2024', 'x')",
		"CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')")
}

func addingColumns() exec.Request {
	r := request("doc_2", csv("name,email,phone", "N,b,1"))
	r.Options.NewColumns = plan.AddNewColumns
	return r
}

func hostileRequest() exec.Request { return numbered(hostileTexts()) }

func nulRequest() exec.Request { return numbered(textsWithNUL()) }

func numbered(texts []string) exec.Request {
	rows := make([][]any, 0, len(texts))
	for i, text := range texts {
		rows = append(rows, []any{fmt.Sprint(i), text})
	}
	return request("doc_2", rowsource.Rows("service", []string{"n", "value"}, rows))
}

func anotherNull() exec.Request {
	null := "-"
	r := request("doc_2", rowsource.Bytes([]byte("email,name\na,-\nb,\nc,\"-\"\n"), rowsource.Options{Name: "people.csv", Null: []string{null}}))
	return r
}

func changed(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("INSERT INTO people VALUES ('somebody else')")
}

// manyRequest has more rows and bytes than fit in one statement of a script.
func manyRequest() exec.Request {
	lines := make([]string, 1700)
	for i := range lines {
		lines[i] = fmt.Sprintf("person_%d_%s,%d", i, strings.Repeat("x", i%700), i)
	}
	return request("doc_2", csv("email,n", lines...))
}

func triggered(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.other("CREATE TABLE noted (event {text})")
	w.other(w.family.Words.Note("noting_in", "people", "INSERT", "noted")...)
	w.other(w.family.Words.Note("noting_out", "people", "DELETE", "noted")...)
}

func displayed() exec.Request {
	r := request("doc_2", csv("email", "b"))
	r.Table, r.Kind = "People", plan.SourceOfTruth()
	return r
}

func typedTable(w *world) {
	w.other("CREATE TABLE people (email {text}, n {int})", "INSERT INTO people VALUES ('a', 1)")
}

func typedRequest() exec.Request {
	return request("doc_1", rowsource.Rows("service", []string{"n", "email"}, [][]any{
		{int64(-1 << 63), "least"}, {int64(1<<63 - 1), "most"}, {nil, nil}, {true, "true"}, {0, ""},
	}))
}

func syncable(w *world) {
	w.other(syncedPeople)
	w.upload(syncing("doc_0", "email,age", "x,1"))
	w.upload(syncing("doc_1", "email,age", "a,1", "b,2", "d,4"))
}

func parents(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY)", "INSERT INTO people VALUES ('a'), ('b')",
		"CREATE TABLE notes (author {text}, FOREIGN KEY (author) REFERENCES people (email))", "INSERT INTO notes VALUES ('a'), ('b')")
}
