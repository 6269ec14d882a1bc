package conformance

import (
	"strings"
)

// If a table has columns named like the backup's metadata columns, the metadata columns
// get other names.
func metadataNameCases() []testCase {
	return []testCase{
		{name: "a file with the backup's own column names", run: metadataNamesInFile},
		{name: "the backup's own column names in other cases", run: metadataNamesInOtherCase},
		{name: "a column called backup_id as well as id", run: metadataNamesTwice},
		{name: "the table gets a column called id when the backup exists", run: metadataNamesLater},
		{name: "the table gets and loses such columns again and again", run: metadataNamesComeAndGo},
	}
}

func metadataNamesInFile(w *world) {
	header := "id,doc_id,upload_timestamp,snapshot_version,email"
	w.upload(request("doc_1", csv(header, "i1,d1,u1,s1,a", "i2,d2,u2,s2,b")))
	w.upload(request("doc_2", csv(header, "i3,d3,u3,s3,c")))
	w.upload(request("doc_3", csv(header, "i4,d4,u4,s4,d")))
	w.same("the table", w.lines("people"), "i4 | d4 | u4 | s4 | d")
	w.same("the snapshots", w.lines("people_backup", "backup_doc_id", "backup_upload_timestamp", "backup_snapshot_version",
		"id", "doc_id", "upload_timestamp", "snapshot_version", "email"),
		"doc_1 | time of doc_1 | 1 | i1 | d1 | u1 | s1 | a", "doc_1 | time of doc_1 | 1 | i2 | d2 | u2 | s2 | b",
		"doc_2 | time of doc_2 | 2 | i3 | d3 | u3 | s3 | c")
	w.distinct("people_backup", "backup_id", 3)
	w.same("the history", historyLines(w.history("people")),
		"3 doc_3 1 rows in people", "2 doc_2 1 rows in people_backup", "1 doc_1 2 rows in people_backup")
}

// distinct checks that a column has this many values, all different and none NULL.
func (w *world) distinct(table, column string, rows int) {
	w.Helper()
	seen := map[string]bool{}
	for _, id := range w.lines(table, column) {
		if id == "NULL" || seen[id] {
			w.Errorf("%s of %s: %s is NULL or there twice", column, table, id)
		}
		seen[id] = true
	}
	if len(seen) != rows {
		w.Errorf("%s of %s has %d values, want %d", column, table, len(seen), rows)
	}
}

func metadataNamesInOtherCase(w *world) {
	cols := []string{w.d.Quote("ID") + " {int}", w.d.Quote("Doc_Id") + " {text}", w.d.Quote("email") + " {text}"}
	w.other("CREATE TABLE people ("+strings.Join(cols, ", ")+")", "INSERT INTO people VALUES (7, 'theirs', 'a')")
	w.upload(request("doc_1", csv("ID,Doc_Id,email", "8,x,b")))
	w.upload(request("doc_2", csv("ID,Doc_Id,email", "9,y,c")))
	names := w.backupColumns("people_backup")
	w.same("the snapshots", w.lines("people_backup", names.DocID, names.Version, "ID", "Doc_Id", "email"),
		"NULL | 0 | 7 | theirs | a", "doc_1 | 1 | 8 | x | b")
}

func metadataNamesTwice(w *world) {
	header := "backup_id,id,email"
	w.upload(request("doc_1", csv(header, "b1,i1,a")))
	w.upload(request("doc_2", csv(header, "b2,i2,b")))
	w.upload(request("doc_3", csv(header, "b3,i3,c")))
	w.same("the snapshots", w.lines("people_backup", "doc_id", "snapshot_version", "backup_id", "id", "email"),
		"doc_1 | 1 | b1 | i1 | a", "doc_2 | 2 | b2 | i2 | b")
}

func metadataNamesLater(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.upload(request("doc_2", csv("email", "b")))
	w.other("ALTER TABLE people ADD COLUMN id {int}", "ALTER TABLE people ADD COLUMN doc_id {text}",
		"ALTER TABLE people ADD COLUMN snapshot_version {int}", "UPDATE people SET id = 41, doc_id = 'theirs', snapshot_version = 77")
	w.upload(request("doc_3", csv("email,id,doc_id,snapshot_version", "c,42,theirs too,78")))
	w.upload(request("doc_4", csv("email,id,doc_id,snapshot_version", "d,43,theirs as well,79")))
	names := w.backupColumns("people_backup")
	w.same("the snapshots, old and new", w.lines("people_backup", names.DocID, names.Version, "email", "id", "doc_id", "snapshot_version"),
		"doc_1 | 1 | a | NULL | NULL | NULL", "doc_2 | 2 | b | 41 | theirs | 77", "doc_3 | 3 | c | 42 | theirs too | 78")
	w.distinct("people_backup", names.ID, 3)
	w.same("the history", historyLines(w.history("people")), "4 doc_4 1 rows in people",
		"3 doc_3 1 rows in people_backup", "2 doc_2 1 rows in people_backup", "1 doc_1 1 rows in people_backup")
}

func metadataNamesComeAndGo(w *world) {
	w.upload(request("doc_1", csv("email", "a")))
	w.upload(request("doc_2", csv("email", "b")))
	for _, n := range []string{"3", "4"} {
		w.other("ALTER TABLE people ADD COLUMN backup_id {text}", "ALTER TABLE people ADD COLUMN snapshot_version {text}",
			"UPDATE people SET backup_id = 'their id "+n+"', snapshot_version = 'their version "+n+"'")
		w.upload(resetting(request("doc_"+n, csv("email", "c"+n))))
		w.other("ALTER TABLE people DROP COLUMN backup_id", "ALTER TABLE people DROP COLUMN snapshot_version")
	}
	w.upload(request("doc_5", csv("email", "d")))
	names := w.backupColumns("people_backup")
	w.same("the snapshots", w.lines("people_backup", names.DocID, names.Version, "email", "backup_id", "snapshot_version"),
		"doc_1 | 1 | a | NULL | NULL", "doc_2 | 2 | b | their id 3 | their version 3",
		"doc_3 | 3 | c3 | their id 4 | their version 4", "doc_4 | 4 | c4 | NULL | NULL")
}
