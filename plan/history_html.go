package plan

import (
	"fmt"
	"io"

	"github.com/dustin/go-humanize"
)

// HistoryVersion is a version of a table's contents, in texts for readers.
type HistoryVersion struct {
	Version string
	// Rows is nil if the rows were not counted.
	Rows *int64
	// Changes are the rows that differ from the version before, or nil if they were not
	// counted.
	Changes                          *DiffCounts
	Event, DocID, Where, Actor, When string
	// Set is with which run of which set the version was made, or empty.
	Set string
}

// WriteHistoryHTML prints the versions of a table, newest first, as one HTML file that needs no
// other one: a chart of their rows, and a table that says what changed, who did it and when,
// and where the rows are.
func WriteHistoryHTML(w io.Writer, title string, versions []HistoryVersion) error {
	page := historyPage{Title: printable(title), chart: chart{Width: 960, Height: 230, Base: 190, Labels: 208}}
	for _, v := range versions {
		page.Versions = append(page.Versions, v.shown())
	}
	page.draw()
	return writePage(w, "history.html", page)
}

type historyPage struct {
	Title    string
	Versions []shownVersion
	chart
}

// shownVersion has texts without control characters.
type shownVersion struct {
	HistoryVersion
	Rows string
	rows int64
}

func (v HistoryVersion) shown() shownVersion {
	s := shownVersion{HistoryVersion: v, Rows: "not counted"}
	for _, text := range []*string{&s.Version, &s.Event, &s.DocID, &s.Where, &s.Actor, &s.When, &s.Set} {
		*text = printable(*text)
	}
	if v.Rows != nil {
		s.rows, s.Rows = *v.Rows, humanize.Comma(*v.Rows)
	}
	return s
}

// chart has a bar for each version, the oldest first. Lengths are those of the SVG.
type chart struct {
	Width, Height, Base, Labels int
	Bars                        []bar
}

type bar struct {
	rect
	Version, Rows, Says string
	Middle, Above       float64
	// Parts are the rows that differ from the version before.
	Parts []rect
}

type rect struct {
	Class                 string
	X, Top, Width, Height float64
}

// The chart's largest bar, widest slot for a version, and largest number of bars with labels.
const (
	highest = 150.0
	widest  = 120.0
	labeled = 14
)

// draw makes the bars. All have one scale, so that a change can be compared with the rows.
func (p *historyPage) draw() {
	scale := int64(1)
	for _, v := range p.Versions {
		scale = max(scale, v.rows)
		if c := v.Changes; c != nil {
			scale = max(scale, c.Added, c.Removed, c.Changed)
		}
	}
	slot := min(widest, float64(p.Width)/float64(max(1, len(p.Versions))))
	for i := range p.Versions {
		v := p.Versions[len(p.Versions)-1-i]
		p.Bars = append(p.Bars, p.bar(v, float64(i)*slot, slot, highest/float64(scale)))
	}
}

func (p *historyPage) bar(v shownVersion, x, slot, unit float64) bar {
	b := bar{rect: p.rect("rows", x+slot*.1, slot*.4, float64(v.rows)*unit), Version: v.Version, Rows: v.Rows,
		Says: fmt.Sprintf("version %s: %s rows, %s", v.Version, v.Rows, v.When), Middle: x + slot*.45}
	if len(p.Versions) > labeled {
		b.Version, b.Rows = "", ""
	}
	top := b.Top
	if c := v.Changes; c != nil {
		for i, part := range []struct {
			class string
			rows  int64
		}{{"added", c.Added}, {"removed", c.Removed}, {"changed", c.Changed}} {
			r := p.rect(part.class, x+slot*(.52+.1*float64(i)), slot*.08, float64(part.rows)*unit)
			b.Parts, top = append(b.Parts, r), min(top, r.Top)
		}
	}
	b.Above = top - 6
	return b
}

func (p *historyPage) rect(class string, x, width, height float64) rect {
	return rect{class, x, float64(p.Base) - height, width, height}
}
