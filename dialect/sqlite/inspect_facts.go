package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// readersWait tells the rollback journal, under which a large transaction keeps
// readers out, from the write-ahead log, under which it does not
// (https://www.sqlite.org/wal.html#overview).
func (in *inspection) readersWait() string {
	if mode := in.Names("PRAGMA main.journal_mode"); len(mode) == 1 && mode[0] == "wal" {
		return ""
	}
	return "the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on"
}

// estimatedRows is what ANALYZE left, if anybody ran it
// (https://www.sqlite.org/fileformat2.html#the_sqlite_stat1_table).
func (in *inspection) estimatedRows(table string) *int64 {
	if !in.exists("sqlite_stat1") {
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

// LedgerVersion asks goose's version table.
func (Dialect) LedgerVersion(ctx context.Context, c dialect.Conn) (int64, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: c}}
	v := in.ledgerVersion()
	return v, in.Err
}

func (in *inspection) ledgerVersion() (v int64) {
	if in.exists(dialect.VersionTable) {
		in.Each(func(r *sql.Rows) error { return r.Scan(&v) },
			`SELECT coalesce(max(version_id), 0) FROM main.`+dialect.VersionTable)
	}
	return v
}

func (in *inspection) ledger(table string) dialect.Ledger {
	l := dialect.Ledger{Migration: in.ledgerVersion()}
	if l.Migration == 0 {
		return l
	}
	l.Last = in.LastVersion(`SELECT version_made, event, doc_id, upload_timestamp, coalesce(rows_loaded, 0), source_sha256
		FROM main.`+dialect.RunTable+` WHERE table_name = ? AND state = 'done' AND version_made > 0
		ORDER BY version_made DESC LIMIT 1`, table)
	return l
}

// dryRunDrops tries to drop each column in an empty copy of the schema, in
// memory: SQLite finds every key, index, view and trigger that is in the way,
// and the database itself is not touched.
func (in *inspection) dryRunDrops(t *dialect.Table) {
	if t.Kind != dialect.BaseTable || in.Err != nil {
		return
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		in.Err = err
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection to :memory: is a database of its own
	in.replaySchema(db)
	if !(&inspection{Reader: lookup.Reader{Ctx: in.Ctx, Conn: db}}).exists(t.Ident.Name) {
		return // made with a module or a collation that is not here: what its columns are in is not known
	}
	for i, c := range t.Columns {
		t.Columns[i].DropBreaks = tryDrop(in.Ctx, db, t.Ident, c.Name)
		if t.Columns[i].DropBreaks == "" {
			t.Columns[i].DropBreaks = in.triggerThatSets(t.Ident.Name, c.Name)
		}
	}
}

// triggerThatSets finds a trigger that updates the column: SQLite drops the
// column all the same, and then refuses every statement that fires the trigger.
func (in *inspection) triggerThatSets(table, column string) (breaks string) {
	words := regexp.MustCompile(`(?is)\bUPDATE\b.*` + word(table) + `.*\bSET\b.*` + word(column))
	in.Each(func(r *sql.Rows) error {
		var name, definition string
		if err := r.Scan(&name, &definition); err != nil {
			return err
		}
		if _, body, _ := strings.Cut(strings.ToUpper(definition), "BEGIN"); words.MatchString(body) {
			breaks = fmt.Sprintf("trigger %s updates it", name)
		}
		return nil
	}, `SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL ORDER BY name`)
	return breaks
}

// word matches a name as a whole word, quoted or not.
func word(name string) string {
	return `(^|[^\pL\pN_])` + regexp.QuoteMeta(strings.ToUpper(name)) + `($|[^\pL\pN_])`
}

// replaySchema skips what cannot be made here, such as the tables of a module
// that this program does not have.
func (in *inspection) replaySchema(db *sql.DB) {
	schema := in.Names(`SELECT sql FROM main.sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'
		ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid`)
	for _, s := range schema {
		_, _ = db.ExecContext(in.Ctx, s)
	}
}

func tryDrop(ctx context.Context, db *sql.DB, table dialect.Ident, column string) string {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err.Error()
	}
	defer tx.Rollback() //nolint:errcheck // the database is thrown away
	if _, err = tx.ExecContext(ctx, Dialect{}.DropColumn(table, column).SQL); err != nil {
		return reason(err)
	}
	return ""
}

// reason is SQLite's message without the driver's prefix and code.
func reason(err error) string {
	s := strings.TrimPrefix(err.Error(), "SQL logic error: ")
	if i := strings.LastIndex(s, " ("); i > 0 && strings.HasSuffix(s, ")") {
		s = s[:i]
	}
	return s
}

// Enter keeps the connection's own settings, to put them back: the connection
// may be one of a service's pool.
func (d Dialect) Enter(ctx context.Context, c *sql.Conn, session []dialect.Stmt) (func() error, error) {
	back := []string{d.RememberRun()[0].SQL}
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
