package plan_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func htmlPage(b *bytes.Buffer, p plan.Plan, src rowsource.Source, o plan.PageOptions) error {
	return plan.WriteHTML(b, sqlite.New(), p, src, o)
}

func TestGoldenHTML(t *testing.T) {
	for _, g := range goldens() {
		if slices.Contains(pageGoldens, g.name) {
			t.Run(g.name, func(t *testing.T) {
				p, page := g.page(t, htmlPage, sampleOptions())
				compare(t, g.name+".html", withoutScripts(p, page))
			})
		}
	}
}

// TestHTMLShowsHostileTexts: whatever a name or a value holds, it is text.
func TestHTMLShowsHostileTexts(t *testing.T) {
	for _, g := range goldens() {
		if g.name != "hostile_names" && g.name != "hostile_values" && g.name != "sync" {
			continue
		}
		o := hostileOptions()
		o.Script = plan.ScriptOptions{Rows: plan.AllRows}
		_, page := g.page(t, htmlPage, o)
		d := parse(t, page)
		d.has(t, "html head meta title style body h1 h2 p b dl dt dd ol li div span table thead tbody tr th td code bdi ins del details summary pre",
			"lang charset http-equiv content name class rowspan")
		if n := d.elements["style"]; n != 1 {
			t.Errorf("%s: there are %d styles", g.name, n)
		}
		if strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: the template has left a value out", g.name)
		}
	}
}
