// Package compare writes the statements that compare rows: two versions of a table's
// contents, a file with the table, and what an upload would reset.
//
// They are written by hand: they are queries of queries, in which all that differs is
// an expression that the dialect gives. A builder for each level would be longer, and
// no argument is left to bind.
package compare
