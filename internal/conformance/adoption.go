package conformance

import (
	"github.com/tablesnap/tablesnap/plan"
)

func adoptionCases() []testCase {
	return []testCase{
		{name: "another program's backup table is adopted", run: adopt},
		{name: "an adopted backup table, and a new column called snapshot_version", run: adoptAndGainVersionColumn},
		{name: "an adopted backup table of a table with a snapshot_version of its own", run: adoptOwnVersionColumn},
		{name: "tables that only look like a backup table are refused", run: lookAlikes},
	}
}

const plainBackup = "CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text})"

func adopt(w *world) {
	w.other(plainBackup,
		"INSERT INTO people_backup (doc_id, upload_timestamp, email) VALUES ('theirs_1', '2024', 'x'), ('theirs_1', '2024', 'y'), ('theirs_2', '2025', 'z')",
		"CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('a', 1)")
	w.upload(request("doc_1", csv("email,age", "b,2")))
	w.upload(request("doc_2", csv("email,age", "c,3")))
	w.same("the backup", w.lines("people_backup", "id", "doc_id", "upload_timestamp", "snapshot_version", "email", "age"),
		"1 | theirs_1 | 2024 | NULL | x | NULL", "2 | theirs_1 | 2024 | NULL | y | NULL", "3 | theirs_2 | 2025 | NULL | z | NULL",
		"4 | NULL | NULL | 0 | a | 1", "5 | doc_1 | time of doc_1 | 1 | b | 2")
	w.same("the old rows are in the history", historyLines(w.history("people")),
		"2 doc_2 1 rows in people", "1 doc_1 1 rows in people_backup", "0 - 1 rows in people_backup",
		"- theirs_2 1 rows in people_backup", "- theirs_1 2 rows in people_backup")
}

// adoptAndGainVersionColumn checks that the table's own column snapshot_version is not
// used as the backup table's metadata column of that name.
func adoptAndGainVersionColumn(w *world) {
	w.other(plainBackup, "CREATE TABLE people (email {text})", "INSERT INTO people VALUES ('a')")
	w.upload(request("doc_1", csv("email", "b")))
	w.other("ALTER TABLE people ADD COLUMN snapshot_version {int}", "UPDATE people SET snapshot_version = 77")
	w.upload(request("doc_2", csv("email,snapshot_version", "c,78")))
	w.upload(request("doc_3", csv("email,snapshot_version", "d,79")))
	w.upload(request("doc_4", csv("email,snapshot_version", "e,80")))
	w.same("the table's own values", w.lines("people_backup", "doc_id", "email", "snapshot_version"),
		"NULL | a | NULL", "doc_1 | b | 77", "doc_2 | c | 78", "doc_3 | d | 79")
	names := w.backupColumns("people_backup")
	w.same("whose rows they are", w.lines("people_backup", names.Version, "email"), "0 | a", "1 | b", "2 | c", "3 | d")
	w.same("the history", historyLines(w.history("people")), "4 doc_4 1 rows in people", "3 doc_3 1 rows in people_backup",
		"2 doc_2 1 rows in people_backup", "1 doc_1 1 rows in people_backup", "0 - 1 rows in people_backup")
}

func adoptOwnVersionColumn(w *world) {
	w.other("CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, snapshot_version {int}, email {text})",
		"INSERT INTO people_backup (doc_id, upload_timestamp, snapshot_version, email) VALUES ('theirs', '2024', 1, 'x')",
		"CREATE TABLE people (snapshot_version {int}, email {text})", "INSERT INTO people VALUES (2, 'a')")
	w.upload(request("doc_1", csv("snapshot_version,email", "3,b")))
	w.upload(request("doc_2", csv("snapshot_version,email", "4,c")))
	w.same("the table's own values", w.lines("people_backup", "doc_id", "email", "snapshot_version"),
		"theirs | x | 1", "NULL | a | 2", "doc_1 | b | 3")
	w.same("the history", historyLines(w.history("people")), "2 doc_2 1 rows in people",
		"1 doc_1 1 rows in people_backup", "0 - 1 rows in people_backup", "- theirs 1 rows in people_backup")
}

func lookAlikes(w *world) {
	w.other("CREATE TABLE elsewhere (email {text})", "CREATE TABLE parent (email {text} NOT NULL PRIMARY KEY)")
	for i, c := range w.lookAlikes() {
		table := string(rune('a'+i)) + "_table"
		w.other("CREATE TABLE "+table+" (email {text})", "INSERT INTO "+table+" VALUES ('old')")
		w.other(replaceAll(c.setup, "{t}", table+"_backup")...)
		before := w.fingerprint()
		r := request("doc_1", csv("email", "new"))
		r.Table = table
		refused := mustBe[*plan.RefusedError](w, w.tryUpload(r))
		w.says(refused, table+"_backup", c.says)
		equal(w, "the database after refusing "+c.what, w.fingerprint(), before)
	}
}

// lookAlike is an object with the name that the backup table of {t} would have.
type lookAlike struct {
	what  string
	setup []string
	says  string
}

func (w *world) lookAlikes() []lookAlike {
	found := []lookAlike{
		{"a view", []string{"CREATE VIEW {t} AS SELECT * FROM elsewhere"}, "view"},
		{"too few columns", []string{"CREATE TABLE {t} (id {id}, doc_id {text})"}, "id, doc_id, upload_timestamp"},
		{"other columns", []string{"CREATE TABLE {t} (id {id}, document {text}, upload_timestamp {text}, email {text})"}, "id, doc_id, upload_timestamp"},
		{"columns in another order", []string{"CREATE TABLE {t} (id {id}, upload_timestamp {text}, doc_id {text}, email {text})"}, "id, doc_id, upload_timestamp"},
		{"a unique key", []string{"CREATE TABLE {t} (id {id}, doc_id {text}, upload_timestamp {text}, email {text} UNIQUE)"}, "unique key"},
		{"a unique index", []string{"CREATE TABLE {t} (id {id}, doc_id {text}, upload_timestamp {text}, email {text})", "CREATE UNIQUE INDEX {t}_u ON {t} (email)"}, "unique key"},
		{"no primary key", []string{"CREATE TABLE {t} (id {int}, doc_id {text}, upload_timestamp {text}, email {text})"}, "primary key"},
		{"another primary key", []string{"CREATE TABLE {t} (id {int} NOT NULL, doc_id {text} NOT NULL, upload_timestamp {text}, email {text}, PRIMARY KEY (id, doc_id))"}, "primary key"},
		{"a foreign key", []string{"CREATE TABLE {t} (id {id}, doc_id {text}, upload_timestamp {text}, email {text}, FOREIGN KEY (email) REFERENCES parent (email))"}, "foreign key"},
	}
	if note := w.family.Words.Note; note != nil {
		found = append(found, lookAlike{"a trigger", append([]string{"CREATE TABLE {t} (id {id}, doc_id {text}, upload_timestamp {text}, email {text})"},
			note("{t}_noting", "{t}", "INSERT", "elsewhere")...), "trigger"})
	}
	return found
}
