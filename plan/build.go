package plan

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Build plans an upload. A *RefusedError says why it can never run as asked. Hazards are
// part of the plan, and [Plan.Refused] returns those that were not allowed.
func Build(d dialect.Dialect, in Input) (Plan, error) {
	if d == nil {
		return Plan{}, errNoDialect
	}
	in.Kind = in.Kind.orAnyTable()
	if in.Options.Binding == BoundToNone {
		in = anyVersion(d, in)
	}
	matched, mismatch := matchColumns(d, in)
	b, err := newBuilder(d, in, OpUpload, matched, mismatch)
	if err != nil {
		return Plan{}, err
	}
	return b.replaceRows(), nil
}

// replaceRows is the plan of an upload or a restore.
func (b builder) replaceRows() Plan {
	steps := number(concat(b.runBefore(), aroundTheLoad(b.steps()), b.runAfter()))
	preserve := number(b.preserve(), len(steps))
	assert(b, steps, preserve)
	p := b.plan()
	p.Groups = b.group(b.reviewAssertions(), steps)
	if b.portable() {
		p.Groups = backupAssertedOnce(p.Groups)
	}
	p.Preserve = preserve
	describe(p.Groups, p.Upload.Table.Name)
	describe([]Group{{Steps: preserve}}, p.Upload.Table.Name)
	return p
}

// steps are the strategy's steps in the order in which people think of them.
func (b builder) steps() []Step {
	switch {
	case b.swaps():
		return b.swapSteps()
	case b.syncs():
		return b.syncSteps()
	}
	return concat(
		b.createTable(),
		b.createBackup(),
		b.copyToBackup(),
		b.clear(),
		b.dropFirst(),
		b.addColumns(b.ident()),
		b.dropEachIndex(),
		b.load(b.ident()),
		b.createEachIndex(),
		b.advanceSequences(b.ident()),
		b.checks(b.ident()),
		b.dropLast(),
		b.retention(),
	)
}

// swaps reports whether the rows are loaded into a shadow table. A table that the upload
// creates is never swapped.
func (b builder) swaps() bool { return b.opts.Strategy == dialect.Swap && b.table != nil }

// shadowsAhead reports whether the shadow is loaded in transactions of its own.
func (b builder) shadowsAhead() bool { return b.swaps() && !b.remakes() }

// replacesBy is how the rows of the table are replaced, if they are.
func (b builder) replacesBy() dialect.Strategy {
	if b.op.replacesRows() {
		return b.opts.Strategy
	}
	return dialect.NoStrategy
}

// opened is the table that a transaction locks from its start, so that nobody alters it.
// A swap whose shadow is loaded ahead does not lock it.
func (b builder) opened() dialect.Table {
	if b.shadowsAhead() {
		return dialect.Table{}
	}
	return b.tableNow()
}

// builder has everything that the steps of one upload are made from.
type builder struct {
	d       dialect.Dialect
	op      Operation
	in      Input
	opts    Options
	table   *dialect.Table // nil if the upload creates the table
	backup  backup
	columns columns
	from    *snapshotSource // set for a restore
	// swapper or remaker is set if the strategy is swap, sync if it is sync, and words if the
	// plan is portable.
	swapper dialect.Swapper
	remaker dialect.Remaker
	sync    sync
	words   dialect.PortableDialect
}

// newBuilder checks what can be checked before the steps exist. mismatch is the error if
// the source's columns do not fit the table's.
func newBuilder(d dialect.Dialect, in Input, op Operation, matched columns, mismatch error) (builder, error) {
	b := builder{d: d, op: op, in: in, opts: in.Options.withDefaults(d), table: in.Target.Table, columns: matched}
	refused := append(refusals(d, op, in), b.unsupported()...)
	if lacks := b.lacks(); lacks != nil && len(refused) == 0 {
		refused = []error{lacks}
	}
	refused = append(refused, b.refuseChunks()...)
	if mismatch != nil {
		refused = append(refused, mismatch)
	} else if err := b.tooLarge(); err != nil {
		refused = append(refused, err)
	}
	if b.table != nil {
		var err error
		if b.backup, err = planBackup(d, *b.table, in.Target.Backup); err != nil {
			refused = append(refused, err)
		}
	}
	if op == OpUpload && mismatch == nil {
		refused = append(refused, refuseChecks(d, in, matched)...)
	}
	if b.syncs() && len(refused) == 0 {
		if err := b.planSync(); err != nil {
			refused = append(refused, err)
		}
	}
	refused = append(refused, b.refuseAround()...)
	refused = append(refused, b.refuseBackupMode()...)
	refused = append(refused, reasons(b.badNames()...)...)
	if b.opts.Clear == ClearByTruncate {
		refused = append(refused, reasons(b.noTruncate()...)...)
	}
	if len(refused) > 0 {
		return b, refuse(in.Target.Ident, op, refused)
	}
	return b, nil
}

// lacks sets the optional interfaces that the plan needs. It returns an error if the
// family lacks one.
func (b *builder) lacks() error {
	var swaps, remakes, ok bool
	b.swapper, swaps = dialect.As[dialect.Swapper](b.d)
	b.remaker, remakes = dialect.As[dialect.Remaker](b.d)
	switch name := b.d.Facts().Name; {
	case b.opts.Strategy != dialect.Swap || swaps:
	case !remakes:
		return fmt.Errorf("%s does not swap", name)
	case b.opts.Backup != BackupTable:
		return remediedBy(RemedyKeepTable, "%s does not swap, unless the old table is kept as the snapshot: in place, the upload is one transaction as well", name)
	}
	if b.sync.syncer, ok = dialect.As[dialect.Syncer](b.d); b.opts.Strategy == dialect.Sync && !ok {
		return fmt.Errorf("the strategy sync is not yet there for %s; take %s", b.d.Facts().Name, b.d.Facts().Strategies[0])
	}
	if b.words, ok = dialect.ToPortable(b.d); b.portable() && !ok {
		return noPortable(b.d)
	}
	return nil
}

func (b builder) ident() dialect.Ident { return b.in.Target.Ident }

// replaces returns the number of the version that the upload replaces.
func (b builder) replaces() *int64 {
	if b.table == nil {
		return nil
	}
	n := int64(0)
	if last := b.in.Target.Ledger.Last; last != nil {
		n = last.Number
	}
	return &n
}

func (b builder) version() int64 {
	if last := b.in.Target.Ledger.Last; last != nil {
		return last.Number + 1
	}
	return 1
}

func (b builder) tableNow() dialect.Table {
	if b.table == nil {
		return dialect.Table{Ident: b.ident()}
	}
	return *b.table
}

func (b builder) plan() Plan {
	t := b.in.Target
	p := Plan{
		Format:    Format,
		Tool:      b.in.Tool,
		Operation: b.op,
		Set:       b.in.Set,
		Binding:   b.opts.Binding,
		Upload: Upload{
			Table: t.Ident, Kind: b.in.Kind, DocID: b.in.DocID, Timestamp: b.in.Timestamp,
			Source: b.in.Source, Actor: b.in.Actor,
			Version: b.version(), Replaces: b.replaces(), Strategy: b.opts.Strategy,
			Backup: b.backupMode(), OnBackupFailure: b.opts.OnBackupFailure, OnDropColumnFailure: b.opts.OnDropColumnFailure,
			Clear: b.opts.Clear, DropColumns: b.opts.DropColumns,
			MaxShrink: *b.opts.MaxShrink, Allow: b.opts.Allow, Key: b.sync.key.Columns, MaxChange: b.maxChange(), Keeps: b.keeps(),
			MaxBadRows: b.opts.MaxBadRows, Checks: b.opts.checksOf(b.op),
		},
		Server:  t.Server,
		Backup:  t.Backup,
		Ledger:  t.Ledger,
		Session: wrapped(b.d.Session(dialect.SessionOptions{LockTimeout: b.opts.LockTimeout, Schema: t.Ident.Schema, Cluster: t.Server.Cluster})),
	}
	p.Lock, p.Unlock = dialect.LockRun(b.d, t.Ident, b.opts.LockTimeout)
	p.Lock = wrapped(p.Lock)
	if b.table != nil {
		now := b.table.Shape()
		if len(b.columns.drop) == 0 {
			now = now.WithoutDropBreaks()
		}
		p.Table, p.TableHash = &now, now.Hash()
	}
	if checker, ok := dialect.As[dialect.SchemaChecker](b.d); ok {
		p.Place = []Assertion{b.assertion(fmt.Sprintf("tablesnap's own tables are in %q, where %s is (?search_path=%s in the DSN leads there)", t.Ident.Schema, t.Ident.Name, t.Ident.Schema), checker.OwnTablesBeside(t.Ident))}
	}
	if locker, ok := dialect.As[dialect.SessionLocker](b.d); ok { // otherwise such runs have left nothing behind
		p.LeaseFor, p.LockTimeout = b.opts.Lease, b.opts.LockTimeout
		p.NoneCutOff, p.NoneOther = b.noneOpen(locker)
	}
	_, p.Retention = b.retained()
	p.Hazards = b.hazards()
	p.Warnings = b.warnings()
	return p
}

// noneOpen are the assertions that no other run has the table, or has left something
// behind in it: before the run begins, and again once it has the lease.
func (b builder) noneOpen(locker dialect.SessionLocker) (before, again []Assertion) {
	name := b.ident().Name
	cutOff := "no earlier run on " + name + " was cut off (tablesnap recover brings it to its end)"
	return []Assertion{
			b.assertion("no run has "+name+" on another node", ledger.NoLeaseElsewhere(b.d, locker, name)),
			b.assertion(cutOff, ledger.NoOpenRun(b.d, name)),
		},
		[]Assertion{b.assertion(cutOff, ledger.NoOtherOpenRun(b.d, name))}
}

func (b builder) createTable() []Step {
	if b.table != nil {
		return nil
	}
	return []Step{b.step(CreateTable, b.ident(), b.d.CreateTable(b.newTable()))}
}

func (b builder) createBackup() []Step {
	if b.table == nil {
		return nil
	}
	steps := b.backup.steps(b)
	if b.portable() {
		steps = b.createMissingBackup()
	}
	for i := range steps {
		steps[i].Stage, steps[i].OnFailure = BackupStage, b.opts.OnBackupFailure
	}
	return steps
}

func (b builder) copyToBackup() []Step {
	if b.table == nil {
		return nil
	}
	s := b.copyStep(CopyToBackup, b.ident(), b.backup.want, b.backup.names)
	s.Stage, s.OnFailure = BackupStage, b.opts.OnBackupFailure
	return []Step{s}
}

// preserve plans the replacement for a failed backup: the same rows and columns in a new
// table.
func (b builder) preserve() []Step {
	if b.table == nil || b.opts.OnBackupFailure != Preserve {
		return nil
	}
	ident := b.preserved()
	if b.swaps() {
		return []Step{b.keepOld(ident)}
	}
	t := b.d.BackupTable(*b.table, ident, metadataNames(b.d, *b.table))
	return []Step{
		b.step(CreatePreserve, ident, b.d.CreateTable(t)),
		b.copyStep(CopyToPreserve, b.ident(), t, ledger.NewMetadata().Names(t)),
	}
}

// preserved is the table that gets the old rows if their backup fails.
func (b builder) preserved() dialect.Ident {
	return b.ident().InSchemaOf(ledger.FreePreservedName(b.d, b.in.Target, *b.replaces()))
}

func (b builder) copyStep(k StepKind, from dialect.Ident, to dialect.Table, names MetadataColumns) Step {
	copied, lookedUp := b.snapshotDetails(Details{Table: to.Ident.Name, From: from.Name, Columns: dialect.ColumnNames(b.table.Columns)})
	s := b.step(k, to.Ident, b.d.CopyRows(b.snapshotCopy(copied, from, to.Ident, names)))
	s.Event, s.Details, s.LookedUp = EventBackup, copied, lookedUp
	return s
}

// snapshotCopy is the copy that a step of copyStep makes.
func (b builder) snapshotCopy(copied Details, from, to dialect.Ident, names MetadataColumns) dialect.Copy {
	c := SnapshotCopy(copied, from, to, names)
	switch {
	case b.portable():
		c.Fixed, c.Computed = nil, b.lookedUpMetadata(names)
	case b.timestampToCome():
		c.Fixed = slices.DeleteFunc(c.Fixed, func(f dialect.FixedValue) bool { return f.Column == names.Timestamp })
		c.Computed = []dialect.Computed{{Column: names.Timestamp, Expr: b.lastTimestamp()}}
	}
	if b.syncs() && !b.always() { // nothing is copied if nothing differs
		c.Where = "EXISTS (SELECT 1 FROM " + b.d.QuoteTable(b.sync.list.Ident) + ")"
	}
	return c
}

func (b builder) addColumns(to dialect.Ident) []Step {
	var steps []Step
	for _, c := range b.columns.add {
		s := b.step(AddColumn, to, dialect.AddColumn(b.d, to, c))
		s.Details.Columns = []string{c.Name}
		steps = append(steps, s)
	}
	return steps
}

func (b builder) load(into dialect.Ident) []Step {
	if b.from != nil {
		return []Step{b.loadSnapshot(into)}
	}
	l := dialect.Load{Server: b.in.Target.Server, Table: b.tableNow(), Columns: b.columns.load}
	if !b.syncs() {
		l.Fixed = b.placeholders()
	}
	l.Table.Ident = into
	s := b.step(LoadRows, into, dialect.Stmt{SQL: b.d.LoadShape(l)})
	s.Event = b.in.Kind.Event
	s.Details.Migration = b.in.Goose
	s.Load = &LoadSpec{Columns: dialect.ColumnNames(l.Columns), New: b.columns.add, Fixed: l.Fixed, Rows: b.in.Source.Rows, SHA256: b.in.Source.SHA256}
	if b.table == nil {
		s.Load.New = b.columns.load
	}
	if b.shadowsAhead() || b.stagesAhead() {
		s.Load.ChunkRows = b.in.Target.Server.RowsAtOnce(b.opts.ChunkRows, b.sourceRowBytes())
	}
	if b.comparesLoad() {
		s.Load.Twin = b.twin()
	}
	return []Step{s}
}

// sourceRowBytes is the average size of a row in the file, and no less than that of the
// table's rows: a file may be compressed, or there may be none.
func (b builder) sourceRowBytes() int64 {
	return max(b.in.Source.Bytes/max(b.in.Source.Rows, 1), b.in.Target.RowBytes[b.ident().Name])
}

// placeholders are values for required columns that are dropped only after the load.
func (b builder) placeholders() []dialect.FixedValue {
	var fixed []dialect.FixedValue
	for _, name := range b.columns.drop {
		c, _ := b.table.Column(name, b.d.SameName)
		if c.Required() && !b.swaps() && (b.dropsLast() || dialect.DropColumn(b.d, b.ident(), name).AutoCommits) {
			fixed = append(fixed, dialect.FixedValue{Column: name, Value: b.d.Placeholder(c)})
		}
	}
	return fixed
}

func (b builder) step(k StepKind, table dialect.Ident, s dialect.Stmt) Step {
	return Step{Kind: k, Table: table, SQL: dialect.Wrap(s.SQL), AutoCommits: s.AutoCommits, Note: s.Note, Details: Details{Table: table.Name}}
}

// number numbers the steps, from after+1.
func number(steps []Step, after ...int) []Step {
	from := 1
	for _, n := range after {
		from += n
	}
	for i := range steps {
		steps[i].Seq = from + i
		steps[i].ID = fmt.Sprintf("%02d-%s", steps[i].Seq, steps[i].Kind)
		steps[i].Setup = wrapped(steps[i].Setup)
		steps[i].Chunks = wrappedChunks(steps[i].Chunks)
	}
	return steps
}

func concat(parts ...[]Step) []Step { return slices.Concat(parts...) }
