package conformance

import "github.com/tablesnap/tablesnap/plan"

// The table's definition changes after its backup table was created. No change may lose
// or alter a value, old snapshots included.
func backupDriftCases() []testCase {
	return []testCase{
		{name: "the table gets a column", run: columnGained},
		{name: "the table loses a column", run: columnLost},
		{name: "a column comes back with another type", run: columnRetyped},
		{name: "a column becomes NOT NULL and back", run: columnNullability},
		{name: "another program's columns in the backup may not be NULL", run: backupNotNull},
		{name: "columns change their order", run: columnOrder},
	}
}

func columnGained(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.upload(request("doc_2", csv("email", "b")))
	w.other("ALTER TABLE people ADD COLUMN age {int}", "UPDATE people SET age = 42")
	w.upload(request("doc_3", csv("email,age", "c,43")))
	w.same("the backup", w.lines("people_backup", "snapshot_version", "email", "age"), "1 | a | NULL", "2 | b | 42")
}

func columnLost(w *world) {
	w.upload(request("doc_1", csv("email,age", "a,41")))
	w.upload(request("doc_2", csv("email,age", "b,42")))
	w.other("ALTER TABLE people DROP COLUMN age")
	w.upload(request("doc_3", csv("email", "c")))
	w.same("the backup keeps the column", w.lines("people_backup", "snapshot_version", "email", "age"), "1 | a | 41", "2 | b | NULL")
	w.other("ALTER TABLE people ADD COLUMN age {text}", "UPDATE people SET age = '44'")
	w.upload(resetting(request("doc_4", csv("email", "d"))))
	w.same("and uses it again", w.lines("people_backup", "snapshot_version", "email", "age"), "1 | a | 41", "2 | b | NULL", "3 | c | 44")
}

// columnRetyped changes a column from number to text and back. Each version must keep its
// values exactly: converting 7 to text or 007 to a number would alter them.
func columnRetyped(w *world) {
	w.other("CREATE TABLE people (email {text}, code {int})")
	w.upload(request("doc_1", csv("email,code", "a,7")))
	w.upload(request("doc_2", csv("email,code", "b,8")))
	first := w.exactSnapshot("people_backup", 1, "email", "code")
	w.other("ALTER TABLE people DROP COLUMN code", "ALTER TABLE people ADD COLUMN code {text}")
	w.upload(request("doc_3", csv("email,code", "c,007", "d,1e3", "e,x")))
	third := w.exact("people", "email", "code")
	w.upload(request("doc_4", csv("email,code", "f,1", "g,1", "h,1")))
	w.same("the texts in the backup", w.exactSnapshot("people_backup", 3, "email", "code"), third...)
	w.same("the numbers that were there before", w.exactSnapshot("people_backup", 1, "email", "code"), first...)
	w.same("all versions", w.lines("people_backup", "snapshot_version", "doc_id", "email", "code"),
		"1 | doc_1 | a | 7", "2 | doc_2 | b | NULL", "3 | doc_3 | c | 007", "3 | doc_3 | d | 1e3", "3 | doc_3 | e | x")
	w.distinct("people_backup", w.backupColumns("people_backup").ID, 5)
	w.other("ALTER TABLE people DROP COLUMN code", "ALTER TABLE people ADD COLUMN code {int}", "UPDATE people SET code = 9")
	fourth := w.exact("people", "email", "code")
	w.upload(request("doc_5", csv("email,code", "i,1", "j,1", "k,1")))
	w.same("numbers again", w.exactSnapshot("people_backup", 4, "email", "code"), fourth...)
	w.same("the texts are still texts", w.exactSnapshot("people_backup", 3, "email", "code"), third...)
}

func columnNullability(w *world) {
	w.other("CREATE TABLE people (email {text} NOT NULL, n {int} DEFAULT 5 NOT NULL)", "INSERT INTO people VALUES ('a', 1)")
	w.upload(resetting(request("doc_1", csv("email", "b"))))
	w.other("ALTER TABLE people DROP COLUMN n", "ALTER TABLE people ADD COLUMN n {int}")
	w.upload(request("doc_2", csv("email", "c")))
	w.same("the backup takes NULL", w.lines("people_backup", "snapshot_version", "email", "n"), "0 | a | 1", "1 | b | NULL")
}

func backupNotNull(w *world) {
	w.other(
		"CREATE TABLE people_backup (id {id}, doc_id {text}, upload_timestamp {text}, email {text} NOT NULL, gone {text} NOT NULL)",
		"INSERT INTO people_backup (doc_id, upload_timestamp, email, gone) VALUES ('theirs', 'then', 'a', 'g')",
		"CREATE TABLE people (email {text}, age {int})",
		"INSERT INTO people VALUES (NULL, 1), ('b', 2)",
	)
	res := w.upload(request("doc_1", csv("email,age", "c,3", "d,4")))
	equal(w, "rows backed up", res.RowsBackedUp, int64(2))
	w.same("the backup", w.lines("people_backup", "id", "doc_id", "upload_timestamp", "email", "gone", "age"),
		"1 | theirs | then | a | g | NULL", "2 | NULL | NULL | NULL | NULL | 1", "3 | NULL | NULL | b | NULL | 2")
	for _, v := range res.Warnings {
		if v.Code == plan.BackupPreserved || v.Code == plan.NoBackup {
			w.Errorf("the backup failed: %s", v.Message)
		}
	}
}

func columnOrder(w *world) {
	w.other("CREATE TABLE people (one {text}, two {text})")
	w.upload(request("doc_1", csv("two,one", "2,1")))
	w.other("DROP TABLE people", "CREATE TABLE people (two {text}, three {text}, one {text})", "INSERT INTO people VALUES ('22', '33', '11')")
	w.upload(request("doc_2", csv("three,two,one", "c,b,a")))
	w.same("the table", w.lines("people", "one", "two", "three"), "a | b | c")
	w.same("the backup", w.lines("people_backup", "snapshot_version", "one", "two", "three"), "1 | 11 | 22 | 33")
}
