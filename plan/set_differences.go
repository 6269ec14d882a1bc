package plan

import (
	"fmt"
	"slices"
	"strings"
)

// SetDifferences says how a set differs from one that was reviewed, as [Differences] does for a
// plan. Each phrase about a table begins with its name.
func SetDifferences(reviewed, now Set) (found []string) {
	if reviewed.Hash() == now.Hash() {
		return nil
	}
	if reviewed.Name != now.Name {
		found = append(found, fmt.Sprintf("it is the set %q, and was %q", now.Name, reviewed.Name))
	}
	if was, is := reviewed.tableNames(), now.tableNames(); !slices.Equal(was, is) {
		found = append(found, fmt.Sprintf("its tables in their order: %s, now %s", strings.Join(was, ", "), strings.Join(is, ", ")))
	}
	if len(found) > 0 { // the statements of each table have the set in them
		return found
	}
	for i, p := range now.Plans {
		for _, change := range Differences(reviewed.Plans[i].alone(), p.alone()) {
			found = append(found, fmt.Sprintf("%s: %s", p.Upload.Table.Name, change))
		}
	}
	if len(found) == 0 {
		found = append(found, "its statements are others now")
	}
	return found
}

// alone is the plan without its set.
func (p Plan) alone() Plan {
	p.Set = nil
	return p
}
