package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/dsn"
	"github.com/tablesnap/tablesnap/rowsource"
)

// access is what a verb may do to the database.
type access string

const (
	readOnly access = "read only"
	// readWrite does not create a missing file.
	readWrite access = "read and write"
	// readWriteMake creates a missing file.
	readWriteMake access = "read, write, and make the file"
)

// database is an open database with its dialect.
type database struct {
	db      *sql.DB
	backend dialect.Backend
	path    string
	// address is where a server's database is, as user@host/database.
	address string
	stall   time.Duration // see [exec.Client.WithStallTimeout]
	kept    *exec.KeptSession
	// missing states that the file does not exist. It is read as an empty database.
	missing bool
	// connect connects to a server and returns the server's dialect. It is nil for a file.
	connect func(context.Context) (dialect.Backend, error)
	// explain converts an error of reading the database to one for the user.
	explain func(error) error
}

// busy returns a busyError if another program's lock caused err. It is for errors before
// a run: those of a run itself say more, and stay as they are.
func (d database) busy(err error) error {
	if err == nil || as[*exec.StepError](err) || as[*exec.LockedError](err) || d.backend.Classify(err) != dialect.FailureBusy {
		return err
	}
	return busyError{d.path, err}
}

// ahead explains an error before a run: another program's lock, or a lost server.
func (d database) ahead(ctx context.Context, err error) error { return d.lost(ctx, d.busy(err)) }

// lost returns a connectError if the server was lost before a run began. Errors of a run
// itself stay as they are.
func (d database) lost(ctx context.Context, err error) error {
	switch {
	case err == nil, d.connect == nil, ctx.Err() != nil,
		as[connectError](err), as[busyError](err), as[*exec.SourceError](err), as[*rowsource.CellError](err), as[*fs.PathError](err),
		as[*exec.CutOffError](err), as[*exec.PartlyPrunedError](err), as[*exec.StepError](err), as[*exec.LockedError](err):
		return err
	case d.backend.Classify(err) == dialect.FailureLost, as[*exec.StalledError](err), unanswered(err) == noAnswer:
		return connectError{where: d.path, err: err, lost: true, advice: "nothing was changed; try again when the server is back"}
	default:
		return err
	}
}

func (d database) client(actor string) *exec.Client {
	return exec.New(d.db, d.backend, exec.Identity{Actor: actor, Tool: toolVersion()}).WithStallTimeout(d.stall).WithKeptSession(d.kept)
}

// mayRun checks, before the user is asked, whether the work can be run.
func (d database) mayRun(cmd *cobra.Command, w work) error {
	if err := w.refused(); err != nil {
		return err
	}
	for _, p := range w.tables() {
		if err := d.client("").MayRun(cmd.Context(), p.plan); err != nil {
			return d.ahead(cmd.Context(), err)
		}
	}
	return nil
}

// noteRights prints the privileges that the user lacks to run the work. Planning does not
// need them.
func (d database) noteRights(cmd *cobra.Command, w work) {
	if d.db == nil { // it is planned without a database
		return
	}
	for _, p := range w.tables() {
		if err := d.client("").MayRun(cmd.Context(), p.plan); err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "note: this user may plan, and not run it: %s\n", printable(err.Error()))
		}
	}
}

// close closes the database, if there is one.
func (d database) close() error {
	if d.db == nil {
		return nil
	}
	d.kept.Close()
	return d.db.Close()
}

// opener opens a database of one family. Wait is the timeout for other programs' locks.
type opener func(d dsn.DSN, how access, wait time.Duration) (database, error)

// openers maps the scheme of a DSN to its opener.
func openers() map[string]opener {
	return map[string]opener{
		"sqlite": openSQLite, "sqlite3": openSQLite,
		"mysql": openMySQL(mysql.New()), "mariadb": openMySQL(mysql.NewMariaDB()), "tidb": openMySQL(mysql.NewTiDB()),
		"postgres": openPostgres, "postgresql": openPostgres,
	}
}

// parseDSN returns the DSN and the opener for its scheme.
func (a *app) parseDSN() (opener, dsn.DSN, error) {
	text, from, err := a.chooseDSN()
	if err != nil {
		return nil, dsn.DSN{}, err
	}
	d, err := dsn.Parse(text)
	if err != nil {
		return nil, dsn.DSN{}, readFrom(from, err)
	}
	open := func(d dsn.DSN, how access, wait time.Duration) (database, error) {
		db, err := openers()[d.Scheme](d, how, wait)
		return db, readFrom(from, err)
	}
	return open, d, nil
}

// readFrom adds to the error of a DSN where the DSN comes from, such as a flag.
func readFrom(from string, err error) error {
	if wrong, ok := errors.AsType[*dsn.Error](err); ok {
		return usageError{&dsn.Error{From: from, Says: wrong.Says, Err: wrong.Err}}
	}
	return err
}

// open opens the database and checks that it can be read.
func (a *app) open(ctx context.Context, how access) (database, error) {
	open, d, err := a.parseDSN()
	if err != nil {
		return database{}, err
	}
	db, err := open(d, how, a.wait())
	if err != nil {
		return database{}, err
	}
	db.stall, db.kept = a.stall, &exec.KeptSession{}
	if db.connect != nil {
		if err := a.enter(ctx, &db, d); err != nil {
			db.close()
			return database{}, db.lost(ctx, err)
		}
	}
	if _, err := db.backend.LedgerVersion(ctx, db.db); err != nil {
		db.close()
		return database{}, db.lost(ctx, db.explain(err))
	}
	return db, nil
}

// enter connects to a server and uses the server's own dialect, even if the DSN's scheme
// is that of another one.
func (a *app) enter(ctx context.Context, db *database, d dsn.DSN) error {
	asked := db.backend.Facts().Name
	speaks, err := db.connect(ctx)
	if err != nil {
		return err
	}
	db.backend = speaks
	if speaks.Facts().Name != asked && !a.saidServer {
		a.saidServer = true
		fmt.Fprintf(a.stderr, "note: the DSN begins with %s:, and the server is %s; it is used as %s\n", d.Scheme, speaks.Facts().Name, speaks.Facts().Name)
	}
	return nil
}

// openExisting opens an existing database to read it.
func (a *app) openExisting(ctx context.Context) (database, error) {
	db, err := a.open(ctx, readOnly)
	if err == nil && db.missing {
		db.close()
		return database{}, noDatabaseError{path: db.path}
	}
	return db, err
}

// openToPlan opens a database read-only to plan. If the file is missing and may be
// created, it is read as an empty database.
func (a *app) openToPlan(ctx context.Context, create bool) (database, error) {
	db, err := a.open(ctx, readOnly)
	if err == nil && db.missing && !create {
		db.close()
		return database{}, noDatabaseError{db.path, orCreate}
	}
	return db, err
}

// openToWrite opens a database to write. It creates a missing file only if create is
// true.
func (a *app) openToWrite(ctx context.Context, create bool) (database, error) {
	if create {
		return a.open(ctx, readWriteMake)
	}
	db, err := a.open(ctx, readWrite)
	if missing, ok := errors.AsType[noDatabaseError](err); ok {
		return db, noDatabaseError{missing.path, orCreate}
	}
	return db, err
}

// noDatabaseError says that a database file does not exist.
type noDatabaseError struct{ path, advice string }

const orCreate = ", or have the file made with --create"

func (e noDatabaseError) Error() string {
	return fmt.Sprintf("there is no database %q; look at --dsn and TABLESNAP_DSN%s", e.path, e.advice)
}

// wait is how long to wait for other programs' locks.
func (a *app) wait() time.Duration { return cmp.Or(a.lockTimeout, defaultLockTimeout) }

// busyError says that another program has locked the database.
type busyError struct {
	path string
	err  error
}

func (e busyError) Error() string {
	return fmt.Sprintf("read the database %q: another run or program is writing to it; try again, or let plan and apply wait longer with --lock-timeout: %v", e.path, e.err)
}

func (e busyError) Unwrap() error { return e.err }
