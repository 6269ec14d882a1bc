package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

func valueCases() []testCase {
	return []testCase{
		{name: "hostile values are loaded and backed up as they are", run: hostileValues},
		{name: "a NUL character is refused", run: refusedNUL, unless: keepsNUL},
		{name: "more rows than fit in one statement", run: manyRows},
		{name: "a wide table", run: wideTable},
		{name: "a table of 1,000 columns", run: thousandColumns},
	}
}

// hostileTexts are texts that a script, a client or a driver could misinterpret.
func hostileTexts() []string {
	return []string{
		"", " ", "NULL", "null", `\N`, "'", "''", `"`, `\`, `\\`, `\'`, `\n`, `"';--`, "; DROP TABLE people; --",
		"a\nb", "a\r\nb", "a\rb", "\n", "\r\n", "tab\there", "\x1a", "\x7f", "\x1b[2J",
		".quit", "a\n.quit\nb", "a\n.read /etc/passwd\n", "\n-- comment\n", "/* open", "a\n/\ngo\nb", "#",
		"\\0a;", "\\0:0a;", "\\\n\\0:\n\\1:\n", "replace('x')",
		"$1", "$$", "${name}", "$?", "?", "?1", ":name", "@name", "%s %d %%", "{text}",
		"ünïcödé", "😀👩‍👩‍👧", "\u202eright to left", "\u2028\u2029", "\ufeffmark", "e\u0301", "\U0010FFFF",
		"007", "1e5", "0x10", "1.10", "-0", "  padded  ",
		strings.Repeat("x", 70_000), strings.Repeat("line\n", 1500), strings.Repeat("it's\r\n", 1200), strings.Repeat("😀", 3000),
	}
}

// textsWithNUL have a NUL character, which ends a text in many programs.
func textsWithNUL() []string { return []string{"a\x00b", "\x00"} }

// kept returns the texts that the family can store.
func (w *world) kept(texts ...string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool {
		return w.family.Words.NUL == RefusesNUL && strings.Contains(s, "\x00")
	})
}

func hostileValues(w *world) {
	texts := w.kept(append(hostileTexts(), textsWithNUL()...)...)
	rows := make([][]any, 0, len(texts))
	var want []string
	for i, text := range texts {
		rows = append(rows, []any{fmt.Sprint(i), text})
		want = append(want, fmt.Sprintf("%d | %s", i, shownText(text)))
	}
	src := rowsource.Rows("service", []string{"n", "value"}, rows)
	w.upload(request("doc_1", src))
	w.same("the table", w.lines("people"), want...)
	w.upload(request("doc_2", csv("n,value", rowsOf("x,y", len(rows))...)))
	w.same("the backup", w.snapshot("people_backup", 1, "n", "value"), want...)
}

// refusedNUL checks that a text with a NUL character is refused, not cut or altered.
func refusedNUL(w *world) {
	w.other("CREATE TABLE people (n {int}, value {text})", "INSERT INTO people VALUES (1, 'old')")
	for _, text := range textsWithNUL() {
		r := request("doc_1", rowsource.Rows("service", []string{"n", "value"}, [][]any{{1, "good"}, {2, text}}))
		cell := mustBe[*rowsource.CellError](w, w.tryUpload(r))
		equal(w, "the place", fmt.Sprint(cell.Line, cell.Column), "2value")
	}
	w.same("the table", w.lines("people"), "1 | old")
	err := w.tryUpload(request("doc \x00", csv("n,value", "1,a")))
	if err == nil {
		w.Error("a doc_id was taken that cannot be kept")
	}
	w.same("the table", w.lines("people"), "1 | old")
}

// rowsOf repeats a line, so that an upload does not shrink the table.
func rowsOf(line string, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line
	}
	return lines
}

func manyRows(w *world) {
	const rows = 12_345
	lines := make([]string, rows)
	for i := range lines {
		lines[i] = fmt.Sprintf("%d,person %d", i, i)
	}
	src := csv("n,name", lines...)
	w.upload(request("doc_1", src))
	want := make([]string, rows)
	for i := range want {
		want[i] = fmt.Sprintf("%d | person %d", i, i)
	}
	w.same("the table", w.lines("people"), want...)
	lines[0] = "0,somebody else"
	res := w.upload(request("doc_2", csv("n,name", lines...)))
	equal(w, "the rows", []int64{res.RowsBackedUp, res.RowsLoaded}, []int64{rows, rows})
	w.same("the backup", w.snapshot("people_backup", 1, "n", "name"), want...)
}

func wideTable(w *world) {
	const width = 120
	var names, values []string
	for i := range width {
		names, values = append(names, fmt.Sprintf("column_%d", i)), append(values, fmt.Sprint(i))
	}
	line := strings.Join(values, ",")
	w.upload(request("doc_1", csv(strings.Join(names, ","), rowsOf(line, 250)...)))
	w.upload(request("doc_2", csv(strings.Join(names, ","), rowsOf(line, 251)...)))
	w.same("the backup", w.snapshot("people_backup", 1, names...), rowsOf(strings.Join(values, " | "), 250)...)
}

// thousandColumns has a file without most of the columns, and rows that differ in the last.
func thousandColumns(w *world) {
	const width = 1000
	names, ones, twos := []string{"c0"}, []string{"1"}, []string{"1"}
	definition := "c0 SMALLINT NOT NULL PRIMARY KEY" // a row of larger numbers does not fit into a page of InnoDB
	for i := 1; i < width; i++ {
		names, ones, twos = append(names, fmt.Sprint("c", i)), append(ones, "1"), append(twos, "1")
		definition += fmt.Sprintf(", c%d SMALLINT", i)
	}
	twos[width-1] = "2"
	w.other("CREATE TABLE people ("+definition+")", "INSERT INTO people (c0) VALUES (1)")
	w.upload(request("doc_1", csv("c0", "1")))
	header := strings.Join(names, ",")
	w.upload(request("doc_2", csv(header, strings.Join(ones, ","))))
	r := request("doc_3", csv(header, strings.Join(twos, ",")))
	if cannotSync(w.family) == "" {
		r.Options.Strategy = dialect.Sync
	}
	w.upload(r)
	w.same("the table", w.lines("people", names...), strings.Join(twos, " | "))
	diff, _ := w.diff(exec.DiffRequest{From: version(2), To: version(3)})
	equal(w, "rows that differ", diff.Changed, int64(1))
	w.restore(2)
	w.same("the table", w.lines("people", names...), strings.Join(ones, " | "))
}
