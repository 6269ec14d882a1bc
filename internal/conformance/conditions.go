package conformance

import (
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// condition returns why a case does not apply to a family and strategy, or an empty
// string if it does.
type condition func(Database) string

// lacks returns why the case does not apply to d, or an empty string.
func (c testCase) lacks(d Database) string {
	if c.unless == nil {
		return ""
	}
	return c.unless(d)
}

// leftOut reports whether a case that does not apply is omitted instead of skipped. If
// servers are required, no test may be skipped.
func (c testCase) leftOut(d Database) bool { return c.lacks(d) != "" && testservers.Required() }

func because(is bool, why string) string {
	if is {
		return why
	}
	return ""
}

func bySwap(d Database) string { return because(d.swaps(), "not by swap") }

func inPlace(d Database) string {
	return because(!d.swaps(), "only by swap")
}

func noTriggers(d Database) string {
	return because(d.Words.Note == nil, "this family has no triggers")
}

// withoutTriggers applies to families without triggers and to swaps, which refuse tables
// with triggers.
func withoutTriggers(d Database) string { return either(bySwap, noTriggers)(d) }

// either returns the first reason that one of the conditions gives.
func either(conditions ...condition) condition {
	return func(d Database) string {
		for _, c := range conditions {
			if why := c(d); why != "" {
				return why
			}
		}
		return ""
	}
}

func keepsNUL(d Database) string {
	return because(d.Words.NUL != RefusesNUL, "this family keeps NUL characters")
}

func refusesNUL(d Database) string {
	return because(d.Words.NUL == RefusesNUL, "this family keeps no NUL character")
}

func keysChecked(d Database) string {
	return because(!d.Words.KeysWait, "this family checks foreign keys at once")
}

// singleServer applies to all but the nodes of a cluster, which take no uploads in place,
// and where a definition that changes elsewhere ends a transaction that a case holds open.
func singleServer(d Database) string {
	return because(testservers.IsCluster(d.Name), "a node of a cluster keeps no transaction open, and takes no upload in place")
}

// atomic applies to families in which an upload is one transaction, so that a run that
// was cut off leaves nothing behind.
func atomic(d Database) string {
	return because(!dialect.HasSessionLock(d.Backend), "all is one transaction, and nothing tells that a run is under way")
}

// locksToTheEnd applies to families in which a run locks out other runs until its end.
func locksToTheEnd(d Database) string {
	return because(dialect.HasSessionLock(d.Backend), "no other run comes in between two transactions of a run")
}

func noGooseLock(d Database) string {
	return because(d.GooseLock == nil, "goose has no lock for this family")
}

// otherStrategy applies to the pass with the strategy that SQL migrations do not use.
func otherStrategy(d Database) string {
	return because(d.Strategy != d.gooseStrategy(), "the other pass of the suite has the strategy of this format")
}

func keepsSession(d Database) string {
	return because(!d.Backend.Facts().CommitsDefinitions, "goose keeps a session for this migration")
}

func withoutJSON(d Database) string {
	return because(len(d.Words.JSON) == 0, "this family has no type for JSON")
}

func withSchemas(d Database) string {
	return because(len(d.Words.Schemas) == 0, "the same database has them in the other journal mode")
}

// quickDefinitions leaves what makes hundreds of tables to [testservers.Whole].
func quickDefinitions(d Database) string {
	return because(d.Words.SlowDefinitions && !testservers.Whole(), "it would take minutes on this database")
}

func checksAtOnce(d Database) string {
	return because(d.Backend.Facts().CommitsDefinitions, "no reference of this family waits for the commit")
}
