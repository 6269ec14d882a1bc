package conformance

import (
	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// condition says why a family, by the strategy of this pass, cannot have a case.
// It is empty where it can.
type condition func(Database) string

// lacks says why d cannot have the case.
func (c testCase) lacks(d Database) string {
	if c.unless == nil {
		return ""
	}
	return c.unless(d)
}

// leftOut reports whether a case that d cannot have is no test at all: where
// servers are required, none is skipped.
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

// withoutTriggers is a family that knows none, or a swap, which refuses a table that
// has some.
func withoutTriggers(d Database) string { return either(bySwap, noTriggers)(d) }

// either is the first reason of several.
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

// atomic is a family in which an upload that was cut off has left nothing behind.
func atomic(d Database) string {
	return because(!dialect.HasSessionLock(d.Backend), "all is one transaction, and nothing tells that a run is under way")
}

// locksToTheEnd is a family in which a run keeps others off the table from its
// beginning to its end.
func locksToTheEnd(d Database) string {
	return because(dialect.HasSessionLock(d.Backend), "no other run comes in between two transactions of a run")
}

func noGooseLock(d Database) string {
	return because(d.GooseLock == nil, "goose has no lock for this family")
}

// otherStrategy: a migration in SQL has one strategy.
func otherStrategy(d Database) string {
	return because(d.Strategy != d.gooseStrategy(), "the other pass of the suite has the strategy of this format")
}

func keepsSession(d Database) string {
	return because(!d.Backend.Facts().CommitsDefinitions, "goose keeps a session for this migration")
}
