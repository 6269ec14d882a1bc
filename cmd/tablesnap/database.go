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
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// access is what a verb may do to the database.
type access string

const (
	readOnly access = "read only"
	// readWrite leaves a file that does not exist unmade.
	readWrite access = "read and write"
	// readWriteMake makes it.
	readWriteMake access = "read, write, and make the file"
)

// database is an open database with its dialect.
type database struct {
	db      *sql.DB
	backend dialect.Backend
	path    string
	// missing states that the file does not exist: it is read as an empty
	// database, and made when it is written to.
	missing bool
	// connect has a server let us in, and returns the dialect that it speaks. It is
	// nil for a file.
	connect func(context.Context) (dialect.Backend, error)
	// explain puts into words what kept the database from being read.
	explain func(error) error
}

// busy names an error that comes from another program's writing. It is for what
// is done before anything runs; a run itself says more.
func (d database) busy(err error) error {
	if err == nil || as[*exec.StepError](err) || as[*exec.LockedError](err) || d.backend.Classify(err) != dialect.FailureBusy {
		return err
	}
	return busyError{d.path, err}
}

// ahead names an error of what is done before anything runs: another program's
// writing, or a server that is gone.
func (d database) ahead(ctx context.Context, err error) error { return d.lost(ctx, d.busy(err)) }

// lost names the loss of a server before a run began: it is as if nobody had been
// let in. What a run says of itself stays.
func (d database) lost(ctx context.Context, err error) error {
	switch {
	case err == nil, d.connect == nil, ctx.Err() != nil,
		as[connectError](err), as[busyError](err), as[*exec.SourceError](err), as[*rowsource.CellError](err), as[*fs.PathError](err),
		as[*exec.CutOffError](err), as[*exec.PartlyPrunedError](err), as[*exec.StepError](err), as[*exec.LockedError](err):
		return err
	case d.backend.Classify(err) == dialect.FailureLost, unanswered(err) == noAnswer:
		return connectError{where: d.path, err: err, lost: true, advice: "nothing was changed; try again when the server is back"}
	default:
		return err
	}
}

func (d database) client(actor string) *exec.Client {
	return exec.New(d.db, d.backend, exec.Identity{Actor: actor, Tool: toolVersion()})
}

// mayRun finds out whether a plan would run, ahead of the question.
func (d database) mayRun(cmd *cobra.Command, p plan.Plan) error {
	if err := p.Refused(); err != nil {
		return err
	}
	return d.ahead(cmd.Context(), d.client("").MayRun(cmd.Context(), p))
}

// noteRights says what the user would lack to run a plan, which whoever plans does
// not need.
func (d database) noteRights(cmd *cobra.Command, p plan.Plan) {
	if err := d.client("").MayRun(cmd.Context(), p); err != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: this user may plan, and not run it: %s\n", printable(err.Error()))
	}
}

// opener opens the databases of one family. Whatever it reads or writes waits
// so long for other programs.
type opener func(d dsn.DSN, how access, wait time.Duration) (database, error)

// openers maps the scheme of a DSN to what opens it.
func openers() map[string]opener {
	return map[string]opener{
		"sqlite": openSQLite, "sqlite3": openSQLite,
		"mysql": openMySQL(mysql.New()), "mariadb": openMySQL(mysql.NewMariaDB()), "tidb": openMySQL(mysql.NewTiDB()),
		"postgres": openPostgres, "postgresql": openPostgres,
	}
}

// parseDSN finds who opens the database.
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

// readFrom says where a DSN was read that cannot be used.
func readFrom(from string, err error) error {
	if wrong, ok := errors.AsType[*dsn.Error](err); ok {
		return usageError{&dsn.Error{From: from, Says: wrong.Says, Err: wrong.Err}}
	}
	return err
}

// open opens the database, and reads of it as much as shows that it can be read.
func (a *app) open(ctx context.Context, how access) (database, error) {
	open, d, err := a.parseDSN()
	if err != nil {
		return database{}, err
	}
	db, err := open(d, how, a.wait())
	if err != nil {
		return database{}, err
	}
	if db.connect != nil {
		if err := a.enter(ctx, &db, d); err != nil {
			db.db.Close()
			return database{}, db.lost(ctx, err)
		}
	}
	if _, err := db.backend.LedgerVersion(ctx, db.db); err != nil {
		db.db.Close()
		return database{}, db.lost(ctx, db.explain(err))
	}
	return db, nil
}

// enter connects to a server, and goes by what it is, not by what the DSN calls it.
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

// openExisting opens a database to read what stands in it.
func (a *app) openExisting(ctx context.Context) (database, error) {
	db, err := a.open(ctx, readOnly)
	if err == nil && db.missing {
		db.db.Close()
		return database{}, noDatabaseError{path: db.path}
	}
	return db, err
}

// openToPlan opens a database to plan what is written to it. A file that does not
// exist is read as an empty database, if it may be made.
func (a *app) openToPlan(ctx context.Context, create bool) (database, error) {
	db, err := a.open(ctx, readOnly)
	if err == nil && db.missing && !create {
		db.db.Close()
		return database{}, noDatabaseError{db.path, orCreate}
	}
	return db, err
}

// openToWrite opens a database to write, and makes a file that does not exist only
// where it may.
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

// wait is how long to wait for other programs.
func (a *app) wait() time.Duration { return cmp.Or(a.lockTimeout, defaultLockTimeout) }

// busyError says that another program holds the database.
type busyError struct {
	path string
	err  error
}

func (e busyError) Error() string {
	return fmt.Sprintf("read the database %q: another run or program is writing to it; try again, or let plan and apply wait longer with --lock-timeout: %v", e.path, e.err)
}

func (e busyError) Unwrap() error { return e.err }
