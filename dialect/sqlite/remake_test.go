package sqlite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
)

// keeping is a swap of a table that keeps the old one.
func keeping(table, docID string, lines ...string) exec.Request {
	r := request(docID, lines...)
	r.Table, r.Options.Strategy, r.Options.Backup, r.Options.Allow = table, dialect.Swap, plan.BackupTable, plan.Codes()
	return r
}

// TestMadeAnew: the new table and its indexes have the texts of the old ones, to the last
// character, and what ANALYZE knows of them stays.
func TestMadeAnew(t *testing.T) {
	const long = "a_column_whose_name_makes_the_line_so_long_that_a_writer_of_statements_might_want_to_break_it_somewhere TEXT DEFAULT 'two  blanks'"
	for name, create := range map[string]string{
		"everything": `CREATE TABLE "main".[the t] (id INTEGER PRIMARY KEY AUTOINCREMENT, -- the 'id'; of
			sku TEXT NOT NULL COLLATE NOCASE CHECK ([the t].sku <> 'a;b'), /* "why */ [two  blanks] INTEGER DEFAULT (7 + 1), "No""te" TEXT,
			twice INT GENERATED ALWAYS AS ([two  blanks] * 2) VIRTUAL, ` + long + `, UNIQUE (sku, [two  blanks]) ON CONFLICT ROLLBACK) STRICT`,
		"without rowid": "CREATE TABLE IF NOT EXISTS `the t` (id INTEGER, sku TEXT, [two  blanks], \"No\"\"te\" TEXT, " + long + ", PRIMARY KEY (id, sku)) WITHOUT ROWID",
		"loose":         "CREATE TABLE 'the t' (id INTEGER PRIMARY KEY, sku, [two  blanks] whatever type, \"No\"\"te\" 'x')",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, create, "CREATE INDEX main.[i  1] ON [the t] ([two  blanks] DESC, lower(sku)) WHERE [two  blanks] > 3", `CREATE UNIQUE INDEX "i""2" ON "the t" (sku)`, `CREATE INDEX [tablesnap i""2] ON [the t] (sku)`, "CREATE INDEX [tablesnap i  1] ON [the t] (sku)",
				"INSERT INTO [the t] (id, sku, [two  blanks]) VALUES (1, 'A', 1), (2, 'B', 2), (30, 'C', 9)", "DELETE FROM [the t] WHERE sku = 'C'", "ANALYZE")
			made := func() string {
				return c.one(`SELECT group_concat(line, char(10)) FROM (SELECT type || ' ' || name || ' ' || sql AS line FROM sqlite_master WHERE tbl_name = 'the t' AND sql IS NOT NULL
					UNION ALL SELECT tbl || ' ' || idx || ' ' || stat FROM sqlite_stat1 WHERE tbl = 'the t'
					UNION ALL SELECT tbl || ' ' || idx || ' ' || neq || ' ' || quote(sample) FROM sqlite_stat4 WHERE tbl = 'the t' ORDER BY 1)`)
			}
			before := made()
			for _, docID := range []string{"doc_1", "doc_2"} {
				if _, err := c.exec.Upload(context.Background(), keeping("the t", docID, `id,sku,two  blanks,"No""te"`, "3,"+docID+",5,x", "4,b,6,y")); err != nil {
					t.Fatal(err)
				}
				if got := made(); got != before {
					t.Errorf("the table is made by\n%s\nand was by\n%s", got, before)
				}
			}
			c.same("the old rows", c.exact("[the t_preserved_v0]", "", "sku"), []string{"text 'A'", "text 'B'"})
			if strings.Contains(create, "AUTOINCREMENT") {
				sqlitetest.Exec(t, c.db, "INSERT INTO [the t] (sku) VALUES ('next')")
				c.same("the next number", []string{c.one("SELECT id FROM [the t] WHERE sku = 'next'")}, []string{"31"})
			}
		})
	}
}

// TestTied: each kind of thing that would follow the old table is named, and what only has its
// name in its text is not.
func TestTied(t *testing.T) {
	for name, c := range map[string]struct {
		setup []string
		says  string
	}{
		"view":                    {[]string{"CREATE VIEW seen AS SELECT v FROM t"}, "view seen"},
		"view of a view":          {[]string{"CREATE VIEW seen AS SELECT o.v FROM other AS o JOIN (SELECT * FROM t) AS inner USING (v)"}, "view seen"},
		"trigger":                 {[]string{"CREATE TRIGGER noting AFTER INSERT ON t BEGIN SELECT 1; END"}, "trigger noting"},
		"trigger of another":      {[]string{"CREATE TRIGGER noting AFTER INSERT ON other BEGIN DELETE FROM t; END"}, "trigger noting"},
		"foreign key to it":       {[]string{"CREATE TABLE child (v REFERENCES t (v))"}, "foreign key of child"},
		"foreign key of it":       {[]string{"ALTER TABLE t ADD COLUMN o REFERENCES other (v)"}, "foreign key to other"},
		"foreign key to itself":   {[]string{"ALTER TABLE t ADD COLUMN o REFERENCES t (v)"}, "foreign key to t"},
		"temporary view":          {[]string{"CREATE TEMP VIEW seen AS SELECT v FROM main.t"}, "temporary view seen"},
		"temporary trigger":       {[]string{"CREATE TEMP TRIGGER noting AFTER INSERT ON main.t BEGIN SELECT 1; END"}, "temporary trigger noting"},
		"temporary namesake":      {[]string{"CREATE TEMP TABLE t (w)"}, "temporary table t"},
		"a view that is broken":   {[]string{"CREATE VIEW broken AS SELECT gone FROM nowhere"}, "broken"},
		"a view in legacy mode":   {[]string{"PRAGMA legacy_alter_table = ON", "CREATE VIEW seen AS SELECT v FROM t"}, "view seen"},
		"text in double quotes":   {[]string{"DROP TABLE t", `CREATE TABLE t (v TEXT CHECK (v <> "x"))`}, `"x"`},
		"another view's column":   {[]string{"CREATE VIEW seen AS SELECT v AS t FROM other"}, ""},
		"another table's content": {[]string{"CREATE VIRTUAL TABLE found USING fts5(v, content = 't')"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := newClient(t, "CREATE TABLE t (v TEXT UNIQUE)", "CREATE TABLE other (v TEXT UNIQUE)", "INSERT INTO t VALUES ('old')")
			cl.db.SetMaxOpenConns(1) // temporary objects are a connection's
			for _, s := range c.setup {
				if _, err := cl.db.ExecContext(context.Background(), s); err != nil {
					t.Fatalf("%s: %v", s, err)
				}
			}
			_, err := cl.exec.Upload(context.Background(), keeping("t", "doc_1", "v", "x"))
			switch {
			case c.says == "" && err != nil:
				t.Error(err)
			case c.says != "" && (err == nil || !strings.Contains(err.Error(), "cannot be kept") || !strings.Contains(err.Error(), c.says)):
				t.Errorf("got %v, want a refusal that names %s", err, c.says)
			}
		})
	}
}

// TestMadeAnewByScript: the sqlite3 program leaves the same as a run.
func TestMadeAnewByScript(t *testing.T) {
	c := newClient(t, "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, [two  blanks] TEXT) /* of */", "CREATE INDEX i ON t ([two  blanks])", "INSERT INTO t VALUES (7, 'old')", "ANALYZE")
	r := keeping("t", "doc_1", "id,two  blanks", "1,x")
	p, err := c.exec.Plan(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := plan.WriteScript(&b, sqlite.New(), p, r.Source, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		t.Fatal(err)
	}
	before := c.one("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master WHERE tbl_name = 't' ORDER BY name)")
	if err := sqlitetest.Client(t, c.file, b.String()); err != nil {
		t.Fatal(err)
	}
	c.same("the texts", []string{c.one("SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master WHERE tbl_name = 't' ORDER BY name)")}, []string{before})
	c.same("the statistics and the next number", []string{c.one("SELECT stat FROM sqlite_stat1 WHERE idx = 'i'"), c.one("SELECT seq FROM sqlite_sequence WHERE name = 't'")}, []string{"1 1", "7"})
	c.same("the rows", c.exact("t_preserved_v0", "", "two  blanks"), []string{"text 'old'"})
}
