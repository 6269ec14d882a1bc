// Package dialect says what a database family can do, as text and facts.
//
// A [Dialect] is pure: values go in, SQL text comes out, and nothing is run.
// A [Backend] adds what needs a live connection: inspecting a table, loading
// rows, telling one failure from another. The packages below this one
// (dialect/sqlite and so on) are the only places in which the SQL of a
// database is written.
//
// The types that travel between the packages live here too: [Ident] (a name,
// quoted once, in the dialect), [Stmt] (a statement and whether it commits by
// itself), [Table] and [Target] (what inspection found), and [Migration] (a step
// of tablesnap's own tables, see ledger.go; internal/ledger has the statements on
// them).
package dialect
