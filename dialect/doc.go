// Package dialect has the interfaces that describe a database family.
//
// A [Dialect] only writes SQL text and states facts: it runs nothing. A [Backend] adds
// methods that need a live connection: they inspect a table, load rows and classify
// errors. Only the packages below this one (dialect/sqlite and so on) contain SQL that is
// specific to a database.
//
// The package also has the types that the other packages share: [Ident] (an unquoted
// name), [Stmt] (a statement, and whether it commits by itself), [Table] and [Target]
// (the results of an inspection), and [Migration] (a migration of the ledger's tables;
// internal/ledger has the statements on these tables).
package dialect
