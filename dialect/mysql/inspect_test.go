package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

func columnOf(t *testing.T, table *dialect.Table, name string) dialect.Column {
	t.Helper()
	for _, c := range table.Columns {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no column %s in %+v", name, table.Columns)
	return dialect.Column{}
}

func TestInspectTable(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE p (id INT PRIMARY KEY)",
			`CREATE TABLE t (
				id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
				a VARCHAR(10) CHARACTER SET latin1 DEFAULT 'it''s \\ so',
				b ENUM('a','it''s','b\\c','d,e') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
				c TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
				d DATETIME(3) NULL,
				e DECIMAL(10,2) NOT NULL DEFAULT 1.5,
				f BIT(3) DEFAULT b'101',
				g INT GENERATED ALWAYS AS (e + 1) VIRTUAL,
				h VARCHAR(20) CHARACTER SET latin1 GENERATED ALWAYS AS (concat(a, 'q')) STORED,
				p_id INT,
				UNIQUE KEY u (a, d), KEY k (p_id, d), CONSTRAINT fk_p FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE CASCADE)`,
			"INSERT INTO p VALUES (1)", "INSERT INTO t (b, p_id) VALUES ('a', 1)")
		target := l.inspect("t")
		table := target.Table
		l.same("ident", target.Ident, l.ident("t"))
		l.same("primary key", table.PrimaryKey, []string{"id"})
		l.same("uniques", table.Uniques, [][]string{{"a", "d"}})
		l.same("indexes", table.Indexes[0].Columns, []string{"p_id", "d"})
		l.same("traits", table.Traits, []string{"collation: " + latin1Collation(l), "on update: c"})
		if c := columnOf(t, table, "id"); !c.Assigned || c.Nullable || !strings.HasPrefix(c.Type, "int") || !strings.HasSuffix(c.Type, "unsigned") {
			t.Errorf("id: %+v", c)
		}
		if c := columnOf(t, table, "a"); c.Type != "varchar(10) CHARACTER SET latin1 COLLATE "+latin1Collation(l) || *c.Default != `'it''s \\ so'` {
			t.Errorf("a: %+v, default %s", c, *c.Default)
		}
		if c := columnOf(t, table, "b"); c.Type != `enum('a','it''s','b\\c','d,e') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin` || !c.Required() {
			t.Errorf("b: %+v", c)
		}
		if c := columnOf(t, table, "d"); c.Default != nil || !c.Nullable || c.Type != "datetime(3)" {
			t.Errorf("d: %+v", c)
		}
		l.same("generated", []dialect.Generated{columnOf(t, table, "g").Generated, columnOf(t, table, "h").Generated},
			[]dialect.Generated{dialect.GeneratedVirtual, dialect.GeneratedStored})
		for name, why := range map[string]string{"id": "primary key", "a": "unique key (a, d), column \"h\" is computed", "e": "column \"g\" is computed from it", "p_id": "foreign key fk_p", "f": ""} {
			if got := columnOf(t, table, name).DropBreaks; !strings.Contains(got, why) || why == "" && got != "" {
				t.Errorf("dropping %s: %q, want %q", name, got, why)
			}
		}
		parent := l.inspect("p").Table
		if f := parent.ReferencedBy; len(f) != 1 || f[0].OnDelete != "CASCADE" || !f[0].Occupied || f[0].Table != l.ident("t") || f[0].Waits {
			t.Errorf("referenced by %+v", f)
		}
		if s := target.Server; s.Dialect != l.d.Facts().Name || s.LoadsWith != "LOAD DATA LOCAL" || s.ReadOnly != "" || s.Cluster != "" || s.SQLMode == "" {
			t.Errorf("server %+v", s)
		}
		if target.Hidden != "" {
			t.Errorf("hidden from root: %s", target.Hidden)
		}
		if len(l.d.Unsupported(target, dialect.Swap)) == 0 || len(l.d.Unsupported(target, dialect.InPlace)) != 0 {
			t.Errorf("swap %q, in place %q", l.d.Unsupported(target, dialect.Swap), l.d.Unsupported(target, dialect.InPlace))
		}
		if target.Table.Hash() != l.inspect("t").Table.Hash() {
			t.Error("the hash differs without a change")
		}
	})
}

func latin1Collation(l live) string {
	if _, ok := l.d.(TiDB); ok {
		return "latin1_bin"
	}
	return "latin1_swedish_ci"
}

func TestInspectNames(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		long := strings.Repeat("x", 60)
		run(t, l.db, "CREATE TABLE hr_panel (a INT)", "CREATE TABLE hrxpanel_backup (a INT)", "CREATE TABLE hr_panel_preserved_v6 (a INT)",
			"CREATE TABLE hr_panel_preserved_v6_2 (a INT)", "CREATE TABLE hr_panel_preserved_vx (a INT)", "CREATE TABLE hrxpanel_preserved_v6 (a INT)",
			"CREATE TABLE "+long+" (a INT)", "CREATE TABLE "+dialect.SuffixedName(l.d, long, "_preserved_v12")+" (a INT)", "CREATE TABLE "+dialect.SuffixedName(l.d, long, "_backup")+" (a INT)")
		target := l.inspect("HR Panel")
		l.same("ident", target.Ident, l.ident("hr_panel"))
		l.same("preserved", target.Preserved, []string{"hr_panel_preserved_v6", "hr_panel_preserved_v6_2"})
		if target.Backup != nil {
			t.Errorf("took %q for the backup", target.Backup.Ident.Name)
		}
		target = l.inspect(long)
		if len(target.Preserved) != 1 || target.Backup == nil {
			t.Errorf("of a long name: preserved %q, backup %v", target.Preserved, target.Backup)
		}
		if target = l.inspect("Not There"); target.Table != nil || target.Ident != l.ident("not_there") {
			t.Errorf("of a table that does not exist: %+v", target)
		}
	})
}

func TestInspectWithoutDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		config := l.config.Clone()
		config.DBName = ""
		if _, err := l.d.Inspect(context.Background(), connect(t, config), dialect.Named("t")); err == nil || !strings.Contains(err.Error(), "no database is selected") {
			t.Errorf("got %v", err)
		}
	})
}

// TestOtherDatabase: a table of another database is rejected, since each database has a
// ledger of its own.
func TestOtherDatabase(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		other := l.config.DBName + "_other"
		run(t, l.db, "CREATE DATABASE "+other, "CREATE TABLE "+other+".Genre (a int)")
		t.Cleanup(func() { run(t, l.db, "DROP DATABASE "+other) })
		for _, c := range []struct{ reference, says string }{
			{other + ".Genre", "/" + other},
			{"`" + other + "`.new", "/" + other},
			{"nowhere.Genre", `there is no database "nowhere"`},
		} {
			ref, err := dialect.ParseReference(c.reference)
			if err == nil {
				_, err = l.d.Inspect(context.Background(), l.db, ref)
			}
			if name, ok := errors.AsType[*dialect.NameError](err); !ok || !strings.Contains(name.Error(), c.says) {
				t.Errorf("%s: got %v, want a NameError that says %q", c.reference, err, c.says)
			}
		}
		meant, err := l.d.Namesakes(context.Background(), l.db, l.ident("genre"))
		if err != nil || !meant.Chosen || !slices.Contains(meant.Elsewhere, dialect.Ident{Schema: other, Name: "Genre"}) {
			t.Errorf("namesakes of genre: %+v, %v", meant, err)
		}
	})
}

func TestInspectKinds(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE t (a INT)", "CREATE VIEW v AS SELECT a FROM t")
		l.same("view", l.inspect("v").Table.Kind, dialect.View)
		if _, ok := l.d.(TiDB); ok {
			return
		}
		run(t, l.db, "CREATE TABLE m (a INT) ENGINE=MyISAM", "CREATE TABLE trig (a INT, b INT)",
			"CREATE TRIGGER tr BEFORE INSERT ON trig FOR EACH ROW SET NEW.b = 1",
			"CREATE TABLE part (a INT, b INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10))",
			"CREATE TABLE self (id INT PRIMARY KEY, boss INT, FOREIGN KEY (boss) REFERENCES self (id))",
			"CREATE TABLE checked (a INT, b INT, c INT CHECK (c > 0), CHECK (a < b))",
			"CREATE VIEW of_trig AS SELECT b FROM trig")
		m := l.inspect("m")
		if len(l.d.Unsupported(m, dialect.InPlace)) != 1 || len(l.d.Unsupported(m, dialect.Swap)) != 0 {
			t.Errorf("MyISAM: in place %q, swap %q", l.d.Unsupported(m, dialect.InPlace), l.d.Unsupported(m, dialect.Swap))
		}
		if why := l.d.Unsupported(m, dialect.NoStrategy); len(why) != 0 {
			t.Errorf("snapshot of a MyISAM table: %q", why)
		}
		trig := l.inspect("trig")
		l.same("triggers", trig.Table.Triggers, []string{"tr"})
		l.same("drop breaks", columnOf(t, trig.Table, "b").DropBreaks, "it is named in the trigger tr, it is named in the view of_trig")
		if len(l.d.Unsupported(trig, dialect.Swap)) != 1 {
			t.Errorf("swap with triggers: %q", l.d.Unsupported(trig, dialect.Swap))
		}
		l.same("partition", columnOf(t, l.inspect("part").Table, "a").DropBreaks, "it is named in the partitioning")
		l.same("other", columnOf(t, l.inspect("part").Table, "b").DropBreaks, "")
		if why := l.d.Unsupported(l.inspect("self"), dialect.InPlace); len(why) != 0 {
			t.Errorf("self reference in place, with no row that refers: %q", why)
		}
		run(t, l.db, "INSERT INTO self VALUES (1, NULL), (2, 1)")
		if why := l.d.Unsupported(l.inspect("self"), dialect.InPlace); len(why) != 1 {
			t.Errorf("self reference in place: %q", why)
		}
		if why := l.d.Unsupported(l.inspect("self"), dialect.Swap); len(why) != 1 {
			t.Errorf("self reference swapped: %q", why)
		}
		checked := l.inspect("checked").Table
		if columnOf(t, checked, "a").DropBreaks == "" || columnOf(t, checked, "c").DropBreaks != "" {
			t.Errorf("checks: %+v", checked.Columns)
		}
	})
}

func TestInspectMariaDBOnly(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE v (a INT, b INT INVISIBLE) WITH SYSTEM VERSIONING", "CREATE SEQUENCE s", "INSERT INTO v (a, b) VALUES (1, 2)")
		v := l.inspect("v")
		l.same("kind", v.Table.Kind, dialect.BaseTable)
		if !v.Table.HasTrait(traitVersioned) || !v.Table.HasTrait("invisible: b") || len(l.d.Unsupported(v, dialect.Swap)) != 1 || columnOf(t, v.Table, "a").DropBreaks == "" {
			t.Errorf("versioned: %+v", v.Table)
		}
		l.same("sequence", l.inspect("s").Table.Kind, kindSequence)
		run(t, l.db, "CREATE TABLE ign (a INT, b JSON, c LONGTEXT, d INT, KEY seen (a), KEY unseen (d) IGNORED)")
		ign := l.inspect("ign").Table
		l.same("ignored indexes", traits(*ign, traitIgnored), []string{"unseen"})
		l.same("JSON", []bool{columnOf(t, ign, "b").JSON, columnOf(t, ign, "c").JSON}, []bool{true, false})
	}, "mysql", "tidb")
}

// TestInspectTemporary leaves out TiDB, whose catalog shows neither the temporary table
// nor the hidden one.
func TestInspectTemporary(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c, err := l.db.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		run(t, c, "CREATE TABLE t (a INT)", "CREATE TEMPORARY TABLE t (a INT)")
		target, err := l.d.Inspect(context.Background(), c, dialect.Named("t"))
		if err != nil {
			t.Fatal(err)
		}
		l.same("kind", target.Table.Kind, kindTemporary)
	}, "tidb")
}

// TestHidden: the catalog hides foreign keys and triggers from users without privileges on
// their tables.
func TestHidden(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE TABLE t (id INT PRIMARY KEY)")
		user := fmt.Sprintf("'%s'@'%%'", l.config.DBName)
		run(t, l.db, "DROP USER IF EXISTS "+user, "CREATE USER "+user+" IDENTIFIED BY 'Secret_1'")
		t.Cleanup(func() { run(t, l.db, "DROP USER "+user) })
		config := l.config.Clone()
		config.User, config.Passwd = l.config.DBName, "Secret_1"
		hidden := func() string {
			db := connect(t, config)
			target, err := l.d.Inspect(context.Background(), db, dialect.Named("t"))
			if err != nil {
				t.Fatal(err)
			}
			return target.Hidden
		}
		run(t, l.db, "GRANT SELECT, INSERT, DELETE, CREATE, ALTER, DROP ON `"+l.config.DBName+"`.* TO "+user)
		knowsTriggers := slices.Contains([]string{"mysql", "mariadb", "mariadb11"}, l.name)
		got := hidden()
		if !strings.Contains(got, "foreign keys") || strings.Contains(got, "triggers") != knowsTriggers {
			t.Errorf("without rights elsewhere: %q", got)
		}
		run(t, l.db, "GRANT TRIGGER ON `"+l.config.DBName+"`.* TO "+user)
		if got := hidden(); strings.Contains(got, "triggers") || !strings.Contains(got, "foreign keys") {
			t.Errorf("with TRIGGER: %q", got)
		}
		run(t, l.db, "GRANT PROCESS ON *.* TO "+user)
		if got := hidden(); knowsTriggers && got != "" {
			t.Errorf("with PROCESS: %q", got)
		}
		run(t, l.db, "GRANT SELECT ON *.* TO "+user)
		if got := hidden(); got != "" {
			t.Errorf("with SELECT on everything: %q", got)
		}
	})
}

func TestHasShape(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		create := "CREATE TABLE t (id INT PRIMARY KEY, `qu'ote\\` ENUM('it''s','b\\\\c','ü') CHARACTER SET utf8mb4, c CHAR(3) NOT NULL, d DECIMAL(10,2), ts TIMESTAMP NULL)"
		run(t, l.db, create)
		table := *l.inspect("t").Table
		proved := func() bool {
			c, leave := l.enter()
			defer leave()
			_, err := c.ExecContext(context.Background(), l.d.Assertion("shape", l.d.HasShape(table)).SQL)
			return err == nil
		}
		if !proved() {
			t.Error("the shape is not that which was inspected")
		}
		for _, change := range []string{"ADD COLUMN e INT", "DROP COLUMN d", "MODIFY COLUMN c CHAR(4) NOT NULL", "MODIFY COLUMN c CHAR(3) NULL", "RENAME COLUMN c TO e"} {
			run(t, l.db, "ALTER TABLE t "+change)
			if proved() {
				t.Errorf("%s went unnoticed", change)
			}
			run(t, l.db, "DROP TABLE t", create)
		}
		if _, ok := l.d.(TiDB); !ok {
			run(t, l.db, "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.c = 'x'")
			if proved() {
				t.Error("a trigger went unnoticed")
			}
		}
	})
}
