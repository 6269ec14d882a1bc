// Package conformance is the one suite of tests that every database family
// must pass. A family calls it from a small test of its own:
//
//	func TestConformance(t *testing.T) { conformance.Run(t, database(), conformance.Share{}) }
//
// The suite runs against real databases. Everything that differs from one
// family to the next comes from its [Database]: how a database is opened, which
// types it has, how a trigger is written. The cases themselves speak plain SQL
// that all families read, with simple names in lower case, and no case asks
// which family it is running on.
//
// Each case gets a database of its own (a [Instance]) through a world, which
// plays two parts: tablesnap's client, and "another program" that uses the same
// tables through connections of its own. What a case expects is written out as
// lines of text ("ada@example.com | Ada | NULL"), so that a reader can check
// it without a machine.
package conformance
