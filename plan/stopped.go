package plan

import (
	"fmt"
	"slices"
	"strings"
)

// describe says for each step, in one line, what state the table is in if the run stops
// there.
func describe(groups []Group, table string) {
	table = strings.ReplaceAll(table, "\n", " ")
	for i := range groups {
		for j := range groups[i].Steps {
			groups[i].Steps[j].IfStopped = "stops here: " + ifStopped(groups, i, table)
		}
	}
}

// ifStopped derives this state from what earlier groups have committed.
func ifStopped(groups []Group, at int, table string) string {
	committed := func(k StepKind) bool {
		return slices.ContainsFunc(groups[:at], func(g Group) bool { return g.has(k) })
	}
	switch {
	case groups[at].Afterwards():
		return table + " holds the new rows, and the upload is done"
	case groups[at].IsAround() && slices.ContainsFunc(groups, func(g Group) bool { return g.has(CreateTable) }):
		return table + " does not exist"
	case at > 0 && groups[at].onlyPrunes() && committed(KeepOld):
		return table + " holds the new rows, and the old rows are kept; snapshots that should go are still there: run tablesnap recover"
	case at > 0 && groups[at].onlyPrunes():
		return table + " holds the new rows, and the old rows are in the backup; snapshots that should go are still there: run tablesnap recover"
	case groups[at].has(DeleteSnapshot) && groups[at].inPieces():
		return table + " is unchanged, and what was deleted by then is gone"
	case at > 0 && (committed(DeleteSnapshot) || committed(DropPreserved)):
		return table + " is unchanged, and what was deleted ahead of this is gone"
	case committed(SwapTables) && committed(KeepOld):
		return table + " holds the new rows, and the old rows are kept; run tablesnap recover"
	case committed(SwapTables) && committed(CopyToBackup):
		return table + " holds the new rows, and the old rows are in the backup and in the old table"
	case committed(SwapTables):
		return table + " holds the new rows, and the old rows are in the old table; run tablesnap recover"
	case committed(CompareRows):
		return table + " holds the new rows, and the old rows are in the backup; what is left to drop is still there: run tablesnap recover"
	case committed(CreateStage):
		return table + " is unchanged, and its stage is left over; run tablesnap recover"
	case committed(CreateShadow):
		return table + " is unchanged, and its shadow is left over; run tablesnap recover"
	case committed(LoadRows):
		return fmt.Sprintf("%s holds the new rows, and the old rows are in the backup; the column is still there", table)
	case committed(CreateTable):
		return table + " exists and is empty"
	case groups[at].has(CreateTable):
		return table + " does not exist"
	default:
		return table + " is unchanged"
	}
}

func (g Group) has(k StepKind) bool {
	return slices.ContainsFunc(g.Steps, func(s Step) bool { return s.Kind == k })
}

// inPieces reports whether a run commits before the group's end.
func (g Group) inPieces() bool {
	return slices.ContainsFunc(g.Steps, func(s Step) bool { return s.Chunks != nil })
}
