package dialect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
)

func TestWrap(t *testing.T) {
	long := strings.Repeat("x ", 70)
	columns := strings.TrimSuffix(strings.Repeat(`"column", `, 20), ", ")
	for name, test := range map[string]struct{ sql, want string }{
		"a short statement":              {"SELECT 1", "SELECT 1"},
		"a list":                         {"SELECT " + columns, "SELECT " + strings.Repeat(`"column", `, 10) + `"column",` + "\n  " + columns[:88]},
		"a text with blanks":             {"SELECT '" + long + "' AS a, 2", "SELECT\n  '" + long + "'\n  AS a, 2"},
		"a quote in a text":              {"SELECT 'it''s " + long + "' AS a", "SELECT\n  'it''s " + long + "'\n  AS a"},
		"a backslash at a quote":         {`SELECT 'it\'s ` + long + `' AS a`, `SELECT 'it\'s ` + long + `' AS a`},
		"two backslashes at a quote":     {`SELECT '` + long + `\\' AS a`, "SELECT\n  '" + long + `\\'` + "\n  AS a"},
		"a backslash that quotes no end": {`SELECT '` + long + `\n' AS a`, "SELECT\n  '" + long + `\n'` + "\n  AS a"},
		"a comment":                      {"SELECT 1 -- " + long, "SELECT 1 -- " + long},
		"lines":                          {"SELECT 1,\n  2, " + strings.Repeat("y", 112) + " FROM t", "SELECT 1,\n  2, " + strings.Repeat("y", 112) + "\n  FROM t"},
	} {
		got := dialect.Wrap(test.sql)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if again := dialect.Wrap(got); again != got {
			t.Errorf("%s: wrapped again, it is %q", name, again)
		}
	}
}
