package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// group puts steps into groups that commit together: a step that commits by
// itself is a group of its own, and so is a snapshot that is deleted in pieces.
func (b builder) group(review []Assertion, steps []Step) []Group {
	return bindToReview(inGroups(b.d.Begin(b.opened(), b.access()).Stmts, b.beginPruning(), steps), review)
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

// aroundTheLoad keeps the steps that commit by themselves from standing between
// clear and load: a column is dropped behind the load, all else that stands
// there goes ahead of the copy. Where no step commits by itself, the order stays
// the one in which people think of them.
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
		first = copied // the backup and what it clears are one transaction
	}
	return concat(steps[:first], ahead, steps[first:clear], within, steps[load:load+1], behind, steps[load+1:])
}

// bindToReview has the first group hold on to what was reviewed, so that nothing
// is made in vain, and the one that changes the table's rows, so that nothing is
// lost. A column that was added ahead of that has changed the table's shape, but
// not its version.
func bindToReview(groups []Group, review []Assertion) []Group {
	withoutShape := review[:max(0, len(review)-1)] // that of the shape is the last
	for i := range groups {
		changesRows := groups[i].has(SwapTables) || groups[i].has(LoadRows) && !swapFollows(groups[i:])
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

func swapFollows(groups []Group) bool {
	return slices.ContainsFunc(groups, func(g Group) bool { return g.has(SwapTables) })
}

func index(steps []Step, k StepKind) int {
	for i, s := range steps {
		if s.Kind == k {
			return i
		}
	}
	return -1
}
