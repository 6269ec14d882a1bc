package conformance

import (
	"slices"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// testCase is one subtest.
type testCase struct {
	name string
	run  func(*world)
	// unless is nil if the case applies to all families and strategies.
	unless condition
	about  topic
	begins beginning
}

// beginning is what exists when a case begins.
type beginning string

// withNothing means that not even tablesnap's own tables exist.
const withNothing beginning = "with nothing"

// topic groups cases that some servers run in addition to their share.
type topic string

// locks are cases about concurrent or lost sessions.
const locks topic = "locks"

func aboutLocks(cases []testCase) []testCase {
	for i := range cases {
		cases[i].about = locks
	}
	return cases
}

func beginningWithNothing(cases []testCase) []testCase {
	for i := range cases {
		cases[i].begins = withNothing
	}
	return cases
}

// Share is the part of the cases that one pass runs. The zero Share is all cases.
type Share struct {
	shards []string
	turn   int
	also   topic
}

// WithLocks adds all cases about locks, for servers that lock differently from others.
func (s Share) WithLocks() Share {
	s.also = locks
	return s
}

// ShareOf distributes the cases over the servers in shards: a server that runs a case in
// place runs the next one by swap. A slow server is listed less often than others. A
// server that is not listed runs all cases.
func ShareOf(d Database, shards []string) Share {
	others := slices.ContainsFunc(shards, func(name string) bool { return name != d.Name })
	if testservers.Whole() || !others || !slices.Contains(shards, d.Name) {
		return Share{}
	}
	if d.swaps() {
		return Share{shards: shards, turn: len(shards) - 1}
	}
	return Share{shards: shards}
}

func (s Share) has(nth int, d Database) bool {
	return len(s.shards) == 0 || s.shards[(nth+s.turn)%len(s.shards)] == d.Name
}

// cases returns the cases of the share. Cases that depend on the server, not only on the
// family, run on every server with its default strategy.
func (s Share) cases(d Database) []testCase {
	if d.Strategy == dialect.Sync {
		return syncPass()
	}
	if d.remakes() {
		return keepPass()
	}
	var mine []testCase
	for i, c := range cases() {
		if s.has(i, d) || c.about != "" && c.about == s.also {
			mine = append(mine, c)
		}
	}
	if len(s.shards) == 0 || d.Strategy == d.Backend.Facts().Strategies[0] {
		mine = append(mine, serverCases()...)
	}
	return mine
}

// Run runs a share of the suite.
func Run(t *testing.T, d Database, share Share) {
	t.Helper()
	for _, c := range share.cases(d) {
		if c.leftOut(d) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			// On Galera, a definition that one case changes may abort a transaction of
			// another one, and a script does not try again.
			if d.Name != "galera" {
				t.Parallel()
			}
			if why := c.lacks(d); why != "" {
				testservers.Lacks(t, "%s", why)
			}
			c.run(newWorld(t, c.database(d)))
		})
	}
}

// database is where the case runs.
func (c testCase) database(d Database) Database {
	if c.begins != withNothing && d.Lend != nil {
		d.Open = d.Lend
	}
	return d
}

func cases() []testCase {
	return slices.Concat(
		uploadCases(),
		fileCases(),
		firstUploadCases(),
		textCases(),
		panelCases(),
		metadataNameCases(),
		nameCases(),
		valueCases(),
		backupDriftCases(),
		adoptionCases(),
		aboutLocks(failureCases()),
		faultCases(),
		aboutLocks(commitCases()),
		aboutLocks(stuckCases()),
		aboutLocks(openRunCases()),
		policyCases(),
		hazardCases(),
		lackingCases(),
		triggerCases(),
		refusalCases(),
		foreignKeyCases(),
		aboutLocks(staleCases()),
		aboutLocks(concurrencyCases()),
		aboutLocks(concurrentWriterCases()),
		numberingCases(),
		swapCases(),
		keepTableCases(),
		definitionCases(),
		tamperedCases(),
		tamperedStepCases(),
		beginningWithNothing(beforeDetailsCases()),
		blockCases(),
		restoreCases(),
		snapshotCases(),
		anyVersionCases(),
		oneSnapshotCases(),
		pieceCases(),
		beginningWithNothing(scriptCases()),
		retentionCases(),
		undoCases(),
		diffCases(),
		diffRandomCases(),
		exportCases(),
		jsonCases(),
		settingCases(),
		checkCases(),
		aroundCases(),
		syncCases(),
		setCases(),
		aboutLocks(setLockCases()),
		beginningWithNothing(setScriptCases()),
		beginningWithNothing(migrationCases()),
		beginningWithNothing(gooseSQLCases()),
		beginningWithNothing(gooseTwiceCases()),
		otherFormatCases(),
	)
}

func serverCases() []testCase {
	return []testCase{
		{name: "restore: every type of column is kept and comes back bit for bit", run: restoreEveryColumn},
		{name: "restore: every type of column that was kept as text", run: restoreKeptAsText},
		{name: "export: every type of column comes back or is refused", run: exportEveryColumn},
		{name: "export: odd values come back or are refused", run: exportOdd},
		{name: "json: a value of a file stays what it is and comes back", run: jsonStays},
		{name: "faults: a plan knows what the server takes", run: boundsKnown, unless: bySwap},
		{name: "settings: every type of column is read in one way", run: settingsEveryColumn},
		{name: "diff: a large file", run: diffLargeFile},
		{name: "dropped columns of every type that may not be NULL", run: notNullTypes},
		{name: "another program has written and does not commit", run: openWriter, unless: singleServer},
		{name: "swap: recovered beside another program's open transaction", run: recoverBesideWriter, unless: inPlace},
		{name: "swap: rows are copied in many pieces", run: swapInManyPieces, unless: inPlace},
		{name: "swap: the definition of the table stays as it was", run: sameDefinition, unless: inPlace},
		{name: "sync: tables of three schemas of real shape", run: realSchemas, unless: either(cannotSync, singleServer, withSchemas, quickDefinitions), begins: withNothing},
	}
}
