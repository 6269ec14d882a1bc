package plan

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// What a plan that is bound to columns looks up before its run.
const (
	keptNewest    = "newest"    // the number of the newest version
	keptRows      = "rows"      // the version's row count, from the run that made it
	keptDoc       = "doc"       // the doc_id of the upload that the rows came from
	keptTimestamp = "timestamp" // the upload_timestamp of that upload
	// The version that a restore brings back, its rows, and the upload that they came
	// from.
	keptBack          = "back"
	keptBackRows      = "back_rows"
	keptBackSHA256    = "back_sha256"
	keptBackDoc       = "back_doc"
	keptBackTimestamp = "back_timestamp"
	keptUndone        = "undone" // the run that a restore undoes
	// keptSession is set in the script's session from its start to its end.
	keptSession = "session"
)

// portable reports whether the plan runs in databases that were not inspected.
func (b builder) portable() bool { return b.opts.Binding == BoundToColumns }

// anywhere is the part of a target that is the same in every database in which a plan
// bound to columns may run.
func anywhere(d dialect.PortableDialect, t dialect.Target) dialect.Target {
	found := t
	found.Ident = d.Unqualified(t.Ident)
	found.Ledger, found.EstimatedRows, found.Counter, found.Preserved = dialect.Ledger{}, nil, nil, nil
	found.Backup = nil
	if t.Table != nil {
		table := *t.Table
		table.Ident = d.Unqualified(table.Ident)
		found.Table = &table
	}
	return found
}

// createMissingBackup creates the backup table if it is missing.
func (b builder) createMissingBackup() []Step {
	t := b.backup.want
	setup, index := b.words.CreateMissingIndex(t.Ident, dialect.Index{Name: ledger.SnapshotIndex(b.d, t.Ident.Name), Columns: []string{b.backup.names.Version}})
	s := b.step(CreateBackup, t.Ident, index)
	s.Setup = setup
	return []Step{b.step(CreateBackup, t.Ident, b.words.CreateMissing(t)), s}
}

// lookedUpMetadata are the metadata columns of a snapshot's rows, from the looked-up
// values.
func (b builder) lookedUpMetadata(m MetadataColumns) []dialect.Computed {
	return []dialect.Computed{
		{Column: m.DocID, Expr: b.words.Var(keptDoc)}, {Column: m.Timestamp, Expr: b.words.Var(keptTimestamp)}, {Column: m.Version, Expr: b.words.VarNumber(keptNewest)},
	}
}

// columnAssertions assert that the table has the reviewed columns in any order, and that
// the backup table, if there is one, has the columns that it needs.
func (b builder) columnAssertions() []Assertion {
	// The assertion of the shape is the last; see bindToReview.
	return []Assertion{b.backupAssertion(), b.assertion(b.ident().Name+" has the columns, triggers and references that were reviewed", b.hasShape(*b.table))}
}

// backupAssertion asserts that the backup table is missing, or has the columns that it
// needs. Its metadata columns are looked up by name, so another program's table may have
// them.
func (b builder) backupAssertion() Assertion {
	t, m := b.backup.want, b.backup.names
	names := dialect.ColumnNames(t.Columns)
	cond := fmt.Sprintf("%s = %d", b.words.CountNamed(t.Ident, names), len(names))
	if b.op == OpRestore {
		return b.assertion(t.Ident.Name+" has every column", cond)
	}
	kept := t.Without([]string{m.ID, m.DocID, m.Timestamp, m.Version}).Columns
	cond = fmt.Sprintf("(%s = 0 OR %s AND %s = %d)", b.words.CountColumns(t.Ident, nil), cond, b.words.CountColumns(t.Ident, kept), len(kept))
	return b.assertion(t.Ident.Name+" can hold every column ("+howToWiden+")", cond)
}

const howToWiden = "if it is older than a column, tablesnap backup brings it up to date"

// backupAssertedOnce asserts the backup table only in the first group: a backup table
// that the plan itself has created may have wider columns than it needs.
func backupAssertedOnce(groups []Group) []Group {
	for i := range groups[1:] {
		if before := groups[i+1].Before; len(before) > 0 {
			groups[i+1].Before = before[len(before)-1:]
		}
	}
	return groups
}

// hasShape is an SQL condition that is true if the table is as reviewed.
func (b builder) hasShape(t dialect.Table) string {
	if !b.portable() {
		return b.d.HasShape(t)
	}
	n := strconv.Itoa(len(t.Columns))
	return b.words.CountColumns(t.Ident, nil) + " = " + n + " AND " + b.words.CountColumns(t.Ident, t.Columns) + " = " + n + " AND " + b.words.HasDependents(t)
}

// snapshotAssertion asserts that the backup has the rows that were copied, and had none
// of this version before.
func (b builder) snapshotAssertion(copied *Step) Assertion {
	return b.assertion(copied.Table.Name+" has the rows that were copied",
		dialect.RowsWhere(b.d, copied.Table, b.d.Quote(b.backup.names.Version)+" = "+b.words.VarNumber(keptNewest))+" = "+ledger.StepRows(b.d, copied.Seq))
}

// sessionAssertions assert that the session is still the script's. The client may have
// lost the session and continued in a new one with other settings.
func (b builder) sessionAssertions() []Assertion {
	if !b.portable() {
		return nil
	}
	return []Assertion{sameSession(b.words)}
}

func sameSession(d dialect.PortableDialect) Assertion {
	const says = "this is the session in which the migration began, and its run"
	return assertion(d, says, d.Var(keptSession)+" IS NOT NULL AND "+ledger.RunIs(d, ledger.Started))
}

// lookUp looks up what a plan bound to columns needs, and asserts that it fits. Undoes is
// the plan whose run a restore undoes, or nil for an upload.
func (p Plan) lookUp(d dialect.PortableDialect, undoes *Plan) LookUp {
	table := p.Upload.Table.Name
	of := func(column, version string) string { return ledger.OfRun(d, column, table, version) }
	newest, back := d.VarNumber(keptNewest), d.VarNumber(keptBack)
	keep := [][2]string{
		{keptNewest, ledger.NewestVersion(d, table)},
		{keptRows, of("rows_loaded", newest)},
		{keptDoc, "nullif(" + of("doc_id", newest) + ", '')"},
		{keptTimestamp, "CASE WHEN " + d.Var(keptDoc) + " IS NOT NULL THEN " + of("upload_timestamp", newest) + " END"},
	}
	if undoes != nil {
		undone := d.VarNumber(keptUndone)
		keep = append(keep, [][2]string{
			{keptUndone, ledger.Undoable(d, table, undoes.gooseMigration(), undoes.Hash())},
			{keptBack, ledger.OfRunID(d, "version_replaced", undone)},
			{keptBackRows, ledger.OfRunID(d, "rows_backed_up", undone)},
			{keptBackSHA256, of("source_sha256", back)},
			{keptBackDoc, "nullif(" + of("doc_id", back) + ", '')"},
			{keptBackTimestamp, "CASE WHEN " + d.Var(keptBackDoc) + " IS NOT NULL THEN " + of("upload_timestamp", back) + " END"},
		}...)
	}
	var stmts []dialect.Stmt
	for _, k := range keep {
		for _, s := range d.SetVar(k[0], k[1]) {
			if !slices.Contains(stmts, s) { // shared preparation is written once
				stmts = append(stmts, s)
			}
		}
	}
	assertions := p.unchangedSinceAssertions(d)
	if undoes != nil {
		assertions = append(assertions, p.undoAssertions(d)...)
	}
	return LookUp{Stmts: stmts, Assertions: assertions}
}

// gooseMigration is the goose migration that runs the plan, or nil if it is unknown.
func (p Plan) gooseMigration() *GooseMigration {
	load, _ := p.Find(LoadRows)
	return load.Details.Migration
}

// unchangedSinceAssertions assert that the table does not already hold this file, unless
// that is allowed.
func (p Plan) unchangedSinceAssertions(d dialect.PortableDialect) []Assertion {
	if p.Operation != OpUpload || slices.Contains(p.Upload.Allow, SameFile) {
		return nil
	}
	says := fmt.Sprintf("%s holds another file than %s (hazard %s; to upload it again, plan it with that hazard allowed)", p.Upload.Table.Name, p.Upload.Source.Name, SameFile)
	cond := "coalesce(" + ledger.OfRun(d, "source_sha256", p.Upload.Table.Name, d.VarNumber(keptNewest)) + ", '') <> " + d.Literal(rowsource.Text(p.Upload.Source.SHA256))
	different := assertion(d, says, cond)
	different.Hazard = SameFile
	return []Assertion{different}
}

// undoAssertions assert that the database still has what a restore brings back.
func (p Plan) undoAssertions(d dialect.PortableDialect) []Assertion {
	return []Assertion{
		assertion(d, "an upload of this migration that was not taken back has replaced a version here", d.VarNumber(keptBack)+" IS NOT NULL"),
		assertion(d, "its rows are in the backup", dialect.RowsWhere(d, p.Restored.From, p.Restored.Where)+" = "+d.VarNumber(keptBackRows)),
	}
}

// lookedUp are the columns of the run's row that are looked up in the database.
func (p Plan) lookedUp(in dialect.Dialect) map[string]string {
	d, ok := dialect.ToPortable(in)
	if !ok || p.Binding != BoundToColumns {
		return nil
	}
	newest := d.VarNumber(keptNewest)
	values := map[string]string{"version_made": newest + " + 1", "version_replaced": newest}
	if p.Operation == OpRestore {
		values["doc_id"] = "coalesce(" + d.Var(keptBackDoc) + ", '')"
		values["upload_timestamp"] = "coalesce(" + d.Var(keptBackTimestamp) + ", " + d.Ledger().Now + ")"
		values["source_name"] = d.Concat(d.Literal(rowsource.Text(oneVersion)), d.Var(keptBack))
		values["source_rows"] = d.VarNumber(keptBackRows)
		values["source_sha256"] = "coalesce(" + d.Var(keptBackSHA256) + ", '')"
	}
	return values
}

// Migration is an upload and its undo, for every database in which the table has the
// reviewed columns.
type Migration struct{ Up, Down Plan }

// Programs returns the instructions of Up and Down.
func (m Migration) Programs(d dialect.Dialect) (up, down Program, err error) {
	words, ok := dialect.ToPortable(d)
	if !ok {
		return nil, nil, noPortable(d)
	}
	return m.Up.portableProgram(words, nil), m.Down.portableProgram(words, &m.Up), nil
}

func noPortable(d dialect.Dialect) error {
	return fmt.Errorf("a script for databases that nobody has inspected cannot be written for %s", d.Facts().Name)
}

// BuildMigration plans an upload and the restore of the version before it. The dialect is
// one of [dialect.InExternalTx].
func BuildMigration(d dialect.Dialect, in Input) (Migration, error) {
	if d == nil {
		return Migration{}, errNoDialect
	}
	if err := migratable(d, in); err != nil {
		return Migration{}, err
	}
	words, ok := dialect.ToPortable(d)
	if !ok {
		return Migration{}, noPortable(d)
	}
	in.Target = anywhere(words, in.Target)
	in.Options = migrationOptions(d, in.Options)
	matched, _ := matchColumns(d, in)
	up, err := Build(d, in)
	if err != nil {
		return Migration{}, err
	}
	backup, err := planBackup(d, *in.Target.Table, nil)
	if err != nil {
		return Migration{}, err
	}
	backup.want.Indexes = []dialect.Index{{Name: ledger.SnapshotIndex(d, backup.want.Ident.Name), Columns: []string{backup.names.Version}}}
	after := in.Target
	table := after.Table.Without(matched.drop)
	after.Table, after.Backup = &table, &backup.want
	o := in.Options
	o.Allow = append(slices.Clone(o.Allow), EmptySource, Shrinks, MostChanged)
	version := int64(0) // looked up by the script
	down, err := BuildRestore(d, RestoreInput{Target: after, Actor: in.Actor, Goose: in.Goose, Tool: in.Tool, Options: o, Snapshot: SnapshotRows{
		Version: &version, Table: backup.want, Layout: BackupLayout, Columns: dialect.ColumnNames(in.Target.Table.StoredColumns()),
	}})
	return Migration{Up: up, Down: down}, err
}

// migrationOptions adapts the options. A script cannot continue after a failure. If the
// database commits definitions by itself, each statement must be safe alone, so the
// script swaps.
func migrationOptions(d dialect.Dialect, o Options) Options {
	o.Binding = BoundToColumns
	o.OnBackupFailure, o.OnDropColumnFailure = Abort, Abort
	if o.Strategy == "" && d.Facts().CommitsDefinitions {
		o.Strategy = dialect.Swap
	}
	return o
}

// migratable returns an error for what a script for any database cannot do.
func migratable(d dialect.Dialect, in Input) error {
	var why []error
	add := func(format string, args ...any) { why = append(why, fmt.Errorf(format, args...)) }
	if in.Target.Table == nil {
		add("the table does not exist; make it with a migration ahead of this one, and plan where that has run")
	}
	if in.Options.NewColumns == AddNewColumns {
		add("a goose migration in SQL adds no columns to the table; add them with a migration ahead of this one")
	}
	if !in.Options.Retention.isZero() {
		add("a goose migration in SQL deletes no old snapshots, since each database has others; leave the retention away, and run tablesnap prune")
	}
	if in.Options.Strategy == dialect.Sync && d.Facts().CommitsDefinitions {
		why = append(why, fmt.Errorf("goose in %s keeps no session, in which the transaction of a sync could be left open; use a migration in Go (exec/migration)", d.Facts().Name))
	}
	if in.Options.Strategy == dialect.InPlace && d.Facts().CommitsDefinitions {
		why = append(why, remediedBy(RemedySwap, "goose in %s keeps no session, in which a transaction of an upload in place could be left open; use the strategy swap, or a migration in Go (exec/migration)", d.Facts().Name))
	}
	if in.Target.Table != nil && in.Target.Backup != nil {
		if b, err := planBackup(d, *in.Target.Table, in.Target.Backup); err == nil && len(b.add)+len(b.rename) > 0 || err == nil && b.rebuild == rebuildNeeded {
			add("the backup table %q is older than a column of the table; bring it up to date with tablesnap backup", in.Target.Backup.Ident.Name)
		}
	}
	if len(why) > 0 {
		return refuse(in.Target.Ident, OpUpload, why)
	}
	return nil
}
