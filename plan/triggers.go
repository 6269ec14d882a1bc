package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
)

// comparesLoad reports whether triggers may have changed the loaded rows. A table with
// triggers is never swapped, and a sync compares all rows in any case.
func (b builder) comparesLoad() bool {
	return b.table != nil && len(b.table.Triggers) > 0 && !b.allows(TriggersRewrite) && !b.syncs()
}

// twinName is the name of the temporary table.
const twinName = "tablesnap_loaded"

// triggers are those that fire for the rows that the plan changes.
func (b builder) triggers() []string {
	if t := b.tableNow(); b.syncs() {
		return slices.Concat(t.Triggers, t.UpdateTriggers)
	}
	return b.tableNow().Triggers
}

// twin has the types of the loaded columns, and no triggers.
func (b builder) twin() *Twin {
	t := dialect.Table{Ident: b.ident().InSchemaOf(twinName), Kind: dialect.BaseTable, Traits: b.table.Traits}
	for _, c := range b.columns.load {
		t.Columns = append(t.Columns, b.d.BackupColumn(c))
	}
	made, create := b.d.CreateTemporary(t)
	drop := b.d.DropTemporary(made.Ident)
	return &Twin{Table: made, Create: append([]dialect.Stmt{drop}, create...), Drop: drop}
}

// triggerAssertions compare the table's rows with the loaded ones. Columns whose type
// differs from the snapshot's are compared by [builder.valueAssertions].
func (b builder) triggerAssertions(load Step) []Assertion {
	if !b.comparesLoad() {
		return nil
	}
	columns := slices.Clone(b.columns.load)
	var source compare.Contents
	if b.from == nil {
		source = compare.Contents{Table: load.Load.Twin.Table, Columns: load.Load.Twin.Table.Columns[:len(columns)]}
	} else {
		columns = slices.DeleteFunc(columns, b.retyped)
		source = compare.Contents{Table: b.from.table, Where: b.from.where}
		for _, c := range columns {
			source.Columns = append(source.Columns, b.keptAs(c))
		}
	}
	if len(columns) == 0 {
		return nil
	}
	stands := compare.Contents{Table: b.renamed(load.Table), Columns: columns}
	p := b.assertion("the triggers of "+b.ident().Name+" have left the rows of "+b.in.Source.Name+" as they are", compare.SameRows(b.d, source, stands))
	p.Hazard, p.Counts = TriggersRewrite, &Counts{Columns: dialect.ColumnNames(columns)}
	for i := range columns {
		p.Counts.SQL = append(p.Counts.SQL, compare.CountLost(b.d, source, stands, i))
	}
	return []Assertion{p}
}

// retyped reports whether the column's type differs from the snapshot's.
func (b builder) retyped(c dialect.Column) bool {
	kept := b.keptAs(c)
	return kept.Type != c.Type && kept.Type != b.d.BackupColumn(c).Type
}
