package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// EventRestore is the event of a restore's load in the audit.
const EventRestore = "RESTORE"

// RestoreInput is everything that [BuildRestore] looks at.
type RestoreInput struct {
	Target   dialect.Target
	Snapshot SnapshotRows
	// LostColumns says what happens to columns that were dropped since.
	LostColumns LostColumns
	Actor, Tool string
	// Goose is the goose migration that runs the restore, and Undoes the run that it
	// undoes. Otherwise they are nil and 0.
	Goose   *GooseMigration
	Undoes  int64
	Options Options
	// Set is the set that the restore is a part of, or nil if it is none.
	Set *Membership
	// Sample and Counted are as in [Input].
	Sample  *Sample
	Counted *int64
}

// LostColumns says what a restore does about columns that the version had and the table
// no longer has.
type LostColumns string

const (
	// BringBack adds the columns again.
	BringBack LostColumns = ""
	// LeaveLost does not add them.
	LeaveLost LostColumns = "leave"
)

// Restored is the version that a plan restores.
type Restored struct {
	// Version is nil for a snapshot of another program.
	Version *int64 `json:"version"`
	// From is the table that holds the rows.
	From dialect.Ident `json:"from_table"`
	// Columns are columns that the restore adds again.
	Columns []string `json:"columns,omitempty"`
	// Where is the condition that selects the rows, if it is looked up.
	Where string `json:"condition,omitempty"`
	// Rows is an SQL expression for the number of rows, if the number is not known yet.
	Rows string `json:"count_sql,omitempty"`
}

// snapshotSource is the source of a restore.
type snapshotSource struct {
	snapshot SnapshotRows
	// table is the source table when the load begins.
	table dialect.Table
	where string
	// standsAlready states that the rows can be counted before the first step, under the
	// names that the plan uses.
	standsAlready bool
	// undoes is the run that the restore undoes, or 0.
	undoes int64
}

func (s snapshotSource) count(d dialect.Dialect) string {
	return dialect.RowsWhere(d, s.table.Ident, s.where)
}

// BuildRestore plans a restore: an upload whose source is a snapshot. A *RefusedError
// says why it can never run as asked.
func BuildRestore(d dialect.Dialect, r RestoreInput) (Plan, error) {
	if d == nil {
		return Plan{}, errNoDialect
	}
	in := Input{
		Target: r.Target, DocID: r.Snapshot.DocID, Timestamp: r.Snapshot.Timestamp, Actor: r.Actor, Goose: r.Goose, Tool: r.Tool, Options: r.Options, Sample: r.Sample, Counted: r.Counted, Set: r.Set,
		Source: rowsource.Manifest{Name: r.Snapshot.Name(), Rows: r.Snapshot.Rows, SHA256: r.Snapshot.SHA256},
		Kind:   Kind{Name: string(OpRestore), Event: EventRestore},
	}
	matched, mismatch := matchSnapshot(d, r)
	b, err := newBuilder(d, in, OpRestore, matched, mismatch)
	if err != nil {
		return Plan{}, err
	}
	if b.from, err = b.sourceOf(r.Snapshot); err != nil {
		return Plan{}, err
	}
	b.from.undoes = r.Undoes
	p := b.replaceRows()
	p.Restored = &Restored{Version: r.Snapshot.Version, From: b.from.table.Ident, Columns: dialect.ColumnNames(matched.add)}
	if b.portable() {
		p.Restored.Where = b.from.where
	}
	if r.Snapshot.Count == CountedByRun {
		p.Restored.Rows = b.from.count(d)
	}
	return p, nil
}

// IsUndo reports whether the plan was made before the upload that it takes back, by
// [BuildUndo].
func (p Plan) IsUndo() bool { return p.Restored != nil && p.Restored.Rows != "" }

// matchSnapshot maps a version's columns to the table's.
func matchSnapshot(d dialect.Dialect, r RestoreInput) (columns, error) {
	var c columns
	if r.Target.Table == nil {
		return c, nil // the plan is refused for this
	}
	for _, name := range r.Snapshot.Columns {
		have, found := r.Target.Table.Column(name, d.SameName)
		kept, _ := r.Snapshot.Table.Column(name, d.SameName)
		switch {
		case found && have.Generated != "":
		case found:
			c.load = append(c.load, have)
		case r.LostColumns == BringBack:
			back := d.BackupColumn(kept)
			c.add, c.load = append(c.add, back), append(c.load, back)
		}
	}
	c.findLacking(*r.Target.Table)
	var missing []string
	for _, t := range r.Target.Table.Columns {
		if t.Required() && !slices.ContainsFunc(c.load, func(l dialect.Column) bool { return l.Name == t.Name }) {
			missing = append(missing, t.Name)
		}
	}
	switch {
	case len(missing) > 0:
		return c, fmt.Errorf("%s has no column %s, which the table has now, and which may not be NULL and has no default; give it one, or drop it", r.Snapshot.Name(), quoted(missing))
	case len(c.load) == 0:
		return c, errors.New(r.Snapshot.Name() + " and the table have no column in common")
	}
	return c, nil
}

// sourceOf finds the snapshot's rows by the names that the backup table has after the
// plan has created or widened it.
func (b builder) sourceOf(s SnapshotRows) (*snapshotSource, error) {
	if s.Layout == OwnLayout {
		return &snapshotSource{snapshot: s, table: s.Table, standsAlready: true}, nil
	}
	from := &snapshotSource{snapshot: s, table: b.backup.want}
	names := b.backup.names
	if s.Table.Ident == b.backup.want.Ident {
		stands := b.backup.have != nil && len(b.backup.rename) == 0
		if _, ok := s.Table.Column(names.Version, b.d.SameName); stands && ok {
			from.standsAlready = true
		}
	} else {
		places, err := ledger.FindMetadata(b.d, s.Table, b.table)
		if err != nil || !places.HasVersion() {
			return nil, &RefusedError{Table: b.ident(), Operation: b.op, Reasons: []string{fmt.Sprintf("%q, which holds %s, is no table that tablesnap made: %v", s.Table.Ident.Name, s.Name(), err)}}
		}
		from.table, from.standsAlready, names = s.Table, true, places.Names(s.Table)
	}
	switch {
	case b.portable():
		from.where = b.d.Quote(names.Version) + " = " + b.words.VarNumber(keptBack)
	case s.Version != nil:
		from.where = dialect.OfVersion(b.d, names.Version, *s.Version)
	default:
		from.where = ledger.OfUpload(b.d, names.Version, names.DocID, s.DocID, names.Timestamp, s.Timestamp)
	}
	return from, nil
}

// loadSnapshot copies the snapshot's rows.
func (b builder) loadSnapshot(into dialect.Ident) Step {
	c := dialect.Copy{From: b.from.table.Ident, To: into, Where: b.from.where}
	for _, col := range b.columns.load {
		read := b.d.Quote(c.From.Name) + "." + b.d.Quote(col.Name)
		if expr := b.retype(read, col); expr != read {
			c.Computed = append(c.Computed, dialect.Computed{Column: col.Name, Expr: expr})
		} else {
			c.Columns = append(c.Columns, col.Name)
		}
	}
	s := b.step(LoadRows, into, b.d.CopyRows(c))
	s.Note = "" // the note is about rows that an upload backs up
	s.Event = b.in.Kind.Event
	s.Details.Migration, s.Details.Undoes = b.in.Goose, b.from.undoes
	if b.portable() {
		s.LookedUp = []LookedUpDetail{{Field: "undoes", JSON: b.words.Var(keptUndone)}}
	}
	if b.stagesAhead() {
		if swapper, ok := dialect.As[dialect.Swapper](b.d); ok {
			s.Chunks = swapper.CopyInChunks(c, b.from.table, b.in.Target.RowsAtOnce(b.opts.ChunkRows, b.from.table.Ident))
		}
	}
	if b.shadowsAhead() {
		s.Chunks = b.swapper.CopyInChunks(c, b.from.table, b.in.Target.RowsAtOnce(b.opts.ChunkRows, b.from.table.Ident))
	}
	return s
}

// retype converts read, an expression for the snapshot's value, to an expression that c
// accepts.
func (b builder) retype(read string, c dialect.Column) string {
	if retyper, ok := dialect.As[dialect.Retyper](b.d); ok {
		return retyper.Retyped(read, b.keptAs(c), c)
	}
	return read
}

// keptAs is the snapshot's column with the values of c.
func (b builder) keptAs(c dialect.Column) dialect.Column {
	kept, _ := b.from.snapshot.Table.Column(c.Name, b.d.SameName)
	return kept
}

// uncounted reports whether the source's row count is still unknown.
func (b builder) uncounted() bool { return b.from != nil && b.from.snapshot.Count == CountedByRun }

// sourceAssertion asserts that the snapshot still has as many rows as were counted, or as
// were copied to it, if anybody has counted them.
func (b builder) sourceAssertion() Assertion {
	name, rows := b.from.table.Ident.Name, b.from.count(b.d)
	switch {
	case b.uncounted() && b.from.snapshot.Layout == OwnLayout: // nobody has counted a table that is kept
		return b.assertion(name+" is there", rows+" >= 0")
	case b.uncounted():
		return b.assertion(fmt.Sprintf("%s has the rows of %s that were copied to it", name, b.in.Source.Name),
			rows+" = "+ledger.RowsBackedUp(b.d, b.ident().Name, *b.from.snapshot.Version))
	}
	return b.assertion(fmt.Sprintf("%s has the %s of %s", name, dialect.Rows(b.in.Source.Rows), b.in.Source.Name), rows+" = "+strconv.FormatInt(b.in.Source.Rows, 10))
}

// loadAssertion asserts that the table has the source's rows.
func (b builder) loadAssertion(into dialect.Ident) Assertion {
	switch {
	case b.from != nil && b.portable():
		return b.assertion(into.Name+" holds as many rows as were backed up", dialect.CountRows(b.d, into)+" = "+b.words.VarNumber(keptBackRows))
	case b.uncounted():
		return b.assertion(into.Name+" holds as many rows as the source does", dialect.CountRows(b.d, into)+" = "+b.from.count(b.d))
	}
	says := fmt.Sprintf("%s holds %s, as the source does", into.Name, dialect.Rows(b.in.Source.Rows))
	return b.assertion(says, dialect.CountRows(b.d, into)+" = "+strconv.FormatInt(b.in.Source.Rows, 10))
}

// valueAssertions compare the values of columns whose type differs from the snapshot's,
// since a database may convert values silently.
func (b builder) valueAssertions(into dialect.Ident) []Assertion {
	if b.from == nil {
		return nil
	}
	var names []string
	var changed []retyped
	for _, c := range b.columns.load {
		if !b.retyped(c) {
			continue
		}
		kept := b.keptAs(c)
		if ok, _ := b.d.CanStore(*b.table, b.from.snapshot.Table, c, kept); !ok || b.comparesLoad() {
			names, changed = append(names, c.Name), append(changed, retyped{Kept: kept, Now: c})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return []Assertion{b.assertion("the values of "+strings.Join(names, ", ")+", whose type was another, are those of "+b.in.Source.Name,
		hasAll(b.d, into, b.from.table.Ident, b.from.where, changed))}
}
