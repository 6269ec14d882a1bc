package plan_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// pageGoldens are the situations with a page in testdata/{name}.md and the like.
var pageGoldens = []string{"panel_with_status_columns", "hazard_shrinks", "foreign_keys_and_triggers", "first_upload", "hostile_names"}

// hostileTexts are values that a careless page takes for markup, for the end of an element, or
// for an address. All of them print.
var hostileTexts = []string{
	"<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "</script></details></code></pre></body>", `"><svg onload=alert(1)>`, "'; DROP TABLE x; --",
	"{{.Hash}}", "<!-- -->", "--> <b>", "&lt;b&gt; &amp; &#64;", "a | b || c", `a\|b \\| c`, "`` ` ```", "```", "# heading #1", "**bold** __bold__ ~~gone~~ $x$",
	"[text](javascript:alert(1))", "![i](https://example.com/i.png)", "https://example.com/x www.example.com WWW.example.com", "ada@example.com @ada @org/team",
	":smile: GH-1 org/repo#12", "plan SHA-256 " + strings.Repeat("0", 64), "مرحبا שלום", strings.Repeat("very long ", 30), "javascript:alert(1)", "_a_ *b* snake_case_name",
}

// unprintable are characters that a page must not have, wherever they come from.
const unprintable = "\u202e\u2066\u200b\u0000\u001b\u009b\u007f\r\n\t"

// writePage writes a page in one of the formats.
type writePage func(*bytes.Buffer, plan.Plan, rowsource.Source, plan.PageOptions) error

func markdownPage(b *bytes.Buffer, p plan.Plan, src rowsource.Source, o plan.PageOptions) error {
	return plan.WriteMarkdown(b, sqlite.New(), p, src, o)
}

func hostileOptions() plan.PageOptions {
	o := plan.PageOptions{Summary: plan.SummaryOptions{Database: strings.Join(hostileTexts, " ") + unprintable, FullSQL: hostileTexts[0],
		Differences: &plan.DiffCounts{Added: 1, Changed: 2, Key: hostileTexts},
		Restore:     func(table string, _ int64) string { return "restore " + table },
		Allow:       func(c plan.Code) string { return hostileTexts[0] + string(c) }}, More: 3}
	for _, text := range hostileTexts {
		text += unprintable
		o.Sample = append(o.Sample, plan.RowChange{Kind: "changed", Key: text, Count: 2, Values: []plan.ValueChange{{Column: text, From: text, To: text}}},
			plan.RowChange{Kind: "added", Count: 1, Values: []plan.ValueChange{{Column: text, To: text}}},
			plan.RowChange{Kind: "removed", Key: text, Count: 1, Values: []plan.ValueChange{{Column: text, From: text}}})
	}
	return o
}

func (g golden) page(t *testing.T, write writePage, o plan.PageOptions) (plan.Plan, string) {
	t.Helper()
	p, src := g.plan(t)
	var b bytes.Buffer
	if err := write(&b, p, src, o); err != nil {
		t.Fatal(err)
	}
	found, err := plan.FindHash(strings.NewReader(b.String()))
	if err != nil || found != p.Hash() {
		t.Errorf("the page's hash is %q, %v; want %s", found, err, p.Hash())
	}
	if i := strings.IndexAny(b.String(), strings.ReplaceAll(unprintable, "\n", "")); i >= 0 {
		t.Errorf("the page has the character %q", b.String()[i:i+1])
	}
	return p, b.String()
}

func sampleOptions() plan.PageOptions {
	return plan.PageOptions{Summary: plan.SummaryOptions{Database: "people.db", FullSQL: "--format sql", Differences: &plan.DiffCounts{Added: 1, Removed: 1, Changed: 12, Key: []string{"email"}}},
		Sample: []plan.RowChange{
			{Kind: "changed", Key: "ada@example.com", Count: 1, Values: []plan.ValueChange{{"name", "Ada", "Ada Lovelace"}, {"age", "NULL", "36"}}},
			{Kind: "added", Key: "bob@example.com", Count: 2, Values: []plan.ValueChange{{"name", "", "Bob"}}},
			{Kind: "removed", Key: "cid@example.com", Count: 1, Values: []plan.ValueChange{{"name", "Cid", ""}}},
		}, More: 10}
}

// document has what a browser finds in a page: its elements and their attributes by name, all
// texts, and those outside of code.
type document struct {
	elements     map[string]int
	attributes   map[string]int
	rows         []int // cells in each row of a table
	all, outside string
}

func parse(t *testing.T, text string) document {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d := document{elements: map[string]int{}, attributes: map[string]int{}}
	d.walk(root, false)
	return d
}

func (d *document) walk(n *html.Node, inCode bool) {
	switch n.Type {
	case html.ElementNode:
		d.elements[n.Data]++
		for _, a := range n.Attr {
			d.attributes[a.Key]++
		}
		inCode = inCode || n.Data == "code" || n.Data == "pre"
		if n.Data == "tr" {
			d.rows = append(d.rows, 0)
		}
		if n.Data == "td" || n.Data == "th" {
			d.rows[len(d.rows)-1]++
		}
	case html.TextNode:
		d.all += n.Data
		if !inCode {
			d.outside += n.Data + "\x00" // GitHub looks into one text at a time
		}
	default: // no part of what is shown
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		d.walk(c, inCode)
	}
}

func (d document) has(t *testing.T, elements, attributes string) {
	t.Helper()
	for name := range d.elements {
		if !strings.Contains(" "+elements+" ", " "+name+" ") {
			t.Errorf("there is an element %s", name)
		}
	}
	for name := range d.attributes {
		if !strings.Contains(" "+attributes+" ", " "+name+" ") {
			t.Errorf("there is an attribute %s", name)
		}
	}
	for _, text := range hostileTexts {
		if !strings.Contains(d.all, text) {
			t.Errorf("the page does not show %q", text)
		}
	}
}

// scripts are the parts of a page that show SQL. They have golden files of their own.
var scripts = regexp.MustCompile("(?s)(```sql|<pre class=\"sql\">).*?(```|</pre>)")

// withoutScripts is a page for a golden file.
func withoutScripts(p plan.Plan, page string) []byte {
	page = strings.ReplaceAll(page, p.Hash(), strings.Repeat("f", 64))
	return []byte(scripts.ReplaceAllString(page, "$1(the script)$2"))
}
