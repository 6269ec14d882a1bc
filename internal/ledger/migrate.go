package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/pause"
)

// migrateTries is how often Migrate tries again if another process creates the same
// tables at the same time, which takes some seconds on TiDB.
const migrateTries = 10

// Migrate creates the ledger's tables or updates them, and returns the migrations that it
// applied. It uses one connection at a time and does not close db.
func Migrate(ctx context.Context, db *sql.DB, d dialect.Backend) ([]int64, error) {
	before, err := d.LedgerVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	from := before
	for try := 1; ; try++ {
		failed := migrateFrom(ctx, db, d, from)
		if failed == nil {
			return Pending(d, from), nil
		}
		if try == migrateTries || pause.For(ctx, time.Duration(try)*100*time.Millisecond) != nil { // wait for the other process to commit
			return cameThrough(ctx, db, d, before, failed)
		}
		if now, err := d.LedgerVersion(ctx, db); err == nil {
			from = now
		}
	}
}

// migrateFrom updates the tables in one transaction. A statement that commits by itself
// ends it early.
func migrateFrom(ctx context.Context, db *sql.DB, d dialect.Dialect, from int64) error {
	if len(Pending(d, from)) == 0 {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := runUpdates(ctx, tx, d, from); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// cameThrough checks whether a failed migration has been applied, since its COMMIT may
// have succeeded.
func cameThrough(ctx context.Context, db *sql.DB, d dialect.Backend, before int64, failed error) ([]int64, error) {
	now, err := d.LedgerVersion(context.WithoutCancel(ctx), db)
	if err != nil || len(Pending(d, now)) > 0 {
		return nil, fmt.Errorf("make tablesnap's own tables (what is missing is made the next time): %w", failed)
	}
	return Pending(d, before), nil
}

// MigrateIn is Migrate inside the caller's transaction.
func MigrateIn(ctx context.Context, c dialect.Conn, d dialect.Backend) ([]int64, error) {
	from, err := d.LedgerVersion(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("look up tablesnap's own tables: %w", err)
	}
	if err := runUpdates(ctx, c, d, from); err != nil {
		return nil, fmt.Errorf("make tablesnap's own tables: %w", err)
	}
	return Pending(d, from), nil
}

func runUpdates(ctx context.Context, c dialect.Conn, d dialect.Dialect, from int64) error {
	for _, s := range Updates(d, from, TheirVersion) {
		if _, err := c.ExecContext(ctx, s.SQL); err != nil {
			return err
		}
	}
	return nil
}
