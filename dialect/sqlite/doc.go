// Package sqlite is the SQLite dialect, on modernc.org/sqlite (no cgo).
//
// DDL is transactional in SQLite, so a whole upload is one transaction.
//
// SQLite rarely rejects a value. A column's affinity may turn '007' into 7, so
// [Dialect.Checker] rejects values that a column would change
// (https://www.sqlite.org/datatype3.html). SQLite may also read a name that does not
// exist as a string (https://www.sqlite.org/quirks.html), so tablesnap qualifies every
// column that it reads with its table.
package sqlite
