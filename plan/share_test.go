package plan_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// wide is a file for a table of 15 columns.
var wide = strings.Join([]string{
	"email,given_name,family_name,phone,street,town,postcode,country,born,joined,salary,active,team,manager,note",
	"ada@example.com,Ada,Lovelace,+44 20 7946 0001,12 St James's Square,London,SW1Y 4LB,GB,1815-12-10,2025-01-06,5200.00,1,engines,grace@example.com,first",
	"alan@example.com,Alan,Turing,+44 20 7946 0002,43 Adlington Road,Wilmslow,SK9 2BJ,GB,1912-06-23,2025-01-06,5100.50,1,machines,ada@example.com,",
	"grace@example.com,Grace,Hopper,+1 212 555 0103,1 Navy Way,Arlington,22201,US,1906-12-09,2024-11-01,6100.00,1,compilers,,admiral",
	"joan@example.com,Joan,Clarke,+44 20 7946 0004,9 Park Road,Oxford,OX1 3PJ,GB,1917-06-24,2025-03-01,4900.00,1,machines,alan@example.com,",
	"kay@example.com,Kay,McNulty,+1 215 555 0105,7 Chestnut Street,Philadelphia,19106,US,1921-02-12,2025-06-15,4800.75,0,engines,grace@example.com,on leave",
}, "\n") + "\n"

// wideColumns are the definitions of a table of 15 columns, most of them NOT NULL as in
// tables of the trade.
const wideColumns = "email VARCHAR(120) NOT NULL PRIMARY KEY, given_name VARCHAR(60) NOT NULL, family_name VARCHAR(60) NOT NULL, phone VARCHAR(30), street VARCHAR(120), " +
	"town VARCHAR(60), postcode VARCHAR(12), country CHAR(2) NOT NULL, born DATE, joined DATE NOT NULL, salary DECIMAL(10,2) NOT NULL, active SMALLINT NOT NULL, " +
	"team VARCHAR(40) NOT NULL, manager VARCHAR(120), note VARCHAR(200)"

// shared is how much of a script is the change itself.
type shared struct{ change, statements int }

func (s shared) percent() int { return 100 * s.change / s.statements }

// shareOf measures a script: the bytes of its statements, and of those that make the
// change: one for each step. A statement is what is neither a comment nor an empty line.
func shareOf(t *testing.T, d dialect.Dialect, p plan.Plan, script string) shared {
	t.Helper()
	var s shared
	for line := range strings.SplitSeq(script, "\n") {
		if line != "" && !strings.HasPrefix(line, "--") {
			s.statements += len(line) + 1
		}
	}
	for _, st := range p.Steps() {
		sql := stepText(d, st, script)
		if n := strings.Count(script, "\n"+sql+";\n"); n != 1 {
			t.Errorf("step %s: its statement is %d times in the script: %s", st.ID, n, sql)
		}
		s.change += len(sql) + len(";\n")
	}
	return s
}

// stepText is the statement of a step as a script has it.
func stepText(d dialect.Dialect, st plan.Step, script string) string {
	if st.Load == nil {
		return st.SQL
	}
	before := script[:strings.Index(script, "\n  ('ada@example.com'")]
	text, _, _ := strings.Cut(script[strings.LastIndex(before, "\nINSERT INTO "+d.QuoteTable(st.Table)+" (")+1:], ";\n")
	return text
}

const sharesFile = "shares.txt"

// TestShareOfTheChange checks that the share of the change in a script never falls. Aim: 40%
// in each golden file of a table of 15 columns.
func TestShareOfTheChange(t *testing.T) {
	got := map[string]int{}
	for name, w := range wideScripts(t) {
		got[name] = shareOf(t, w.d, w.p, w.script).percent()
	}
	file := filepath.Join("testdata", sharesFile)
	if flag.Lookup("update").Value.String() == "true" {
		var b bytes.Buffer
		for _, name := range slices.Sorted(maps.Keys(got)) {
			fmt.Fprintf(&b, "%3d %s\n", got[name], name)
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var percent int
		var name string
		if _, err := fmt.Sscan(line, &percent, &name); err != nil {
			t.Fatal(err)
		}
		if got[name] < percent {
			t.Errorf("%s: %d%% of the statements are the change itself, it was %d%%", name, got[name], percent)
		}
		delete(got, name)
	}
	for name := range got {
		t.Errorf("%s is missing in %s (go test ./plan -update writes it)", name, file)
	}
}

// wideScript is a golden script of a table of 15 columns.
type wideScript struct {
	d      dialect.Dialect
	p      plan.Plan
	script string
}

func wideScripts(t *testing.T) map[string]wideScript {
	scripts := map[string]wideScript{}
	add := func(name string, d dialect.Dialect, p plan.Plan, src rowsource.Source) {
		var text bytes.Buffer
		if err := plan.WriteScript(&text, d, p, src, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
			t.Fatal(err)
		}
		scripts[name] = wideScript{d, p, text.String()}
	}
	for _, g := range goldens() {
		if isWide(g.name) {
			p, src := g.plan(t)
			add("sqlite/"+g.name, sqlite.New(), p, src)
		}
	}
	for _, g := range postgresGoldens() {
		if isWide(g.name) {
			p, src := g.plan(t)
			add("postgres/"+g.name, postgres.New(), p, src)
		}
	}
	for _, s := range mysqltest.Servers() {
		for _, g := range serverGoldens() {
			if isWide(g.name) && slices.Contains(g.on, s.Name) {
				g.request.Options.Strategy = g.strategy
				add(filepath.ToSlash(g.file(s.Name, "")), s.Backend, g.plan(t, s), g.request.Source)
			}
		}
	}
	return scripts
}

func isWide(name string) bool { return strings.HasPrefix(name, "wide_") || name == "wide" }

// wideFirst is a table of 15 columns, made with options, in a database with tablesnap's own
// tables.
func wideFirst(options string) []any {
	return []any{"CREATE TABLE people (" + wideColumns + ")" + options, upload("doc_1", lines("n", "1"), table("others"))}
}

// wideBefore is a table of 15 columns, made with options, and an upload to it.
func wideBefore(options string) []any {
	return []any{"CREATE TABLE people (" + wideColumns + ")" + options, upload("doc_1", wide[:strings.Index(wide, "kay@")])}
}

func wideOnPostgres() []dialect.Column {
	var columns []dialect.Column
	for definition := range strings.SplitSeq(wideColumns, ", ") {
		words := strings.Fields(definition)
		c := pgColumn(words[0], pgTypes.Replace(strings.ToLower(words[1])))
		c.Nullable = len(words) == 2
		columns = append(columns, c)
	}
	return columns
}

// pgTypes are the types as PostgreSQL shows them.
var pgTypes = strings.NewReplacer("varchar", "character varying", "char(", "character(", "decimal", "numeric")

func wideKeyed() dialect.Target {
	t := after(onPostgres(wideOnPostgres()...), 5)
	t.Table.PrimaryKey = []string{"email"}
	return t
}
