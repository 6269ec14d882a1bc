package conformance

import (
	"slices"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// RunBySync runs the pass by sync if TABLESNAP_TEST_WHOLE is set.
func RunBySync(t *testing.T, d Database) {
	t.Helper()
	if !testservers.Whole() {
		return
	}
	t.Run(string(dialect.Sync), func(t *testing.T) {
		d.Strategy = dialect.Sync
		Run(t, d, Share{})
	})
}

// syncPass are the cases of the pass by sync, which TABLESNAP_TEST_WHOLE adds to those of
// the other strategies. An upload that cannot be a sync, because nothing tells its rows
// apart, is one in place there.
func syncPass() []testCase {
	cases := slices.Concat(uploadCases(), panelCases(), hazardCases(), failureCases(), restoreCases(), beginningWithNothing(scriptCases()))
	return slices.DeleteFunc(cases, func(c testCase) bool { return slices.Contains(otherwiseBySync, c.name) })
}

// otherwiseBySync are cases in which a sync does something else, which a case of its own
// covers.
var otherwiseBySync = []string{
	"hazard FK_CASCADE",                           // no row that the file has is deleted
	"hazard SAME_FILE",                            // nothing differs, and no version is made
	"hazard SHRINKS, found by the run",            // before the comparison
	"a bad last row changes nothing and is named", // a row that breaks a CHECK has no line
	"warnings: an existing empty table has no rows of whom nobody knows", // it restores a table without a key
	"script equals apply: children whose parents come again",             // nothing differs: a run makes no backup table
}
