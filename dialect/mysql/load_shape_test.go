package mysql

import (
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestLoadShape: the shape is the statement that Load sends to the server that the plan is
// for.
func TestLoadShape(t *testing.T) {
	number := dialect.Column{Name: "n", Type: "int", Assigned: true}
	l := dialect.Load{
		Table:   dialect.Table{Ident: dialect.Ident{Schema: "shop", Name: "prices"}},
		Columns: []dialect.Column{number, required("sku", "varchar(20)"), col("raw", "blob")},
		Fixed:   []dialect.FixedValue{{Column: "initial_status", Value: rowsource.Text("")}},
	}
	const (
		file = "LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`prices` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\'" +
			" LINES STARTING BY '' TERMINATED BY '\\n' (@tablesnap_0, `sku`, @tablesnap_2) SET `n` = @tablesnap_0, `raw` = UNHEX(@tablesnap_2), `initial_status` = ''"
		rows = "INSERT INTO `shop`.`prices` (`n`, `sku`, `raw`, `initial_status`) VALUES (?, ?, ?, '')"
	)
	referring := l
	referring.Table.ForeignKeys = []dialect.ForeignKey{{Columns: []string{"sku"}}}
	for _, c := range []struct {
		what      string
		d         dialect.Dialect
		loadsWith string
		load      dialect.Load
		want      string
	}{
		{"MySQL", New(), byLoadData, referring, file},
		{"MySQL without local_infile", New(), byInsert, l, rows},
		{"MariaDB", NewMariaDB(), byLoadData, referring, file},
		{"TiDB", NewTiDB(), byLoadData, l, file},
		{"TiDB, with a foreign key", NewTiDB(), byLoadData, referring, rows},
	} {
		c.load.Server.LoadsWith = c.loadsWith
		if got := c.d.LoadShape(c.load); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// TestLoadsAsPlanned: a load uses INSERT if the plan says so, even if the server allows
// LOAD DATA LOCAL. It leaves out TiDB, which does not count the statements of a session.
func TestLoadsAsPlanned(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		c := l.session()
		run(t, c, "CREATE TABLE t (v VARCHAR(9) NOT NULL)")
		for loadsWith, loads := range map[string]string{byInsert: "0", byLoadData: "1"} {
			run(t, c, "FLUSH STATUS", "START TRANSACTION")
			load := dialect.Load{Server: dialect.Server{LoadsWith: loadsWith}, Table: *l.inspect("t").Table, Columns: []dialect.Column{required("v", "varchar(9)")}}
			if _, err := l.d.Load(t.Context(), c, load, rowsFrom([][]rowsource.Value{loadRow("a")})); err != nil {
				t.Fatal(err)
			}
			l.same("LOAD DATA statements, where the plan says "+loadsWith, lines(t, c, "SHOW SESSION STATUS LIKE 'Com_load'"), []string{"Com_load " + loads})
			run(t, c, "ROLLBACK")
		}
	}, "tidb")
}
