package rowsource

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFormatsOfPrograms reads files as other programs write them.
func TestFormatsOfPrograms(t *testing.T) {
	const escaped = "tab \t, line\nfeed, back\\slash"
	for _, test := range []struct {
		file    string
		options Options
		want    [][]Value
		says    string
	}{
		{file: "json_pretty_array.json", want: [][]Value{{Text("007"), Text("1.50"), Text(`["a", "b"]`)}, {Text("é"), Null(), Text("{}")}}},
		{file: "json_array_on_one_line.json", want: [][]Value{texts("007", "1.50"), {Text("é"), Null()}}},
		{file: "json_objects_without_array.json", want: [][]Value{texts("007"), texts("é")}},
		{file: "jsonl_missing_member.jsonl", says: `line 2: the row lacks the member "price"`},
		{file: "jsonl_missing_member.jsonl", options: Options{Missing: MissingIsNull}, want: [][]Value{texts("007", "1.50"), {Text("é"), Null()}}},
		{file: "mysql_batch.tsv", options: Options{Format: FormatMySQL}, want: [][]Value{texts("007", escaped, "1.50"), {Text("é"), Null(), Null()}}},
		{file: "mysql_outfile.txt", options: Options{Format: FormatMySQL}, want: [][]Value{texts("007", escaped), {Text("é"), Null()}}},
		{file: "mysql_two_words_for_null.txt", options: Options{Format: FormatMySQL}, says: `line 2 has \N, and line 3 has the word NULL`},
		{file: "mysql_two_words_for_null.txt", options: Options{Format: FormatMySQL, Null: []string{`\N`}}, want: [][]Value{{Text("007"), Null()}, texts("é", "NULL")}},
		{file: "postgres_copy.txt", options: Options{Format: FormatPGText}, want: [][]Value{texts("007", escaped), {Text("é"), Null()}}},
		{file: "psql_csv_null_marked.csv", options: Options{Null: []string{`\N`}}, want: [][]Value{texts("007", `a "quote", a comma`), {Text("é"), Null()}}},
	} {
		got, err := readAll(File(filepath.Join("..", "testfixtures", "files", test.file), test.options))
		if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
			t.Errorf("%s: got %v, want %q", test.file, err, test.says)
			continue
		}
		if diff := cmp.Diff(test.want, got.Rows, sameValue); err == nil && diff != "" {
			t.Errorf("%s:\n%s", test.file, diff)
		}
	}
}

func TestValuesOfOptions(t *testing.T) {
	for says, o := range map[string]Options{
		"the options name the row of the header, and say that there is none": {Name: "x.csv", HeaderRow: 2, NoHeader: true, Columns: []string{"a"}},
		"may not be negative":            {Name: "x.xlsx", HeaderRow: -1},
		"the range \"A\" is none":        {Name: "x.xlsx", Range: "A"},
		`missing members can't mean "x"`: {Name: "x.json", Missing: "x"},
	} {
		if _, err := Bytes([]byte("a\n"), o).Open(); !strings.Contains(message(err), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}

// FuzzEscaped reads text with backslashes in chunks of all sizes.
func FuzzEscaped(f *testing.F) {
	for _, s := range []string{"a\tb\n\\N\tNULL\n", "a\r\n\\101\\x4\r\n", "a\n\\.\n", "a\nb\\\nc\\", "a\\\\\n\\\\\\\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, format := range []Format{FormatMySQL, FormatPGText} {
			got, err := readEachWay(t, content, Options{Name: "x", Format: format})
			for i, row := range got.Rows {
				if len(row) != len(got.Columns) || i > 0 && got.Lines[i] <= got.Lines[i-1] {
					t.Fatalf("row %d: %v, %v", i, row, err)
				}
			}
		}
	})
}
