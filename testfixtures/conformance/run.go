package conformance

import (
	"slices"
	"testing"
)

// testCase is one situation; its name is that of its subtest.
type testCase struct {
	name string
	run  func(*world)
}

// Run runs the suite.
func Run(t *testing.T, d Database) {
	t.Helper()
	for _, c := range slices.Concat(
		uploadCases(),
		panelCases(),
		metadataNameCases(),
		nameCases(),
		valueCases(),
		backupDriftCases(),
		adoptionCases(),
		failureCases(),
		policyCases(),
		hazardCases(),
		refusalCases(),
		foreignKeyCases(),
		staleCases(),
		concurrencyCases(),
		intruderCases(),
		numberingCases(),
		swapCases(),
		blockCases(),
		restoreCases(),
		snapshotCases(),
		scriptCases(),
		retentionCases(),
		undoCases(),
		diffCases(),
		exportCases(),
		migrationCases(),
		gooseSQLCases(),
	) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newWorld(t, d))
		})
	}
}
