package plan

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// ScriptOptions say how a plan is printed.
type ScriptOptions struct {
	// Rows is the number of rows of a load to print. AllRows prints every row.
	Rows int
	// ToPrintAll tells readers of an incomplete script how to print all rows, such as
	// "print it with --all". If it is empty, the script says it in general words.
	ToPrintAll string
	// Restore and Allow are those of [SummaryOptions], for the header.
	Restore func(table string, version int64) string
	Allow   func(Code) string
}

func (o ScriptOptions) toPrintAll() string {
	return cmp.Or(o.ToPrintAll, "print it with all rows")
}

// AllRows prints every row. Only such a script can be run.
const AllRows = -1

// sampleRows is the number of rows in a script that does not show all.
const sampleRows = 5

// SampleRows are the options of a script for reading.
func SampleRows() ScriptOptions { return ScriptOptions{Rows: sampleRows} }

// The maximum number of rows and bytes in one INSERT of a script.
const (
	batchRows  = 500
	batchBytes = 256 << 10
)

// WriteScript prints a plan as the SQL that a run sends. With [AllRows] the script can be
// piped into the vendor's client. It leaves the same table, backup, run and audit rows as
// a run. Src must be the source that the plan was made for.
func WriteScript(w io.Writer, d dialect.Dialect, p Plan, src rowsource.Source, o ScriptOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	s := newScript(w, d)
	if p.Binding == BoundToColumns && s.words.Portable == nil {
		return noPortable(d)
	}
	s.p, s.src, s.opts = p, p.Upload.AsRead(src), o
	s.header()
	s.directives()
	program := lookingOnce(p.Program(d))
	s.findRepeats(program)
	s.program(program)
	s.unfold()
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

// canPrint returns an error if the dialect or the writer is nil.
func canPrint(d dialect.Dialect, w io.Writer) error {
	switch {
	case d == nil:
		return errNoDialect
	case w == nil:
		return errors.New("print a script: the io.Writer is nil")
	}
	return nil
}

// style is the program that reads a script.
type style string

// A script is for the vendor's client or for goose.
const (
	forClient style = ""
	forGoose  style = "goose"
)

// script writes a script. It remembers the first error, so that its callers need not
// check each one.
type script struct {
	w *bufio.Writer
	d dialect.Dialect
	// words are for plans that are bound to columns.
	words dialect.PortableDialect
	p     Plan
	src   rowsource.Source
	opts  ScriptOptions
	// set and sources are for the script of a set, in which p and src are those of the plan that
	// has the turn.
	set     Set
	sources []rowsource.Source
	// style is the program that reads the script.
	style style
	// done are the steps that have run, and whose audit rows do not say so yet.
	done []int
	// region is the title of what an editor can fold, and open states that it has begun.
	region  string
	open    bool
	repeats repeats
	// purpose is that of the present transaction.
	purpose Purpose
	// apart states that the last line is empty, and gap that the next one is to be.
	apart, gap bool
	err        error
}

func newScript(w io.Writer, d dialect.Dialect) *script {
	words, _ := dialect.ToPortable(d)
	return &script{w: bufio.NewWriter(w), d: d, words: words}
}

func (s *script) showsAll() bool {
	_, loads := s.p.Find(LoadRows)
	return !loads || s.p.Operation != OpUpload || s.opts.Rows == AllRows || int64(s.opts.Rows) >= s.p.Upload.Source.Rows
}

// directives come first: the client's own, and the check that stops an incomplete script
// before it changes even the session.
func (s *script) directives() {
	for _, l := range s.d.Facts().ClientDirectives {
		s.line(l)
	}
	if message := s.toRead(); message != "" {
		s.assertions([]Assertion{assertion(s.d, message, "1 = 0")})
	}
}

// toRead is what a script that must not be run lacks. It is empty if the script may be run.
func (s *script) toRead() string {
	switch {
	case s.p.Binding == BoundToNone:
		return "this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)"
	case !s.showsAll():
		return fmt.Sprintf("this script holds all %s (it shows the first %d, to be read; to run it, %s)", dialect.Rows(s.p.Upload.Source.Rows), s.opts.Rows, s.opts.toPrintAll())
	default:
		return ""
	}
}

// lookingOnce leaves out a look for open runs before the lease is taken: a script looks again
// once it has the lease, before it commits anything. A run looks first, since it then says
// more.
func lookingOnce(p Program) Program {
	lease := slices.IndexFunc(p, func(in Instruction) bool { _, takes := in.(TakeLease); return takes })
	if lease < 0 {
		return p
	}
	before := slices.DeleteFunc(slices.Clone(p[:lease]), func(in Instruction) bool { _, looks := in.(AssertNoOpenRun); return looks })
	return append(before, p[lease:]...)
}

// program writes each instruction.
func (s *script) program(p Program) {
	for _, in := range p {
		s.instruction(in)
	}
}

func (s *script) instruction(in Instruction) {
	if _, steps := in.(RunSteps); !steps {
		s.finished()
	}
	switch in := in.(type) {
	case Begin:
		s.begin(in)
	case Commit:
		s.commit(in)
	case Assert:
		s.assertions(in.Assertions)
	case BeginRun:
		s.bookkeeping(ledger.BeginRun(s.d, s.p.Run(s.d, "")))
		s.stmts(s.d.RememberRun(0)...)
	case KeepRun:
		s.stmts(in.Stmts...)
	case Announce:
		s.started(in.Steps)
	case CloseAbandoned:
		s.comment("earlier runs that were cut off have left nothing behind")
		s.bookkeeping(in.Stmts...)
	case RunSteps:
		for _, st := range in.Steps {
			s.step(st)
		}
	case TurnTo:
		s.turn(in)
	case SwapTogether:
		s.swapTogether(in)
	case HoldLease:
		s.changesOneRow([]dialect.Stmt{in.Stmt}, in.Assertion)
	case FinishRun:
		s.fold("the run is done")
		s.bookkeeping(ledger.FinishRun(s.d, s.p.Outcome(s.d)))
	default:
		s.aroundTheRun(in)
	}
}

// aroundTheRun writes the instructions before the run begins and after it has ended.
func (s *script) aroundTheRun(in Instruction) {
	switch in := in.(type) {
	case SaveSession:
		s.fold("the session")
		s.bookkeeping(in.Stmts...)
	case EnterSession:
		s.fold("the session")
		s.bookkeeping(in.Stmts...)
		s.assertions(in.Assertions)
	case HoldTable:
		s.bookkeeping(in.Stmts...)
		s.assertions(in.Assertions)
	case AcquireLock:
		s.comment("no other run of tablesnap on this table")
		s.bookkeeping(in.Stmts...)
	case CreateLedger:
		if in.Script == CompleteLedger {
			s.comment("tablesnap's own tables, where they are missing")
		}
		s.bookkeeping(in.Stmts...)
	case AssertNoOpenRun:
		s.assertions(in.Assertions)
	case LookUp:
		s.comment("what is there")
		s.bookkeeping(in.Stmts...)
		s.assertions(in.Assertions)
	case TakeLease:
		s.changesOneRow(in.Stmts, in.Assertion)
	case EndLease:
		s.fold("other runs may begin")
		s.bookkeeping(in.Stmt)
	case ReleaseLock:
		s.fold("other runs may begin")
		s.bookkeeping(in.Stmts...)
	case RestoreSession:
		s.fold("the session as it was")
		s.bookkeeping(in.Stmts...)
	default:
		s.err = errors.Join(s.err, fmt.Errorf("print a script: %T is no instruction that it knows", in))
	}
}

// begin says what a transaction is for, and opens it. What stands before the steps can be
// folded.
func (s *script) begin(b Begin) {
	s.unfold()
	s.paragraph()
	s.purpose = b.Purpose
	switch b.Purpose {
	case ForLedger:
		s.fold("tablesnap's own tables")
	case ForRun:
		s.fold("the run, and what it is about to do")
	case ForAudit:
		s.fold("what comes next, for the audit")
	case ForGroup:
		s.comment("%s", s.transaction(b))
		s.fold("what must be true before it")
	}
	s.bookkeeping(b.Stmts...)
}

// commit ends a transaction. That of a group is in sight.
func (s *script) commit(c Commit) {
	if s.purpose == ForGroup {
		s.unfold()
	}
	s.stmt(c.Stmt)
	s.unfold()
	s.paragraph()
}

// started writes the audit rows of steps in one statement. They do not contain the steps'
// statements, so that a reader sees each statement once.
func (s *script) started(steps []Step) {
	rows := make([]ledger.StepRow, len(steps))
	for i, st := range steps {
		rows[i] = st.Row(st.AnnouncedAs())
	}
	if len(rows) > 0 {
		s.bookkeeping(ledger.BeginSteps(s.d, rows))
	}
}

// finished marks the steps since the last call as done.
func (s *script) finished() {
	if len(s.done) > 0 {
		s.unfold()
		s.fold("the steps are done")
		s.bookkeeping(ledger.FinishSteps(s.d, s.done...))
	}
	s.done = nil
}

// commits describes a group's commit.
func (g Group) commits() string {
	if g.Auto {
		return "one statement, which the database commits by itself"
	}
	for _, st := range g.Steps {
		if st.Load != nil && st.Load.ChunkRows > 0 && st.Load.Rows > int64(st.Load.ChunkRows) {
			return "commits every " + dialect.Rows(int64(st.Load.ChunkRows))
		}
	}
	return "commits together, or not at all"
}

// changesOneRow asserts that the last statement has changed a row. No comment stands
// between the two: a client may send it by itself, and the server then forgets how many
// rows that were.
func (s *script) changesOneRow(stmts []dialect.Stmt, p Assertion) {
	s.comment("must be true: %s", p.Message)
	all := make([]string, 0, len(stmts)+1)
	for _, st := range stmts {
		all = append(all, dialect.Wrap(st.SQL))
	}
	all = append(all, p.SQL)
	s.keep(all...)
	for _, sql := range all {
		s.check(sql)
	}
}

func (s *script) assertions(ps []Assertion) {
	for _, p := range ps {
		s.comment("must be true: %s", p.Message)
		s.keep(p.SQL)
		s.stmts(p.Setup...)
		s.check(p.SQL)
	}
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func textExpr(d dialect.Dialect, codes []string) string {
	return d.Literal(rowsource.Text(strings.Join(codes, " ")))
}
