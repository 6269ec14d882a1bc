// Package compare writes the statements that compare rows: two versions of a table's
// contents, a file with the table, and what an upload would reset.
package compare
