package plan_test

import (
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/plan"
)

// TestQueryOfCheck has queries that are one SELECT, whatever a database takes for a quote,
// and others.
func TestQueryOfCheck(t *testing.T) {
	for _, query := range []string{
		"SELECT 1 FROM {table}", " select 1 from {old} o ; ", "(SELECT 1 FROM {table})", "WITH x AS (SELECT 1) SELECT * FROM x, {table}",
		"SELECT ';', \"a;b\", `c;` FROM {table}", "SELECT 'it''s; (' FROM {table}", "-- why; (\nSELECT 1 FROM {table} -- end;",
		"/* ; ) */ SELECT 1 FROM {table}", "SELECT 1 FROM {table} WHERE a LIKE '\\%'", "SELECT data #> '{a}' FROM {table} WHERE (a # b) = 1",
	} {
		if err := plan.QueryCheck("q", query, plan.Warn).Validate(); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	for query, says := range map[string]string{
		"":                                        "does not have {table} in it",
		"SELECT 1 FROM people":                    "does not have {table} in it",
		"DELETE FROM {table}":                     "is no SELECT",
		"SELECT 1 FROM {table}; SELECT 2":         "more than one statement",
		"SELECT 1 FROM {table};;":                 "more than one statement",
		"SELECT '\\'; DROP TABLE {table} --'":     "more than one statement",
		"SELECT '\\'' ; DROP TABLE {table}; -- '": "more than one statement",
		"SELECT 1 FROM {table} # '\n; DROP TABLE {table} # '": "more than one statement",
		"SELECT 1 FROM {table}) x; --":                        "closes a parenthesis",
		"SELECT (1 FROM {table}":                              "opens a parenthesis",
		"SELECT 'a FROM {table}":                              "without an end",
		"SELECT 1 /* FROM {table}":                            "without an end",
		"SELECT 1 FROM {table} WHERE a = '\x00'":              "control character",
		"SELECT 1 FROM {table} \\! ls":                        "backslash outside",
	} {
		if err := plan.QueryCheck("q", query, plan.Warn).Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", query, err, says)
		}
	}
}

// TestInvalidChecks has checks that make no sense on any table.
func TestInvalidChecks(t *testing.T) {
	for says, c := range map[string]plan.Check{
		"no name":                       plan.QueryCheck(" ", "SELECT 1 FROM {table}", ""),
		`severity is "hint"`:            plan.QueryCheck("q", "SELECT 1 FROM {table}", "hint"),
		"severity warn is for":          {Kind: plan.CheckUnique, Columns: []string{"a"}, Severity: plan.Warn},
		"not_null names no column":      plan.NotNull(),
		"a column without a name":       plan.Unique("a", ""),
		"values has no value":           plan.OneOf("a"),
		"no regular expression":         plan.Matches("a", "a)|(b"),
		"min_rows is 0":                 plan.MinRows(0),
		"max_change is 101%":            plan.MaxChange(101),
		"references names no column":    plan.References("a", "b", ""),
		"matches is about one column":   {Kind: plan.CheckMatches, Pattern: "x"},
		`there is no check of the kind`: {Kind: "odd"},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %s", c, err, says)
		}
	}
}
