package conformance

import (
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
)

// RunByKeeping runs the pass of a family that swaps a table only if it keeps the old one.
func RunByKeeping(t *testing.T, d Database) {
	t.Helper()
	t.Run("keeping", func(t *testing.T) {
		d.Strategy = dialect.Swap
		Run(t, d, Share{})
	})
}

// keepPass are the cases about tables that are kept. Other uploads are in place in that pass.
func keepPass() []testCase {
	scripts := slices.DeleteFunc(scriptCases(), func(c testCase) bool { return !strings.Contains(c.name, "the old table") })
	return slices.Concat(keepTableCases(), keepAnewCases(), beginningWithNothing(scripts))
}
