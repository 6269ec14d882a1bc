package plan

import (
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// step writes a step under a heading that says what holds if the script stops there.
func (s *script) step(st Step) {
	s.unfold()
	s.paragraph()
	s.comment("%d. %s: %s", st.Seq, inWords(st.Kind), st.Table.Name)
	s.comment("   %s", st.IfStopped)
	s.stepNotes(st)
	s.fold("what must be true first")
	s.assertions(st.Before)
	s.unfold()
	rows := s.d.Ledger().Changes
	switch {
	case st.Check != nil:
		rows = s.checkRows(st)
	case st.Load != nil:
		if st.Load.ChunkRows > 0 {
			s.finished() // its transactions commit the steps before it
			s.unfold()
		}
		s.load(st)
		rows = dialect.CountRows(s.d, st.Table)
	default:
		rows = s.do(st, rows)
	}
	if rows != "" {
		s.bookkeeping(ledger.CountStep(s.d, st.Seq, rows)) // without a comment in front: see changesOneRow
	}
	s.done = append(s.done, st.Seq)
	s.fold("what must be true now")
	s.assertions(st.After)
	if st.Load != nil && st.Load.Twin != nil {
		s.stmt(st.Load.Twin.Drop)
	}
}

// do writes the statement of a step. It returns an SQL expression for the number of rows that
// it has changed, which is empty if that says nothing.
func (s *script) do(st Step, rows string) string {
	s.fold("what it needs")
	s.stmts(st.Setup...)
	s.unfold()
	does := dialect.Stmt{SQL: st.SQL, Note: st.Note}
	if s.style == forGoose && st.CountsRows() {
		does, rows = s.words.CountChanges(does)
	}
	s.stmt(does)
	if !st.CountsRows() {
		return ""
	}
	return rows
}

// checkRows shows the first of the rows that a check finds. If there are any, an assertion
// fails, unless the check warns. It returns an SQL expression for their number.
func (s *script) checkRows(st Step) string {
	s.stmt(dialect.Stmt{SQL: st.SQL, Note: st.Note})
	if st.Check.Assertion == nil {
		return st.Check.Count
	}
	s.fold("what must be true now")
	s.assertions([]Assertion{*st.Check.Assertion})
	return "0"
}

// stepNotes says what apply does that the script does not.
func (s *script) stepNotes(st Step) {
	if s.style != forGoose && (st.OnFailure == Preserve || st.OnFailure == Continue) {
		s.comment("   if it fails, this script stops; apply would %s", s.onFailure(st))
	}
	if st.Chunks != nil && s.style != forGoose {
		s.chunks(st)
	}
	if st.Kind == RunAfter {
		s.comment("   if it fails, this script stops; apply would warn")
	}
	if st.Load != nil {
		s.loadNotes(st)
	}
	if st.Check != nil {
		s.comment("   check %s: must find no row", st.Check.Name)
		if st.Check.Assertion == nil {
			s.comment("   if it finds rows, the run goes on with a warning")
		}
	}
}

// chunks describes how a run works in chunks. The script uses the one statement that
// follows, since a script cannot repeat a statement.
func (s *script) chunks(st Step) {
	c, does := *st.Chunks, "copies"
	if st.Kind == DeleteSnapshot {
		does = "deletes"
	}
	s.comment("   apply %s %s at a time, each in a transaction of its own:", does, dialect.Rows(int64(c.Rows)))
	for _, st := range slices.Concat(c.Start, []dialect.Stmt{c.Copy}, c.Find, c.Next) {
		for line := range strings.SplitSeq(st.SQL, "\n") {
			s.line(strings.TrimRight("--     "+printable(line), " "))
		}
	}
}

func (s *script) onFailure(st Step) string {
	if st.OnFailure != Preserve {
		return "warn and go on without it"
	}
	ids := make([]string, len(s.p.Preserve))
	for i, instead := range s.p.Preserve {
		ids[i] = instead.ID
	}
	return "keep the old rows in a table of their own (" + strings.Join(ids, ", ") + ") and go on"
}

// loadNotes says what a load's rows do not show.
func (s *script) loadNotes(st Step) {
	if s.p.Server.LoadsWith != "" && s.style != forGoose {
		s.comment("   apply sends the rows with: %s", strings.Join(strings.Fields(st.SQL), " "))
	}
	for _, f := range st.Load.Fixed {
		s.comment("   %s takes no NULL and is dropped below: until then it is %s in every row", f.Column, s.d.Literal(f.Value))
	}
}
