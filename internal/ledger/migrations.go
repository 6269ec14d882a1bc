package ledger

import (
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Pending returns the versions of tablesnap's own tables that are newer than one,
// oldest first.
func Pending(d dialect.Dialect, version int64) []int64 {
	newer := []int64{}
	for _, m := range d.Ledger().Migrations {
		if m.Version > version {
			newer = append(newer, m.Version)
		}
	}
	return newer
}

// Known is what is known of tablesnap's own tables when statements on them are
// written.
type Known string

const (
	// Exactly: they are as they are in the version, and nobody else changes them.
	Exactly Known = "exactly"
	// TheirVersion: goose's table was asked for the version just now. If it has none,
	// the table may be there, empty: a process has died, or another one is making it.
	TheirVersion Known = "their version"
	// Nothing: any of them may be there.
	Nothing Known = "nothing"
)

// Updates returns the statements that bring tablesnap's own tables from a version (0 if
// there are none) to the newest one. Whatever makes or changes these tables runs, or
// writes, these.
func Updates(d dialect.Dialect, from int64, known Known) []dialect.Stmt {
	var stmts []dialect.Stmt
	for _, m := range d.Ledger().Migrations {
		if from == 0 || m.Version > from {
			stmts = append(stmts, update(d, m, known)...)
		}
	}
	return stmts
}

// update runs one migration and writes its version into goose's table.
func update(d dialect.Dialect, m dialect.Migration, known Known) []dialect.Stmt {
	words, ok := dialect.ToPortable(d)
	if mayBeThere := known == Nothing || known == TheirVersion && m.Version == 0; !ok || !mayBeThere {
		return append(slices.Clone(m.Stmts), recordVersion(d, m.Version))
	}
	var stmts []dialect.Stmt
	for _, s := range m.Stmts {
		stmts = append(stmts, words.IfNotExists(s))
	}
	return append(stmts, recordMissing(d, m.Version))
}

// recordVersion writes a version as goose does.
func recordVersion(d dialect.Dialect, version int64) dialect.Stmt {
	return insertRow(d, dialect.VersionTable, [][2]string{
		{"version_id", strconv.FormatInt(version, 10)},
		{"is_applied", d.Literal(rowsource.Integer(1))},
	})
}

// recordMissing does so unless it is there.
func recordMissing(d dialect.Dialect, version int64) dialect.Stmt {
	n := number(&version)
	return dialect.Stmt{SQL: "INSERT INTO " + quoteTable(d, dialect.VersionTable) + " (" + d.Quote("version_id") + ", " + d.Quote("is_applied") + ") SELECT " + n + ", " + d.Literal(rowsource.Integer(1)) +
		" WHERE NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.VersionTable) + " WHERE " + d.Quote("version_id") + " = " + n + ")"}
}
