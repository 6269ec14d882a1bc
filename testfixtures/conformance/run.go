package conformance

import (
	"slices"
	"testing"

	"github.com/tablesnap/tablesnap/testfixtures/servers"
)

// testCase is one situation; its name is that of its subtest.
type testCase struct {
	name string
	run  func(*world)
}

// Share is a pass's part of the cases: of so many passes of one family, the nth,
// counted from 0. The zero Share is all of them.
type Share struct{ Nth, Of int }

// ShareOf is the share of one of the servers of a family that are tested: each
// case runs on one of them in place, and on another by swap.
func ShareOf(d Database, tested []string) Share {
	if servers.Whole() || len(tested) < 2 {
		return Share{}
	}
	nth := slices.Index(tested, d.Name)
	if d.swaps() {
		nth += len(tested) / 2
	}
	return Share{Nth: nth % len(tested), Of: len(tested)}
}

// cases are those of the share. What servers of one family do each in its own way
// is seen on each of them, by the strategy that it takes by itself.
func (s Share) cases(d Database) []testCase {
	if s.Of == 0 {
		return append(cases(), serverCases()...)
	}
	var mine []testCase
	for i, c := range cases() {
		if i%s.Of == s.Nth {
			mine = append(mine, c)
		}
	}
	if d.Strategy == d.Backend.Strategies()[0] {
		mine = append(mine, serverCases()...)
	}
	return mine
}

// Run runs a share of the suite.
func Run(t *testing.T, d Database, share Share) {
	t.Helper()
	for _, c := range share.cases(d) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newWorld(t, d))
		})
	}
}

func cases() []testCase {
	return slices.Concat(
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
	)
}

func serverCases() []testCase {
	return []testCase{
		{"every type of column is backed up bit for bit", everyColumn},
		{"restore: every type of column comes back bit for bit", restoreEveryColumn},
		{"export: every type of column comes back or is refused", exportEveryColumn},
		{"dropped columns of every type that may not be NULL", notNullTypes},
		{"another program has written and does not commit", openWriter},
		{"swap: recovered beside another program's open transaction", swapOnly(recoverBesideWriter)},
		{"swap: rows are copied in many pieces", swapOnly(swapInManyPieces)},
	}
}
