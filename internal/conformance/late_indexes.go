package conformance

import (
	"context"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
)

// lateIndexes uploads to a table with an index, with a row that the table cannot take, and
// without. For few rows, no index is dropped.
func lateIndexes(w *world) {
	indexed(w)
	r := request("doc_1", csv("email,age", "x,1", "y,2", "x,3"))
	w.says(w.tryUpload(r), "line 4")
	w.same("the table", w.lines("people"), "a | 1", "b | 2")
	r = request("doc_1", csv("email,age", "x,1", "y,2", "z,3"))
	target := w.inspect("people")
	p := w.plan(r)
	equal(w, "the plan drops indexes", dropsIndexes(p), w.makesIndexesLate(target))
	r.Options.IndexesAfter = 4
	equal(w, "the plan for a small file drops indexes", dropsIndexes(w.plan(r)), false)
	if _, err := w.client.Run(context.Background(), p, r.Source, nil); err != nil {
		w.Fatal(err)
	}
	w.same("the table", w.lines("people"), "x | 1", "y | 2", "z | 3")
	equal(w, "the table's definition", w.inspect("people").Table.Hash(), target.Table.Hash())
}

func dropsIndexes(p plan.Plan) bool {
	return slices.ContainsFunc(p.Steps(), func(s plan.Step) bool { return s.Kind == plan.DropIndexes || s.Kind == plan.DropIndex })
}

// makesIndexesLate reports whether the table is loaded faster without one of its indexes.
func (w *world) makesIndexesLate(t dialect.Target) bool {
	if remaker, ok := dialect.As[dialect.IndexRemaker](w.d); ok && !w.syncs() {
		return len(remaker.RemakeIndexes(t).Drop) > 0
	}
	indexer, ok := dialect.As[dialect.LateIndexer](w.d)
	return ok && w.swaps() && len(indexer.LateIndexes(t.Server, *t.Table)) > 0
}

func indexed(w *world) {
	w.Helper()
	w.other("CREATE TABLE people (email {text} NOT NULL PRIMARY KEY, age {int})", "CREATE INDEX by_age ON people (age)", "INSERT INTO people VALUES ('a', 1), ('b', 2)")
}
