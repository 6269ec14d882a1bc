package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Code names a hazard or a warning.
type Code string

// The hazards. A plan with a hazard is refused unless the user allows its code.
const (
	EmptySource  Code = "EMPTY_SOURCE"
	Shrinks      Code = "SHRINKS"
	SameFile     Code = "SAME_FILE"
	FKCascade    Code = "FK_CASCADE"
	FKHidden     Code = "FK_HIDDEN"
	TriggersFire Code = "TRIGGERS_FIRE"
	DropBreaks   Code = "DROP_BREAKS"
	// ColumnsReset and KeysRenumbered are about columns that the source lacks.
	ColumnsReset   Code = "COLUMNS_RESET"
	KeysRenumbered Code = "KEYS_RENUMBERED"
	// MostChanged is found only by a sync.
	MostChanged Code = "MOST_CHANGED"
	// BadRows is about rows that are left out, since the table cannot take them.
	BadRows Code = "BAD_ROWS"
	// TriggersRewrite is found only by a run: the table's rows are not those that were
	// loaded.
	TriggersRewrite Code = "TRIGGERS_REWRITE"
)

// The warnings. They do not stop a plan.
const (
	UnknownPrevious Code = "UNKNOWN_PREVIOUS"
	ChangedSince    Code = ledger.ChangedSince
	ReadersWait     Code = "READERS_WAIT"
	// SequenceStays is about a sequence that the run does not set past the numbers which
	// it loads.
	SequenceStays Code = "SEQUENCE_STAYS"
	// Unterminated is about a file whose last line does not end with a newline.
	Unterminated Code = "UNTERMINATED"
	// BlankRows is about rows that have only delimiters.
	BlankRows Code = "BLANK_ROWS"
	// ColumnCase is about columns that have another case in the file than in the table.
	ColumnCase Code = "COLUMN_CASE"
	// SimilarName is about a new table whose name is nearly that of another one.
	SimilarName Code = "SIMILAR_NAME"
	// BackupPreserved, NoBackup and ColumnNotDropped are about steps that failed in a run
	// that went on.
	BackupPreserved  Code = "BACKUP_PRESERVED"
	NoBackup         Code = "NO_BACKUP"
	ColumnNotDropped Code = "COLUMN_NOT_DROPPED"
	// SnapshotNotDeleted is about an old snapshot that could not be deleted.
	SnapshotNotDeleted Code = "SNAPSHOT_NOT_DELETED"
	// CheckFoundRows is about a check that warns, and has found rows.
	CheckFoundRows Code = "CHECK_FOUND_ROWS"
	// AfterFailed is about a statement of the user after the upload.
	AfterFailed Code = "AFTER_FAILED"
)

// Codes returns the codes of all hazards.
func Codes() []Code {
	return []Code{EmptySource, Shrinks, SameFile, FKCascade, FKHidden, TriggersFire, DropBreaks, ColumnsReset, KeysRenumbered, MostChanged, BadRows, TriggersRewrite}
}

// Hazard is a reason not to run a plan unless the user allows it.
type Hazard struct {
	Code    Code    `json:"code"`
	Message string  `json:"message"`
	Allowed Allowed `json:"allowed,omitempty"`
}

// Allowed says whether the user allowed a hazard.
type Allowed string

// ByUser marks a hazard that the user has allowed.
const ByUser Allowed = "by user"

// Warning is something to know about a plan. It does not stop the plan.
type Warning struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	// Err is what went wrong, if the warning is about that. The message says it.
	Err error `json:"-"`
}

// Refused returns a *HazardError if the plan has hazards that the user did not allow.
func (p Plan) Refused() error {
	open := slices.DeleteFunc(slices.Clone(p.Hazards), func(h Hazard) bool { return h.Allowed == ByUser })
	if len(open) == 0 {
		return nil
	}
	return &HazardError{Table: p.Upload.Table, Operation: p.Operation, Hazards: open}
}

// hazards are in the order in which users read them: the source, other tables, then
// columns.
func (b builder) hazards() []Hazard {
	if !b.op.replacesRows() {
		return nil
	}
	found := slices.Concat(b.sourceHazards(), b.tableHazards(), b.columnHazards())
	for i := range found {
		if slices.Contains(b.opts.Allow, found[i].Code) || found[i].Code == BadRows && b.in.Source.Bad.Rows <= b.opts.MaxBadRows {
			found[i].Allowed = ByUser
		}
	}
	return found
}

func hazard(c Code, format string, args ...any) Hazard {
	return Hazard{Code: c, Message: fmt.Sprintf(format, args...)}
}

// sourceHazards are about the source: too few rows, or the same file as last time.
func (b builder) sourceHazards() []Hazard {
	var found []Hazard
	src, name, last := b.in.Source, b.ident().Name, b.in.Target.Ledger.Last
	if !b.uncounted() { // an undo restores the former contents, however many rows they have
		if src.Rows == 0 {
			found = append(found, hazard(EmptySource, "%s has no rows, and %q would be empty after the %s", src.Name, name, b.op))
		} else if says := b.shrinks(); says != "" {
			found = append(found, hazard(Shrinks, "%s", says))
		}
	}
	if b.op == OpUpload && b.table != nil && last != nil && last.SourceSHA256 == src.SHA256 {
		found = append(found, hazard(SameFile, "%s is the file that %q already holds (version %d, doc_id %q)", src.Name, name, last.Number, last.DocID))
	}
	if bad := src.Bad; bad != nil {
		may := ""
		if most := b.opts.MaxBadRows; most > 0 && bad.Rows > most {
			may = fmt.Sprintf(", and %d may be", most)
		}
		found = append(found, hazard(BadRows, "%s of %s would be left out%s: %s", dialect.Rows(bad.Rows), src.Name, may, bad))
	}
	return found
}

// tableHazards are about what the database does by itself when rows are deleted and
// inserted.
func (b builder) tableHazards() []Hazard {
	var found []Hazard
	name := b.ident().Name
	for _, f := range b.tableNow().ReferencedBy {
		if f.ChangesRows() && !b.syncs() && !b.in.Set.clearsFirst(b.d, f.Table, b.ident()) { // a sync looks whether any row refers to one that is deleted
			found = append(found, hazard(FKCascade, "clearing %q would change rows of %q (%s, ON DELETE %s), and tablesnap does not back those up", name, f.Table.Name, strings.Join(f.Columns, ", "), f.OnDelete))
		}
	}
	if hidden := b.in.Target.Hidden; hidden != "" {
		found = append(found, hazard(FKHidden, "what else an upload of %q would change or break is not known: %s", name, hidden))
	}
	if triggers := b.triggers(); len(triggers) > 0 {
		each := "each row"
		if b.syncs() {
			each = "each row that changes"
		}
		found = append(found, hazard(TriggersFire, "triggers of %q would fire for %s: %s", name, each, quoted(triggers)))
	}
	return found
}

// columnHazards are about columns that the plan drops, or that the source lacks.
func (b builder) columnHazards() []Hazard {
	var found []Hazard
	for _, c := range b.tableNow().Columns {
		if c.DropBreaks != "" && slices.Contains(b.columns.drop, c.Name) {
			found = append(found, hazard(DropBreaks, "dropping column %q of %q: %s", c.Name, b.ident().Name, c.DropBreaks))
		}
	}
	if says := b.renumbers(); says != "" {
		found = append(found, hazard(KeysRenumbered, "%s", says))
	}
	if says := b.resets(); says != "" {
		found = append(found, hazard(ColumnsReset, "%s", says))
	}
	return found
}

func (b builder) warnings() []Warning {
	var found []Warning
	if t := b.in.Target; b.table != nil && t.Ledger.Last == nil && !t.Empty && !b.portable() && b.op != OpPrune {
		found = append(found, unknownPrevious(b.ident()))
	}
	if says := b.mayShrink(); says != "" {
		found = append(found, Warning{Code: Shrinks, Message: says})
	}
	for _, c := range b.columns.load {
		for _, s := range c.Sequences {
			if s.Stays != "" && b.table != nil {
				found = append(found, Warning{Code: SequenceStays, Message: fmt.Sprintf("the sequence %s, which numbers %q of %q, stays where it is: %s; a later row may get a number that was loaded, unless somebody moves it", s.Name, c.Name, b.ident().Name, s.Stays)})
			}
		}
	}
	if w := b.in.Target.Server.ReadersWait; w != "" && b.table != nil {
		found = append(found, Warning{Code: ReadersWait, Message: w})
	}
	if w := b.d.Begin(b.tableNow(), b.access()).Waits; w != "" && b.access() == dialect.Alters {
		found = append(found, Warning{Code: ReadersWait, Message: w})
	}
	if b.in.Source.Unterminated {
		found = append(found, Warning{Code: Unterminated, Message: fmt.Sprintf("the last line of %s has no line end: see that the file was not cut off", b.in.Source.Name)})
	}
	if blank := b.in.Source.Blank; blank.Rows > 0 {
		found = append(found, Warning{Code: BlankRows, Message: fmt.Sprintf("%s has rows of nothing but delimiters, which are loaded as rows: %s", b.in.Source.Name, blank)})
	}
	return slices.Concat(found, otherCase(b.in.Source), b.similar())
}

// otherCase warns of columns that have another case in the file than in the table.
func otherCase(m rowsource.Manifest) []Warning {
	var names []string
	for _, from := range slices.Sorted(maps.Keys(m.Read.Renames)) {
		if to := m.Read.Renames[from]; from != to && strings.EqualFold(from, to) {
			names = append(names, fmt.Sprintf("%q for %q", from, to))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []Warning{{Code: ColumnCase, Message: fmt.Sprintf("%s names columns in another case than the table: %s", m.Name, strings.Join(names, ", "))}}
}

func unknownPrevious(t dialect.Ident) Warning {
	return Warning{Code: UnknownPrevious, Message: fmt.Sprintf("whose rows stand in %q is not known: no run of tablesnap put them there; their backup has no doc_id and is version 0", t.Name)}
}

// Late returns the warning that the plan lacks because the table was empty at planning,
// if the run found rows in it.
func (p Plan) Late(rows int64) (Warning, bool) {
	return unknownPrevious(p.Upload.Table), rows > 0 && p.foundEmpty()
}

// foundEmpty reports whether the table was empty and unknown to the ledger at planning.
func (p Plan) foundEmpty() bool {
	known := slices.ContainsFunc(p.Warnings, func(w Warning) bool { return w.Code == UnknownPrevious })
	return p.Table != nil && p.Ledger.Last == nil && p.Binding == BoundToVersion && p.Operation != OpPrune && !known
}

// warningCodes returns the codes of the plan's warnings in order, for the ledger. The last is
// how many rows are left out, such as BAD_ROWS:4.
func (p Plan) warningCodes() []string {
	codes := make([]string, len(p.Warnings))
	for i, w := range p.Warnings {
		codes[i] = string(w.Code)
	}
	if bad := p.Upload.Source.Bad; bad != nil {
		codes = append(codes, fmt.Sprintf("%s:%d", BadRows, bad.Rows))
	}
	return codes
}
