package conformance

import (
	"context"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// by returns the request with the strategy of this pass of the suite.
func (w *world) by(r exec.Request) exec.Request {
	if r.Options.Strategy == "" && w.family.remakes() && r.Options.Backup != plan.BackupTable {
		r.Options.Strategy = dialect.InPlace
	}
	if r.Options.Strategy == "" {
		r.Options.Strategy = w.family.Strategy
		if w.syncs() {
			r.Options = w.syncable(r)
		}
	}
	if r.Options.IndexesAfter == 0 {
		r.Options.IndexesAfter = 1
	}
	if r.Options.Strategy == dialect.Swap && r.Options.ChunkRows == 0 && w.commitsDDL() {
		r.Options.ChunkRows = chunkRows // makes several chunks of a few rows
		if m, err := rowsource.Measure(context.Background(), r.Source); err == nil && m.Rows > 100*chunkRows {
			r.Options.ChunkRows = int(m.Rows) / 4
		}
	}
	return r
}

const chunkRows = 2

// swapsChecks reports whether a table with a CHECK can be swapped.
func (w *world) swapsChecks() bool { return w.family.Words.CheckedSwap != RefusesChecks }

func (d Database) swaps() bool { return d.Strategy == dialect.Swap }

// remakes reports whether a swap makes the table anew in one transaction, and keeps the old one.
func (d Database) remakes() bool {
	return d.swaps() && !d.Backend.Facts().CommitsDefinitions
}

func (w *world) swaps() bool { return w.family.swaps() }

// commitsDDL reports whether DDL commits implicitly. If it does, a failed run may leave a
// backup table without the run's row, committed groups stay done, and columns are dropped
// after the load.
func (w *world) commitsDDL() bool { return dialect.DropTable(w.d, dialect.Ident{}).AutoCommits }

// clearing returns the kind of the step that removes the old rows from the table.
func (w *world) clearing() plan.StepKind {
	switch {
	case w.swaps():
		return plan.SwapTables
	case w.syncs():
		return plan.DeleteRows
	default:
		return plan.Clear
	}
}

// loading returns the kind of the step that puts the new rows into the table.
func (w *world) loading() plan.StepKind {
	if w.syncs() {
		return plan.InsertRows
	}
	return plan.LoadRows
}

// replacing returns the steps of an upload to a table that has a backup table, in order.
func (w *world) replacing(event string, drops int, old, loaded int64) []wantStep {
	var dropped []wantStep
	for range drops {
		dropped = append(dropped, wantStep{plan.DropColumn, "", ledger.Done, -1})
	}
	done := func(k plan.StepKind) wantStep { return wantStep{k, "", ledger.Done, -1} }
	copied := wantStep{plan.CopyToBackup, plan.EventBackup, ledger.Done, old}
	cleared := wantStep{plan.Clear, "", ledger.Done, old}
	load := wantStep{plan.LoadRows, event, ledger.Done, loaded}
	switch {
	case w.swaps():
		steps := append([]wantStep{done(plan.CreateShadow)}, dropped...)
		return append(steps, load, done(plan.SwapTables), copied, done(plan.DropOld))
	case w.commitsDDL():
		return append([]wantStep{copied, cleared, load}, dropped...)
	default:
		return append(append([]wantStep{copied, cleared}, dropped...), load)
	}
}

// replacingKinds returns the kinds of the steps of replacing, after the given ones.
func (w *world) replacingKinds(drops int, ahead ...plan.StepKind) []plan.StepKind {
	for _, s := range w.replacing("", drops, 0, 0) {
		ahead = append(ahead, s.Kind)
	}
	return ahead
}

// tidied recovers the table's runs that a script left open. If the family has no session
// lock, the next run does this by itself.
func (w *world) tidied(table string) {
	w.Helper()
	if !dialect.HasSessionLock(w.d) {
		return
	}
	if _, err := w.client.Recover(context.Background(), table, exec.DoRecover); err != nil {
		w.Fatalf("recover %s: %v", table, err)
	}
}

func (w *world) syncs() bool { return w.family.Strategy == dialect.Sync }

// syncable returns the options of a sync, with the first column of the source as the key
// if the table has none. If the upload cannot be a sync, it returns those of one in place.
func (w *world) syncable(r exec.Request) plan.Options {
	w.Helper()
	inPlace := r.Options
	inPlace.Strategy = dialect.InPlace
	if r.Source == nil { // a restore
		return r.Options
	}
	if _, err := w.newClient().Plan(context.Background(), r); err == nil {
		return r.Options
	}
	m, err := rowsource.Measure(context.Background(), r.Source)
	if err != nil || len(m.Columns) == 0 {
		return inPlace
	}
	r.Options.Key = []string{m.Columns[0].Name}
	p, err := w.newClient().Plan(context.Background(), r)
	if err != nil {
		return inPlace
	}
	nulls := w.query("SELECT count(*) FROM " + w.d.QuoteTable(p.Upload.Table) + " WHERE " + w.d.Quote(m.Columns[0].Name) + " IS NULL")
	if nulls[0] != "0" {
		return inPlace
	}
	return r.Options
}
