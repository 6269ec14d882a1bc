package plan

import "strings"

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
