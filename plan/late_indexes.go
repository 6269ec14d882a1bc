package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// lateIndexes are the indexes that the shadow gets after its rows. An index with a column
// that the upload drops changes with it, and stays where it is.
func (b builder) lateIndexes() (dialect.LateIndexer, []dialect.Index) {
	indexer, ok := dialect.As[dialect.LateIndexer](b.d)
	if !ok || b.portable() || b.fewRows() {
		return nil, nil
	}
	late := indexer.LateIndexes(b.in.Target.Server, *b.table)
	for _, index := range late {
		if slices.ContainsFunc(index.Columns, func(name string) bool { return slices.Contains(b.columns.drop, name) }) {
			return nil, nil
		}
	}
	return indexer, late
}

// fewRows states that the table is not worth two more changes of its definition. The rows of a
// restore may be known only when it runs, so that they do not count: it is the same plan before
// the upload that it undoes and after it.
func (b builder) fewRows() bool { return b.from == nil && b.in.Source.Rows < b.opts.IndexesAfter }

// dropIndexes stores the definition of the empty shadow before it drops indexes.
func (b builder) dropIndexes() []Step {
	indexer, late := b.lateIndexes()
	if len(late) == 0 {
		return nil
	}
	s := b.step(DropIndexes, b.shadow(), indexer.DropIndexes(b.shadow(), late))
	s.Note = "they are added after the rows, which takes less time than to keep them up to date"
	s.Setup = slices.Concat(b.swapper.Definition(b.shadow()).Find, b.swapper.SetVar(b.kept(keptIndexed), b.swapper.Var(dialect.FoundDefinition)))
	return []Step{s}
}

// addIndexes asserts that the shadow has all that it had before dropIndexes.
func (b builder) addIndexes() []Step {
	indexer, late := b.lateIndexes()
	if len(late) == 0 {
		return nil
	}
	s := b.step(AddIndexes, b.shadow(), indexer.AddIndexes(b.shadow(), late))
	whole := b.assertion("the new table has its indexes again", b.swapper.Var(dialect.FoundDefinition)+" = "+b.swapper.Var(b.kept(keptIndexed)))
	whole.Setup = wrapped(b.swapper.Definition(b.shadow()).Find)
	s.After = []Assertion{whole}
	return []Step{s}
}

// remadeIndexes are the statements that drop indexes before a load in place, and make them
// again. In a transaction of the caller, an open query could keep an index from being dropped,
// and a statement of the user before the upload may change the indexes itself.
func (b builder) remadeIndexes() dialect.RemadeIndexes {
	remaker, ok := dialect.As[dialect.IndexRemaker](b.d)
	inPlace := b.table != nil && b.op.replacesRows() && b.opts.Strategy == dialect.InPlace
	joins := b.d.Facts().Commit.SQL == ""
	if !ok || !inPlace || joins || len(b.opts.Before) > 0 || b.portable() || b.fewRows() {
		return dialect.RemadeIndexes{}
	}
	return remaker.RemakeIndexes(b.in.Target)
}

// dropEachIndex comes after columns are dropped and added: a view may name an index, without
// which SQLite drops no column.
func (b builder) dropEachIndex() []Step {
	return b.made(DropIndex, b.ident(), b.remadeIndexes().Drop)
}

func (b builder) createEachIndex() []Step {
	remade := b.remadeIndexes()
	steps := b.made(CreateIndex, b.ident(), remade.Create)
	if len(steps) > 0 {
		steps[len(steps)-1].After = []Assertion{b.assertion(b.ident().Name+" has its indexes again", remade.AsPlanned)}
	}
	return steps
}
