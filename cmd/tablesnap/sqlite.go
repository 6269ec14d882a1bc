package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	sqlitedriver "modernc.org/sqlite" // the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/internal/dsn"
	"github.com/tablesnap/tablesnap/internal/shell"
)

// openSQLite opens a database file. Reading changes neither the file nor its folder: a
// missing file is read as an empty database.
func openSQLite(d dsn.DSN, how access, wait time.Duration) (database, error) {
	path := d.Name
	query, err := url.ParseQuery(d.Settings)
	if err != nil {
		return database{}, d.Refuse("has settings after the ? that can't be read")
	}
	exists, err := sqlite.IsDatabaseFile(path)
	if err != nil {
		return database{}, inputError{err}
	}
	if !exists && query.Get("mode") == "rw" {
		return database{}, inputError{fmt.Errorf("open the database %q: there is no such file", path)}
	}
	if !exists && how == readWrite {
		return database{}, noDatabaseError{path: path}
	}
	found := database{backend: sqlite.New(), path: path, missing: !exists}
	found.explain = func(err error) error { return explainSQLite(path, err) }
	name, err := found.name(query, how)
	if err != nil {
		return database{}, err
	}
	found.db, err = sqlite.OpenFile(name, query, wait)
	if err != nil {
		return database{}, fmt.Errorf("open the database %q: %w", path, err)
	}
	if name == inMemory {
		found.db.SetMaxOpenConns(1) // each connection would be a database of its own
	}
	return found, nil
}

// name returns the file's name for the driver, with the settings of the query.
func (d *database) name(query url.Values, how access) (string, error) {
	name := sqlite.FileName(d.path)
	if how != readOnly {
		if how == readWrite && query.Get("mode") == "" {
			query.Set("mode", "rw") // an error if the file has been deleted meanwhile
		}
		return name, nil
	}
	query.Del("_pragma") // some pragmas, such as journal_mode, write
	if d.missing {
		return inMemory, nil
	}
	query.Set("mode", "ro")
	log, err := logOf(d.path)
	if log == emptyLog {
		query.Set("immutable", "1")
		d.backend = writeAhead{}
	}
	return name, err
}

const inMemory = ":memory:"

// writeAhead is for a database in WAL mode without a log. It is read as immutable, and
// then looks as if it had a rollback journal.
type writeAhead struct{ sqlite.Dialect }

// Inspect corrects the result: in WAL mode, readers do not wait.
func (w writeAhead) Inspect(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	t, err := w.Dialect.Inspect(ctx, c, table)
	t.Server.ReadersWait = ""
	return t, err
}

// InspectWithoutDrops corrects the result as Inspect does.
func (w writeAhead) InspectWithoutDrops(ctx context.Context, c dialect.Conn, table dialect.Reference) (dialect.Target, error) {
	t, err := w.Dialect.InspectWithoutDrops(ctx, c, table)
	t.Server.ReadersWait = ""
	return t, err
}

// log is the state of a database's write-ahead log.
type log string

const (
	noLog    log = "none"  // the database has a rollback journal
	emptyLog log = "empty" // SQLite would create the log and its index even to read
	usedLog  log = "used"
)

// logOf finds out how to read a database without creating files. In WAL mode with an empty
// log or none, the file must be opened as immutable
// (https://www.sqlite.org/wal.html#read_only_databases). A used log without its index
// cannot be read, since SQLite would create the index: the error is a cutOffError.
func logOf(path string) (log, error) {
	f, err := os.Open(path)
	if err != nil {
		return noLog, inputError{fmt.Errorf("open the database: %w", err)}
	}
	defer f.Close()
	header := make([]byte, 20)
	if _, err := io.ReadFull(f, header); err != nil {
		return noLog, nil // a new database is an empty file
	}
	const readVersion, wal, walHeader = 19, 2, 32 // https://www.sqlite.org/fileformat2.html
	if header[readVersion] != wal {
		return noLog, nil
	}
	info, err := os.Stat(path + "-wal")
	if errors.Is(err, os.ErrNotExist) {
		return emptyLog, nil
	}
	if _, index := os.Stat(path + "-shm"); err != nil || index == nil {
		return usedLog, nil
	}
	if info.Size() <= walHeader {
		return emptyLog, nil
	}
	return usedLog, cutOffError{path: path, left: path + "-wal"}
}

// cutOffError says that a program was killed while it wrote to the database. SQLite undoes
// the uncommitted changes when a program next opens the file to write.
type cutOffError struct{ path, left string }

func (e cutOffError) Error() string {
	return fmt.Sprintf("read the database %q: a program was cut off while it wrote, and %q still has to be worked in, which reading may not do; "+
		"apply does it by itself, and so does: sqlite3 %s 'PRAGMA schema_version'", e.path, e.left, shell.Quoted(e.path))
}

// explainSQLite converts an error of reading a database to one for the user.
func explainSQLite(path string, err error) error {
	var e *sqlitedriver.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("read the database %q: %w", path, err)
	}
	switch e.Code() {
	case sqlite3.SQLITE_READONLY_ROLLBACK:
		return cutOffError{path: path, left: path + "-journal"}
	case sqlite3.SQLITE_READONLY_RECOVERY, sqlite3.SQLITE_READONLY_CANTINIT:
		return cutOffError{path: path, left: path + "-wal"}
	}
	if busy := (database{backend: sqlite.New(), path: path}).busy(err); as[busyError](busy) {
		return busy
	}
	return fmt.Errorf("read the database %q: %w", path, err)
}

// mayNotWrite reports whether the database is read-only.
func mayNotWrite(err error) bool {
	var e *sqlitedriver.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_READONLY
}
