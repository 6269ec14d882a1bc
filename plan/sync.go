package plan

import (
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// sync is what the steps of a sync have in common.
type sync struct {
	syncer dialect.Syncer
	key    dialect.SyncKey
	// stage has the new rows, and list the keys of the rows that differ, with what is to
	// be done about them in the column what.
	stage, list             dialect.Table
	createStage, createList []dialect.Stmt
	what                    string
}

// What a sync does about a row.
const (
	listDelete = "delete"
	listUpdate = "update"
	listInsert = "insert"
	// listPark updates a row whose unique value another row has until then: its own is
	// NULL in between. listReplace deletes it, and inserts it again. listStuck can do
	// neither.
	listPark    = "park"
	listReplace = "replace"
	listStuck   = "stuck"
)

// syncs reports whether only rows that differ are written. A table that the upload creates
// is loaded.
func (b builder) syncs() bool { return b.opts.Strategy == dialect.Sync && b.table != nil }

// planSync finds the key, and makes the definitions of the two tables.
func (b *builder) planSync() error {
	key, err := syncKey(b.d, b.in, b.columns.load)
	if err != nil {
		return err
	}
	s := &b.sync
	s.key = dialect.SyncKey{Table: *b.table, Columns: key}
	stage := dialect.Table{Ident: b.beside(dialect.StageSuffix), Kind: dialect.BaseTable, Traits: b.table.Traits}
	for _, c := range b.columns.load {
		stage.Columns = append(stage.Columns, b.d.BackupColumn(c))
	}
	list := dialect.Table{Ident: b.beside(dialect.ListSuffix), Kind: dialect.BaseTable}
	for _, name := range key {
		c, _ := stage.Column(name, b.d.SameName)
		list.Columns = append(list.Columns, c)
	}
	s.what = dialect.FreeName(b.d.SameName, "tablesnap_", "what", list)
	list.Columns = append(list.Columns, b.d.NewColumn(dialect.Table{}, dialect.New{Name: s.what, KeyTexts: 1}))
	s.stage, s.createStage = s.syncer.CreateStage(stage, s.key)
	s.list, s.createList = s.syncer.CreateList(list, s.key)
	return nil
}

func (b builder) beside(suffix string) dialect.Ident {
	return b.ident().InSchemaOf(dialect.SuffixedName(b.d, b.ident().Name, suffix))
}

// stagesAhead reports whether the stage is a table of its own, which is made and loaded in
// transactions ahead: where definitions commit by themselves.
func (b builder) stagesAhead() bool { return b.syncs() && b.d.Facts().CommitsDefinitions }

// syncSteps compare before they back up: if no row differs, nothing is written to the
// table or its backup.
func (b builder) syncSteps() []Step {
	stage := concat(b.addColumns(b.ident()), b.createStage(b.sync.stage, b.sync.createStage))
	load, list := b.load(b.sync.stage.Ident), b.createStage(b.sync.list, b.sync.createList)
	compare := concat(stage, list, load, b.compareRows(), b.createBackup())
	if b.stagesAhead() { // the comparison holds only under the lock under which the rows change
		compare = concat(stage, load, list, b.createBackup(), b.compareRows())
	}
	return concat(
		compare,
		b.copyToBackup(),
		b.detachRows(),
		b.changeRows(),
		b.advanceSequences(b.ident()),
		b.checks(b.ident()),
		b.dropColumns(b.ident()),
		b.dropStages(),
		b.retention(),
	)
}

// changeRows deletes first, so that new rows may have the values of deleted ones. But where
// rows of the set's other tables may refer to a deleted one until they are changed
// themselves, it deletes last.
func (b builder) changeRows() []Step {
	write := concat(b.parkRows(), b.updateRows(), b.insertRows(), b.attachRows())
	if b.deletesLast() {
		return concat(write, b.deleteRows())
	}
	return concat(b.deleteRows(), write)
}

func (b builder) deletesLast() bool {
	return slices.ContainsFunc(b.table.ReferencedBy, func(f dialect.ForeignKey) bool {
		return b.in.Set.hasOther(b.d, f.Table, b.ident()) && (!f.Waits || f.ChangesRows())
	})
}

// lastChange is the kind of the step after which the table is equal to the source.
func (b builder) lastChange() StepKind {
	switch {
	case b.deletesLast():
		return DeleteRows
	case len(b.attachRows()) > 0:
		return AttachRows
	default:
		return InsertRows
	}
}

// always reports whether a sync changes the table even if no row differs.
func (b builder) always() bool { return len(b.columns.add)+len(b.columns.drop) > 0 }

func (b builder) createStage(made dialect.Table, stmts []dialect.Stmt) []Step {
	var steps []Step
	for i, create := range stmts {
		s := b.step(CreateStage, made.Ident, create)
		if drop := b.sync.syncer.DropStage(made.Ident); i == 0 && drop.SQL != "" {
			s.Setup = []dialect.Stmt{drop}
		}
		steps = append(steps, s)
	}
	return steps
}

func (b builder) dropStages() []Step {
	var steps []Step
	for _, t := range []dialect.Table{b.sync.list, b.sync.stage} {
		steps = append(steps, b.step(DropStage, t.Ident, dialect.DropTable(b.d, t.Ident)))
	}
	return steps
}

// The tables in the statements of a sync.
func (b builder) standing() string { return dialect.Aliased(b.d, b.ident(), dialect.StandingAlias) }
func (b builder) staged() string {
	return dialect.Aliased(b.d, b.sync.stage.Ident, dialect.StagedAlias)
}

func (b builder) sameKeys(a, other string) string {
	return dialect.SameKeys(b.d, b.sync.syncer, b.sync.key, a, other)
}

// of is a column of one of the aliases.
func (b builder) of(alias, column string) string { return b.d.Quote(alias) + "." + b.d.Quote(column) }

func (b builder) keyOf(alias string) string {
	names := make([]string, len(b.sync.key.Columns))
	for i, c := range b.sync.key.Columns {
		names[i] = b.of(alias, c)
	}
	return strings.Join(names, ", ")
}

// noRow is true if an outer join has found no row of the alias.
func (b builder) noRow(alias string) string {
	return b.of(alias, b.sync.key.Columns[0]) + " IS NULL"
}

// pair is a row of the table, and the new one of the same key.
func (b builder) pair() compare.Pair {
	return compare.Pair{
		A: compare.Contents{Table: *b.table, Columns: b.columns.load}, AliasA: dialect.StandingAlias,
		B: compare.Contents{Table: b.sync.stage, Columns: b.columns.load}, AliasB: dialect.StagedAlias,
		SameTypes: true,
	}
}

func (b builder) differ() string { return b.pair().Differ(b.d, b.sync.syncer) }

func (b builder) literal(text string) string { return b.d.Literal(rowsource.Text(text)) }

// compareRows fills the list.
func (b builder) compareRows() []Step {
	what := "CASE WHEN " + b.noRow(dialect.StagedAlias) + " THEN " + b.literal(listDelete)
	for _, m := range b.moves() {
		what += "\n  WHEN " + m.cond + " THEN " + b.literal(m.what)
	}
	what += " ELSE " + b.literal(listUpdate) + " END"
	columns := slices.Concat([]string{b.sync.what}, b.sync.key.Columns)
	for i := range columns {
		columns[i] = b.d.Quote(columns[i])
	}
	s := b.step(CompareRows, b.sync.list.Ident, dialect.Stmt{
		SQL: "INSERT INTO " + b.d.QuoteTable(b.sync.list.Ident) + " (" + strings.Join(columns, ", ") + ")" +
			"\nSELECT " + what + ", " + b.keyOf(dialect.StandingAlias) +
			"\nFROM " + b.standing() + " LEFT JOIN " + b.staged() + " ON " + b.sameKeys(dialect.StandingAlias, dialect.StagedAlias) +
			"\nWHERE " + b.noRow(dialect.StagedAlias) + " OR " + b.differ() +
			"\nUNION ALL\nSELECT " + b.literal(listInsert) + ", " + b.keyOf(dialect.StagedAlias) +
			"\nFROM " + b.sync.syncer.OnlyStaged(b.sync.key, b.sync.stage.Ident, b.ident()),
		Note: "the keys of the rows that differ, and what is to be done about them",
	})
	s.Details.From = b.ident().Name
	var changed []dialect.ForeignKey
	for _, f := range b.table.ReferencedBy {
		if f.ChangesRows() && !b.allows(FKCascade) && !b.in.Set.hasOther(b.d, f.Table, b.ident()) {
			changed = append(changed, f)
		}
	}
	s.Setup = b.sync.syncer.BeforeCompare(b.sync.stage.Ident, changed)
	return []Step{s}
}

// whatIs is an SQL condition on the list.
func (b builder) whatIs(alias string, what ...string) string {
	quoted := make([]string, len(what))
	for i, w := range what {
		quoted[i] = b.literal(w)
	}
	name := b.d.Quote(b.sync.what)
	if alias != "" {
		name = b.of(alias, b.sync.what)
	}
	if len(quoted) == 1 {
		return name + " = " + quoted[0]
	}
	return name + " IN (" + strings.Join(quoted, ", ") + ")"
}

func (b builder) listed(what ...string) dialect.Listed {
	return dialect.Listed{Key: b.sync.key, Table: b.ident(), Stage: b.sync.stage.Ident, List: b.sync.list.Ident,
		Where: b.whatIs(dialect.ListedAlias, what...)}
}

// countListed is an SQL expression for a number of rows in the list.
func (b builder) countListed(what ...string) string {
	return dialect.RowsWhere(b.d, b.sync.list.Ident, b.whatIs("", what...))
}

func (b builder) deleteRows() []Step {
	return []Step{b.step(DeleteRows, b.ident(), b.sync.syncer.DeleteListed(b.listed(listDelete, listReplace)))}
}

// updateRows leaves out references of the table to itself that are attached later.
func (b builder) updateRows() []Step {
	var set []dialect.Assignment
	for _, c := range b.columns.load {
		number := c.Assigned && slices.Contains(b.sync.key.Columns, c.Name) // the same key is the same number, and some databases let nobody set it
		if !slices.Contains(b.detached(), c.Name) && !number {
			set = append(set, dialect.Assignment{Column: c.Name})
		}
	}
	if len(set) == 0 {
		return nil // a key alone is the same or another
	}
	return []Step{b.step(UpdateRows, b.ident(), b.sync.syncer.UpdateListed(b.listed(listUpdate, listPark, listStuck), set))}
}

func (b builder) insertRows() []Step {
	return []Step{b.step(InsertRows, b.ident(), dialect.InsertListed(b.d, b.sync.syncer, b.listed(listInsert, listReplace),
		dialect.ColumnNames(b.columns.load), b.placeholders(), b.detached()))}
}

// nothingDiffers is an SQL condition: the run has found no row that differs.
func (p Plan) nothingDiffers(d dialect.Dialect) string {
	compared, ok := p.Find(CompareRows)
	if !ok || p.Alters() {
		return ""
	}
	return ledger.StepRows(d, compared.Seq) + " = 0"
}

// Alters reports whether the plan adds or drops columns, so that it changes the table even
// if no row differs.
func (p Plan) Alters() bool {
	return slices.ContainsFunc(p.Steps(), func(s Step) bool {
		return s.Table == p.Upload.Table && (s.Kind == AddColumn || s.Kind == DropColumn)
	})
}

// maxChange is the limit of a sync, or nil.
func (b builder) maxChange() *int {
	if !b.syncs() {
		return nil
	}
	return b.opts.MaxChange
}

// keeps are the columns that the source lacks.
func (b builder) keeps() []string {
	if !b.syncs() || len(b.columns.lack) == 0 {
		return nil
	}
	return dialect.ColumnNames(b.columns.lack)
}
