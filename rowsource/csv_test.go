package rowsource

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readCase is a file and what must be read from it.
type readCase struct {
	content string
	o       Options
	want    contents
}

func testReads(t *testing.T, tests map[string]readCase) {
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.o.Name = "t"
			if test.o.Format == "" {
				test.o.Format = FormatCSV
			}
			got, err := readEachWay(t, []byte(test.content), test.o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, sameValue); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadLines(t *testing.T) {
	testReads(t, map[string]readCase{
		"plain": {
			content: "sku,price\nA-1,10\nB-2,20\n",
			want:    contents{[]string{"sku", "price"}, [][]Value{texts("A-1", "10"), texts("B-2", "20")}, []int{2, 3}},
		},
		"no line end at the end": {
			content: "a,b\n1,2",
			want:    contents{[]string{"a", "b"}, [][]Value{texts("1", "2")}, []int{2}},
		},
		"tsv": {
			content: "a\tb\n1,5\t\"x\ty\"\n\t\"\"\n",
			o:       Options{Format: FormatTSV},
			want:    contents{[]string{"a", "b"}, [][]Value{texts("1,5", "x\ty"), {Null(), Text("")}}, []int{2, 3}},
		},
		"CRLF line ends": {
			content: "a,b\r\n1,2\r\n3,\r\n4,\"\"\r\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts("1", "2"), {Text("3"), Null()}, texts("4", "")}, []int{2, 3, 4}},
		},
		"one column": {
			content: "a\n1\n\"\"\n\"x\n\ny\"\nlast",
			want:    contents{[]string{"a"}, [][]Value{texts("1"), texts(""), texts("x\n\ny"), texts("last")}, []int{2, 3, 4, 7}},
		},
		"blank lines are skipped where rows are wider": {
			content: "\n\r\na,b\n\n1,2\r\n\r\n\n3,4\n\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts("1", "2"), texts("3", "4")}, []int{5, 8}},
		},
	})
}

func TestReadText(t *testing.T) {
	testReads(t, map[string]readCase{
		"line ends inside quotes are kept": {
			content: "a,b\n\"x\r\ny\",\"x\ny\"\n\"\r\n\r\n\",\"\r\r\n\"\n\"x\ry\",\"\n\r\"\nz,z\n",
			want: contents{[]string{"a", "b"},
				[][]Value{texts("x\r\ny", "x\ny"), texts("\r\n\r\n", "\r\r\n"), texts("x\ry", "\n\r"), texts("z", "z")},
				[]int{2, 5, 9, 11}},
		},
		"doubled quotes": {
			content: "a,b\n\"say \"\"hi\"\"\",\"\"\"\"\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts(`say "hi"`, `"`)}, []int{2}},
		},
		"NUL bytes and other control characters are kept": {
			content: "a,b\n\x00,x\x00y\n\x1a\x7f,\b\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts("\x00", "x\x00y"), texts("\x1a\x7f", "\b")}, []int{2, 3}},
		},
		"carriage returns without quotes are kept": {
			content: "a,b\nx\ry,z\r\r\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts("x\ry", "z\r")}, []int{2}},
		},
		"unicode": {
			content: "名前,Größe\n山田,\U0001F600\n",
			want:    contents{[]string{"名前", "Größe"}, [][]Value{texts("山田", "\U0001F600")}, []int{2}},
		},
	})
}

func TestReadNull(t *testing.T) {
	null := func(s string) []string { return []string{s} }
	testReads(t, map[string]readCase{
		"empty field is NULL, quoted empty field is a string": {
			content: "a,b,c\n,,\n\"\",\"\",\"\"\n,\"\",\n\"\",,\"\"",
			want: contents{[]string{"a", "b", "c"}, [][]Value{
				{Null(), Null(), Null()}, texts("", "", ""), {Null(), Text(""), Null()}, {Text(""), Null(), Text("")},
			}, []int{2, 3, 4, 5}},
		},
		"quoted empty behind a field of many lines": {
			content: "a,b,c\n\"1\n2\",,\"\"\n\"1\n2\",\"\",\n",
			want:    contents{[]string{"a", "b", "c"}, [][]Value{{Text("1\n2"), Null(), Text("")}, {Text("1\n2"), Text(""), Null()}}, []int{2, 4}},
		},
		"a text for NULL": {
			content: "a,b\nNULL,\"NULL\"\n,\"\"\n\"NULL\",NULL\nnull,NULL ",
			o:       Options{Null: null("NULL")},
			want: contents{[]string{"a", "b"}, [][]Value{
				{Null(), Text("NULL")}, texts("", ""), {Text("NULL"), Null()}, texts("null", "NULL "),
			}, []int{2, 3, 4, 5}},
		},
		"the text for NULL given as empty": {
			content: "a,b\n,\"\"\n",
			o:       Options{Null: null("")},
			want:    contents{[]string{"a", "b"}, [][]Value{{Null(), Text("")}}, []int{2}},
		},
		"one column with a text for NULL": {
			content: "a\n\\N\n\"\\N\"\n\"\"\n",
			o:       Options{Null: null(`\N`)},
			want:    contents{[]string{"a"}, [][]Value{{Null()}, texts(`\N`), texts("")}, []int{2, 3, 4}},
		},
	})
}

func TestReadHeader(t *testing.T) {
	testReads(t, map[string]readCase{
		"header only": {
			content: "a,b",
			want:    contents{Columns: []string{"a", "b"}},
		},
		"blank lines above the header of one column": {
			content: "\n\na\n1\n",
			want:    contents{[]string{"a"}, [][]Value{texts("1")}, []int{4}},
		},
		"byte-order mark": {
			content: "\uFEFFa,b\n1,\uFEFF2\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts("1", "\uFEFF2")}, []int{2}},
		},
		"header names are trimmed, values are not": {
			content: " a ,\"\u00a0b\t\"\n 1 ,\" 2 \"\n",
			want:    contents{[]string{"a", "b"}, [][]Value{texts(" 1 ", " 2 ")}, []int{2}},
		},
		"header with a line end in quotes": {
			content: "\"unit\r\nprice\",b\n1,2\n",
			want:    contents{[]string{"unit\r\nprice", "b"}, [][]Value{texts("1", "2")}, []int{3}},
		},
		"one column, header with a line end in quotes": {
			content: "\"unit\nprice\"\n1\n",
			want:    contents{[]string{"unit\nprice"}, [][]Value{texts("1")}, []int{3}},
		},
		"header names that differ in case": {
			content: "a,A\n1,2\n",
			want:    contents{[]string{"a", "A"}, [][]Value{texts("1", "2")}, []int{2}},
		},
	})
}

func TestReadRefuses(t *testing.T) {
	const blank = `the line is blank, which in a file of one column could mean NULL or nothing: remove it, write "" for an empty string, or choose a text for NULL and write that`
	const count = `: look for a missing or an extra delimiter, or a value that needs quotes`
	tests := map[string]struct {
		content string
		want    string
	}{
		"empty file":               {"", "read t.csv: it is empty: its first line must name the columns"},
		"only a byte-order mark":   {"\uFEFF", "read t.csv: it is empty: its first line must name the columns"},
		"only blank lines":         {"\n\r\n\n", "read t.csv: it is empty: its first line must name the columns"},
		"UTF-16 without a mark":    {"a\x00,\x00b\x00\n\x00", "read t.csv: every second byte is 0, as in UTF-16LE without a byte-order mark: name the encoding, or save the file as UTF-8"},
		"not UTF-8":                {"a,b\n1,\u00e9\u00e9\xE9z\n", "t.csv line 2: column 5 (counted in characters): the byte 0xE9 is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"},
		"not UTF-8 in the header":  {"\uFEFFna\xFFme\n", "t.csv line 1: column 3 (counted in characters): the byte 0xFF is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"},
		"not UTF-8 inside quotes":  {"a\n\"x\ny\xC0\"\n", "t.csv line 3: column 2 (counted in characters): the byte 0xC0 is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"},
		"character cut at the end": {"a\nx\xE4\xBA", "t.csv line 2: column 2 (counted in characters): the byte 0xE4 is not UTF-8: save the file as UTF-8, or name its encoding, which looks like windows-1252"},
		"short row":                {"a,b,c\n1,2,3\n\n1,2\n", "t.csv line 4: the row has 2 values for 3 columns" + count},
		"long row":                 {"a\n1\n1,2\n", "t.csv line 3: the row has 2 values for 1 column" + count},
		"short row of many lines":  {"a,b\n\"1\n2\n3\"\n", "t.csv line 2: the row has 1 value for 2 columns" + count},
		"duplicate header":         {"a,b, a\n", `t.csv line 1: the header has the column "a" twice, at 1 and at 3: rename one of them`},
		"empty header":             {"\na, ,c\n", "t.csv line 2: the header's column 2 has no name: give it one, or remove the delimiter that makes it; if the names stand in another row, choose that"},
		"quoted empty header":      {"\"\"\n", "t.csv line 1: the header's column 1 has no name: give it one, or remove the delimiter that makes it; if the names stand in another row, choose that"},
		"CR CR LF line ends":       {"a,b\r\r\n1,2\r\r\n", `t.csv line 1: the header's column 2 ("b\r") has a bare carriage return in it: lines must end in LF or CRLF, and this file's seem to end in CR or CR CR LF: convert its line ends`},
		"carriage return at end":   {"a,b\n1,2\r", "t.csv line 2: the file ends in a carriage return without a line feed: it may be cut off, or have line ends that are not LF or CRLF"},
		"bare quote":               {"a,b\n1,2\n1,x\"y\n", "t.csv line 3: column 4 (counted in bytes): a quote inside a value that has no quote before it: put the value in quotes and double the quotes in it, or read quotes as text"},
		"text behind a quote":      {"a,b\n\"x\ny\" ,2\n", "t.csv line 3: column 2 (counted in bytes): a quote ends a value here that began on line 2 or later, and more text follows: close the quote where the value ends, or double the quotes that belong to the value"},
		"bare quote in the header": {"a,b\"\n", "t.csv line 1: column 4 (counted in bytes): a quote inside a value that has no quote before it: put the value in quotes and double the quotes in it, or read quotes as text"},
		"unclosed quote":           {"a,b\n1,2\n1,\"x\n3,4\n", "t.csv line 3: the record that starts here has a quote that is not closed before the end of the file (line 5): close it, or double it if it belongs to the value"},
		"unclosed quote in header": {"\"a", "t.csv line 1: the record that starts here has a quote that is not closed before the end of the file (line 1): close it, or double it if it belongs to the value"},
		"CR behind a quote":        {"a,b\n1,\"2\"\r", "t.csv line 2: column 5 (counted in bytes): a quote ends the value here, and more text follows: double the quotes that belong to the value"},
		"rows in quotes":           {"a,b\n\"1,2\n3,4\n5,6\n7,8\n9\",1", "t.csv line 2: a quote opens here and closes on line 6, and the 3 lines between look like rows: close the quote where its value ends; if they are one value, read quotes as RFC 4180 has them"},
		"blank line, one column":   {"a\n1\n\n2\n", "t.csv line 3: " + blank},
		"blank below the header":   {"a\n\n1\n", "t.csv line 2: " + blank},
		"blank at the end":         {"a\n\"x\ny\"\n\r\n", "t.csv line 4: " + blank},
		"blank below old values":   {"a\n\"x\r\ny\"\n\nz", "t.csv line 4: " + blank},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := readEachWay(t, []byte(test.content), Options{Name: "t.csv"})
			if diff := cmp.Diff(test.want, message(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.HasPrefix(test.want, "t.csv line ") {
				mustBeCellError(t, err)
			}
		})
	}
}

// The rows before an error are read, and the reader then returns the same error each
// time.
func TestErrorsStay(t *testing.T) {
	r, err := Bytes([]byte("a,b\n1,2\n\"3\n4,5\n"), Options{Name: "t.csv"}).Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	_, first := r.Next()
	_, second := r.Next()
	if first == nil || first != second { //nolint:errorlint // it must be the same error value
		t.Errorf("got %v, then %v; want the same error twice", first, second)
	}
	if r.SHA256() != "" {
		t.Error("SHA256 speaks for a file that was not read to its end")
	}
}

// Parsing must not depend on where the chunks of the file, or the blocks of text, end.
func TestChunkBoundaries(t *testing.T) {
	for pad := chunkSize - 40; pad <= chunkSize+4; pad++ {
		filler := strings.Repeat("x", pad)
		content := "a,b,c\n" + filler + ",\"é\r\n\",\"\"\r\n\"\",\"\r\r\n\",\r\n" + filler + filler + ",,\"\"\r\n,1,2"
		want := contents{[]string{"a", "b", "c"}, [][]Value{
			texts(filler, "é\r\n", ""),
			{Text(""), Text("\r\r\n"), Null()},
			{Text(filler + filler), Null(), Text("")},
			{Null(), Text("1"), Text("2")},
		}, []int{2, 4, 6, 7}}
		got, err := readAll(Bytes([]byte(content), Options{Name: "t.csv"}))
		if err != nil {
			t.Fatalf("pad %d: %v", pad, err)
		}
		if diff := cmp.Diff(want, got, sameValue); diff != "" {
			t.Fatalf("pad %d (-want +got):\n%s", pad, diff)
		}
	}
}
