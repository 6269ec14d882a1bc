package main

import (
	"cmp"
	"io"
	"maps"
	"slices"

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
	rows, more := p.sample.shown()
	return plan.PageOptions{Summary: p.summary, Script: p.options, Undo: p.undo, Sample: rows, More: more}
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

// diffSample collects the first rows that differ, of each kind of change.
type diffSample struct {
	mask  mask
	most  int64
	first map[exec.ChangeKind][]plan.RowChange
	rows  int64 // that differ
}

func (s *diffSample) add(d exec.Diff, c exec.Change) error {
	s.rows += c.Count
	if int64(len(s.first[c.Kind])) >= s.most {
		return nil
	}
	if s.first == nil {
		s.first = make(map[exec.ChangeKind][]plan.RowChange)
	}
	s.first[c.Kind] = append(s.first[c.Kind], s.rowChange(d, c))
	return nil
}

// shown are some rows of each kind, as many of each as there is room for, and how many others
// differ.
func (s *diffSample) shown() (rows []plan.RowChange, more int64) {
	room, kinds := s.most, slices.Sorted(maps.Keys(s.first))
	slices.SortStableFunc(kinds, func(a, b exec.ChangeKind) int { return cmp.Compare(len(s.first[a]), len(s.first[b])) })
	more = s.rows
	for i, kind := range kinds { // those of which there are few leave their room to the others
		share := min(int64(len(s.first[kind])), room/int64(len(kinds)-i))
		room -= share
		for _, c := range s.first[kind][:share] {
			rows, more = append(rows, c), more-c.Count
		}
	}
	return rows, more
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
