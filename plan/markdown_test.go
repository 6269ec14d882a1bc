package plan_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"

	"github.com/tablesnap/tablesnap/plan"
)

func TestGoldenMarkdown(t *testing.T) {
	for _, g := range goldens() {
		if slices.Contains(pageGoldens, g.name) {
			t.Run(g.name, func(t *testing.T) {
				p, page := g.page(t, markdownPage, sampleOptions())
				compare(t, g.name+".md", withoutScripts(p, page))
			})
		}
	}
}

// rendered is a comment as GitHub renders it.
func rendered(t *testing.T, markdown string) document {
	t.Helper()
	var b bytes.Buffer
	if err := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe())).Convert([]byte(markdown), &b); err != nil {
		t.Fatal(err)
	}
	return parse(t, b.String())
}

// linked matches what GitHub makes a link or a picture of in text that is no code.
var linked = regexp.MustCompile(`(?i)@\w|#\d|\w://|www\.\w|:\w+:`)

// TestMarkdownShowsHostileTexts: whatever a name or a value holds, it is text.
func TestMarkdownShowsHostileTexts(t *testing.T) {
	for _, g := range goldens() {
		if g.name != "hostile_names" && g.name != "hazard_shrinks" && g.name != "sync" {
			continue
		}
		_, page := g.page(t, markdownPage, hostileOptions())
		d := rendered(t, page)
		d.has(t, "html head body h3 table thead tbody tr th td strong em b code pre p details summary blockquote", "class style align")
		if found := linked.FindString(d.outside); found != "" {
			t.Errorf("%s: GitHub makes a link of %q in %q", g.name, found, d.outside)
		}
		for _, cells := range d.rows {
			if cells != 2 && cells != 4 {
				t.Errorf("%s: a row of a table has %d cells", g.name, cells)
			}
		}
	}
}

// TestMarkdownFitsAComment: a script that is too large for a comment is left out, and the
// comment says so.
func TestMarkdownFitsAComment(t *testing.T) {
	for _, g := range goldens() {
		if g.name != "to_read" {
			continue
		}
		o := sampleOptions()
		o.Script = plan.ScriptOptions{Rows: plan.AllRows}
		o.Summary.Database = strings.Repeat("x", 52_000)
		if _, page := g.page(t, markdownPage, o); len(page) > 61_000 || !strings.Contains(page, "which is too much for a comment") || strings.Contains(page, "COMMIT") {
			t.Errorf("the comment has %d bytes:\n%s", len(page), page)
		}
		o.Summary.Database = strings.Repeat("x", 70_000)
		if _, page := g.page(t, markdownPage, o); !strings.Contains(page, "Some of the plan is left out") {
			t.Errorf("the comment does not say that its title is left out:\n%s", page)
		}
	}
}
