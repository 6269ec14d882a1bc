package main

import (
	"io"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

func writeMarkdown(w io.Writer, p planned) error {
	return plan.WriteMarkdown(w, p.dialect, p.plan, p.source, p.page())
}

func writeHTML(w io.Writer, p planned) error {
	return plan.WriteHTML(w, p.dialect, p.plan, p.source, p.page())
}

// page has what a page shows beyond the plan.
func (p planned) page() plan.PageOptions {
	return plan.PageOptions{Summary: p.summary, Script: p.options, Undo: p.undo, Sample: p.sample.rows, More: p.sample.more}
}

func refuseForPage(f planFlags) error {
	switch {
	case f.forVersion != "":
		return usagef("--for is for --format sql and json; a page is of one version")
	case f.withUndo:
		return usagef("--with-undo is for --format sql; a page has the way back in it")
	}
	return nil
}

// rowsSampled is how many of the rows that differ a page shows: as many as of the load, if
// the user has said how many.
func (f planFlags) rowsSampled(o plan.ScriptOptions) int64 {
	if f.rows == "" || f.rows == "all" {
		return defaultChanges
	}
	return min(defaultChanges, int64(o.Rows))
}

// diffSample collects some of the rows that differ.
type diffSample struct {
	mask mask
	most int64
	rows []plan.RowChange
	more int64
}

func (s *diffSample) add(d exec.Diff, c exec.Change) error {
	if int64(len(s.rows)) >= s.most {
		s.more += c.Count
		return nil
	}
	s.rows = append(s.rows, s.rowChange(d, c))
	return nil
}

// rowChange is a change for readers: the values that differ, or all of a row that is on one
// side only.
func (s *diffSample) rowChange(d exec.Diff, c exec.Change) plan.RowChange {
	row := plan.RowChange{Kind: string(c.Kind), Count: c.Count, Key: s.mask.key(d, c)}
	for i, name := range d.Columns {
		v := plan.ValueChange{Column: name}
		if !shownOf(d, c, i) {
			continue
		}
		if c.From != nil {
			v.From = s.mask.cell(name, c.From[i])
		}
		if c.To != nil {
			v.To = s.mask.cell(name, c.To[i])
		}
		row.Values = append(row.Values, v)
	}
	return row
}
