package rowsource

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEscapedTextWithoutHeader: SELECT … INTO OUTFILE and mysqldump --tab write none.
func TestEscapedTextWithoutHeader(t *testing.T) {
	got, err := readEachWay(t, []byte("1\t\\N\n2\tb\n"), Options{Name: "x", Format: FormatMySQL, NoHeader: true, Columns: []string{"n", "v"}})
	want := contents{[]string{"n", "v"}, [][]Value{{Text("1"), Null()}, texts("2", "b")}, []int{1, 2}}
	if diff := cmp.Diff(want, got, sameValue); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if _, err := readAll(Bytes(nil, Options{Name: "x", Format: FormatMySQL, NoHeader: true})); !strings.Contains(message(err), "no row names the columns") {
		t.Error(err)
	}
}

func TestEscapedText(t *testing.T) {
	for _, test := range []struct {
		name    string
		format  Format
		content string
		null    []string
		want    [][]Value
		says    string
	}{
		{name: "mysql -B", format: FormatMySQL, content: "a\tb\nNULL\tx\\ty\\nz\\\\\n\t\\0\n", want: [][]Value{{Null(), Text("x\ty\nz\\")}, texts("", "\x00")}},
		{name: "SELECT … INTO OUTFILE", format: FormatMySQL, content: "a\tb\n\\N\tx\\\ty\\\nz\\\\\nc\\rd\\Ze\\b\\qf\tg\n", want: [][]Value{{Null(), Text("x\ty\nz\\")}, texts("c\rd\x1ae\bqf", "g")}},
		{name: "a text that begins with N", format: FormatMySQL, content: "a\n\\NULL\nNULLs\nNUL\\L\n", want: [][]Value{texts("NULL"), texts("NULLs"), texts("NULL")}},
		{name: "two words for NULL", format: FormatMySQL, content: "a\nNULL\nx\n\\N\n", says: `line 4: line 4 has \N, and line 2 has the word NULL`},
		{name: "the word is a text", format: FormatMySQL, content: "a\nNULL\n\\N\n", null: []string{`\N`}, want: [][]Value{texts("NULL"), {Null()}}},
		{name: "both are NULL", format: FormatMySQL, content: "a\nNULL\n\\N\n", null: []string{"NULL"}, want: [][]Value{{Null()}, {Null()}}},
		{name: "an empty field is NULL", format: FormatMySQL, content: "a\tb\n\tNULL\n", null: []string{""}, want: [][]Value{{Null(), Text("NULL")}}},
		{name: "empty lines are empty texts", format: FormatMySQL, content: "a\n\nx\n\n", want: [][]Value{texts(""), texts("x"), texts("")}},
		{name: "quotes mean nothing", format: FormatMySQL, content: "a\tb\n\"x\ty\"\n", want: [][]Value{texts(`"x`, `y"`)}},
		{name: "CRLF", format: FormatMySQL, content: "a\tb\r\n1\t2\r\n3\t4", want: [][]Value{texts("1", "2"), texts("3", "4")}},
		{name: "a carriage return at the end of a value", format: FormatMySQL, content: "a\tb\n1\t2\r\n", want: [][]Value{texts("1", "2\r")}},
		{name: "CRLF and LF", format: FormatMySQL, content: "a\tb\r\n1\t2\n", says: "line 2: the line ends in LF"},
		{name: "a field too few", format: FormatMySQL, content: "a\tb\n1\n", says: "line 2: the row has 1 value for 2 columns"},
		{name: "cut off in an escape", format: FormatMySQL, content: "a\tb\n1\t2\\", says: "line 2: the line ends in a backslash"},
		{name: "nothing", format: FormatMySQL, content: "", says: "it is empty"},
		{name: "COPY", format: FormatPGText, content: "a\tb\n\\N\tx\\ty\\nz\\\\\nNULL\t\\b\\f\\r\\v\\q\n", want: [][]Value{{Null(), Text("x\ty\nz\\")}, texts("NULL", "\b\f\r\vq")}},
		{name: "COPY, numbers of characters", format: FormatPGText, content: "a\n\\101\\x42\\x4g\\1018\\xg\\303\\251\n", want: [][]Value{texts("AB\x04gA8xgé")}},
		{name: "COPY, the end is marked", format: FormatPGText, content: "a\n1\n\\.\n", want: [][]Value{texts("1")}},
		{name: "COPY, more after the end", format: FormatPGText, content: "a\n1\n\\.\n\nCREATE", says: "line 4: more text follows"},
		{name: "COPY, a carriage return", format: FormatPGText, content: "a\tb\n1\r\t2\n", says: "carriage return in a value"},
		{name: "COPY, CRLF", format: FormatPGText, content: "a\tb\r\n1\t2\r\n", want: [][]Value{texts("1", "2")}},
		{name: "COPY, bytes that are no text", format: FormatPGText, content: "a\n\\xff\n", says: "line 2: the value x'FF' has bytes"},
		{name: "COPY, an escaped line feed", format: FormatPGText, content: "a\tb\n1\\\n2\t3\n4\t5\n", want: [][]Value{texts("1\n2", "3"), texts("4", "5")}},
		{name: "COPY, another text for NULL", format: FormatPGText, content: "a\tb\n-\t\\N\n", null: []string{"-"}, want: [][]Value{{Null(), Null()}}},
		{name: "no such text for NULL", format: FormatPGText, content: "a\n", null: []string{"a\tb"}, says: "can't stand for NULL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readEachWay(t, []byte(test.content), Options{Name: "x", Format: test.format, Null: test.null})
			if !strings.Contains(message(err), test.says) || (err == nil) != (test.says == "") {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if diff := cmp.Diff(test.want, got.Rows, sameValue); err == nil && diff != "" {
				t.Error(diff)
			}
		})
	}
}
