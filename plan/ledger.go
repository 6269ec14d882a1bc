package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Run is the new row of tablesnap_run for a run of the plan. The actor is used if the
// plan does not name one.
func (p Plan) Run(d dialect.Dialect, actor string) ledger.NewRun {
	u := p.Upload
	if u.Actor != "" {
		actor = u.Actor
	}
	return ledger.NewRun{
		LookedUp:        p.lookedUp(d),
		Table:           u.Table.Name,
		Operation:       string(p.Operation),
		Event:           u.Kind.Event,
		VersionMade:     u.Version,
		VersionReplaced: u.Replaces,
		DocID:           u.DocID,
		UploadTimestamp: u.Timestamp,
		SourceName:      u.Source.Name,
		SourceSHA256:    u.Source.SHA256,
		SourceRows:      p.sourceRows(),
		PlanHash:        p.Hash(),
		Warnings:        strings.Join(p.warningCodes(), " "),
		Actor:           actor,
		ToolVersion:     p.Tool,
	}
}

// Finished is the outcome of a successful step. Rows is an SQL expression for the rows
// that it changed, and millis one for its duration. Either is empty if not measured.
func (s Step) Finished(rows, millis string) ledger.Outcome {
	return ledger.Outcome{State: ledger.Done, Rows: rows, Millis: millis, Message: s.message()}
}

// Unfinished is the outcome of any other step. Why is empty if another step's row has the
// reason.
func (s Step) Unfinished(state ledger.State, why string) ledger.Outcome {
	says := slices.DeleteFunc([]string{s.message(), why}, func(part string) bool { return part == "" })
	return ledger.Outcome{State: state, Message: strings.Join(says, ", ")}
}

// sourceRows is an SQL expression for the number of rows in the source.
func (p Plan) sourceRows() string {
	if p.IsUndo() {
		return p.Restored.Rows
	}
	return strconv.FormatInt(p.Upload.Source.Rows, 10)
}

// Row is the new row of tablesnap_audit for the step.
func (s Step) Row(state ledger.State) ledger.StepRow {
	return ledger.StepRow{
		Seq: s.Seq, Step: s.ID, Kind: string(s.Kind), Event: s.Event, SQLText: s.SQL, State: state, Message: s.message(), Details: s.Details, LookedUp: s.LookedUp,
	}
}

// Outcome is the outcome of a successful run, including one that went on after a failed
// step. Extra are warnings from the run itself.
func (p Plan) Outcome(d dialect.Dialect, extra ...Code) ledger.RunOutcome {
	o := ledger.RunOutcome{State: ledger.Done}
	backedUp := p.rowsBackedUp(d)
	if s, ok := p.Find(LoadRows); ok {
		o.RowsLoaded = ledger.StepRows(d, s.Seq)
	} else if p.Operation == OpBackup {
		o.RowsLoaded = backedUp // the new version has the same rows
	}
	codes := p.warningCodes()
	for _, c := range extra {
		if c != CheckFoundRows { // a script says this too, by the rows that it has found
			codes = append(codes, string(c))
		}
	}
	if backedUp == "" {
		if found := p.checksFound(d); found != "" {
			o.Warnings = p.withFound(found, codes, func(codes []string) string { return textExpr(d, codes) })
		}
		return o
	}
	o.RowsBackedUp = backedUp
	same := p.nothingDiffers(d)
	if same != "" {
		o.Changes = "NOT (" + same + ")"
		backedUp = "CASE WHEN " + same + " THEN " + p.expectedRows(d, backedUp) + " ELSE " + backedUp + " END"
	}
	o.Warnings = p.withFound(p.checksFound(d), codes, func(codes []string) string { return p.warningsOf(d, backedUp, codes) })
	return o
}

// warningsOf is an SQL expression for the codes and those that depend on the number of rows
// which were backed up.
func (p Plan) warningsOf(d dialect.Dialect, backedUp string, codes []string) string {
	codes = slices.Clip(codes)
	warnings := textExpr(d, codes)
	if words, ok := dialect.ToPortable(d); ok && p.Binding == BoundToColumns {
		warnings = fmt.Sprintf("CASE WHEN %s <> %s THEN %s ELSE %s END", backedUp, words.VarNumber(keptRows), textExpr(d, append(codes, string(ChangedSince))), warnings)
	}
	if last := p.Ledger.Last; last != nil {
		warnings = fmt.Sprintf("CASE WHEN %s <> %s THEN %s ELSE %s END", backedUp, strconv.FormatInt(last.Rows, 10),
			textExpr(d, append(codes, string(ChangedSince))), warnings)
	}
	if p.foundEmpty() {
		warnings = fmt.Sprintf("CASE WHEN %s <> 0 THEN %s ELSE %s END", backedUp, textExpr(d, append([]string{string(UnknownPrevious)}, codes...)), warnings)
	}
	return warnings
}

// withFound adds the code of checks that warn, if found, an SQL condition, is not empty.
func (p Plan) withFound(found string, codes []string, warnings func([]string) string) string {
	without := warnings(codes)
	if found == "" {
		return without
	}
	return "CASE WHEN " + found + " THEN " + warnings(append(slices.Clip(codes), string(CheckFoundRows))) + " ELSE " + without + " END"
}

// checksFound is an SQL condition: a check that warns has found rows. It is empty if the plan
// has no such check.
func (p Plan) checksFound(d dialect.Dialect) string {
	var found []string
	for _, s := range p.Steps() {
		if s.Check != nil && s.Check.Severity == Warn {
			found = append(found, ledger.StepRows(d, s.Seq)+" > 0")
		}
	}
	return strings.Join(found, " OR ")
}

// expectedRows is what the table is expected to have, so that a run that has copied nothing
// warns of nothing.
func (p Plan) expectedRows(d dialect.Dialect, otherwise string) string {
	words, ok := dialect.ToPortable(d)
	switch last := p.Ledger.Last; {
	case ok && p.Binding == BoundToColumns:
		return words.VarNumber(keptRows)
	case last != nil:
		return strconv.FormatInt(last.Rows, 10)
	default:
		return otherwise
	}
}

// rowsBackedUp is an SQL expression for the number of rows backed up. It is empty if
// there was nothing to back up.
func (p Plan) rowsBackedUp(d dialect.Dialect) string {
	copied, ok := p.Find(CopyToBackup)
	if !ok {
		return ""
	}
	return ledger.StepRows(d, seqsOf([]Step{copied}, p.Preserve, CopyToPreserve, KeepOld)...)
}
