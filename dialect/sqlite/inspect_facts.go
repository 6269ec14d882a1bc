package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// readersWait is about the rollback journal, under which a large transaction blocks
// readers. The write-ahead log does not (https://www.sqlite.org/wal.html#overview).
func (in *inspection) readersWait() string {
	if mode := in.Names("PRAGMA main.journal_mode"); len(mode) == 1 && mode[0] == "wal" {
		return ""
	}
	return "the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on"
}

// estimatedRows is what ANALYZE has stored in its tables, if it was run
// (https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table).
func (in *inspection) estimatedRows(table string, statistics []string) *int64 {
	if !slices.Contains(statistics, "sqlite_stat1") {
		return nil
	}
	var estimate *int64
	in.Each(func(r *sql.Rows) error {
		var stat string
		if err := r.Scan(&stat); err != nil {
			return err
		}
		var n int64
		if _, err := fmt.Sscanf(stat, "%d", &n); err == nil {
			estimate = &n
		}
		return nil
	}, `SELECT stat FROM main.sqlite_stat1 WHERE tbl = ? COLLATE NOCASE AND stat IS NOT NULL LIMIT 1`, table)
	return estimate
}

func (in *inspection) exists(table string) bool {
	return len(in.Names(`SELECT name FROM main.sqlite_master WHERE type = 'table' AND name = ?`, table)) > 0
}

// LedgerVersion reads goose's version table.
func (Dialect) LedgerVersion(ctx context.Context, c dialect.Conn) (int64, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: c}}
	v := in.ledgerVersion()
	return v, in.Err
}

// ledgerVersion reads the version first: a session that is creating the ledger's tables
// creates them before it writes the version.
func (in *inspection) ledgerVersion() (v int64) {
	if in.exists(dialect.VersionTable) {
		in.Each(func(r *sql.Rows) error { return r.Scan(&v) },
			`SELECT coalesce(max(version_id), 0) FROM main.`+dialect.VersionTable)
	}
	in.Fail(dialect.CheckLedger(Dialect{}.Ledger(), v,
		in.Names(`SELECT name FROM main.sqlite_master WHERE type = 'table' AND name IN (`+textList(dialect.OwnTableNames())+`)`)))
	return v
}

func (in *inspection) ledger(table string) (dialect.Ledger, time.Duration) {
	l := dialect.Ledger{Migration: in.ledgerVersion()}
	if l.Migration == 0 {
		return l, 0
	}
	last, took := in.LastVersion(`FROM main.`+dialect.RunTable+` WHERE table_name = ? AND state = 'done' AND version_made > 0
		ORDER BY version_made DESC LIMIT 1`, table)
	l.Last = last
	return l, took
}

// Enter saves the connection's settings to restore them later, since the connection may
// belong to a service's pool.
func (d Dialect) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	back := []string{d.RememberRun(0)[0].SQL}
	for _, setting := range settings() {
		var value int
		if err := c.QueryRowContext(ctx, "PRAGMA "+setting).Scan(&value); err != nil {
			return nil, err
		}
		back = append(back, fmt.Sprintf("PRAGMA %s = %d", setting, value))
	}
	leave := func() error {
		ctx := context.WithoutCancel(ctx)
		for _, s := range back {
			if _, err := c.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
	for _, s := range session {
		if _, err := c.ExecContext(ctx, s.SQL); err != nil {
			return leave, fmt.Errorf("%s: %w", s.SQL, err)
		}
	}
	return leave, nil
}
