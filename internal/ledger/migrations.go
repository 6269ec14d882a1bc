package ledger

import (
	"slices"
	"strconv"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// PendingMigrations returns the migrations newer than version.
func PendingMigrations(d dialect.Dialect, version int64) []dialect.Migration {
	return slices.DeleteFunc(d.Ledger().Migrations, func(m dialect.Migration) bool { return m.Version <= version })
}

// MakeLedger are the statements that bring tablesnap's own tables from a version
// (0 where there are none) up to date, as goose would.
func MakeLedger(d dialect.Dialect, from int64) []dialect.Stmt {
	pending := PendingMigrations(d, from)
	var stmts []dialect.Stmt
	if len(pending) > 0 && from == 0 {
		stmts = append(stmts, dialect.Stmt{SQL: d.Ledger().VersionQueries.CreateTable(dialect.VersionTable)},
			RecordMigration(d, 0)) // goose begins with a version 0
	}
	for _, m := range pending {
		stmts = append(append(stmts, m.Stmts...), RecordMigration(d, m.Version))
	}
	return stmts
}

// RecordMigration is goose's statement for a version of tablesnap's own tables,
// with its values in place, for scripts.
func RecordMigration(d dialect.Dialect, version int64) dialect.Stmt {
	return insert(d, dialect.VersionTable, [][2]string{
		{"version_id", strconv.FormatInt(version, 10)},
		{"is_applied", d.Literal(rowsource.Integer(1))},
	})
}

// MakeMissingLedger are the statements that make what is missing of tablesnap's
// own tables, whatever is there.
func MakeMissingLedger(d dialect.PortableDialect) []dialect.Stmt {
	stmts := []dialect.Stmt{d.IfNotExists(dialect.Stmt{SQL: d.Ledger().VersionQueries.CreateTable(dialect.VersionTable)}), recordMissing(d, 0)}
	for _, m := range d.Ledger().Migrations {
		for _, s := range m.Stmts {
			stmts = append(stmts, d.IfNotExists(s))
		}
		stmts = append(stmts, recordMissing(d, m.Version))
	}
	return stmts
}

func recordMissing(d dialect.Dialect, version int64) dialect.Stmt {
	n := number(&version)
	return dialect.Stmt{SQL: "INSERT INTO " + quoteTable(d, dialect.VersionTable) + " (" + d.Quote("version_id") + ", " + d.Quote("is_applied") + ") SELECT " + n + ", " + d.Literal(rowsource.Integer(1)) +
		" WHERE NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.VersionTable) + " WHERE " + d.Quote("version_id") + " = " + n + ")"}
}
