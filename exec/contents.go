package exec

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// NoContentsError says that there are no rows to read: no such table, no such version, or
// no table that still holds its rows.
type NoContentsError struct {
	Table   string
	Message string
}

func (e *NoContentsError) Error() string { return fmt.Sprintf("read %q: %s", e.Table, e.Message) }

// readingWait is the lock timeout for reading.
const readingWait = 10 * time.Second

// snapshotReader reads contents on one connection, in a transaction that sees the
// database at one moment and is rolled back at the end.
type snapshotReader struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one transaction
	backend dialect.Backend
	conn    dialect.Conn
	target  dialect.Target
	// own states that the transaction was begun for this. Otherwise it is the caller's, and
	// its statements may see the database at different moments.
	own bool
}

// readSnapshot inspects the table and runs work with a snapshotReader.
func (c *Client) readSnapshot(ctx context.Context, table string, work func(snapshotReader) error) error {
	if err := c.ready(); err != nil {
		return err
	}
	ref, err := dialect.ParseReference(table)
	if err != nil {
		return err
	}
	session := c.backend.Session(dialect.SessionOptions{LockTimeout: readingWait})
	return c.sessions.session(ctx, dialect.ForReading, session, func(conn dialect.Conn) (err error) {
		d := snapshotReader{ctx: ctx, backend: c.backend, conn: conn}
		end := func() error { return nil }
		defer func() { err = errors.Join(err, end()) }()
		err = tryReading(c.backend, c.sessions.owner(), func() (err error) {
			if err = end(); err != nil {
				return err
			}
			if d.own, end, err = beginSnapshot(ctx, conn); err != nil {
				return err
			}
			d.target, err = c.backend.Inspect(ctx, conn, ref)
			return err
		})
		if err != nil {
			return err
		}
		return work(d) // it may write to temporary tables, and is not run again
	})
}

// beginSnapshot begins a transaction that sees the database at one moment, unless the caller
// has begun one. End, which is never nil, rolls it back.
func beginSnapshot(ctx context.Context, conn dialect.Conn) (begun bool, end func() error, err error) {
	end = func() error { return nil }
	own, ok := conn.(interface {
		BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
	})
	if !ok {
		return false, end, nil
	}
	tx, err := own.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return false, end, fmt.Errorf("begin to read: %w", err)
	}
	return true, func() error {
		if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
			return err
		}
		return nil
	}, nil
}

// contents are rows with a name for messages.
type contents struct {
	compare.Contents
	name string
	// For a file: unknown are columns that only the file has. reset and anew are columns
	// of the table that the file lacks. The columns of reset are also in Columns, filled
	// with their defaults.
	unknown     []string
	reset, anew []dialect.Column
	file        *fileRows
	// rows is their number, if it is known.
	rows *int64
}

// close closes the file, if it is one.
func (c contents) close() {
	if c.file != nil {
		c.file.close()
	}
}

// count counts the rows.
func (d snapshotReader) count(found contents) (rows int64, err error) {
	if found.rows != nil {
		return *found.rows, nil
	}
	where := ""
	if found.VersionColumn != "" {
		where = dialect.OfVersion(d.backend, found.VersionColumn, found.Version)
	}
	err = d.conn.QueryRowContext(d.ctx, "SELECT "+dialect.RowsWhere(d.backend, found.Table.Ident, where)).Scan(&rows)
	if err != nil {
		err = fmt.Errorf("count the rows of %q: %w", found.Table.Ident.Name, err)
	}
	return rows, err
}

// whole returns an error if rows are missing: a proxy or the like may truncate a result
// silently.
func (d snapshotReader) whole(name string, read, want int64) error {
	if read == want {
		return nil
	}
	return fmt.Errorf("read the rows of %q: %s has %d, and %d were read; look for a proxy or a setting that limits results, and read it again", d.target.Ident.Name, name, want, read)
}

// present is the table's present contents.
func (d snapshotReader) present() (contents, error) {
	if d.target.Table == nil {
		return contents{}, d.missing("there is no such table")
	}
	t := *d.target.Table
	return contents{Contents: compare.Contents{Table: t, Columns: t.StoredColumns()}, name: "the table"}, nil
}

func (d snapshotReader) missing(format string, args ...any) error {
	return &NoContentsError{Table: d.target.Ident.Name, Message: fmt.Sprintf(format, args...)}
}

// version finds the rows of a version in whichever table holds them.
func (d snapshotReader) version(number int64) (contents, error) {
	v, ok, err := ledger.Find(d.ctx, d.conn, d.backend, d.target, number)
	if err != nil {
		return contents{}, err
	}
	name := fmt.Sprintf("version %d", number)
	switch {
	case !ok:
		return contents{}, d.missing("there is no %s; tablesnap history %s lists the versions", name, dialect.ShellWord(d.target.Ident.Name))
	case v.Where == "":
		return contents{}, d.missing("no table that you may see holds the rows of %s: they were deleted, or you lack SELECT on the table that keeps them; tablesnap history %s lists where those of others are", name, dialect.ShellWord(d.target.Ident.Name))
	case d.target.Backup != nil && v.Where == d.target.Backup.Ident.Name:
		return d.snapshot(*d.target.Backup, number, name)
	case v.Where == d.target.Ident.Name:
		found, err := d.present()
		found.name = name
		return found, err
	default:
		kept, err := d.backend.Inspect(d.ctx, d.conn, dialect.Named(v.Where))
		if err != nil {
			return contents{}, err
		}
		if kept.Table == nil {
			return contents{}, d.missing("the table %q, which held the rows of %s, was dropped, or you lack SELECT on it", v.Where, name)
		}
		return d.snapshot(*kept.Table, number, name)
	}
}

// snapshot is a version in table kept. That is a backup table, or a preserved table with
// the original's own columns.
func (d snapshotReader) snapshot(kept dialect.Table, number int64, name string) (contents, error) {
	names, ok := ledger.SnapshotColumns(d.backend, dialect.Target{Table: d.target.Table, Backup: &kept})
	if !ok || names.Version == "" {
		return contents{Contents: compare.Contents{Table: kept, Columns: d.asOriginal(kept)}, name: name}, nil
	}
	t := kept.Without([]string{names.ID, names.DocID, names.Timestamp, names.Version})
	return contents{Contents: compare.Contents{Table: kept, Columns: d.asOriginal(t), VersionColumn: names.Version, Version: number}, name: name}, nil
}

// asOriginal are kept's columns without those that are generated in the original. A
// copy's column may not say that it holds JSON; the original's does.
func (d snapshotReader) asOriginal(kept dialect.Table) []dialect.Column {
	columns := kept.StoredColumns()
	if d.target.Table == nil {
		return columns
	}
	for i, c := range columns {
		original, _ := d.target.Table.Column(c.Name, d.backend.SameName)
		columns[i].JSON = c.JSON || original.JSON
	}
	return slices.DeleteFunc(columns, func(c dialect.Column) bool {
		original, ok := d.target.Table.Column(c.Name, d.backend.SameName)
		return ok && original.Generated != ""
	})
}

// readOne reads one row, or returns nil if there is none.
func (d snapshotReader) readOne(query string, readings []dialect.Reading) ([]rowsource.Value, error) {
	rows, err := d.conn.QueryContext(d.ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read the defaults of %q: %w", d.target.Ident.Name, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, rows.Err()
	}
	return newScanner(readings).scan(rows)
}

func (d snapshotReader) createTemporary(t dialect.Table) (dialect.Table, error) {
	made, stmts := d.backend.CreateTemporary(t)
	for _, s := range stmts {
		if _, err := d.conn.ExecContext(d.ctx, s.SQL); err != nil {
			if keeper, ok := dialect.As[dialect.RightsKeeper](d.backend); ok && keeper.Denied(err) {
				missing, _ := keeper.Lacks(d.ctx, d.conn, dialect.Needs(dialect.Ident{Schema: d.target.Ident.Schema}, dialect.ToMakeTemporary))
				err = errors.Join(&plan.RefusedError{Table: d.target.Ident, Operation: plan.OpDiff, Reasons: missing}, err)
			}
			return made, fmt.Errorf("make a temporary table, in which the database compares the file with the table: %w", err)
		}
	}
	return made, nil
}
