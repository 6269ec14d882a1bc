package plan

import "github.com/tablesnap/tablesnap/dialect"

// group puts steps into groups that commit together. Where no step commits by
// itself, all of them are one group, in the order in which people think of
// them. Elsewhere a step that commits by itself is a group of its own, and
// nothing of the kind may stand between clear and load: what makes room goes
// ahead of the transaction, what removes comes behind it.
func group(d dialect.Dialect, t dialect.Table, review []Proof, steps []Step) []Group {
	var ahead, behind []Group
	together := Group{Begin: d.Begin(t), Before: review}
	for _, s := range steps {
		switch {
		case !s.AutoCommits:
			together.Steps = append(together.Steps, s)
		case s.Kind == DropColumn:
			behind = append(behind, Group{Auto: true, Steps: []Step{s}})
		default:
			ahead = append(ahead, Group{Auto: true, Before: review, Steps: []Step{s}})
		}
	}
	return append(append(ahead, together), behind...)
}
