package exec

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Client uploads to the tables of one database. It opens and closes nothing of
// the caller's, and may be used by several goroutines.
type Client struct {
	// conn is where the client reads once its session is known; nil before. See
	// [Client.reading].
	conn dialect.Conn
	// sessions lends connections to write on, and migrate makes tablesnap's own
	// tables.
	sessions sessions
	backend  dialect.Backend
	who      Identity
	log      *slog.Logger // nil for none
}

// Identity is who uploads, for the audit.
type Identity struct {
	// Actor is a person's or a service's name; empty where it is not known.
	Actor string
	// Tool is the program's version.
	Tool string
}

// New returns a client for db, which speaks the backend's dialect. If either of them
// is nil, each method returns an error that says so.
func New(db *sql.DB, backend dialect.Backend, who Identity) *Client {
	c := &Client{backend: backend, who: who.withDefaults()}
	if db != nil {
		c.sessions = pool{db, backend}
	}
	return c
}

func (i Identity) withDefaults() Identity {
	if i.Tool == "" {
		i.Tool = "library"
	}
	return i
}

// Request is one upload.
type Request struct {
	// Table is the table's name, or its display name ("HR Panel" for hr_panel). A name
	// that has a dot in it, or must not be taken for a display name, stands in quotes;
	// see [dialect.ParseReference].
	Table string
	// Kind is the kind of upload; the zero Kind is [plan.AnyTable].
	Kind  plan.Kind
	DocID string
	// UploadTimestamp is kept as given; empty means the time of the run.
	UploadTimestamp string
	// Actor is named in the plan; empty leaves the audit to the client's own.
	Actor  string
	Source rowsource.Source
	// Null is the text that means NULL in Source, for the plan to say so.
	Null *string
	// Renames are those of Source, for the plan to say so; see [rowsource.Renamed].
	Renames map[string]string
	Options plan.Options
	// Goose is the goose migration that uploads, for the audit; nil for none.
	Goose *plan.GooseMigration
	// Events, if set, is told what the run is doing. It is called from more than one
	// goroutine.
	Events func(Event)
}

// Plan measures the source and plans the upload. It writes nothing.
//
// Errors: *plan.RefusedError where the upload can never be done as asked;
// *rowsource.CellError and others where the source cannot be read. Hazards are
// in the plan; see [plan.Plan.Refused].
func (c *Client) Plan(ctx context.Context, req Request) (plan.Plan, error) {
	in, err := c.Input(ctx, req)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.Build(c.backend, in)
}

// PlanMigration plans an upload and what undoes it, to be written with
// [plan.WriteGoose] for [dialect.InExternalTx] of the backend. It writes nothing; for its
// errors see [Client.Plan].
func (c *Client) PlanMigration(ctx context.Context, req Request) (plan.Migration, error) {
	in, err := c.Input(ctx, req)
	if err != nil {
		return plan.Migration{}, err
	}
	return plan.BuildMigration(dialect.InExternalTx(c.backend), in)
}

// Input is what a plan is made from: what inspection finds of the table, and the
// manifest of the source. [plan.Build] plans the upload, and [plan.BuildUndo] what
// takes it back. It writes nothing.
func (c *Client) Input(ctx context.Context, req Request) (plan.Input, error) {
	var target dialect.Target
	var meant dialect.Namesakes
	err := c.reading(ctx, func(c *Client) (err error) {
		inspect := c.Inspect
		if req.Options.Retention != (plan.Retention{}) {
			inspect = c.Schema
		}
		target, err = c.awaitIdle(ctx, inspect, req.Table, req.Options.LockTimeout)
		if err == nil && target.Table == nil {
			meant, err = c.namesakes(ctx, target.Ident, req.Table)
		}
		return err
	})
	if err != nil {
		return plan.Input{}, err
	}
	in, err := InputFor(ctx, target, req, c.who.Tool)
	if err != nil {
		return in, err
	}
	in.Namesakes = meant
	if in.Sample, err = c.sample(ctx, target, plan.Lacking(c.backend, in)); err != nil {
		return in, err
	}
	in.Counted, err = c.counted(ctx, target, plan.CountTo(in))
	return in, err
}

// namesakes looks for tables that may have been meant, as far as what was written
// leaves a doubt.
func (c *Client) namesakes(ctx context.Context, missing dialect.Ident, written string) (dialect.Namesakes, error) {
	ref, err := dialect.ParseReference(written)
	if err != nil {
		return dialect.Namesakes{}, err
	}
	meant, err := c.backend.Namesakes(ctx, c.conn, missing)
	if err != nil {
		return meant, fmt.Errorf("look for tables that are called like %q: %w", missing.Name, err)
	}
	if ref.Name.Quoted {
		meant.Here = nil
	}
	meant.Chosen = meant.Chosen || ref.Schema.Text != ""
	return meant, nil
}

// InputFor is the input of a plan for a target that was inspected before, such as
// one that [dialect.DecodeTarget] read: planning from it needs no database. It
// measures the source. Tool is the version of tablesnap. The error is a
// *SourceError.
func InputFor(ctx context.Context, t dialect.Target, req Request, tool string) (plan.Input, error) {
	manifest, err := rowsource.Measure(ctx, req.Source)
	if err != nil {
		return plan.Input{}, &SourceError{Err: err}
	}
	return plan.Input{
		Target: t, Source: manifest, Kind: req.Kind, DocID: req.DocID, Timestamp: req.UploadTimestamp, Null: req.Null, Renames: req.Renames,
		Actor: req.Actor, Goose: req.Goose, Tool: tool, Options: req.Options,
	}, nil
}

// Upload replaces all rows of a table: it backs up the present rows, and then
// clears and loads the table, all of it or nothing.
//
// Errors: those of [Client.Plan]; *plan.HazardError, *DriftError and
// *LockedError where nothing was begun; *StepError where a step failed and all
// was rolled back.
func (c *Client) Upload(ctx context.Context, req Request) (Result, error) {
	p, err := c.Plan(ctx, req)
	if err != nil {
		return Result{}, err
	}
	return c.Run(ctx, p, req.Source, req.Events)
}

// Apply runs a plan that was made before, from the same source. It refuses with
// a *DriftError, before anything is written, where the source, the table, its
// version or the server are not what the plan was made for. For the other
// errors see [Client.Upload].
func (c *Client) Apply(ctx context.Context, p plan.Plan, src rowsource.Source, events func(Event)) (Result, error) {
	if p.Operation != plan.OpUpload {
		return c.Run(ctx, p, nil, events) // its rows are in the database
	}
	manifest, err := rowsource.Measure(ctx, src)
	if err != nil {
		return Result{}, &SourceError{Err: err}
	}
	if manifest.SHA256 != p.Upload.Source.SHA256 {
		return Result{}, &DriftError{Table: p.Upload.Table, Changes: []string{
			fmt.Sprintf("%s has the SHA-256 %s, and the plan is for %s", src.Name(), manifest.SHA256, p.Upload.Source.SHA256)}}
	}
	if !slices.Equal(manifest.Columns, p.Upload.Source.Columns) {
		return Result{}, &DriftError{Table: p.Upload.Table, Changes: []string{
			fmt.Sprintf("%s is read in another way than it was planned (its format, or the text for NULL)", src.Name())}}
	}
	return c.Run(ctx, p, src, events)
}

// Inspect reads what planning needs to know of a table. As everywhere, the table is
// its name or its display name, schema.name, or either in quotes; see
// [dialect.ParseReference]. A *dialect.NameError says why it cannot be found.
func (c *Client) Inspect(ctx context.Context, table string) (dialect.Target, error) {
	ref, err := dialect.ParseReference(table)
	if err != nil {
		return dialect.Target{}, err
	}
	return c.inspect(ctx, ref)
}

func (c *Client) inspect(ctx context.Context, table dialect.Reference) (t dialect.Target, err error) {
	if err := c.ready(); err != nil {
		return t, err
	}
	err = c.reading(ctx, func(c *Client) error {
		if t, err = c.backend.Inspect(ctx, c.conn, table); err != nil {
			return err
		}
		t.Empty, err = c.empty(ctx, t)
		return err
	})
	if err != nil && c.backend.Classify(err) == dialect.FailureBusy {
		err = &LockedError{Table: dialect.Ident{Name: table.Name.Text}, Err: err}
	}
	return t, err
}

// Schema reads what planning needs to know of a table without any database: what
// Inspect reads, and the snapshots of its versions. Written as JSON it is read
// again by [dialect.DecodeTarget].
func (c *Client) Schema(ctx context.Context, table string) (t dialect.Target, err error) {
	err = c.reading(ctx, func(c *Client) error {
		if t, err = c.Inspect(ctx, table); err != nil {
			return err
		}
		versions, err := ledger.Versions(ctx, c.conn, c.backend, t, ledger.AllVersions)
		t.Snapshots = ledger.Snapshots(t, versions)
		return err
	})
	return t, err
}

// Migrate makes tablesnap's own tables or brings them up to date, which an
// upload does by itself. It returns the versions that it applied.
func (c *Client) Migrate(ctx context.Context) ([]int64, error) {
	if err := c.mayMigrate(ctx); err != nil {
		return nil, err
	}
	return c.sessions.migrate(ctx)
}

// Audit returns the runs that the filter chooses, newest first, with their
// steps. There are none where tablesnap has no tables yet.
func (c *Client) Audit(ctx context.Context, f RunFilter) (runs []Run, err error) {
	err = c.reading(ctx, func(c *Client) error {
		if runs, err = c.Runs(ctx, f); err != nil {
			return err
		}
		for i := range runs {
			if runs[i].Steps, err = ledger.Steps(ctx, c.conn, c.backend, runs[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return runs, err
}

// Runs is Audit without the steps.
func (c *Client) Runs(ctx context.Context, f RunFilter) ([]Run, error) {
	runs := []Run{}
	err := c.reading(ctx, func(c *Client) error {
		migration, err := c.backend.LedgerVersion(ctx, c.conn)
		if err != nil || migration == 0 {
			return err
		}
		if f.Table != "" {
			t, err := c.Inspect(ctx, f.Table)
			if err != nil {
				return err
			}
			f.Table = t.Ident.Name
		}
		runs, err = ledger.Runs(ctx, c.conn, c.backend, f)
		return err
	})
	return runs, err
}

// Run runs a plan that was made a moment ago from src. It does not read the
// source beforehand, as Apply does; a source that is not the plan's is noticed
// when it has been loaded, and all is rolled back.
func (c *Client) Run(ctx context.Context, p plan.Plan, src rowsource.Source, events func(Event)) (Result, error) {
	if err := c.runnable(p, src); err != nil {
		return Result{}, err
	}
	if err := p.Refused(); err != nil {
		return Result{}, err
	}
	now, err := c.inspect(ctx, dialect.Named(p.Upload.Table.Name))
	if err != nil {
		return Result{}, err
	}
	if err := drift(p, now); err != nil {
		return Result{}, err
	}
	if err := c.MayRun(ctx, p); err != nil {
		return Result{}, err
	}
	if len(ledger.Pending(c.backend, now.Ledger.Migration)) > 0 {
		if err := c.waitForOthers(ctx, p); err != nil {
			return Result{}, err
		}
		if _, err := c.Migrate(ctx); err != nil {
			return Result{}, err
		}
	}
	var result Result
	r := &run{backend: c.backend, plan: p, source: src, actor: c.who.Actor, events: events, log: c.log, owner: c.sessions.owner()}
	err = c.sessions.session(ctx, p.Session, func(conn dialect.Conn) error {
		r.conn = conn
		var err error
		result, err = r.execute(ctx)
		return err
	})
	if r.lost != nil {
		return c.resolveInDoubt(ctx, r)
	}
	return result, err
}

// waitForOthers begins and ends a transaction, so that a lock which another
// program holds is waited for as the plan says: goose, which makes tablesnap's
// tables, knows nothing of it.
func (c *Client) waitForOthers(ctx context.Context, p plan.Plan) error {
	return c.sessions.session(ctx, p.Session, func(conn dialect.Conn) error {
		r := &run{conn: conn, backend: c.backend, plan: p}
		return r.transaction(ctx, c.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts, never, func() error { return nil })
	})
}

// drift compares what a plan was made for with what is there now.
func drift(p plan.Plan, now dialect.Target) error {
	var changes []string
	add := func(format string, args ...any) { changes = append(changes, fmt.Sprintf(format, args...)) }
	if p.Server.Dialect != now.Server.Dialect {
		add("the plan is for %s, and this is %s", p.Server.Dialect, now.Server.Dialect)
	}
	if p.Upload.Table.Schema != now.Ident.Schema {
		add("the plan is for the database %q, and this is %q", p.Upload.Table.Schema, now.Ident.Schema)
	}
	if p.Server.SQLMode != now.Server.SQLMode {
		add("the SQL mode was %q and is %q", p.Server.SQLMode, now.Server.SQLMode)
	}
	if p.Server.LoadsWith != now.Server.LoadsWith {
		add("rows were to be loaded by %s, and the server now takes them by %s", p.Server.LoadsWith, now.Server.LoadsWith)
	}
	switch {
	case p.Table == nil && now.Table != nil:
		add("the table did not exist, and does now")
	case p.Table != nil && now.Table == nil:
		add("the table does not exist any more")
	case p.Table != nil && now.Table.Hash() != p.TableHash:
		add("the table's schema was changed")
	}
	if before, after := hashOf(p.Backup), hashOf(now.Backup); before != after {
		add("the backup table was changed")
	}
	if before, after := number(p.Ledger.Last), number(now.Ledger.Last); before != after {
		add("version %d was the newest, and version %d is", before, after)
	}
	if len(changes) == 0 {
		return nil
	}
	return &DriftError{Table: p.Upload.Table, Changes: changes}
}

func hashOf(t *dialect.Table) string {
	if t == nil {
		return ""
	}
	return t.Hash()
}

func number(v *dialect.VersionSummary) int64 {
	if v == nil {
		return 0
	}
	return v.Number
}
