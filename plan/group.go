package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// group forms groups of steps that commit together. A step that commits by itself is a
// group of its own, and so is a snapshot that is deleted in chunks.
func (b builder) group(review []Assertion, steps []Step) []Group {
	groups := b.closeAfterKeeping(inGroups(b.d.Begin(b.opened(), b.access()).Stmts, b.beginPruning(), steps))
	for i := range groups {
		switch {
		case !b.stagesAhead() || groups[i].Auto || groups[i].onlyPrunes():
		case groups[i].has(CompareRows):
			groups[i].Begin = b.sync.syncer.BeginSync(b.tableNow())
		default: // loads the stage, which nobody else knows
			groups[i].Begin = b.d.Begin(dialect.Table{}, dialect.Replaces).Stmts
		}
	}
	return bindToReview(groups, review)
}

func inGroups(begin, beginPruning []dialect.Stmt, steps []Step) []Group {
	var groups []Group
	for _, s := range steps {
		last := len(groups) - 1
		switch {
		case s.AutoCommits:
			groups = append(groups, Group{Auto: true, Steps: []Step{s}})
		case s.Stage == RetentionStage && s.Chunks != nil:
			groups = append(groups, Group{Begin: beginPruning, Steps: []Step{s}})
		case last >= 0 && !groups[last].Auto:
			groups[last].Steps = append(groups[last].Steps, s)
		default:
			groups = append(groups, Group{Begin: begin, Steps: []Step{s}})
		}
	}
	return groups
}

// aroundTheLoad moves steps that commit by themselves from between clear and load: column
// drops go after the load, all others before the copy. If no step commits by itself, the
// order stays the one in which people think of the steps.
func aroundTheLoad(steps []Step) []Step {
	clear, load := index(steps, Clear), index(steps, LoadRows)
	if clear < 0 {
		return steps
	}
	var ahead, within, behind []Step
	for _, s := range steps[clear:load] {
		switch {
		case !s.AutoCommits:
			within = append(within, s)
		case s.Kind == DropColumn:
			behind = append(behind, s)
		default:
			ahead = append(ahead, s)
		}
	}
	first := clear
	if copied := index(steps, CopyToBackup); copied >= 0 {
		first = copied // the backup and the clear are one transaction
	}
	loaded := load + 1
	for loaded < len(steps) && steps[loaded].Kind == CheckRows { // in the load's transaction
		loaded++
	}
	return concat(steps[:first], ahead, steps[first:clear], within, steps[load:loaded], behind, steps[loaded:])
}

// bindToReview adds the review's assertions to two groups: the first one, to fail early,
// and the one that changes the table's rows, to lose nothing. A column added before the
// latter has changed the table's shape, but not its version.
func bindToReview(groups []Group, review []Assertion) []Group {
	withoutShape := review[:max(0, len(review)-1)] // the last one asserts the shape
	for i := range groups {
		changesRows := groups[i].has(SwapTables) || groups[i].has(CompareRows) || groups[i].has(LoadRows) && !swapFollows(groups[i:])
		if i == 0 || changesRows {
			groups[i].Before = review
		}
		if changesRows {
			break
		}
		if groups[i].Auto && groups[i].has(AddColumn) && !swapFollows(groups[i:]) {
			review = withoutShape
		}
	}
	return groups
}

// swapFollows reports whether the load is not yet of the table: a swap or a comparison
// comes after it.
func swapFollows(groups []Group) bool {
	return slices.ContainsFunc(groups, func(g Group) bool { return g.has(SwapTables) || g.has(CompareRows) })
}

func index(steps []Step, k StepKind) int {
	for i, s := range steps {
		if s.Kind == k {
			return i
		}
	}
	return -1
}
