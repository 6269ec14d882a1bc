package conformance

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/exec/migration"
	"github.com/tablesnap/tablesnap/plan"
)

// someKeys are three values each. At least one line suits each type that can be a key.
func someKeys() [][3]string {
	return [][3]string{
		{"1", "2", "3"}, {"a", "b", "c"}, {"001", "010", "100"}, {"2026-01-01", "2026-01-02", "2026-01-03"},
		{"10:00:00", "11:00:00", "12:00:00"}, {"true", "false", ""}, {`\x01`, `\x02`, `\x03`}, {"{1}", "{2}", "{3}"},
		{"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002", "00000000-0000-0000-0000-000000000003"},
		{"2001", "2002", "2003"}, {"x", "y", ""},
		{"10.0.0.1", "10.0.0.2", "10.0.0.3"}, {"08:00:2b:01:02:03", "08:00:2b:01:02:04", "08:00:2b:01:02:05"},
	}
}

// syncTypes matches rows by keys of each type.
func syncTypes(w *world) {
	var done, without []string
	for _, of := range w.family.Words.Types {
		if w.syncedBy(of) {
			done = append(done, of)
		} else {
			without = append(without, of)
		}
	}
	w.Logf("keys of %q; not of %q", done, without)
	if len(done)*2 < len(w.family.Words.Types) {
		w.Errorf("only %q were keys, and not %q", done, without)
	}
}

// syncedBy reports whether a type can be a key, of which the suite knows values.
func (w *world) syncedBy(of string) bool {
	if w.tries(w.fill("CREATE TABLE people (k "+of+" NOT NULL PRIMARY KEY, v {int})")) != nil {
		return false
	}
	defer w.other("DROP TABLE people", "DROP TABLE IF EXISTS people_backup")
	for _, k := range someKeys() {
		takes := w.tries("INSERT INTO people VALUES ('"+k[0]+"', 1), ('"+k[1]+"', 1)") == nil
		w.other("DELETE FROM people")
		if !takes || w.tryUpload(syncing("doc_1 "+of, "k,v", k[0]+",1", k[1]+",1")) != nil {
			continue
		}
		kept, first := w.query("SELECT "+w.family.Words.Exact("k")+" FROM people"), w.lastRun("people").VersionMade
		if k[2] == "" {
			w.synced(syncing("doc_2 "+of, "k,v", k[0]+",2", k[1]+",1"), 0, 1, 0)
			return true
		}
		file := []string{k[1] + ",2", k[2] + ",1"}
		w.synced(syncing("doc_2 "+of, "k,v", file...), 1, 1, 1)
		w.synced(permitting(syncing("doc_3 "+of, "k,v", file...), plan.SameFile), 0, 0, 0)
		w.restoredBySync(first)
		w.same("the keys of the type "+of+", restored", w.query("SELECT "+w.family.Words.Exact("k")+" FROM people"), kept...)
		return true
	}
	return false
}

// syncJSON has columns of JSON, which the file lacks or has.
func syncJSON(w *world) {
	for i, of := range w.family.Words.JSON {
		w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int}, j "+of+")", `INSERT INTO people VALUES ('a', 1, '{"b": 1.50, "a": [null]}'), ('b', 1, NULL)`)
		exact := "SELECT " + w.family.Words.Exact("j") + " FROM people WHERE email = 'a'"
		kept, doc := w.query(exact), fmt.Sprint("doc_", i)
		first := w.synced(syncing(doc+".1", "email,age", "a,2", "b,1"), 0, 1, 0).Version
		w.same("a column of the type "+of+", which the file lacks", w.query(exact), kept...)
		same := []string{`a,2,"{""b"": 1.50, ""a"": [null]}"`, "b,1,null"}
		w.synced(syncing(doc+".2", "email,age,j", same...), 0, 1, 0)
		w.same("a column of the type "+of+" with the same text", w.query(exact), kept...)
		w.synced(permitting(syncing(doc+".3", "email,age,j", same...), plan.SameFile), 0, 0, 0)
		w.synced(syncing(doc+".4", "email,age,j", `a,2,"{""b"": 1.50, ""a"": [0]}"`, "b,1,null"), 0, 1, 0)
		w.restoredBySync(first)
		w.same("a column of the type "+of+", restored", w.query(exact), kept...)
		w.other("DROP TABLE people", "DROP TABLE people_backup")
	}
}

func (w *world) restoredBySync(version int64) {
	w.Helper()
	o := plan.Options{Strategy: dialect.Sync, Allow: []plan.Code{plan.Shrinks}}
	if _, err := w.client.Restore(context.Background(), exec.RestoreRequest{Table: "people", Version: &version, Options: o}); err != nil {
		w.Fatalf("restore version %d: %v", version, err)
	}
}

// syncDeferred has references that the database checks at the commit.
func syncDeferred(w *world) {
	for i, when := range []string{"DEFERRABLE INITIALLY DEFERRED", "DEFERRABLE"} {
		w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int}, boss {text} REFERENCES people (email) "+when+")",
			"INSERT INTO people VALUES ('a', 1, NULL), ('b', 1, 'a'), ('c', 1, 'b')",
			"CREATE TABLE notes (author {text} REFERENCES people (email) "+when+")", "INSERT INTO notes VALUES ('a')")
		doc := fmt.Sprint("doc_", i)
		w.synced(syncing(doc+".1", "email,age,boss", "e,1,d", "d,1,c", "a,2,e", "c,1,"), 1, 2, 2)
		w.same("the table", w.lines("people"), "a | 2 | e", "c | 1 | NULL", "d | 1 | c", "e | 1 | d")
		w.notSynced(syncing(doc+".2", "email,age,boss", "e,1,d", "d,1,c", "c,2,"), []string{"notes", `"a"`}, "notes")
		w.notSynced(syncing(doc+".3", "email,age,boss", "a,1,nobody", "d,1,c", "c,1,"), []string{"boss", `"nobody"`}, "notes")
		w.other("DELETE FROM notes")
		w.synced(syncing(doc+".4", "email,age,boss", "e,1,d", "d,1,c", "c,2,"), 1, 1, 0)
		w.other("DROP TABLE notes", "DROP TABLE people", "DROP TABLE people_backup")
	}
}

// syncByGoose has migrations in SQL and in Go. The Down brings the rows back by sync too.
func syncByGoose(w *world) {
	w.other(syncedPeople, "INSERT INTO people VALUES ('a', 1, 'kept'), ('b', 1, 'kept')")
	inGo := w.migrated("doc_1", "email,age\nb,2\nc,3\n")
	inGo.Options.Strategy = dialect.Sync
	w.upAndDown(w.migrations([]*goose.Migration{migration.New(1, inGo)}))
	w.other("DROP TABLE goose_db_version")
	text, err := w.tryGooseSQL(syncing("doc_1", "email,age", "b,2", "c,3"))
	if w.d.Facts().CommitsDefinitions {
		w.says(err, "keeps no session", "exec/migration")
		return
	}
	if err != nil {
		w.Fatal(err)
	}
	w.upAndDown(w.gooseFile(text))
}

func (w *world) upAndDown(p *goose.Provider) {
	w.Helper()
	for range 2 {
		w.up(p)
		w.same("the table after up", w.lines("people"), "b | 2 | kept", "c | 3 | new")
		w.down(p)
		w.same("the table after down", w.lines("people"), "a | 1 | kept", "b | 1 | kept")
	}
}
