package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/tablesnap/tablesnap/dialect"
)

// migrateTries is how often Migrate looks again when another process was
// making the same tables at the same time, which takes TiDB some seconds.
const migrateTries = 10

// Migrate makes tablesnap's own tables, or brings them up to date, and returns
// the versions that it applied. It does not close db.
func Migrate(ctx context.Context, db *sql.DB, d dialect.Dialect) ([]int64, error) {
	store, err := database.NewStoreFromQuerier(dialect.VersionTable, d.Ledger().VersionQueries)
	if err != nil {
		return nil, fmt.Errorf("prepare tablesnap's own tables: %w", err)
	}
	p, err := provider(db, d, store)
	if err != nil {
		return nil, fmt.Errorf("prepare tablesnap's own tables: %w", err)
	}
	for try := 1; ; try++ {
		if err := repair(ctx, db, store); err != nil {
			return nil, fmt.Errorf("repair tablesnap's own tables: %w", err)
		}
		applied, err := up(ctx, p)
		if err == nil {
			return applied, nil
		}
		if try == migrateTries || ctx.Err() != nil {
			return applied, fmt.Errorf("make tablesnap's own tables (what is missing is made the next time): %w", err)
		}
		time.Sleep(time.Duration(try) * 100 * time.Millisecond) // the other process is about to commit
	}
}

// MigrateIn is Migrate inside of a transaction of the caller's.
func MigrateIn(ctx context.Context, c dialect.Conn, d dialect.Backend) ([]int64, error) {
	from, err := d.LedgerVersion(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("look up tablesnap's own tables: %w", err)
	}
	if err := execAll(ctx, c, MakeLedger(d, from)); err != nil {
		return nil, fmt.Errorf("make tablesnap's own tables: %w", err)
	}
	var applied []int64
	for _, m := range PendingMigrations(d, from) {
		applied = append(applied, m.Version)
	}
	return applied, nil
}

// repair writes the version 0 with which goose begins, and without which it does
// not go on: where a CREATE TABLE commits by itself, a process may have died
// between the two.
func repair(ctx context.Context, db *sql.DB, store database.Store) error {
	versions, err := store.ListMigrations(ctx, db)
	if err != nil || len(versions) > 0 {
		return nil // there is no such table, or nothing to repair
	}
	return store.Insert(ctx, db, database.InsertRequest{Version: 0})
}

func up(ctx context.Context, p *goose.Provider) ([]int64, error) {
	results, err := p.Up(ctx)
	applied := make([]int64, 0, len(results))
	for _, r := range results {
		applied = append(applied, r.Source.Version)
	}
	return applied, err
}

// provider has goose run the dialect's statements. Its Close would close the
// caller's database, and is never called.
func provider(db *sql.DB, d dialect.Dialect, store database.Store) (*goose.Provider, error) {
	var migrations []*goose.Migration
	for _, m := range d.Ledger().Migrations {
		migrations = append(migrations, goose.NewGoMigration(m.Version, goFunc(m.Stmts), nil))
	}
	return goose.NewProvider(goose.DialectCustom, db, nil,
		goose.WithStore(store),
		goose.WithGoMigrations(migrations...),
		goose.WithDisableGlobalRegistry(true),
	)
}

// goFunc runs the statements on goose's own connection: in its transaction, which
// ends early where a statement commits by itself. Without a transaction, goose would
// take a second connection, which a small pool does not have.
func goFunc(stmts []dialect.Stmt) *goose.GoFunc {
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error { return execAll(ctx, tx, stmts) }}
}

func execAll(ctx context.Context, c dialect.Conn, stmts []dialect.Stmt) error {
	for _, s := range stmts {
		if _, err := c.ExecContext(ctx, s.SQL); err != nil {
			return err
		}
	}
	return nil
}
