package postgres

import (
	"math/rand/v2"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

// TestContextInOtherLanguages: the server describes the line of a COPY in the language of
// lc_messages, which an ordinary user may not change.
func TestContextInOtherLanguages(t *testing.T) {
	b := badRow{load: dialect.Load{Table: dialect.Table{Ident: dialect.Ident{Name: "line 7, t"}},
		Columns: []dialect.Column{{Name: "a"}, {Name: "a b"}, {Name: "line"}}}}
	for _, c := range []struct {
		where         string
		row           int
		column, value string
	}{
		{`COPY line 7, t, line 3, column a: "x"`, 2, "a", `"x"`},
		{`COPY line 7, t, line 12, column a b: "say "hi", line 4"`, 11, "a b", `"say \"hi\", line 4"`},
		{`COPY line 7, t, line 3, column a: null input`, 2, "a", "NULL"},
		{`COPY line 7, t, line 3: "1	2"`, 2, "", ""},
		{`COPY line 7, t, line 3`, 2, "", ""},
		{`COPY line 7, t, Zeile 3, Spalte a b: »x«`, 2, "a b", "NULL"},
		{"PL/pgSQL function f() line 5 at RAISE\nCOPY line 7, t, line 3: \"1\"", 2, "", ""},
		{`COPY line 7, t, ligne 3, colonne a : "x"`, 2, "a", `"x"`},
	} {
		row, column, value, ok := b.inContext(c.where)
		if !ok || row != c.row || column != c.column || value != c.value {
			t.Errorf("%s: got row %d, column %q, value %s (%t)", c.where, row, column, value, ok)
		}
	}
	if _, _, _, ok := b.inContext("SQL statement \"SELECT 1 FROM COPY 5\""); ok {
		t.Error("a line was found where there is none")
	}
}

func TestLineNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		var n lineNumbers
		var lines []int
		line := 2
		for range random.IntN(40) {
			lines = append(lines, line)
			n.add(line)
			line += 1 + random.IntN(3)*random.IntN(2)
		}
		for row, want := range lines {
			if got := n.of(row); got != want {
				t.Fatalf("row %d of %v: got line %d", row, lines, got)
			}
		}
		if n.of(len(lines)) != 0 || n.of(-1) != 0 {
			t.Error("a row that is not there has a line")
		}
	}
}

func TestWholeNumber(t *testing.T) {
	for s, want := range map[string]string{
		"7": "7", "-7": "-7", "1.0": "1", "-1.00": "-1", "1e2": "100", "1.5E+1": "15", "120e-1": "12", "0.0": "0", "-0.0": "-0", ".5e1": "5", "5.": "5", "1e-0": "1", "0e9": "0", "1e99999": "1e99999",
	} {
		if got := wholeNumber(s); got != want {
			t.Errorf("%s: got %s, want %s", s, got, want)
		}
	}
}
