// Package migration makes an upload a Go migration of goose
// (https://pressly.github.io/goose/), for [goose.WithGoMigrations]: Up uploads a
// file, Down brings back what stood in the table before.
//
// Where the database can roll back the making of tables, all of it is in goose's
// own transaction: the rows, the backup, the rows of tablesnap's audit and
// goose's version commit together, or nothing of them does. The audit rows that
// say what is under way are then seen by others at the commit, not before.
// Elsewhere (MySQL, MariaDB, TiDB) the upload runs as it always does, on a
// connection of its own, and goose writes its version after it: a process that
// dies between the two leaves an upload that goose does not know of, and the next
// Up refuses the same file (SAME_FILE) unless that is allowed.
package migration
