// Package sqlite is the SQLite dialect, on modernc.org/sqlite (no cgo).
//
// DDL is transactional in SQLite, so a whole upload is one transaction. What
// needs care is that SQLite seldom refuses a value: a column's affinity may
// turn '007' into 7, so [Dialect.Checker] refuses what a column would alter
// (https://www.sqlite.org/datatype3.html), and a name that does not exist may
// be read as a string (https://www.sqlite.org/quirks.html), so every column
// that is read is qualified with its table.
package sqlite
