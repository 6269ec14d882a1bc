package sqlite_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
)

func inspect(t *testing.T, c client, name string) dialect.Target {
	t.Helper()
	target, err := sqlite.New().Inspect(context.Background(), c.db, dialect.Reference{Name: dialect.Word{Text: name}})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func inMain(name string) dialect.Ident { return dialect.Ident{Schema: "main", Name: name} }

// TestInspectFindsWhatMatters compares the whole definition that planning relies on.
func TestInspectFindsWhatMatters(t *testing.T) {
	c := newClient(t,
		`CREATE TABLE parent (a TEXT, b TEXT, PRIMARY KEY (a, b))`,
		`CREATE TABLE "People" (id INTEGER PRIMARY KEY, email VARCHAR(20) NOT NULL DEFAULT 'x' UNIQUE, g AS (id * 2) VIRTUAL, s TEXT AS (email) STORED,
			a TEXT, b TEXT, FOREIGN KEY (a, b) REFERENCES parent ON DELETE SET NULL)`,
		`CREATE UNIQUE INDEX two ON people (a, lower(b))`,
		`CREATE TABLE child (p INTEGER REFERENCES PEOPLE ON DELETE CASCADE)`,
		`INSERT INTO "People" (id) VALUES (1)`, `INSERT INTO child VALUES (1)`,
		`CREATE TRIGGER z AFTER INSERT ON people BEGIN SELECT 1; END`,
		`CREATE TRIGGER y AFTER DELETE ON people BEGIN SELECT 1; END`,
	)
	x := "'x'"
	want := &dialect.Table{
		Ident: inMain("People"), Kind: dialect.BaseTable,
		Columns: []dialect.Column{
			{Name: "id", Type: "INTEGER", Nullable: true, Assigned: true},
			{Name: "email", Type: "VARCHAR(20)", Default: &x},
			{Name: "g", Nullable: true, Generated: dialect.GeneratedVirtual},
			{Name: "s", Type: "TEXT", Nullable: true, Generated: dialect.GeneratedStored},
			{Name: "a", Type: "TEXT", Nullable: true},
			{Name: "b", Type: "TEXT", Nullable: true},
		},
		PrimaryKey: []string{"id"},
		Uniques:    [][]string{{"email"}, {"a", "<expression>"}},
		ForeignKeys: []dialect.ForeignKey{{
			Table: inMain("People"), Columns: []string{"a", "b"}, RefTable: inMain("parent"), OnDelete: "SET NULL", Waits: true,
		}},
		ReferencedBy: []dialect.ForeignKey{{
			Table: inMain("child"), Columns: []string{"p"}, RefTable: inMain("PEOPLE"), OnDelete: "CASCADE", Waits: true, Occupied: true,
		}},
		Triggers: []string{"y", "z"},
	}
	got := inspect(t, c, "pEOPLE").Table
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(dialect.Column{}, "DropBreaks")); diff != "" {
		t.Errorf("the definition (-want +got):\n%s", diff)
	}
	for _, column := range got.Columns {
		breaks := column.DropBreaks != ""
		if want := column.Name != "s" && column.Name != "g"; breaks != want {
			t.Errorf("column %s: dropping it breaks something: %t (%s), want %t", column.Name, breaks, column.DropBreaks, want)
		}
	}
}

// TestDropBreaks has a case for each kind of object that prevents dropping a column.
func TestDropBreaks(t *testing.T) {
	for _, c := range []struct{ what, create, says string }{
		{"nothing", "CREATE TABLE p (a)", ""},
		{"a view of all columns", "CREATE VIEW w AS SELECT * FROM t", ""},
		{"an index", "CREATE INDEX i ON t (initial_status)", "index i"},
		{"an index on an expression", "CREATE INDEX i ON t (lower(initial_status))", "index i"},
		{"the WHERE of an index", "CREATE INDEX i ON t (v) WHERE initial_status IS NULL", "index i"},
		{"a view", "CREATE VIEW w AS SELECT initial_status FROM t", "view w"},
		{"a trigger that reads it", "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT new.initial_status; END", "trigger r"},
		{"a trigger that deletes by it", "CREATE TRIGGER r AFTER INSERT ON o BEGIN DELETE FROM t WHERE initial_status = 1; END", "trigger r"},
		{"a trigger OF it", "CREATE TRIGGER r AFTER UPDATE OF initial_status ON t BEGIN SELECT 1; END", ""}, // SQLite drops the column, and the trigger stays for other columns
	} {
		if got := dropBreaks(t, c.create); c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("%s: it says %q, want something about %q", c.what, got, c.says)
		}
	}
}

// TestDropBreaksTriggerThatWrites: SQLite 3.54 drops a column that a trigger updates, and
// then rejects every statement that fires the trigger.
func TestDropBreaksTriggerThatWrites(t *testing.T) {
	for _, table := range []string{"t", "o"} {
		if got := dropBreaks(t, "CREATE TRIGGER r AFTER INSERT ON "+table+" BEGIN UPDATE t SET initial_status = 1; END"); got == "" {
			t.Errorf("a trigger of %s updates the column, and dropping it is said to break nothing", table)
		}
	}
}

// TestDropBreaksByName: which trigger is named does not depend on which was made first, since
// the text is a part of the plan.
func TestDropBreaksByName(t *testing.T) {
	const update = " AFTER INSERT ON o BEGIN UPDATE t SET initial_status = 1; END; "
	if first, then := dropBreaks(t, "CREATE TRIGGER a"+update+"CREATE TRIGGER b"+update), dropBreaks(t, "CREATE TRIGGER b"+update+"CREATE TRIGGER a"+update); first != then || first == "" {
		t.Errorf("it says %q, and %q if the triggers were made in another order", first, then)
	}
}

func dropBreaks(t *testing.T, create string) string {
	t.Helper()
	c := newClient(t, "CREATE TABLE t (v TEXT, initial_status TEXT)", "CREATE TABLE o (a)", create)
	column, _ := inspect(t, c, "t").Table.Column("initial_status", sqlite.New().SameName)
	return column.DropBreaks
}

// TestInspectWritesNothing: inspection changes nothing and works on a read-only
// connection.
func TestInspectWritesNothing(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT)", "INSERT INTO t VALUES ('x')")
	before := sqlitetest.Fingerprint(t, c.file)
	sqlitetest.Exec(t, c.db, "PRAGMA query_only = ON")
	inspect(t, c, "t")
	inspect(t, c, "nosuch")
	if sqlitetest.Fingerprint(t, c.file) != before {
		t.Error("inspecting the table changed the database")
	}
}

// TestEstimate: the statistics of ANALYZE let planning notice a source that is too small
// without counting rows.
func TestEstimate(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT)", "INSERT INTO t VALUES ('a'), ('b'), ('c'), ('d'), ('e')", "CREATE INDEX i ON t (v)")
	if e := inspect(t, c, "t").EstimatedRows; e != nil {
		t.Errorf("nobody analysed the table, and its estimate is %d", *e)
	}
	sqlitetest.Exec(t, c.db, "ANALYZE")
	if e := inspect(t, c, "t").EstimatedRows; e == nil || *e != 5 {
		t.Errorf("the estimate is %v, want 5", e)
	}
	r := request("doc_1", "v", "x")
	r.Options = plan.Options{}
	_, err := c.exec.Upload(context.Background(), r)
	if hazard, ok := errors.AsType[*plan.HazardError](err); !ok || hazard.Hazards[0].Code != plan.Shrinks {
		t.Errorf("got %v, want the hazard SHRINKS", err)
	}
}

// TestSelfReference: rows may refer to rows of the same table, in any order and with any
// ON DELETE action, since all rows are deleted and all are loaded.
func TestSelfReference(t *testing.T) {
	for _, action := range []string{"NO ACTION", "SET NULL", "RESTRICT", "CASCADE"} {
		c := newClient(t, "CREATE TABLE t (n INTEGER PRIMARY KEY, boss INTEGER REFERENCES t (n) ON DELETE "+action+")",
			"INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2)")
		old := c.exact("t", "", "n", "boss")
		if _, err := c.exec.Upload(context.Background(), request("doc_1", "n,boss", "4,5", "5,")); err != nil {
			t.Errorf("ON DELETE %s: %v", action, err)
			continue
		}
		c.same(action+": the table", c.exact("t", "", "n", "boss"), []string{"integer 4 | integer 5", "integer 5 | null NULL"})
		c.same(action+": the backup", c.exact("t_backup", "", "n", "boss"), old)
	}
}

// TestOwnReferencesAreChecked: an upload turns on foreign keys, which are off by default
// in SQLite, and names the bad row.
func TestOwnReferencesAreChecked(t *testing.T) {
	c := newClient(t, "CREATE TABLE parent (n INTEGER PRIMARY KEY)", "INSERT INTO parent VALUES (1)",
		"CREATE TABLE t (p INTEGER REFERENCES parent (n))", "INSERT INTO t VALUES (1)")
	_, err := c.exec.Upload(context.Background(), request("doc_1", "p", "1", "2"))
	if err == nil || !strings.Contains(err.Error(), "t.csv line 3") || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Errorf("got %v, want an error that names line 3 and the foreign key", err)
	}
	c.same("the table", c.exact("t", "", "p"), []string{"integer 1"})
}

// TestRebuildDoesNotReachOtherTables: widening a backup table drops the old one. DROP
// TABLE deletes the rows first, and these deletes could cascade to other tables.
func TestRebuildDoesNotReachOtherTables(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v INTEGER)", "INSERT INTO t VALUES (1)",
		"CREATE TABLE t_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, v TEXT)",
		"INSERT INTO t_backup VALUES (1, 'theirs', 'then', '007')",
		"CREATE TABLE remarks (backup_row INTEGER REFERENCES t_backup (id) ON DELETE CASCADE, remark TEXT)",
		"INSERT INTO remarks VALUES (1, 'important')")
	_, err := c.exec.Upload(context.Background(), request("doc_1", "v", "2"))
	if _, ok := errors.AsType[*plan.RefusedError](err); !ok || !strings.Contains(err.Error(), "remarks") {
		t.Errorf("got %v, want a refusal that names the table remarks", err)
	}
	c.same("another program's remarks on the backup", c.exact("remarks", "", "backup_row", "remark"), []string{"integer 1 | text 'important'"})
}

// TestConnectionIsPutBack: a connection returns to the caller's pool with its settings
// restored.
func TestConnectionIsPutBack(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (v TEXT UNIQUE)")
	c.db.SetMaxOpenConns(1)
	sqlitetest.Exec(t, c.db, "PRAGMA busy_timeout = 4321", "PRAGMA foreign_keys = OFF")
	settings := func() []string {
		return []string{c.one("PRAGMA busy_timeout"), c.one("PRAGMA foreign_keys"), c.one("PRAGMA defer_foreign_keys"),
			c.one("SELECT count(*) FROM temp.sqlite_master")}
	}
	before := settings()
	c.upload("doc_1", "v", "a")
	c.same("the settings after an upload", settings(), before)
	if _, err := c.exec.Upload(context.Background(), request("doc_2", "v", "b", "b")); err == nil {
		t.Error("a value was loaded twice into a unique column")
	}
	c.same("the settings after a failure", settings(), before)
	ctx, cancel := context.WithCancel(context.Background())
	r := request("doc_3", manyLines(20_000)...)
	_, err := c.exec.Run(ctx, c.plan(r), r.Source, func(exec.Event) { cancel() })
	if err == nil {
		t.Error("a run with a context that is done went on")
	}
	c.same("the settings after a run that was cut off", settings(), before)
}

func manyLines(n int) []string {
	lines := []string{"v"}
	for i := range n {
		lines = append(lines, strings.Repeat("x", 20)+string(rune('a'+i%26))+time.Duration(i).String())
	}
	return lines
}

func (c client) plan(r exec.Request) plan.Plan {
	c.Helper()
	p, err := c.exec.Plan(context.Background(), r)
	if err != nil {
		c.Fatal(err)
	}
	return p
}
