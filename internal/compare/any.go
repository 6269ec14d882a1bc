package compare

import (
	"slices"
	"strings"
)

// together is how many conditions are joined without parentheses. SQLite nests an expression
// once for each OR, and takes no more than 1,000 levels
// (https://www.sqlite.org/limits.html#max_expr_depth).
const together = 250

// anyOf is an SQL condition: one of the conditions is true.
func anyOf(conditions []string) string {
	const or = " OR "
	if len(conditions) <= together {
		return strings.Join(conditions, or)
	}
	var groups []string
	for group := range slices.Chunk(conditions, together) {
		groups = append(groups, "("+strings.Join(group, or)+")")
	}
	return strings.Join(groups, or)
}
