// Package history keeps tablesnap's own tables: it makes them (as goose
// migrations with a version table of their own) and reads back the runs, their
// steps, and the versions of a table's contents.
package history
