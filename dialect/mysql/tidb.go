package mysql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
)

// NameTiDB is TiDB's name in plans and DSNs.
const NameTiDB dialect.Name = "tidb"

// TiDB is what differs there from MySQL
// (https://docs.pingcap.com/tidb/stable/mysql-compatibility/).
type TiDB struct{ Dialect }

// NewTiDB returns the TiDB dialect.
func NewTiDB() TiDB { return TiDB{} }

// Name returns "tidb".
func (TiDB) Name() dialect.Name { return NameTiDB }

// Strategies are both, swap first: TiDB has no gap locks that would keep writers
// out in place, and its transactions must fit into memory.
func (TiDB) Strategies() []dialect.Strategy {
	return []dialect.Strategy{dialect.Swap, dialect.InPlace}
}

// Begin asks for a pessimistic transaction whatever the server's own setting
// is: in an optimistic one the copy would lock nothing
// (https://docs.pingcap.com/tidb/stable/pessimistic-transaction/).
func (d TiDB) Begin(t dialect.Table) []dialect.Stmt { return d.begin("BEGIN PESSIMISTIC", t) }

// Session is without what TiDB knows only to read.
func (TiDB) Session(o dialect.SessionOptions) []dialect.Stmt {
	return append(commonSession(o), dialect.Stmt{SQL: "SET SESSION max_execution_time = 0"}, dialect.Stmt{SQL: notesOn})
}

// CopyRows is MySQL's; the note says what a lock on rows alone is worth.
func (d TiDB) CopyRows(c dialect.Copy) dialect.Stmt {
	s := d.Dialect.CopyRows(c)
	s.Note = "FOR UPDATE: until the COMMIT nobody else changes or deletes these rows; one that is added makes the counts differ"
	return s
}

// Proof fails as a variable that cannot be set to the message: TiDB computes
// the length of a message before it shows the expression. Its SET locks nothing.
func (TiDB) Proof(says, cond string) dialect.Stmt {
	return dialect.Stmt{SQL: fmt.Sprintf("SET SESSION sql_safe_updates = IF(%s, 'OFF', %s)", cond, text(notProved+says))}
}

// TakeLock is MySQL's, with TiDB's proof.
func (d TiDB) TakeLock(table dialect.Ident, wait time.Duration) []dialect.Stmt {
	return []dialect.Stmt{d.Proof(lockProof(table, wait))}
}

// Holds: TiDB makes no bytes of a text
// (https://docs.pingcap.com/tidb/stable/sql-statement-modify-column/).
func (d TiDB) Holds(backup, original dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	ok, wider := d.Dialect.Holds(backup, original, have, want)
	if !ok && parseType(have.Type).family() == familyText && parseType(wider.Type).family() == familyBinary {
		wider.Type = ""
	}
	return ok, wider
}

// Inspect reads the catalog.
func (d TiDB) Inspect(ctx context.Context, c dialect.Conn, name string) (dialect.Target, error) {
	return inspect(ctx, c, d, name)
}

// typeText: TiDB writes the backslashes in the members of an ENUM as they are.
func (TiDB) typeText(columnType string) string {
	return strings.ReplaceAll(columnType, `\`, `\\`)
}

// HasShape has TiDB write its types as typeText does.
func (TiDB) HasShape(t dialect.Table) string {
	return hasShape(t, `replace(column_type, '\\', '\\\\')`)
}

func (TiDB) catalog() catalog {
	return catalog{
		checks:         mysqlChecks,
		checkNames:     checksStay,
		indexExpresses: mysqlIndexExpressions,
		triggers:       noTriggers,
	}
}
