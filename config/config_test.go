package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/plan"
)

const everything = `databases:
  prod:
    dsn_env: PROD_DSN
kinds:
  prices:
    event: PRICES_UPLOAD
    drop_columns: [reviewed]
tables:
  HR Panel:
    file: uploads/hr.csv
    format: csv
    kind: panel
    doc_id: "007"
    upload_timestamp: 2025-01-31 10:00
    database: prod
    strategy: in-place
    key: [email]
    mask: [email, phone]
    before: DELETE FROM staging
    after: [ANALYZE, "UPDATE seen SET hr = 1;"]
    checks:
      - {not_null: [email, name], name: complete}
      - unique: email
      - {column: access, values: [admin, 7, true]}
      - {column: email, matches: ".+@example.com"}
      - min_rows: 10
      - max_change: 20%
      - {column: country, references: countries.code, severity: warn}
      - name: no admin leaves
        query: SELECT email FROM {old} o WHERE access = 'admin' AND email NOT IN (SELECT email FROM {table});
        severity: refuse
    null_text: ""
    null_quoted: true
    encoding: windows-1252
    delimiter: ";"
    quote: rfc4180
    decimal: ","
    skip: 2
    skip_last: 1
    skip_empty_rows: true
    normalize_headers: true
    header: [email, name]
    const: {source: workday}
    columns:
      E-Mail: email
      Born: {name: born, dates: DD/MM/YYYY, trim: true}
      Notes: ignore
    retention:
      keep: 3
  price_list:
    kind: prices
    file: prices.csv
    database: prod
    retention: {older_than: 90d}
sets:
  everybody: [price_list, hr_panel]
  prices: [price_list]
`

func TestRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tablesnap.yaml")
	if err := os.WriteFile(name, []byte(everything), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := config.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Table{File: "uploads/hr.csv", Format: "csv", Kind: "panel", DocID: "007", UploadTimestamp: "2025-01-31 10:00",
		Database: "prod", Strategy: "in-place", Key: []string{"email"}, Mask: []string{"email", "phone"}, Before: config.Texts{"DELETE FROM staging"}, After: config.Texts{"ANALYZE", "UPDATE seen SET hr = 1;"}, Checks: []config.Check{
			{Name: "complete", NotNull: config.Texts{"email", "name"}}, {Unique: config.Texts{"email"}},
			{Column: "access", Values: []string{"admin", "7", "true"}}, {Column: "email", Matches: ".+@example.com"},
			{MinRows: 10}, {MaxChange: "20%"}, {Column: "country", References: "countries.code", Severity: "warn"},
			{Name: "no admin leaves", Query: "SELECT email FROM {old} o WHERE access = 'admin' AND email NOT IN (SELECT email FROM {table});", Severity: "refuse"}}, NullText: config.Texts{""},
		Columns:  map[string]config.Column{"E-Mail": {Name: "email"}, "Born": {Name: "born", Dates: "DD/MM/YYYY", Trim: true}, "Notes": {Ignore: true}},
		Encoding: "windows-1252", Delimiter: ";", Quote: "rfc4180", Decimal: ",", Skip: 2, SkipLast: 1, SkipEmptyRows: true, NullQuoted: true,
		NormalizeHeaders: true, Const: map[string]string{"source": "workday"}, Header: []string{"email", "name"},
		Retention: &config.Retention{Keep: 3}}
	for _, called := range []string{"HR Panel", "hr_panel", "hr panel"} {
		got, ok := f.Table(called)
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%q: %v (-want +got):\n%s", called, ok, diff)
		}
	}
	if _, ok := f.Table("nobody"); ok {
		t.Error("there is a table nobody")
	}
	if got, want := f.Path("uploads/hr.csv"), filepath.Join(filepath.Dir(name), "uploads", "hr.csv"); got != want {
		t.Errorf("the file is %s, want %s", got, want)
	}
	kinds := f.AllKinds()
	if diff := cmp.Diff(plan.Kind{Name: "prices", Event: "PRICES_UPLOAD", DropColumns: []string{"reviewed"}}, kinds[len(kinds)-1]); diff != "" {
		t.Error(diff)
	}
	now := time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)
	prices, _ := f.Table("price_list")
	if diff := cmp.Diff(plan.Retention{Before: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), OlderThan: "90d"}, prices.Retention.Rule(now)); diff != "" {
		t.Error(diff)
	}
}

func TestSets(t *testing.T) {
	f, err := config.Read(strings.NewReader(everything))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"everybody", "prices"}, f.SetNames()); diff != "" {
		t.Error(diff)
	}
	tables, ok := f.Set("everybody")
	if diff := cmp.Diff([]string{"price_list", "HR Panel"}, tables); diff != "" || !ok {
		t.Errorf("%v\n%s", ok, diff)
	}
	if _, ok := f.Set("nobody"); ok {
		t.Error("there is a set nobody")
	}
}

func TestDSN(t *testing.T) {
	f, err := config.Read(strings.NewReader(everything))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"PROD_DSN": "sqlite:prod.db"}
	if dsn, err := f.DSN("prod", func(n string) string { return env[n] }); err != nil || dsn != "sqlite:prod.db" {
		t.Errorf("%s, %v", dsn, err)
	}
	if _, err := f.DSN("prod", func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), "PROD_DSN") {
		t.Errorf("without the variable: %v", err)
	}
	if _, err := f.DSN("dev", os.Getenv); err == nil || !strings.Contains(err.Error(), "[prod]") {
		t.Errorf("an unknown database: %v", err)
	}
}

func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	if f, err := config.Find(""); err != nil || len(f.TableNames()) != 0 {
		t.Errorf("without a file: %v, %v", f, err)
	}
	if _, err := config.Find("other.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(config.DefaultName, []byte("tables: {t: {}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := config.Find(""); err != nil || len(f.TableNames()) != 1 {
		t.Errorf("with a file: %v, %v", f, err)
	}
}

// refused are files that Read refuses, with part of the error. If by is "schema", the
// JSON Schema refuses them too.
var refused = []struct {
	text, says string
	by         string
}{
	{"tables:\n  t:\n    fiel: x.csv\n", `line 3: there is no key "fiel" here`, "schema"},
	{"tabels: {}\n", `line 1: there is no key "tabels" here`, "schema"},
	{"tables:\n  t: {kind: sot}\n  t: {kind: table}\n", "line 3: ", ""},
	{"tables:\n  t: {}\n  T: {}\n", "tables.t and tables.T are the same table", ""},
	{"tables:\n  t:\n    key: email\n", "line 3: ", "schema"},
	{"tables:\n  t:\n    retention: {keep: many}\n", "line 3: ", "schema"},
	{"tables:\n  t:\n   - a\n  x", "line ", ""},
	{"tables: {t: {kind: prices}}", `tables.t.kind is "prices"`, ""},
	{"tables: {t: {format: xls}}", `tables.t.format is "xls"`, "schema"},
	{"tables: {t: {strategy: quick}}", `tables.t.strategy is "quick"`, "schema"},
	{"tables: {t: {backup: files}}", `tables.t.backup is "files"`, "schema"},
	{"tables: {t: {database: prod}}", `tables.t.database is "prod"`, ""},
	{`tables: {t: {columns: {a: ""}}}`, `tables.t.columns gives "a" the name ""`, "schema"},
	{`tables: {t: {columns: {a: {nmae: b}}}}`, `line 1: there is no key "nmae" here`, "schema"},
	{`tables: {t: {columns: {a: {dates: D/M}}}}`, "tables.t.columns.a: dates need a year of four digits", ""},
	{`tables: {t: {columns: {a: {booleans: [yes]}}}}`, "tables.t.columns.a: booleans needs two texts", "schema"},
	{`tables: {t: {quote: "'"}}`, `tables.t.quote is "'"`, "schema"},
	{`tables: {t: {key: [""]}}`, "tables.t.key", "schema"},
	{`tables: {t: {mask: [""]}}`, "tables.t.mask", "schema"},
	{`tables: {t: {mask: email}}`, "line 1: write a list here", "schema"},
	{`tables: {t: {mask: [Email], const: {email: x@example.com}}}`, `tables.t.const gives the column "email"`, ""},
	{"tables: {t: {retention: {keep: 0}}}", "tables.t.retention.keep is 0", "schema"},
	{"tables: {t: {retention: {keep: 1, older_than: 9d}}}", "write one of them", "schema"},
	{"tables: {t: {retention: {older_than: soon}}}", `tables.t.retention.older_than: "soon" is no age`, "schema"},
	{"kinds: {panel: {event: X}}", "kinds.panel is built in", "schema"},
	{"kinds: {prices: {event: prices}}", `kinds.prices.event is "prices"`, "schema"},
	{"kinds: {prices: {event: DATA_BACKUP}}", "kinds.prices.event is DATA_BACKUP", "schema"},
	{"kinds: {prices: {}}", `kinds.prices.event is ""`, "schema"},
	{"databases: {prod: {dsn_env: postgres://u:hunter2@h/db}}", "databases.prod.dsn_env", "schema"},
	{"tables: {}\n---\ntables: {}\n", "second document", ""},
	{"tables: {t: {before: [BEGIN]}}", "tables.t.before has a statement, number 1, that begins with BEGIN", ""},
	{"tables: {t: {after: [ANALYZE, 'DELETE FROM a; DELETE FROM b']}}", "tables.t.after has a statement, number 2, that has more than one statement", ""},
	{"tables: {t: {after: ''}}", "tables.t.after has a statement, number 1, that is empty", "schema"},
	{"tables: {t: {checks: [{notnull: a}]}}", `line 1: there is no key "notnull" here; did you mean not_null?`, "schema"},
	{"tables: {t: {checks: [{unique: a}, {name: b}]}}", "tables.t.checks, number 2: it says nothing to check", "schema"},
	{"tables: {t: {checks: [{unique: a}, {unique: a}]}}", `number 2: there is another check "unique (a)"`, ""},
	{"tables: {t: {checks: [{unique: a, min_rows: 1}]}}", "it has unique and min_rows", "schema"},
	{"tables: {t: {checks: [{values: [a]}]}}", "values is about one column", "schema"},
	{"tables: {t: {checks: [{column: a, min_rows: 1}]}}", "column is for values", ""},
	{"tables: {t: {checks: [{column: a, values: []}]}}", "values has no value", "schema"},
	{"tables: {t: {checks: [{column: a, matches: '(x'}]}}", "matches is no regular expression (RE2)", ""},
	{"tables: {t: {checks: [{min_rows: -1}]}}", "min_rows is -1", "schema"},
	{"tables: {t: {checks: [{max_change: all}]}}", `max_change is "all"`, "schema"},
	{"tables: {t: {checks: [{column: a, references: codes}]}}", `references is "codes"; write the other table and its column`, ""},
	{"tables: {t: {checks: [{unique: a, severity: hint}]}}", `severity is "hint"`, "schema"},
	{"tables: {t: {checks: [{unique: a, severity: warn}]}}", "severity warn is for a query", ""},
	{"tables: {t: {checks: [{query: 'SELECT 1 FROM {table}'}]}}", "the query has no name", "schema"},
	{"tables: {t: {checks: [{name: q, query: SELECT 1 FROM t}]}}", `the query "q" does not have {table} in it`, ""},
	{"tables: {t: {checks: [{name: q, query: 'DELETE FROM {table}'}]}}", `the query "q" is no SELECT`, ""},
	{"tables: {t: {checks: [{name: q, query: 'SELECT 1 FROM {table}; DROP TABLE x'}]}}", `the query "q" has more than one statement`, ""},
	{"databases: {prod: {dsn: x}}", `line 1: there is no key "dsn"`, "schema"},
	{"tables: {a: {file: a.csv}}\nsets:\n  s: a\n", "line 3: write a list here", "schema"},
	{"tables: {a: {file: a.csv}}\nsets:\n  s: {tables: [a]}\n", "line 3: write a list here", "schema"},
	{"tables: {a: {file: a.csv}}\nsets:\n  s: []\n", "line 3: sets.s has no tables", "schema"},
	{"tables: {a: {file: a.csv}}\nsets:\n  s:\n", "line 3: sets.s has no tables", "schema"},
	{"tables: {a: {file: a.csv}}\nsets:\n  '': [a]\n", "line 3: sets. has no name", "schema"},
	{"tables: {prices: {file: a.csv}}\nsets:\n  s:\n    - prices\n    - price\n", `line 5: sets.s has "price", and tables has none of that name; did you mean prices?`, ""},
	{"tables: {a: {file: a.csv}, b: {}}\nsets: {s: [a, b]}\n", `line 2: sets.s has "b", whose file is not named; write it as tables.b.file`, ""},
	{"tables: {a: {file: a.csv}}\nsets: {s: [a, a]}\n", `sets.s has "a" twice`, "schema"},
	{"tables: {HR Panel: {file: a.csv}}\nsets: {s: [HR Panel, hr_panel]}\n", `sets.s has "hr_panel" twice`, ""},
	{"databases: {prod: {dsn_env: X}}\ntables: {a: {file: a.csv}, b: {file: b.csv, database: prod}}\nsets: {s: [a, b]}\n",
		`line 3: sets.s has tables of several databases, which cannot be uploaded to as one: "a" of the default database, and "b" of prod`, ""},
}

func TestReadRefuses(t *testing.T) {
	for _, r := range refused {
		_, err := config.Read(strings.NewReader(r.text))
		if err == nil || !strings.Contains(err.Error(), r.says) {
			t.Errorf("%s: %v, want %s", r.text, err, r.says)
		} else if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "config.") {
			t.Errorf("%s: the error is no sentence of ours: %v", r.text, err)
		}
	}
	if _, err := config.Read(strings.NewReader(strings.Repeat("#", 2<<20))); err == nil {
		t.Error("a file of 2 MB was read")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(everything)
	f.Add("a: &a [*a]")
	f.Add("tables: {? : }")
	for _, r := range refused {
		f.Add(r.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := config.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, name := range read.TableNames() {
			if _, ok := read.Table(name); !ok {
				t.Errorf("the table %q is not found", name)
			}
		}
		for _, name := range read.SetNames() {
			if tables, ok := read.Set(name); !ok || len(tables) != len(read.Sets[name]) {
				t.Errorf("the set %q has the tables %q", name, tables)
			}
		}
	})
}

// TestMissing: YAML takes the word null for no value, and people write it without quotes.
func TestMissing(t *testing.T) {
	for text, want := range map[string]string{"{}": "", "{missing: null}": "null", `{missing: "null"}`: "null", "{missing: refuse}": "refuse"} {
		f, err := config.Read(strings.NewReader("tables: {t: " + text + "}"))
		if err != nil || f.Tables["t"].MissingMembers() != want {
			t.Errorf("%s: %q, %v", text, f.Tables["t"].MissingMembers(), err)
		}
	}
	if _, err := config.Read(strings.NewReader("tables: {t: {missing: no}}")); err == nil || !strings.Contains(err.Error(), `missing is "no"`) {
		t.Error(err)
	}
}

// TestTableNames: the order is that of the file.
func TestTableNames(t *testing.T) {
	for text, want := range map[string][]string{
		"tables:\n  b: {}\n  a: {}\n  c: {}\n": {"b", "a", "c"},
		"tables: {}\n":                         nil,
		"":                                     nil,
	} {
		f, err := config.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, f.TableNames(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	byHand := config.File{Tables: map[string]config.Table{"b": {}, "a": {}}}
	if diff := cmp.Diff([]string{"a", "b"}, byHand.TableNames()); diff != "" {
		t.Errorf("made in Go (-want +got):\n%s", diff)
	}
}
