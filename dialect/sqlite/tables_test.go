package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// client uploads to kinds of tables that only SQLite has, which the conformance suite
// does not cover.
type client struct {
	*testing.T
	file string
	db   *sql.DB
	exec *exec.Client
}

func newClient(t *testing.T, statements ...string) client {
	t.Helper()
	file := sqlitetest.File(t)
	db := sqlitetest.Open(t, file, statements...)
	return client{t, file, db, exec.New(db, sqlite.New(), exec.Identity{Actor: "tester"})}
}

// TestAttached: a table of an attached database is not taken for one of the main database.
func TestAttached(t *testing.T) {
	c := newClient(t)
	c.db.SetMaxOpenConns(1)
	sqlitetest.Exec(t, c.db, "ATTACH ':memory:' AS more", "CREATE TABLE more.genre (v TEXT)")
	r := request("doc_1", "v", "x")
	for table, says := range map[string]string{"more.genre": "open that file by a DSN of its own", "nowhere.genre": `there is no database "nowhere"`} {
		r.Table = table
		if _, err := c.exec.Plan(context.Background(), r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error that says %q", table, err, says)
		}
	}
	r.Table, r.Options.Create = "genre", false
	if _, err := c.exec.Plan(context.Background(), r); err == nil || !strings.Contains(err.Error(), `"more"."genre" does`) {
		t.Errorf("a table of an attached file is not named: %v", err)
	}
}

// request is an upload to the table t.
func request(docID string, lines ...string) exec.Request {
	src := rowsource.Bytes([]byte(strings.Join(lines, "\n")+"\n"), rowsource.Options{Name: "t.csv"})
	return exec.Request{Table: "t", Kind: plan.AnyTable(), DocID: docID, UploadTimestamp: "ts", Source: src,
		Options: plan.Options{Create: true, Allow: []plan.Code{plan.Shrinks, plan.ColumnsReset, plan.KeysRenumbered}}}
}

func (c client) upload(docID string, lines ...string) exec.Result {
	c.Helper()
	res, err := c.exec.Upload(context.Background(), request(docID, lines...))
	if err != nil {
		c.Fatalf("upload %s: %v", docID, err)
	}
	return res
}

// exact returns the rows of a table, bit for bit and sorted, as the sqlite3 program reads
// them.
func (c client) exact(table, where string, columns ...string) []string {
	c.Helper()
	shown := make([]string, len(columns))
	for i, name := range columns {
		shown[i] = sqlitetest.Exact(sqlite.New().Quote(name))
	}
	out := sqlitetest.Query(c, c.file, "SELECT "+strings.Join(shown, " || ' | ' || ")+" FROM "+table+" "+where+";\n")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	slices.Sort(lines)
	return lines
}

func (c client) same(what string, got, want []string) {
	c.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// one returns the text that a query selects.
func (c client) one(query string) string {
	c.Helper()
	var text sql.NullString
	if err := c.db.QueryRowContext(context.Background(), query).Scan(&text); err != nil {
		c.Fatalf("%s: %v", query, err)
	}
	return text.String
}

// anything has values of every storage class, and values that are easily changed.
const anything = `(NULL), (0), (1), (-1), (9223372036854775807), (-9223372036854775808), (9007199254740993), (0.1), (1e308), (5e-324),
	(-1e-300), (1.0), (123456789.123456789), (''), ('x'), ('007'), ('1e3'), (' 1 '), ('a' || char(0) || 'b'), (char(0)), (X''), (X'00'), (X'3037'), ('é😀' || char(13) || char(10))`

func TestKindsOfTableKeepTheirRows(t *testing.T) {
	for _, c := range []struct {
		name, create, insert string
		load                 []string
		columns              []string
	}{
		{"strict, ANY", "CREATE TABLE t (v ANY) STRICT", "INSERT INTO t VALUES " + anything, []string{"v", "007"}, []string{"v"}},
		{"strict, each type", "CREATE TABLE t (i INT, n INTEGER, r REAL, s TEXT, b BLOB, a ANY) STRICT",
			"INSERT INTO t VALUES (9223372036854775807, -9223372036854775808, 1e308, '007', X'00', '007'), (1, 2, 3, 'a' || char(0), X'', 1.5), (NULL, NULL, NULL, NULL, NULL, NULL)",
			[]string{"i,s", "1,x"}, []string{"i", "n", "r", "s", "b", "a"}},
		{"strict, NOT NULL", "CREATE TABLE t (a ANY NOT NULL, s TEXT NOT NULL) STRICT", "INSERT INTO t VALUES ('007', ''), (7, 'x')",
			[]string{"a,s", "008,y"}, []string{"a", "s"}},
		{"without rowid", "CREATE TABLE t (v ANY PRIMARY KEY, w) WITHOUT ROWID", "INSERT INTO t (v) VALUES (1), (1.5), ('a' || char(0)), (''), (X''), (X'01')",
			[]string{"v", "1"}, []string{"v", "w"}},
		{"strict, without rowid", "CREATE TABLE t (v ANY PRIMARY KEY, w ANY) STRICT, WITHOUT ROWID", "INSERT INTO t VALUES ('007', '1'), (7, 1), (X'07', 1.0)",
			[]string{"v,w", "008,x"}, []string{"v", "w"}},
		{"a composite key", "CREATE TABLE t (a, b INTEGER, c TEXT, PRIMARY KEY (c, a))", "INSERT INTO t VALUES (1, 2, '3'), ('1', 2, '3'), (NULL, 2, NULL), (NULL, 2, NULL)",
			[]string{"a,b,c", "1,2,3"}, []string{"a", "b", "c"}},
		{"a composite key without rowid", "CREATE TABLE t (a, b INTEGER, c TEXT, PRIMARY KEY (c, a)) WITHOUT ROWID", "INSERT INTO t VALUES (1, 2, '3'), ('1', 2, '3')",
			[]string{"a,b,c", "1,2,3"}, []string{"a", "b", "c"}},
		{"generated columns", "CREATE TABLE t (a INTEGER, v AS (a * 2), s TEXT GENERATED ALWAYS AS (a || char(0) || 'x') STORED, b)",
			"INSERT INTO t (a, b) VALUES (1, 'x'), (NULL, 2.5), (9223372036854775807, NULL)", []string{"a", "5"}, []string{"a", "v", "s", "b"}},
		{"a rowid of its own", "CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT, s TEXT)", "INSERT INTO t VALUES (-5, 'a'), (0, 'b'), (9223372036854775807, 'c')",
			[]string{"n,s", "1,x"}, []string{"n", "s"}},
		{"a column called rowid", "CREATE TABLE t (rowid TEXT, oid, _rowid_)", "INSERT INTO t VALUES ('r', 1, 2)", []string{"rowid", "x"}, []string{"rowid", "oid", "_rowid_"}},
		{"collations and defaults", "CREATE TABLE t (s TEXT COLLATE NOCASE UNIQUE DEFAULT 'd', n DEFAULT (1 + 1), d DEFAULT CURRENT_TIMESTAMP)",
			"INSERT INTO t VALUES ('A', 1, 'x'), ('b ', 2, NULL)", []string{"s", "z"}, []string{"s", "n", "d"}},
		{"no types at all", "CREATE TABLE t (v)", "INSERT INTO t VALUES " + anything, []string{"v", "x"}, []string{"v"}},
		{"an index on an expression", "CREATE TABLE t (v TEXT); CREATE UNIQUE INDEX i ON t (lower(v)) WHERE v > 'm'", "INSERT INTO t VALUES ('a'), ('A')",
			[]string{"v", "x"}, []string{"v"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := newClient(t, c.create, c.insert)
			before := cl.exact("t", "", c.columns...)
			cl.upload("doc_1", c.load...)
			cl.same("the backup", cl.exact("t_backup", "WHERE snapshot_version = 0", c.columns...), before)
			first := cl.exact("t", "", c.columns...)
			cl.upload("doc_2", append(c.load, "9"+strings.Repeat(",9", strings.Count(c.load[0], ",")))...)
			cl.same("the backup of the first upload", cl.exact("t_backup", "WHERE snapshot_version = 1", c.columns...), first)
			cl.same("the first backup, after the second", cl.exact("t_backup", "WHERE snapshot_version = 0", c.columns...), before)
		})
	}
}

// TestStrictAnyKeepsText: '007' stays a text in the table and in its backup, and does not
// become the number 7.
func TestStrictAnyKeepsText(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v ANY) STRICT")
	c.upload("doc_1", "v", "007", "1.10", "1e3")
	c.same("the table", c.exact("t", "", "v"), []string{"text '007'", "text '1.10'", "text '1e3'"})
	c.upload("doc_2", "v", "x")
	c.same("the backup", c.exact("t_backup", "", "v"), []string{"text '007'", "text '1.10'", "text '1e3'"})
}

func TestGeneratedColumnInTheFileIsRefused(t *testing.T) {
	for _, how := range []string{"VIRTUAL", "STORED"} {
		c := newClient(t, "CREATE TABLE t (a INTEGER, g AS (a * 2) "+how+")")
		_, err := c.exec.Upload(context.Background(), request("doc_1", "a,G", "1,2"))
		if refused, ok := errors.AsType[*plan.RefusedError](err); !ok || !strings.Contains(refused.Error(), `"g"`) {
			t.Errorf("%s: got %v, want a refusal that names the column", how, err)
		}
	}
}

func TestVirtualTablesAreRefused(t *testing.T) {
	c := newClient(t, "CREATE VIRTUAL TABLE t USING fts5 (body)", "INSERT INTO t VALUES ('old')")
	before := sqlitetest.Fingerprint(t, c.file)
	for _, table := range []string{"t", "t_content"} { // t_content has the data of t
		r := request("doc_1", "body", "new")
		r.Table = table
		_, err := c.exec.Upload(context.Background(), r)
		if _, ok := errors.AsType[*plan.RefusedError](err); !ok {
			t.Errorf("upload to %s: got %v, want a refusal", table, err)
		}
	}
	if sqlitetest.Fingerprint(t, c.file) != before {
		t.Error("the database was changed")
	}
}

// TestTemporaryTableDoesNotStandInFront: the pool's connection has a temporary table of
// the same name, which SQLite prefers for an unqualified name.
func TestTemporaryTableDoesNotStandInFront(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT)", "INSERT INTO t VALUES ('old')")
	c.db.SetMaxOpenConns(1)
	sqlitetest.Exec(t, c.db, "CREATE TEMPORARY TABLE t (other INT)", "INSERT INTO temp.t VALUES (1)",
		"CREATE TEMPORARY TABLE t_backup (other INT)", "CREATE TEMPORARY TABLE tablesnap_run (other INT)")
	c.upload("doc_1", "v", "new")
	c.same("the table", c.exact("t", "", "v"), []string{"text 'new'"})
	c.same("the backup", c.exact("t_backup", "", "v"), []string{"text 'old'"})
	if got := c.one("SELECT group_concat(other) FROM temp.t"); got != "1" {
		t.Errorf("the temporary table holds %q", got)
	}
}

// TestAutoincrementGoesOn: new rows do not get numbers of rows that were replaced.
func TestAutoincrementGoesOn(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT, s TEXT)", "INSERT INTO t VALUES (41, 'a')")
	c.upload("doc_1", "s", "b")
	if got := c.one("SELECT n FROM t"); got != "42" {
		t.Errorf("the new row has the number %s, want 42", got)
	}
}

// TestBrokenViewElsewhere: SQLite rejects every DROP COLUMN while any view is broken. An
// upload that drops no column works.
func TestBrokenViewElsewhere(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT, initial_status TEXT)", "INSERT INTO t VALUES ('old', 'keep')", "CREATE VIEW broken AS SELECT * FROM nosuch")
	c.upload("doc_1", "v", "new")
	r := request("doc_2", "v", "newer")
	r.Kind = plan.Panel()
	_, err := c.exec.Upload(context.Background(), r)
	hazard, ok := errors.AsType[*plan.HazardError](err)
	if !ok || hazard.Hazards[0].Code != plan.DropBreaks || !strings.Contains(err.Error(), "broken") {
		t.Fatalf("got %v, want the hazard DROP_BREAKS that names the view", err)
	}
	r.Options.Allow = append(r.Options.Allow, plan.DropBreaks)
	res, err := c.exec.Upload(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if last := res.Warnings[len(res.Warnings)-1]; last.Code != plan.ColumnNotDropped {
		t.Errorf("the warnings are %v, want COLUMN_NOT_DROPPED at the end", res.Warnings)
	}
	c.same("the table", c.exact("t", "", "v", "initial_status"), []string{"text 'newer' | null NULL"})
}

// script returns the request's script, with all rows.
// planUnchecked plans as if nobody had looked at the rows, so that SQLite refuses them.
func (c client) planUnchecked(r exec.Request) plan.Plan {
	c.Helper()
	target, err := c.exec.Inspect(context.Background(), r.Table)
	if err != nil {
		c.Fatal(err)
	}
	m, err := rowsource.Measure(context.Background(), r.Source)
	if err != nil {
		c.Fatal(err)
	}
	p, err := plan.Build(sqlite.New(), plan.Input{Target: target, Source: m, Kind: r.Kind, DocID: r.DocID, Timestamp: r.UploadTimestamp, Options: r.Options})
	if err != nil {
		c.Fatal(err)
	}
	return p
}

func (c client) script(p plan.Plan, r exec.Request) string {
	c.Helper()
	var b strings.Builder
	if err := plan.WriteScript(&b, sqlite.New(), p, r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		c.Fatal(err)
	}
	return b.String()
}
