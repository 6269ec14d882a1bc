package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
)

// withoutIndexes is an upload that drops indexes before the rows, however few there are.
func withoutIndexes(docID string, lines ...string) exec.Request {
	r := request(docID, lines...)
	r.Options.IndexesAfter = 1
	return r
}

// dropped are the indexes that a plan drops, as they are quoted.
func dropped(p plan.Plan) (names []string) {
	for _, s := range p.Steps() {
		if name, ok := strings.CutPrefix(s.SQL, `DROP INDEX "main".`); ok {
			names = append(names, name)
		}
	}
	return names
}

// definitions are the texts of all indexes of t, and what ANALYZE knows of them.
func (c client) definitions() []string {
	c.Helper()
	return strings.Split(c.one(`SELECT group_concat(line, char(10)) FROM (SELECT name || ' ' || sql AS line FROM sqlite_master WHERE type = 'index' AND tbl_name = 't' AND sql IS NOT NULL
		UNION ALL SELECT idx || ' ' || stat FROM sqlite_stat1 WHERE tbl = 't' AND idx IS NOT NULL
		UNION ALL SELECT idx || ' ' || neq || ' ' || quote(sample) FROM sqlite_stat4 WHERE tbl = 't' ORDER BY 1)`), "\n")
}

// byScript runs the plan of an upload by the sqlite3 program.
func (c client) byScript(p plan.Plan, r exec.Request) error {
	c.Helper()
	var b strings.Builder
	if err := plan.WriteScript(&b, sqlite.New(), p, r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		c.Fatal(err)
	}
	return sqlitetest.Client(c, c.file, b.String())
}

// manyIndexes are each kind of index. Those whose names begin with "late" are made after the
// rows.
func manyIndexes() []string {
	return []string{
		"CREATE INDEX late1 ON t (email)", "CREATE INDEX IF NOT EXISTS main.[late 2] ON t (age DESC,\n\temail COLLATE NOCASE ASC)", `CREATE INDEX "late'""3" ON "t" (email, "no""te")`,
		"CREATE INDEX 'tablesnap late1' ON t (age, v)",
		"CREATE UNIQUE INDEX stays1 ON t (email)", "CREATE INDEX stays2 ON t (email) WHERE age > 1", "CREATE INDEX stays3 ON t (lower(email))", "CREATE INDEX stays4 ON t (twice)",
		"CREATE INDEX stays5 ON t (age) -- of", "CREATE INDEX stays6 ON t (age) /* of", "CREATE INDEX stays7 ON t (boss, age)",
	}
}

// TestIndexesAfterTheRows: each index has the text that it had, to the last character, and what
// ANALYZE knows of it stays, after a run, a script and a restore.
func TestIndexesAfterTheRows(t *testing.T) {
	for name, ends := range map[string]string{"rowid": ")", "without rowid": ") WITHOUT ROWID", "strict": ") STRICT"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, slices.Concat([]string{`CREATE TABLE t (v TEXT PRIMARY KEY, email TEXT, age INTEGER, "no""te" TEXT UNIQUE, boss TEXT REFERENCES t (v), twice INTEGER AS (age * 2)` + ends},
				manyIndexes(), []string{"INSERT INTO t VALUES ('a', 'x', 1, 'n', NULL), ('b', 'y', 2, 'm', 'a'), ('c', 'z', 2, 'o', 'a')", "ANALYZE"})...)
			before := c.definitions()
			first := withoutIndexes("doc_1", `v,email,age,"no""te",boss`, "d,u,5,q,", "e,w,6,r,d")
			c.same("the indexes that are dropped", dropped(c.plan(first)), []string{`"late 2"`, `"late'""3"`, `"late1"`, `"tablesnap late1"`})
			if _, err := c.exec.Upload(context.Background(), first); err != nil {
				t.Fatal(err)
			}
			c.same("after a run", c.definitions(), before)
			second := withoutIndexes("doc_2", `v,email,age,"no""te",boss`, "f,u,5,q,", "g,w,6,r,f")
			if err := c.byScript(c.plan(second), second); err != nil {
				t.Fatal(err)
			}
			c.same("after a script", c.definitions(), before)
			if _, err := c.exec.Restore(context.Background(), exec.RestoreRequest{Table: "t", Version: new(int64), Options: plan.Options{Allow: plan.Codes()}}); err != nil {
				t.Fatal(err)
			}
			c.same("after a restore", c.definitions(), before)
			c.same("the rows", c.exact("t", "", "v", "boss"), []string{"text 'a' | null NULL", "text 'b' | text 'a'", "text 'c' | text 'a'"})
			c.same("the check of the file", []string{c.one("PRAGMA integrity_check")}, []string{"ok"})
		})
	}
}

// TestIndexesStay: each of these uploads leaves all indexes where they are.
func TestIndexesStay(t *testing.T) {
	for name, c := range map[string]struct {
		setup  string
		change func(*exec.Request)
	}{
		"a trigger may use them":   {setup: "CREATE TRIGGER noting AFTER INSERT ON t BEGIN SELECT count(*) FROM t WHERE age = 1; END"},
		"there are few rows":       {change: func(r *exec.Request) { r.Options.IndexesAfter = 0 }},
		"a sync writes few rows":   {change: func(r *exec.Request) { r.Options.Strategy = dialect.Sync }},
		"there is none":            {setup: "DROP INDEX i"},
		"rows are looked up by it": {setup: "DROP INDEX i; ALTER TABLE t ADD COLUMN other REFERENCES t (v); CREATE INDEX i ON t (OTHER, age)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)")
			sqlitetest.Exec(t, cl.db, c.setup+";")
			r := withoutIndexes("doc_1", "v,age", "a,1", "b,2")
			r.Options.Allow = plan.Codes()
			if c.change != nil {
				c.change(&r)
			}
			cl.same("the indexes that are dropped", dropped(cl.plan(r)), nil)
		})
	}
}

// TestIndexesStayForStatementsBefore: a statement of the user may drop an index before the
// upload, or analyze the database for the first time.
func TestIndexesStayForStatementsBefore(t *testing.T) {
	for _, before := range []string{"DROP INDEX i", "ANALYZE {table}"} {
		c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "INSERT INTO t VALUES ('old', 1)")
		r := withoutIndexes("doc_1", "v,age", "a,1")
		r.Options.Before, r.Options.After = []string{before}, []string{"CREATE INDEX IF NOT EXISTS i ON t (age)"}
		if _, err := c.exec.Upload(context.Background(), r); err != nil {
			t.Errorf("%s: %v", before, err)
		}
		c.same(before, []string{c.one("SELECT v FROM t INDEXED BY i WHERE age = 1")}, []string{"a"})
	}
}

// TestIndexesStayInATransactionOfTheCaller: an open query would keep an index from being dropped.
func TestIndexesStayInATransactionOfTheCaller(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "CREATE TABLE other (v)", "INSERT INTO other VALUES (1), (2)")
	ctx := context.Background()
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // it is committed by then
	joined, err := exec.InTx(ctx, tx, sqlite.New(), exec.Identity{Actor: "tester"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(uploadWhileReading(ctx, tx, joined), tx.Commit()); err != nil {
		t.Fatal(err)
	}
	c.same("the rows", c.exact("t", "", "v"), []string{"text 'a'"})
}

// uploadWhileReading uploads before all rows of a query are read.
func uploadWhileReading(ctx context.Context, tx *sql.Tx, c *exec.Client) error {
	rows, err := tx.QueryContext(ctx, "SELECT v FROM other")
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return rows.Err()
	}
	if _, err := c.Upload(ctx, withoutIndexes("doc_1", "v,age", "a,1")); err != nil {
		return err
	}
	return rows.Err()
}

// TestIndexesBesideATemporaryTable: the index is made for the table, and not for a temporary one
// of its name.
func TestIndexesBesideATemporaryTable(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "CREATE VIEW seen AS SELECT v FROM t INDEXED BY i WHERE age > 0")
	c.db.SetMaxOpenConns(1) // temporary tables are a connection's
	sqlitetest.Exec(t, c.db, "CREATE TEMP TABLE t (age)")
	if _, err := c.exec.Upload(context.Background(), withoutIndexes("doc_1", "v,age", "a,1")); err != nil {
		t.Fatal(err)
	}
	c.same("the index", []string{c.one("SELECT sql FROM main.sqlite_master WHERE name = 'i'"), c.one("SELECT v FROM seen")}, []string{"CREATE INDEX i ON t (age)", "a"})
}

// TestIndexesChangedSinceThePlan: neither a run nor a script gives the table an index that it no
// longer has, or loses what ANALYZE has found meanwhile.
func TestIndexesChangedSinceThePlan(t *testing.T) {
	for name, change := range map[string]string{
		"another definition":   "DROP INDEX i; CREATE INDEX i ON t (age DESC)",
		"gone":                 "DROP INDEX i",
		"analyzed":             "ANALYZE",
		"of another table":     "DROP INDEX i; CREATE TABLE u (age); CREATE INDEX i ON u (age)",
		"it has become unique": "DROP INDEX i; CREATE UNIQUE INDEX i ON t (age)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "INSERT INTO t VALUES ('old', 1)")
			c.upload("doc_0", "v,age", "older,1")
			r := withoutIndexes("doc_1", "v,age", "a,1", "b,2")
			p := c.plan(r)
			sqlitetest.Exec(t, c.db, change)
			now := c.one("SELECT group_concat(sql) FROM sqlite_master")
			var drift *exec.DriftError
			if _, err := c.exec.Run(context.Background(), p, r.Source, nil); !errors.As(err, &drift) {
				t.Errorf("the run: got %v, want a *DriftError", err)
			}
			if err := c.byScript(p, r); err == nil || !strings.Contains(err.Error(), "plan again") {
				t.Errorf("the script: got %v, want an error that says to plan again", err)
			}
			c.same("the rows", c.exact("t", "", "v"), []string{"text 'older'"})
			c.same("the definitions", []string{c.one("SELECT group_concat(sql) FROM sqlite_master")}, []string{now})
		})
	}
}

// TestIndexThatAppearedSinceThePlan: a run notices it, although it would not touch it.
func TestIndexThatAppearedSinceThePlan(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)")
	r := withoutIndexes("doc_1", "v,age", "a,1")
	p := c.plan(r)
	sqlitetest.Exec(t, c.db, "CREATE INDEX j ON t (age, v)")
	var drift *exec.DriftError
	if _, err := c.exec.Run(context.Background(), p, r.Source, nil); !errors.As(err, &drift) {
		t.Errorf("got %v, want a *DriftError", err)
	}
}

// TestIndexesAfterRowsThatFail: the error still has its line, and the indexes are there.
func TestIndexesAfterRowsThatFail(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "CREATE INDEX j ON t (json_extract(v, '$'))", "INSERT INTO t VALUES ('1', 1)", "ANALYZE")
	before := c.definitions()
	for says, row := range map[string]string{"the same key": "5,2", "malformed JSON": "{,2"} {
		_, err := c.exec.Upload(context.Background(), withoutIndexes("doc_1", "v,age", "5,1", row))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("got %v, want an error about line 3 that says %q", err, says)
		}
		c.same("the indexes", c.definitions(), before)
		c.same("the rows", c.exact("t", "", "v"), []string{"text '1'"})
	}
}

// TestIndexesAfterRowsOfSets: tables that refer to each other lose and get their indexes in one
// transaction.
func TestIndexesAfterRowsOfSets(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "CREATE TABLE notes (author TEXT REFERENCES t (v), v TEXT)",
		"CREATE INDEX notes_author ON notes (author)", "CREATE INDEX notes_v ON notes (v)", "INSERT INTO t VALUES ('old', 1)", "INSERT INTO notes VALUES ('old', 'n')", "ANALYZE")
	before := c.definitions()
	notes := withoutIndexes("doc_1", "author,v", "a,m", "b,n")
	notes.Table = "notes"
	people := withoutIndexes("doc_1", "v,age", "a,1", "b,2")
	if _, err := c.exec.UploadSet(context.Background(), exec.SetRequest{Name: "both", Uploads: []exec.Request{notes, people}}); err != nil {
		t.Fatal(err)
	}
	c.same("the indexes", c.definitions(), before)
	c.same("the other table's indexes", strings.Split(c.one("SELECT group_concat(name, ' ') FROM (SELECT name FROM pragma_index_list('notes') ORDER BY 1)"), " "), []string{"notes_author", "notes_v"})
	c.same("the rows", c.exact("notes", "", "author"), []string{"text 'a'", "text 'b'"})
}

// TestPlanIndexesOffline: a plan from a schema in a file is that of the database.
func TestPlanIndexesOffline(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT PRIMARY KEY, age INTEGER)", "CREATE INDEX i ON t (age)", "INSERT INTO t VALUES ('old', 1)", "ANALYZE")
	schema, err := c.exec.Schema(context.Background(), "t")
	if err != nil {
		t.Fatal(err)
	}
	r := withoutIndexes("doc_1", "v,age", "a,1")
	p, err := plan.Build(sqlite.New(), plan.Input{Target: schema, DocID: r.DocID, Timestamp: r.UploadTimestamp, Source: c.plan(r).Upload.Source, Options: r.Options})
	if err != nil {
		t.Fatal(err)
	}
	c.same("the indexes that are dropped", dropped(p), []string{`"i"`})
	if _, err := c.exec.Run(context.Background(), p, r.Source, nil); err != nil {
		t.Fatal(err)
	}
	c.same("the statistics", []string{c.one("SELECT stat FROM sqlite_stat1 WHERE idx = 'i'")}, []string{"1 1"})
}
