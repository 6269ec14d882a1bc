package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/plan"
)

// TestDropBreaks: inspection names the objects that prevent dropping a column, and those
// that PostgreSQL would drop with it silently.
func TestDropBreaks(t *testing.T) {
	onEach(t, func(c client) {
		c.run(
			`CREATE TABLE t (id int PRIMARY KEY, u1 int, u2 int, ck1 int CHECK (ck1 > 0), ck2 int, fk int REFERENCES t, viewed text, mat text, policed text, fired text,
				gen int, plain int, indexed int, expr text, partial int, watched int, quoted text, "Odd Name" text, free text,
				g int GENERATED ALWAYS AS (gen * 2) STORED, UNIQUE (u1, u2), CHECK (ck2 < plain), EXCLUDE USING btree (expr WITH =))`,
			"CREATE INDEX only_an_index ON t (indexed)", "CREATE UNIQUE INDEX partly ON t (free) WHERE partial > 0",
			"CREATE VIEW seen AS SELECT viewed FROM t", "CREATE MATERIALIZED VIEW kept AS SELECT mat FROM t",
			"CREATE POLICY mine ON t USING (policed = current_user)",
			"CREATE FUNCTION noting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE LOG '%', NEW.watched; RETURN NEW; END $$",
			"CREATE TRIGGER noting BEFORE UPDATE OF fired ON t FOR EACH ROW EXECUTE FUNCTION noting()",
			`CREATE FUNCTION asking() RETURNS text LANGUAGE sql AS 'SELECT "Odd Name" FROM t LIMIT 1'`,
			"CREATE TABLE child (id int REFERENCES t)",
		)
		target, err := c.exec.Inspect(context.Background(), "t")
		if err != nil {
			c.Fatal(err)
		}
		for column, says := range map[string]string{
			"id": "foreign key child_id_fkey of child refers to it", "u1": "unique key t_u1_u2_key", "u2": "unique key", "ck1": "", "ck2": "check", "fk": "foreign key t_fk_fkey",
			"viewed": "view seen", "mat": "materialized view kept", "policed": "policy mine", "fired": "trigger noting", "gen": "column g", "plain": "check", "indexed": "",
			"expr": "exclusion constraint", "partial": "unique index partly", "watched": "function noting()", "quoted": "", "Odd Name": "function asking()", "free": "unique index partly",
		} {
			found, _ := target.Table.Column(column, func(a, b string) bool { return a == b })
			if says == "" && found.DropBreaks != "" || !strings.Contains(found.DropBreaks, says) {
				c.Errorf("dropping %s: %q, want %q", column, found.DropBreaks, says)
			}
		}
	})
}

// TestViewOnADroppedColumn: tablesnap never drops with CASCADE. The view stays, and the
// upload continues without dropping the column.
func TestViewOnADroppedColumn(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text, gone text)", "INSERT INTO t VALUES ('old', 'keep')", "CREATE VIEW seen AS SELECT v, gone FROM t")
		r := dropping(request("doc_1", "v", "x"), "gone")
		err := c.try(r)
		hazard, ok := errors.AsType[*plan.HazardError](err)
		if !ok || hazard.Hazards[0].Code != plan.DropBreaks {
			c.Fatalf("got %v, want the hazard DROP_BREAKS", err)
		}
		c.says(err, "view seen")
		r.Options.Allow = append(r.Options.Allow, plan.DropBreaks)
		c.warned(c.upload(r), plan.ColumnNotDropped)
		c.same("the view", c.lines("SELECT seen::text FROM seen"), "(x,)")
		r = dropping(request("doc_2", "v", "y"), "gone")
		r.Options.Allow, r.Options.OnDropColumnFailure = plan.Codes(), plan.Abort
		c.says(c.try(r), "other objects depend on it")
		c.same("the view, after a run that was to stop", c.lines("SELECT seen::text FROM seen"), "(x,)")
	})
}

// TestDropWithReferencesThatWait: a table cannot be altered while deferred foreign key
// checks are pending on it, so the column is dropped after the load.
func TestDropWithReferencesThatWait(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (id int PRIMARY KEY, boss int REFERENCES t DEFERRABLE, gone text NOT NULL)", "INSERT INTO t VALUES (1, 2, 'k'), (2, NULL, 'k')",
			"CREATE TABLE child (t int REFERENCES t DEFERRABLE)", "INSERT INTO child VALUES (1), (2)")
		r := dropping(request("doc_1", "id,boss", "1,3", "2,", "3,1"), "gone")
		c.warned(c.upload(r), plan.ReadersWait)
		c.same("the table", c.lines("SELECT t::text FROM t"), "(1,3)", "(2,)", "(3,1)")
		r = request("doc_2", "id,boss", "1,", "4,1")
		c.says(c.try(r), `"child"`, "all references of and to t hold")
		c.same("the table", c.lines("SELECT t::text FROM t"), "(1,3)", "(2,)", "(3,1)")
		if err := c.script(request("doc_3", "id,boss", "1,2", "2,")); err != nil {
			c.Errorf("the script: %v", err)
		}
		c.same("the children", c.lines("SELECT t::text FROM child"), "1", "2")
	})
}

// TestForeignKeyNamesTheLine: the error names the line although the server checks foreign
// keys only after all rows are loaded.
func TestForeignKeyNamesTheLine(t *testing.T) {
	onEach(t, func(c client) {
		c.run(`CREATE TABLE parent (a int, "B b" text, PRIMARY KEY (a, "B b"))`, "INSERT INTO parent VALUES (1, 'x, y')",
			`CREATE TABLE t (n int, a int, "B b" text, FOREIGN KEY (a, "B b") REFERENCES parent)`)
		c.says(c.try(request("doc_1", "n,B b,a", `1,"x, y",1`, `2,,`, `3,"x, z",1`, `4,"x, y",1`)), "t.csv line 4", "parent")
		c.same("the table", c.lines("SELECT n::text FROM t"))
	})
}
