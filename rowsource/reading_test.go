package rowsource

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadAsPeopleHaveThem reads text as other programs write it.
func TestReadAsPeopleHaveThem(t *testing.T) {
	rows := func(rs ...[]Value) [][]Value { return rs }
	ab := func(lines []int, rs ...[]Value) contents { return contents{[]string{"a", "b"}, rs, lines} }
	testReads(t, map[string]readCase{
		"UTF-16 LE": {content: "\xFF\xFEa\x00,\x00b\x00\n\x001\x00,\x00\xe9\x00\n\x00", want: ab([]int{2}, texts("1", "é"))},
		"UTF-16 BE": {content: "\xFE\xFF\x00a\x00,\x00b\x00\n\x001\x00,\x00\xe9", want: ab([]int{2}, texts("1", "é"))},
		"UTF-32 LE": {content: "\xFF\xFE\x00\x00a\x00\x00\x00\n\x00\x00\x00b\x00\x00\x00", want: contents{[]string{"a"}, rows(texts("b")), []int{2}}},
		"windows-1252": {
			content: "a,b\n\x80,\xe9\n", o: Options{Encoding: "windows-1252"}, want: ab([]int{2}, texts("€", "é"))},
		"iso-8859-1 is not windows-1252": {
			content: "a,b\n\x80,\xe9\n", o: Options{Encoding: "iso-8859-1"}, want: ab([]int{2}, texts("\u0080", "é"))},
		"utf-16le by name":    {content: "a\x00,\x00b\x00\n\x001\x00,\x002\x00", o: Options{Encoding: "utf-16le"}, want: ab([]int{2}, texts("1", "2"))},
		"two marks":           {content: "\uFEFF\uFEFFa,b\n1,2\n", want: ab([]int{2}, texts("1", "2"))},
		"carriage returns":    {content: "a,b\r1,2\r\"3\r4\",\"\"\r", want: ab([]int{2, 3}, texts("1", "2"), texts("3\r4", ""))},
		"carriage returns, 1": {content: "a\r1\r2", want: contents{[]string{"a"}, rows(texts("1"), texts("2")), []int{2, 3}}},
		"mixed line ends":     {content: "a,b\n1,2\r\n3,4\n", want: ab([]int{2, 3}, texts("1", "2"), texts("3", "4"))},
		"semicolons":          {content: "a;b\n1;2,5\n", o: Options{Delimiter: ";"}, want: ab([]int{2}, texts("1", "2,5"))},
		"tab by name":         {content: "a\tb\n1\t2\n", o: Options{Delimiter: "tab"}, want: ab([]int{2}, texts("1", "2"))},
		"line of Excel":       {content: "sep=;\r\na;b\r\n1;2\r\n", want: ab([]int{3}, texts("1", "2"))},
		"a comma in quotes":   {content: "a,b\n\"1;2\",\n", want: ab([]int{2}, []Value{Text("1;2"), Null()})},
		"lines before":        {content: "Report, of May\n\na,b\n1,2\n", o: Options{Skip: 2}, want: ab([]int{4}, texts("1", "2"))},
		"lines before, one column": {
			content: "Report\na\n1\n", o: Options{Skip: 1}, want: contents{[]string{"a"}, rows(texts("1")), []int{3}}},
		"no header":       {content: "1,2\n3,4\n", o: Options{NoHeader: true, Columns: []string{"a", "b"}}, want: ab([]int{1, 2}, texts("1", "2"), texts("3", "4"))},
		"no header, one":  {content: "1\n", o: Options{NoHeader: true, Columns: []string{"a"}}, want: contents{[]string{"a"}, rows(texts("1")), []int{1}}},
		"rows at the end": {content: "a,b\n1,2\n3,4\nTotal: 2\n\"as of May\"\n", o: Options{SkipLast: 2}, want: ab([]int{2, 3}, texts("1", "2"), texts("3", "4"))},
		"empty rows":      {content: "a,b\n,\n1,2\n\"\",\n", o: Options{SkipEmptyRows: true}, want: ab([]int{3}, texts("1", "2"))},
		"blank lines of one column": {
			content: "a\n\n1\n\n", o: Options{SkipEmptyRows: true}, want: contents{[]string{"a"}, rows(texts("1")), []int{3}}},
		"texts for NULL": {
			content: "a,b\nN/A,\n\\N,\"N/A\"\n", o: Options{Null: []string{"", "N/A", `\N`}}, want: ab([]int{2, 3}, []Value{Null(), Null()}, []Value{Null(), Text("N/A")})},
		"renamed, left out and constant": {
			content: "A,x,b\n1,2,3\n", o: Options{Renames: map[string]string{"A": "a"}, Ignore: []string{"x"}, Const: map[string]string{"c": "5"}},
			want: contents{[]string{"a", "b", "c"}, rows(texts("1", "3", "5")), []int{2}}},
		"normalized": {
			content: "E-Mail iD, Größe (cm)\n1,2\n", o: Options{NormalizeHeaders: true},
			want: contents{[]string{"e_mail_id", "größe_cm"}, rows(texts("1", "2")), []int{2}}},
		"quotes are text": {
			content: "a,b\n\"1,5\"\"\n", o: Options{Quote: QuoteNone}, want: ab([]int{2}, texts(`"1`, `5""`))},
		"one value of many lines": {
			content: "a,b\n\"1\n2,3\n4,5\n6,7\n8\",9\n", o: Options{Quote: QuoteRFC4180}, want: ab([]int{2}, texts("1\n2,3\n4,5\n6,7\n8", "9"))},
	})
}

// TestReadTSV checks that quotes in TSV count only where the whole field is in them.
func TestReadTSV(t *testing.T) {
	content := "a\tb\n5\" disk\t\"x\ty\"\n\"\"\t\"q\"\"q\"\n\"a\" b\t\n\"1\r\n2\"\t\"a\"\"\r\n"
	_, err := readEachWay(t, []byte(content), Options{Name: "t.tsv"})
	if err == nil {
		t.Error("a field that ends in the text \"\" was read as closed")
	}
	content = "a\tb\n5\" disk\t\"x\ty\"\n\"\"\t\"q\"\"q\"\n\"a\" b\t\n\"1\r\n2\"\t3\r\n"
	got, err := readEachWay(t, []byte(content), Options{Name: "t.tsv"})
	if err != nil {
		t.Fatal(err)
	}
	rows := contents{[]string{"a", "b"}, [][]Value{texts(`5" disk`, "x\ty"), texts("", `q"q`), {Text(`"a" b`), Null()}, texts("1\r\n2", "3")}, []int{2, 3, 4, 5}}
	if diff := cmp.Diff(rows, got, sameValue); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
