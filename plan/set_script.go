package plan

import (
	"fmt"
	"io"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// WriteSetScript prints a set as the SQL that a run sends; see [WriteScript]. The sources are
// by the names of their tables.
func WriteSetScript(w io.Writer, d dialect.Dialect, set Set, sources map[string]rowsource.Source, o ScriptOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	s := newScript(w, d)
	s.set, s.opts = set, o
	for _, p := range set.Plans {
		s.sources = append(s.sources, p.Upload.AsRead(sources[p.Upload.Table.Name]))
	}
	s.setHeader()
	for _, l := range d.Facts().ClientDirectives {
		s.line(l)
	}
	for i := range set.Plans {
		s.show(i)
		if message := s.toRead(); message != "" {
			s.assertions([]Assertion{assertion(d, message, "1 = 0")})
			break
		}
	}
	program := lookingOnce(set.Program(d))
	s.findRepeats(program)
	s.program(program)
	s.unfold()
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

// setHeader says what the set does, and then what each plan does.
func (s *script) setHeader() {
	s.comment("tablesnap: the set %s, with the tables %s: all of it, or nothing", s.set.Name, strings.Join(s.set.tableNames(), ", "))
	s.comment("")
	s.fact(fact{"plan", "SHA-256 " + s.set.Hash()})
	s.fact(fact{"commits", s.set.commits()})
	for i := range s.set.Plans {
		s.comment("")
		s.show(i)
		s.about()
	}
	s.howToRead()
	s.line("")
}

// show makes a plan of the set the one that is printed.
func (s *script) show(i int) { s.p, s.src = s.set.Plans[i], s.sources[i] }

// turn tells which table comes, if there are statements for it.
func (s *script) turn(to TurnTo) {
	s.show(to.Plan)
	if len(to.Stmts) > 0 {
		s.fold("the run of " + s.p.Upload.Table.Name)
		s.stmts(to.Stmts...)
		s.unfold()
	}
}

// swapTogether writes the one statement of all swaps.
func (s *script) swapTogether(swap SwapTogether) {
	for i, st := range swap.Steps {
		s.show(swap.Turns[i].Plan)
		s.fold("what it needs")
		s.stmts(st.Setup...)
	}
	s.unfold()
	for i, st := range swap.Steps {
		s.turn(swap.Turns[i])
		s.unfold()
		s.paragraph()
		s.comment("%d. %s: %s", st.Seq, inWords(st.Kind), st.Table.Name)
		s.comment("   %s", st.IfStopped)
		s.fold("what must be true first")
		s.assertions(st.Before)
		s.unfold()
	}
	s.stmt(dialect.Stmt{SQL: swap.Steps[0].SQL, Note: swap.Steps[0].Note})
	for i, st := range swap.Steps {
		s.turn(swap.Turns[i])
		s.done = append(s.done, st.Seq)
		s.fold("what must be true now")
		s.assertions(st.After)
		s.finished()
	}
}

// transaction describes the transaction of a group.
func (s *script) transaction(b Begin) string {
	switch {
	case b.Joint && b.Auto:
		return "all tables: one statement, which the database commits by itself"
	case b.Joint:
		return "all tables: commits together, or not at all"
	}
	of := ""
	if s.p.Set != nil {
		of = s.p.Upload.Table.Name + ", "
	}
	return fmt.Sprintf("%sgroup %d of %d: %s", of, b.Group+1, len(s.p.Groups), s.p.Groups[b.Group].commits())
}
