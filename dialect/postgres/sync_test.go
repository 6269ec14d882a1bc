package postgres_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// TestUpdateTriggers: a trigger that fires only on UPDATE concerns a sync, and no upload in
// place.
func TestUpdateTriggers(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text PRIMARY KEY, n int, at text)", "INSERT INTO t VALUES ('a', 1, 'then'), ('b', 1, 'then')",
			"CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := 'now'; RETURN NEW; END $$",
			"CREATE TRIGGER touches BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()")
		r := request("doc_1", "v,n", "a,2", "b,1")
		r.Options.Strategy = dialect.Sync
		c.says(c.try(r), "TRIGGERS_FIRE", "touches")
		r.Options.Allow = []plan.Code{plan.TriggersFire}
		c.upload(r)
		c.same("the table", c.lines("SELECT v || n || at FROM t"), "a2now", "b1then")
		whole := request("doc_2", "v,n,at", "a,3,x", "b,1,then")
		whole.Options = r.Options
		c.says(c.try(whole), "TRIGGERS_REWRITE")
		c.upload(request("doc_2", "v,n,at", "a,3,x", "b,1,then"))
		c.same("the table", c.lines("SELECT v || n || at FROM t"), "a3x", "b1then")
		again := request("doc_3", "v,n", "a,4", "b,1")
		again.Options = r.Options
		p, err := c.exec.Plan(t.Context(), again)
		if err != nil {
			c.Fatal(err)
		}
		c.run("CREATE TRIGGER more BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()")
		_, err = c.exec.Run(t.Context(), p, again.Source, nil)
		c.says(err, "the table's schema was changed")
	})
}
