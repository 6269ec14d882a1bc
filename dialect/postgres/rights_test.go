package postgres_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/plan"
)

// TestRights: missing privileges are reported before anything is locked.
func TestRights(t *testing.T) {
	onEach(t, func(c client) {
		role := "ts_" + strings.ToLower(rand.Text()[:12])
		c.run("CREATE ROLE "+role+" LOGIN", "CREATE TABLE t (v text, gone text)", "INSERT INTO t VALUES ('mine', 'g'), ('theirs', 'g')")
		c.Cleanup(func() { c.run("DROP OWNED BY "+role, "DROP ROLE "+role) })
		config := c.config.Copy()
		config.User = role
		c.as(config)
		r := dropping(request("doc_1", "v", "x"), "gone")
		c.refused(request("doc_1", "v", "x"), "SELECT on public.t is missing: GRANT SELECT ON public.t TO "+role)
		c.refused(r, "SELECT on public.t is missing: GRANT SELECT ON public.t TO "+role, "INSERT on", "DELETE on", "CREATE on the schema public")
		c.run("GRANT SELECT, INSERT, DELETE ON t TO "+role, "GRANT CREATE ON SCHEMA public TO "+role)
		c.says(c.try(r), "only the owner of public.t may alter or drop it")
		c.run("CREATE POLICY only_mine ON t USING (v = 'mine')", "ALTER TABLE t ENABLE ROW LEVEL SECURITY")
		c.refused(request("doc_1", "v", "x"), "row-level security")
		c.run("ALTER TABLE t DISABLE ROW LEVEL SECURITY")
		truncating := request("doc_1", "v", "x")
		truncating.Options.Clear = plan.ClearByTruncate
		c.refused(truncating, "GRANT TRUNCATE ON public.t")
		c.upload(request("doc_1", "v,gone", "x,g"))
		c.same("the backup", c.lines("SELECT v FROM t_backup"), "mine", "theirs")
		c.same("who may read it", c.lines("SELECT has_table_privilege('public', oid, 'SELECT')::text FROM pg_class WHERE relname = 't_backup'"), "false")
		c.run("ALTER TABLE t OWNER TO "+role, "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "ALTER TABLE t FORCE ROW LEVEL SECURITY")
		c.refused(request("doc_2", "v", "y"), "row-level security")
		c.refused(request("doc_2", "v,gone", "y,g"), "row-level security")
	})
}

// TestRightsToSync: a sync also makes temporary tables, reads the tables that refer to its
// table, and locks those that ON DELETE would change.
func TestRightsToSync(t *testing.T) {
	onEach(t, func(c client) {
		role := "ts_" + strings.ToLower(rand.Text()[:12])
		c.run("CREATE ROLE "+role+" LOGIN", "CREATE TABLE t (v text PRIMARY KEY, n text)", "INSERT INTO t VALUES ('a', 'old'), ('b', 'old')",
			"CREATE TABLE owned (v text REFERENCES t ON DELETE CASCADE)", "CREATE TABLE sold (v text REFERENCES t)", "INSERT INTO owned VALUES ('a')",
			"REVOKE TEMPORARY ON DATABASE "+c.config.Database+" FROM PUBLIC", "GRANT SELECT, INSERT, UPDATE, DELETE ON t TO "+role, "GRANT CREATE ON SCHEMA public TO "+role)
		c.Cleanup(func() { c.run("DROP OWNED BY "+role, "DROP ROLE "+role) })
		config := c.config.Copy()
		config.User = role
		c.as(config)
		r := request("doc_1", "v,n", "a,new", "c,new")
		r.Options.Strategy = dialect.Sync
		rights := []string{"TEMPORARY ON DATABASE " + c.config.Database, "SELECT ON public.owned", "SELECT ON public.sold", "UPDATE ON public.owned"}
		for i, right := range rights {
			err := c.try(r)
			for _, missing := range rights[i:] {
				c.says(err, "GRANT "+missing+" TO "+role)
			}
			c.run("GRANT " + right + " TO " + role)
		}
		c.upload(r)
		c.same("the table", c.lines("SELECT v || n FROM t"), "anew", "cnew")
	})
}

// TestReplicaRole: a session with session_replication_role = replica would not check
// foreign keys or fire triggers, so tablesnap changes the setting.
func TestReplicaRole(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE parent (v text PRIMARY KEY)", "CREATE TABLE t (v text REFERENCES parent)", "ALTER DATABASE "+c.config.Database+" SET session_replication_role = replica")
		c.says(c.try(request("doc_1", "v", "nobody")), "t.csv line 2", "parent")
		if err := c.script(request("doc_1", "v", "nobody")); err == nil {
			c.Error("the script took a row whose parent is missing")
		}
		c.same("the table", c.lines("SELECT v FROM t"))
	})
}

// TestEventTrigger: if an event trigger forbids DDL, the whole run is rolled back.
func TestEventTrigger(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t (v text)", "INSERT INTO t VALUES ('old')")
		c.upload(request("doc_0", "v", "a"))
		c.run("CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no DDL today'; END $$",
			"DROP TABLE t_backup", "CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION forbid()")
		c.says(c.try(request("doc_1", "v", "b")), "no DDL today")
		c.same("the table", c.lines("SELECT v FROM t"), "a")
	})
}

func TestStandbyIsRefused(t *testing.T) {
	target := dialect.Target{Server: dialect.Server{Dialect: postgres.Name, ReadOnly: "the server is a standby"}}
	if why := postgres.New().Unsupported(target, dialect.InPlace); len(why) != 1 || !strings.Contains(why[0], "standby") {
		t.Errorf("got %q", why)
	}
}
