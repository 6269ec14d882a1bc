package plan

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/tablesnap/tablesnap/dialect"
)

func (s *script) line(text string) {
	if s.gap && text != "" && !s.apart {
		s.gap = false
		s.line("")
	}
	s.gap = s.gap && text == ""
	if s.region != "" && !s.open && text != "" {
		s.open = true
		s.line("-- #region " + s.region + " {{{")
	}
	if s.err == nil {
		_, s.err = s.w.WriteString(text + "\n")
	}
	s.apart = text == ""
}

// paragraph puts an empty line in front of the next line, if there is one.
func (s *script) paragraph() { s.gap = true }

// fold begins a region that an editor can fold, with the next line. Its marks are those of
// most editors and of Vim. Inside a region, the title is a comment.
func (s *script) fold(title string) {
	switch {
	case !s.open:
		s.region = title
	case s.region != title:
		s.comment("%s", title)
	}
}

// unfold ends the region.
func (s *script) unfold() {
	if s.open {
		s.line("-- #endregion }}}")
	}
	s.region, s.open = "", false
}

// commentWidth is the number of columns of a line of comment.
const commentWidth = 150

// comment writes a comment. Further lines of a long one are indented.
func (s *script) comment(format string, args ...any) {
	said := fmt.Sprintf(format, args...)
	indent := said[:len(said)-len(strings.TrimLeft(said, " "))]
	s.hanging(indent, said[len(indent):], indent+"    ")
}

// hanging writes a comment with a label in front of its first line, and an indent in front of
// the others. It escapes line ends in the texts, so that no part of a name can become a
// statement.
func (s *script) hanging(label, said, indent string) {
	label, said = printable(label), printable(said)
	if s.style == forGoose {
		said = strings.ReplaceAll(said, "+goose", "+ goose") // otherwise goose would read it as an annotation
	}
	for line := range strings.SplitSeq(text.WrapSoft(said, commentWidth), "\n") {
		s.line(strings.TrimRight("-- "+label+strings.TrimSpace(line), " "))
		label = indent
	}
}

func (s *script) stmt(st dialect.Stmt) {
	if st.SQL == "" {
		return // a BEGIN or COMMIT that goose itself sends
	}
	if st.Note != "" {
		s.comment("%s", st.Note)
	}
	if s.style == forGoose {
		s.gooseStatement(st.SQL)
		return
	}
	s.line(st.SQL + ";")
}

func (s *script) stmts(sts ...dialect.Stmt) {
	for _, st := range sts {
		s.stmt(st)
	}
}

// bookkeeping writes statements that are no steps, of which some are long.
func (s *script) bookkeeping(sts ...dialect.Stmt) {
	for _, st := range sts {
		st.SQL = dialect.Wrap(st.SQL)
		s.stmt(st)
	}
}

// printable escapes characters that do not print, including line ends and bidirectional
// marks.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}
