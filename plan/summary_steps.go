package plan

import (
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// steps lists each statement in one line. A line below the last step of a group says
// what holds if the run stops there, unless the next group says the same.
func (s *summary) steps() {
	n := 0
	for i, g := range s.p.Groups {
		for _, st := range g.Steps {
			n++
			s.line(fmt.Sprintf("  %2d  %-17s %s  %s", n, strings.ReplaceAll(string(st.Kind), "-", " "), s.short(st), s.touches(st)))
		}
		holds := g.Steps[len(g.Steps)-1].IfStopped
		if i+1 < len(s.p.Groups) && s.p.Groups[i+1].Steps[0].IfStopped == holds {
			continue
		}
		s.hanging(strings.Repeat(" ", 24), printable(holds))
	}
}

// short is the beginning of a step's statement on one line, with its lists left out.
func (s *summary) short(st Step) string {
	said := withoutLists(printable(strings.Join(strings.Fields(st.SQL), " ")))
	if text.StringWidth(said) > sqlWidth {
		said = text.Trim(said, sqlWidth-len(" ..."))
		if end := strings.LastIndexByte(said, ' '); end > 0 {
			said = said[:end]
		}
		said += " ..."
	}
	return text.Pad(said, sqlWidth, ' ')
}

// withoutLists replaces what stands in parentheses by three dots. Names and texts in
// quotes may have parentheses of their own.
func withoutLists(sql string) string {
	var out strings.Builder
	depth, quote := 0, rune(0)
	for _, r := range sql {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"' || r == '`':
			quote = r
		case r == '(':
			if depth++; depth == 1 {
				out.WriteString("(...")
			}
		case r == ')' && depth > 0:
			depth--
		}
		if depth == 0 {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// touches is how many rows a step should touch, if that is known.
func (s *summary) touches(st Step) string {
	before, from := s.before()
	d := s.opts.Differences
	switch {
	case st.Load != nil:
		return countOf(st.Load.Rows)
	case (st.Kind == CopyToBackup || st.Kind == Clear) && from != "":
		return countOf(before)
	case d != nil && st.Kind == DeleteRows:
		return countOf(d.Removed)
	case d != nil && st.Kind == UpdateRows:
		return countOf(d.Changed)
	case d != nil && st.Kind == InsertRows:
		return countOf(d.Added)
	default:
		return ""
	}
}
