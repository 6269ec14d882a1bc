package ledger

import (
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Pending returns the migrations of the ledger that are newer than version, oldest first.
func Pending(d dialect.Dialect, version int64) []int64 {
	newer := []int64{}
	for _, m := range d.Ledger().Migrations {
		if m.Version > version {
			newer = append(newer, m.Version)
		}
	}
	return newer
}

// Known says how much is known about the ledger's tables when the statements are written.
type Known string

const (
	// Exactly means that the tables are those of the version, and nobody else changes
	// them.
	Exactly Known = "exactly"
	// TheirVersion means that the version was read from goose's table just now. If there
	// was none, an empty table may exist: a process has died, or another one is creating
	// it.
	TheirVersion Known = "their version"
	// Nothing means that any of the tables may exist.
	Nothing Known = "nothing"
)

// Updates returns the statements that bring the ledger's tables from a version (0 if
// there are none) to the newest one. All code that creates or changes these tables uses
// them.
func Updates(d dialect.Dialect, from int64, known Known) []dialect.Stmt {
	var stmts []dialect.Stmt
	for _, m := range d.Ledger().Migrations {
		if from == 0 || m.Version > from {
			stmts = append(stmts, update(d, m, known)...)
		}
	}
	return stmts
}

// update applies one migration and records its version in goose's table.
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

// recordVersion records a version as goose does.
func recordVersion(d dialect.Dialect, version int64) dialect.Stmt {
	return insertRow(d, dialect.VersionTable, [][2]string{
		{"version_id", strconv.FormatInt(version, 10)},
		{"is_applied", d.Literal(rowsource.Integer(1))},
	})
}

// recordMissing records a version unless it is recorded already.
func recordMissing(d dialect.Dialect, version int64) dialect.Stmt {
	n := number(&version)
	return dialect.Stmt{SQL: "INSERT INTO " + quoteTable(d, dialect.VersionTable) + " (" + d.Quote("version_id") + ", " + d.Quote("is_applied") + ") SELECT " + n + ", " + d.Literal(rowsource.Integer(1)) +
		" WHERE NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.VersionTable) + " WHERE " + d.Quote("version_id") + " = " + n + ")"}
}
