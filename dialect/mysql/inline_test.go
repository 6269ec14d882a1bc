package mysql

import "testing"

func TestInline(t *testing.T) {
	for _, c := range []struct {
		name, query string
		args        []any
		want        string // empty if the driver must pass the arguments
	}{
		{"no argument", "SELECT 1", nil, "SELECT 1"},
		{"simple names", "SELECT 1 FROM t WHERE a = ? AND b = ?", []any{"hr_panel", "shop/x.y"}, "SELECT 1 FROM t WHERE a = 'hr_panel' AND b = 'shop/x.y'"},
		{"a quote", "SELECT ?", []any{"it's"}, ""},
		{"a backslash", "SELECT ?", []any{`back\slash`}, ""},
		{"a letter outside ASCII", "SELECT ?", []any{"ünï"}, ""},
		{"a line's end behind the name", "SELECT ?", []any{"people\n"}, ""},
		{"no text at all, which may be NULL", "SELECT ?", []any{""}, ""},
		{"a number", "SELECT ?", []any{7}, ""},
		{"more arguments than places", "SELECT ?", []any{"a", "b"}, ""},
		{"one of several", "SELECT ?, ?", []any{"a", "b c"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := inline(c.query, c.args)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("inline(%q, %q) = %q, %t; want %q", c.query, c.args, got, ok, c.want)
			}
		})
	}
}
