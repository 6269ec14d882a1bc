package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func textCases() []testCase {
	return []testCase{{name: "files: a text means what the documentation says", run: textsMean, unless: bySwap}}
}

// meaning is what a text means in the columns of one kind, as docs/files.md has it.
type meaning struct {
	text, kind string
	// means is the same value as another text, and refused is the message if the text is
	// refused.
	means, refused string
}

// kindsOfColumn are the words of the documentation. A decimal has a type of its own in
// SQLite, too.
func (w *world) kindsOfColumn() map[string]string {
	typed := func(of rowsource.Type) string {
		return w.d.NewColumn(dialect.Table{}, dialect.New{Name: "c", Type: of}).Type
	}
	return map[string]string{
		"whole numbers": typed(rowsource.Type{Kind: rowsource.TypeInteger}), "decimals": "DECIMAL(10,2)", "floating point": typed(rowsource.Type{Kind: rowsource.TypeReal}),
		"booleans": "BOOLEAN", "dates": "DATE", "timestamps": typed(rowsource.Type{Kind: rowsource.TypeTimestamp, Scale: 6}),
	}
}

// textsMean uploads what the table in docs/files.md says is kept, and compares the table with
// a file of what it means. What it says is refused must be refused in the same words.
func textsMean(w *world) {
	meanings := documented(w)
	for kind, declared := range w.kindsOfColumn() {
		table := "of_" + strings.ReplaceAll(kind, " ", "_")
		w.other("CREATE TABLE " + table + " (n {int}, value " + declared + ")")
		var given, meant []string
		for i, m := range meanings {
			if m.kind != kind {
				continue
			}
			if m.refused != "" {
				w.refusesText(table, m)
				continue
			}
			given, meant = append(given, fmt.Sprintf("%d,%s", i, quotedField(m.text))), append(meant, fmt.Sprintf("%d,%s", i, quotedField(m.means)))
		}
		r := request("doc of "+table, csv("n,value", given...))
		r.Table = table
		w.upload(r)
		if d, lines := w.diff(exec.DiffRequest{Table: table, File: csv("n,value", meant...)}); d.Differs() {
			w.Errorf("%s: the table differs from what the documentation says:\n%s", kind, strings.Join(lines, "\n"))
		}
	}
}

// refusesText uploads a text to an empty table.
func (w *world) refusesText(table string, m meaning) {
	w.Helper()
	r := request("doc of "+m.text, csv("n,value", "1,"+quotedField(m.text)))
	r.Table = table
	r.Options.Allow = []plan.Code{plan.SameFile}
	err := w.tryUpload(r)
	if err == nil {
		w.Errorf("%q is taken in %s, and should be refused: %s", m.text, m.kind, m.refused)
		w.other("DELETE FROM " + table)
		return
	}
	w.says(err, m.refused+", and the column's type is ")
}

func quotedField(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

var codeSpan = regexp.MustCompile("`([^`]*)`")

func spans(cell string) []string {
	var texts []string
	for _, m := range codeSpan.FindAllStringSubmatch(cell, -1) {
		texts = append(texts, m[1])
	}
	return texts
}

// documented reads the table of docs/files.md for the family.
func documented(w *world) []meaning {
	w.Helper()
	_, after, found := strings.Cut(documentation(w), "\n## What a text means\n")
	section, _, _ := strings.Cut(after, "\n## ")
	var all []meaning
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| `") || len(cells) != 3 {
			continue
		}
		texts, says := spans(cells[0]), w.ofFamily(strings.TrimSpace(cells[2]))
		for kind := range strings.SplitSeq(cells[1], ", ") {
			for i, text := range texts {
				all = append(all, meaningOf(w, text, kind, says, i))
			}
		}
	}
	if !found || len(all) < 100 {
		w.Fatalf("docs/files.md has %d meanings of texts", len(all))
	}
	return all
}

func meaningOf(w *world, text, kind, says string, nth int) meaning {
	m := meaning{text: text, kind: kind, means: text}
	if refused, ok := strings.CutPrefix(says, "refused: "); ok {
		m.refused = refused
	} else if means := spans(says); len(means) > 0 {
		m.means = means[min(nth, len(means)-1)]
	} else if says != "the same" {
		w.Fatalf("docs/files.md says of %q: %q", text, says)
	}
	return m
}

// ofFamily is the part of "the same in X; elsewhere Y" that is about the family.
func (w *world) ofFamily(says string) string {
	same, elsewhere, split := strings.Cut(says, "; elsewhere ")
	switch {
	case !split:
		return says
	case strings.HasPrefix(strings.ToLower(strings.TrimPrefix(same, "the same in ")), string(w.d.Facts().Name)):
		return "the same"
	default:
		return elsewhere
	}
}

// documentation is docs/files.md of the module.
func documentation(w *world) string {
	w.Helper()
	for dir := "."; ; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			text, err := os.ReadFile(filepath.Join(dir, "docs", "files.md"))
			if err != nil {
				w.Fatal(err)
			}
			return string(text)
		}
		if len(dir) > 100 {
			w.Fatal("the test does not run in the module")
		}
	}
}
