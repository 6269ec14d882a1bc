package plan

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/dustin/go-humanize"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

//go:embed pages/page.css
var pageStyle string

//go:embed pages/*.html
var pageFiles embed.FS

// WriteHTML prints a plan as one HTML file that needs no other one: the hazards first, the
// summary, the groups on a time line with who waits and what holds, some of the rows that
// differ, and the scripts, folded. It has no program in it, and loads nothing. Src must be the
// source that the plan was made for.
func WriteHTML(w io.Writer, d dialect.Dialect, p Plan, src rowsource.Source, o PageOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	shown, err := newPage(d, p, src, o)
	if err != nil {
		return err
	}
	return writePage(w, "plan.html", shown)
}

// writePage executes a template of the folder pages.
func writePage(w io.Writer, name string, content any) error {
	pages, err := template.New(name).Funcs(template.FuncMap{
		"comma":  humanize.Comma,
		"add":    func(a, b int) int { return a + b },
		"policy": pagePolicy,
		"sql":    highlighted,
		"style":  func() template.CSS { return template.CSS(pageStyle) },
	}).ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return err
	}
	return pages.Execute(w, content)
}

// pagePolicy lets a page load and run nothing but its own style
// (https://www.w3.org/TR/CSP3/).
func pagePolicy() string {
	digest := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'"
}
