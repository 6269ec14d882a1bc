// Package migration makes an upload a Go migration of goose
// (https://pressly.github.io/goose/), for [goose.WithGoMigrations]. Up uploads a file,
// and Down restores what was in the table before.
//
// If the database can roll back DDL, everything happens in goose's own transaction. The
// rows, the backup, the audit and goose's version commit together, or not at all. Other
// sessions see the audit only after the commit.
//
// Otherwise (MySQL, MariaDB, TiDB) the upload runs as usual, on a connection of its own,
// and goose writes its version afterwards. If the process dies between the two, goose
// does not know about the upload, and the next Up is refused (SAME_FILE) unless that
// hazard is allowed.
package migration
