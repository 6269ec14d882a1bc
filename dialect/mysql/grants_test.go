package mysql

import (
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

// TestGrantsWhateverTheQuotes: a privilege is recognized whatever quotes the server uses.
func TestGrantsWhateverTheQuotes(t *testing.T) {
	shop := dialect.Ident{Schema: "shop", Name: "prices"}
	for _, c := range []struct {
		line, right string
		on          dialect.Ident
		want        bool
	}{
		{"GRANT TRIGGER ON `shop`.* TO `ada`@`%`", "TRIGGER", shop, true},
		{`GRANT TRIGGER ON "shop".* TO "ada"@"%"`, "TRIGGER", shop, true},
		{"GRANT SELECT,TRIGGER ON shop.* TO 'ada'@'%'", "TRIGGER", shop, true},
		{"GRANT SELECT, INSERT, CREATE TEMPORARY TABLES ON `shop`.* TO `ada`@`%` WITH GRANT OPTION", "CREATE TEMPORARY TABLES", shop, true},
		{"GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` IDENTIFIED BY PASSWORD '*ABC' WITH GRANT OPTION", "DROP", shop, true},
		{"GRANT ALL PRIVILEGES ON `shop`.`prices` TO `ada`@`%`", "DROP", shop, true},
		{"GRANT ALL PRIVILEGES ON `shop`.`price` TO `ada`@`%`", "DROP", shop, false},
		{`GRANT SELECT ON "shop"."prices" TO "ada"@"%"`, "SELECT", shop, true},
		{"GRANT SELECT (`a`, `b` ON `), INSERT ON `shop`.`prices` TO `ada`@`%`", "SELECT", shop, false},
		{"GRANT SELECT (`a`, `b`), INSERT ON `shop`.`prices` TO `ada`@`%`", "INSERT", shop, true},
		{"GRANT SELECT ON `sh%`.* TO `ada`@`%`", "SELECT", shop, true},
		{"GRANT SELECT ON `sho_`.* TO `ada`@`%`", "SELECT", shop, true},
		{"GRANT SELECT ON `sho\\_`.* TO `ada`@`%`", "SELECT", shop, false},
		{"GRANT SELECT ON `my\\_shop`.* TO `ada`@`%`", "SELECT", dialect.Ident{Schema: "my_shop", Name: "t"}, true},
		{"GRANT SELECT ON `a``b TO c`.`d.e` TO `ada`@`%`", "SELECT", dialect.Ident{Schema: "a`b TO c", Name: "d.e"}, true},
		{"GRANT `boss`@`%` TO `ada`@`%`", "SELECT", shop, false},
		{"GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", "PROXY", shop, false},
		{"GRANT EXECUTE ON PROCEDURE `shop`.`prices` TO `ada`@`%`", "EXECUTE", shop, false},
		{"REVOKE INSERT ON `shop`.* FROM `ada`@`%`", "INSERT", shop, false},
	} {
		g, ok := parseGrant(c.line)
		list := grantList{}
		if ok {
			list = grantList{g}
		}
		if got := list.allow(c.on, c.right); got != c.want {
			t.Errorf("%s: %s on %v: %v", c.line, c.right, c.on, got)
		}
	}
	everything, _ := parseGrant("GRANT SELECT, INSERT ON *.* TO `ada`@`%`")
	revoked, _ := parseGrant("REVOKE INSERT ON `shop`.* FROM `ada`@`%`")
	if list := (grantList{everything, revoked}); list.allow(shop, "INSERT") || !list.allow(shop, "SELECT") {
		t.Error("a partial revoke counts for what it does not revoke, or not for what it does")
	}
}
