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

// Share is a pass's part of the cases. The zero Share is all of them.
type Share struct {
	rota []string
	turn int
}

// ShareOf is the share of one of the servers in a rota, in which each takes the
// case whose turn it is: one in place, and the next by swap. A server that is slow
// stands there less often than others.
func ShareOf(d Database, rota []string) Share {
	others := slices.ContainsFunc(rota, func(name string) bool { return name != d.Name })
	if servers.Whole() || !others {
		return Share{}
	}
	if d.swaps() {
		return Share{rota: rota, turn: len(rota) - 1}
	}
	return Share{rota: rota}
}

func (s Share) has(nth int, d Database) bool {
	return len(s.rota) == 0 || s.rota[(nth+s.turn)%len(s.rota)] == d.Name
}

// cases are those of the share. What servers of one family do each in its own way
// is seen on each of them, by the strategy that it takes by itself.
func (s Share) cases(d Database) []testCase {
	var mine []testCase
	for i, c := range cases() {
		if s.has(i, d) {
			mine = append(mine, c)
		}
	}
	if len(s.rota) == 0 || d.Strategy == d.Backend.Strategies()[0] {
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
		{"restore: every type of column that was kept as text", restoreKeptAsText},
		{"export: every type of column comes back or is refused", exportEveryColumn},
		{"dropped columns of every type that may not be NULL", notNullTypes},
		{"another program has written and does not commit", openWriter},
		{"swap: recovered beside another program's open transaction", swapOnly(recoverBesideWriter)},
		{"swap: rows are copied in many pieces", swapOnly(swapInManyPieces)},
	}
}
