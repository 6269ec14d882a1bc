package mysql_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
)

func TestCopyInChunks(t *testing.T) {
	d := mysql.New()
	old := dialect.Table{
		Ident:      dialect.Ident{Schema: "shop", Name: "old"},
		Columns:    []dialect.Column{{Name: "a", Type: "int"}, {Name: "b`", Type: "varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"}},
		PrimaryKey: []string{"a", "b`"},
	}
	copied := dialect.Copy{From: old.Ident, To: dialect.Ident{Schema: "shop", Name: "kept"}, Columns: []string{"a"}}
	got := d.CopyInChunks(copied, old, 10)
	behind := "(@tablesnap_last_1 IS NULL OR `a` > @tablesnap_last_1 OR `a` = @tablesnap_last_1 AND `b``` > @tablesnap_last_2)"
	place := " FROM `shop`.`old` WHERE " + behind + " ORDER BY `a`, `b``` LIMIT 1 OFFSET 9)"
	want := &dialect.Chunks{
		Rows:  10,
		Start: []dialect.Stmt{{SQL: "SET @tablesnap_last_1 = NULL, @tablesnap_last_2 = NULL"}},
		Find:  []dialect.Stmt{{SQL: "SET @tablesnap_next_1 = (SELECT `a`" + place + ", @tablesnap_next_2 = (SELECT `b```" + place}},
		Copy: dialect.Stmt{SQL: "INSERT INTO `shop`.`kept` (`a`)\nSELECT `old`.`a` FROM `shop`.`old` WHERE " + behind +
			" ORDER BY `a`, `b``` LIMIT 10 FOR UPDATE"},
		Next: []dialect.Stmt{
			{SQL: "SET @tablesnap_last_1 = @tablesnap_next_1, @tablesnap_last_2 = @tablesnap_next_2"},
		},
		Found: "@tablesnap_next_1 IS NOT NULL AND NOT (@tablesnap_last_1 <=> @tablesnap_next_1 AND @tablesnap_last_2 <=> @tablesnap_next_2)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A key is not usable if it may be NULL, or if a variable would change some of its values
// or their order.
func TestCopyAtOnceWithoutAUsableKey(t *testing.T) {
	for _, c := range []dialect.Column{
		{Name: "a", Type: "float"}, {Name: "a", Type: "enum('x','y')"}, {Name: "a", Type: "bit(3)"},
		{Name: "a", Type: "int", Nullable: true}, {Name: "other", Type: "int"},
	} {
		table := dialect.Table{Columns: []dialect.Column{c}, Uniques: [][]string{{"a"}}}
		if got := mysql.New().CopyInChunks(dialect.Copy{}, table, 10); got != nil {
			t.Errorf("%s %s: %+v", c.Name, c.Type, got)
		}
	}
}
