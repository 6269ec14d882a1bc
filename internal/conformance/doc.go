// Package conformance is the test suite that every database family must pass. A family
// runs it from its own test:
//
//	func TestConformance(t *testing.T) { conformance.Run(t, database(), conformance.Share{}) }
//
// The suite runs against real databases. Everything that differs between families is in
// [Database]: how to open a database, which types it has, how to write a trigger. The
// cases use plain SQL that all families accept, with simple lower-case names. No case
// asks which family it runs on.
//
// Each case gets its own database (an [Instance]) through a world. The world has two
// users: tablesnap's client, and "another program" that uses the same tables through its
// own connections. Cases spell out the expected rows as lines of text ("ada@example.com |
// Ada | NULL"), so that they can be checked by reading.
package conformance
