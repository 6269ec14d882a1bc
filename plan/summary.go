package plan

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/tablesnap/tablesnap/dialect"
)

// SummaryOptions have what a summary says beyond the plan itself. All are optional.
type SummaryOptions struct {
	// Database says where the plan runs, such as "ann@db1:3306/shop". It must not have a
	// password.
	Database string
	// Target is what was found at planning. The summary takes the database's estimates
	// from it.
	Target dialect.Target
	// Differences are those between the table and the source, or nil if they were not
	// counted.
	Differences *DiffCounts
	// Restore tells readers how to bring a version of the table back, and Allow how to
	// allow a hazard. If they are nil, the summary says it in general words.
	Restore func(table string, version int64) string
	Allow   func(Code) string
	// FullSQL tells readers how to see all statements, such as "--format sql".
	FullSQL string
	// Colors are for a terminal.
	Colors Colors
}

// Colors says whether a summary has colors.
type Colors string

// The choices. NoColors is the default.
const (
	NoColors   Colors = ""
	ANSIColors Colors = "ansi"
)

// DiffCounts are the numbers of rows that an upload adds, removes and changes.
type DiffCounts struct {
	Added, Removed, Changed int64
	// Key are the columns by which rows are matched. It is empty if whole rows are.
	Key []string
}

// WriteSummary prints what a reviewer must know about a plan, in lines of up to 100
// columns: how many rows there are before and after, which columns lose their values, who
// waits, how to take it back, the hazards, and the steps. What is an estimate says so.
func WriteSummary(w io.Writer, d dialect.Dialect, p Plan, o SummaryOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	t := terminal{w: bufio.NewWriter(w), colors: o.Colors}
	t.write(summarize(d, p, o), o.FullSQL)
	return t.w.Flush() // bufio.Writer keeps the first error
}

// summary finds out what a reviewer must know.
type summary struct {
	d    dialect.Dialect
	p    Plan
	opts SummaryOptions
	// digits are those of the source's SHA-256 that are shown.
	digits int
}

// The digits of a SHA-256: enough of them to tell files apart, or all.
const (
	shortDigest = 12
	wholeDigest = 64
)

func (s *summary) facts() []fact {
	all := []fact{
		{"plan", "SHA-256 " + s.p.Hash()}, // before any value that may look like it; see [FindHash]
		{"version", s.version()},
		{"source", s.source()},
		{"rows", s.rows()},
		{"columns", s.columns()},
		{"backup", s.backup()},
		{"checks", s.checks()},
		{"locks", s.locks()},
		{"writes", s.writes()},
		{"time", s.time()},
		{"deletes", s.deletes()},
		{"undo", s.undo()},
	}
	all = slices.DeleteFunc(all, func(f fact) bool { return f.Says == "" })
	for i := range all {
		all[i].Says = printable(all[i].Says)
	}
	return all
}

func (s *summary) does() string {
	u := s.p.Upload
	switch {
	case s.p.Operation != OpUpload:
		words := s.p.Does()
		return strings.ToUpper(words[:1]) + words[1:]
	case s.p.Table == nil:
		return "Create " + inFull(u.Table)
	case u.Strategy == dialect.Sync:
		return "Synchronize " + inFull(u.Table)
	default:
		return "Replace " + inFull(u.Table)
	}
}

// version says which version the plan makes, and which one it replaces.
func (s *summary) version() string {
	u := s.p.Upload
	if s.p.Operation == OpPrune {
		return ""
	}
	made := fmt.Sprintf("%d, doc_id %s", u.Version, orText(u.DocID, "(none)"))
	if u.Timestamp != "" {
		made += ", upload_timestamp " + u.Timestamp
	}
	switch last := s.p.Ledger.Last; {
	case s.p.Binding == BoundToNone:
		return "the next one" + strings.TrimPrefix(made, fmt.Sprint(u.Version)) + "; replaces the newest"
	case s.p.Table == nil:
		return made + "; the table does not exist yet"
	case last == nil:
		return made + "; replaces 0, what stood there before the first upload"
	default:
		return fmt.Sprintf("%s; replaces %d, doc_id %s", made, last.Number, orText(last.DocID, "(none)"))
	}
}

func (s *summary) source() string {
	u := s.p.Upload
	switch s.p.Operation {
	case OpUpload:
		said := fmt.Sprintf("%s, SHA-256 %s", u.Source.Name, u.Source.SHA256[:min(s.digits, len(u.Source.SHA256))])
		if read := u.Read().String(); read != "" {
			said += "; reading: " + read
		}
		return said
	case OpRestore:
		return fmt.Sprintf("%s in %s", u.Source.Name, s.p.Restored.From.Name)
	default:
		return ""
	}
}

// rows says how many rows the table has before and after, and how many of them differ.
func (s *summary) rows() string {
	if !s.p.Operation.replacesRows() {
		return ""
	}
	after := humanize.Comma(s.p.Upload.Source.Rows)
	if s.p.Restored != nil && s.p.Restored.Rows != "" {
		after = "those of the snapshot"
	}
	if s.p.Table == nil {
		return after
	}
	said := "not counted -> " + after
	if before, from := s.before(); from != "" {
		said = fmt.Sprintf("%s -> %s (before: %s)", humanize.Comma(before), after, from)
	}
	if d := s.opts.Differences; d != nil {
		said += fmt.Sprintf("; %s added, %s removed, %s changed", humanize.Comma(d.Added), humanize.Comma(d.Removed), humanize.Comma(d.Changed))
		if len(d.Key) > 0 {
			said += fmt.Sprintf(" (matched by %s)", strings.Join(d.Key, ", "))
		}
	}
	return said
}

// before is the table's row count, and where it is known from. The latter is empty if the
// count is not known.
func (s *summary) before() (rows int64, from string) {
	switch last, estimate := s.p.Ledger.Last, s.opts.Target.EstimatedRows; {
	case last != nil:
		return last.Rows, fmt.Sprintf("as version %d left it", last.Number)
	case estimate != nil:
		return *estimate, "the database's estimate"
	default:
		return 0, ""
	}
}

// countOf is a number of rows, such as "1,000 rows".
func countOf(rows int64) string {
	if rows == 1 {
		return "1 row"
	}
	return humanize.Comma(rows) + " rows"
}

func (s *summary) backup() string {
	st, copies := s.p.Find(CopyToBackup)
	if !copies {
		if kept := s.p.KeptIn(); kept != "" {
			return "the old table is kept as " + kept
		}
		if s.p.Table != nil && s.p.Operation.replacesRows() {
			return "none: the table's rows are not kept"
		}
		return ""
	}
	gets := "the table's rows"
	if rows, from := s.before(); from != "" {
		gets = countOf(rows) + s.size(rows)
	}
	return fmt.Sprintf("%s gets %s", st.Table.Name, gets)
}

// checks names the checks that the plan makes of the new rows, and those that were made of the
// source.
func (s *summary) checks() string {
	ofSource, ofRows := s.p.checkNames()
	var said []string
	if len(ofRows) > 0 {
		said = append(said, strings.Join(ofRows, ", "))
	}
	if len(ofSource) > 0 {
		said = append(said, "met by "+s.p.Upload.Source.Name+": "+strings.Join(ofSource, ", "))
	}
	return strings.Join(said, "; ")
}

// size is what rows of the table take, by the database's estimate of a row.
func (s *summary) size(rows int64) string {
	bytes := s.opts.Target.RowSize
	if bytes == 0 || rows == 0 {
		return ""
	}
	return fmt.Sprintf(" (about %s by the database's estimate)", humanize.Bytes(uint64(bytes*rows)))
}

// time is how long the last run took, which says how long this one may take. It is empty if
// that was less than a second.
func (s *summary) time() string {
	last, took := s.p.Ledger.Last, s.opts.Target.LastRun
	if last == nil || took < time.Second || !s.p.Operation.replacesRows() {
		return ""
	}
	return fmt.Sprintf("the run of version %d, with %s, took %s", last.Number, countOf(last.Rows), took.Round(time.Second/10))
}

// locks says who waits for the run.
func (s *summary) locks() string {
	if s.p.Table == nil || !s.p.Operation.replacesRows() {
		return ""
	}
	waits := s.d.Facts().Waits
	said := waits[s.p.Upload.Strategy]
	if said == "" {
		said = waits[dialect.InPlace]
	}
	if slices.ContainsFunc(s.p.Warnings, func(w Warning) bool { return w.Code == ReadersWait }) {
		return said + "; readers wait, too (see " + string(ReadersWait) + ")"
	}
	return said + "; readers do not wait"
}

// writes says how many rows the run writes. A sync writes those that differ, which are
// known only if they were counted.
func (s *summary) writes() string {
	before, from := s.before()
	if !s.p.Operation.replacesRows() || s.p.Table == nil || from == "" {
		return ""
	}
	var said []string
	if _, copies := s.p.Find(CopyToBackup); copies {
		said = append(said, countOf(before)+" copied")
	}
	switch d := s.opts.Differences; {
	case s.p.KeptIn() != "":
		after := s.p.Upload.Source.Rows
		return humanize.Comma(after) + " loaded" + s.size(after)
	case s.p.Upload.Strategy != dialect.Sync:
		after := s.p.Upload.Source.Rows
		said = append(said, humanize.Comma(before)+" removed", humanize.Comma(after)+" loaded"+s.size(before+after))
	case d != nil && d.Added+d.Removed+d.Changed == 0:
		return "nothing: no row differs"
	case d != nil:
		said = append(said, fmt.Sprintf("%s deleted, %s updated, %s inserted", humanize.Comma(d.Removed), humanize.Comma(d.Changed), humanize.Comma(d.Added)))
	default:
		said = append(said, "and only the rows of the table that differ")
	}
	return strings.Join(said, ", ")
}

// deletes says which snapshots are gone after the run.
func (s *summary) deletes() string {
	if r := s.p.Retention; r != nil && len(r.Deletes) > 0 {
		return fmt.Sprintf("%s (%s), which cannot be brought back after that", VersionsName(r.Deletes), r.Rule)
	}
	if s.p.Operation == OpPrune {
		return s.p.Upload.Source.Name + ", which cannot be brought back after that"
	}
	return ""
}

// undo is the command that brings the former rows back.
func (s *summary) undo() string {
	u := s.p.Upload
	_, copies := s.p.Find(CopyToBackup)
	if !s.p.Operation.replacesRows() || u.Replaces == nil || !copies && s.p.KeptIn() == "" || s.p.Binding == BoundToNone || s.p.Set != nil {
		return ""
	}
	if s.opts.Restore == nil {
		return fmt.Sprintf("restore version %d", *u.Replaces)
	}
	return s.opts.Restore(u.Table.Name, *u.Replaces)
}

// reasons are the hazards and the warnings.
func (s *summary) reasons() []reason {
	var found []reason
	for _, h := range s.p.Hazards {
		if h.Allowed == ByUser {
			found = append(found, reason{Stands: standsAllowed, Code: h.Code, Says: printable(h.Message)})
			continue
		}
		unless := "the user allows it"
		if s.opts.Allow != nil {
			unless = s.opts.Allow(h.Code)
		}
		found = append(found, reason{standsRefused, h.Code, printable(h.Message), unless})
	}
	for _, w := range s.p.Warnings {
		found = append(found, reason{Stands: standsWarned, Code: w.Code, Says: printable(w.Message)})
	}
	return found
}
