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

// Client uploads to one database. It does not close it. Goroutines may share it.
type Client struct {
	// conn is the prepared connection that the client reads from, or nil if it has none
	// yet. See [Client.reading].
	conn dialect.Conn
	// sessions lends connections to write on, and migrates the ledger's tables.
	sessions sessions
	backend  dialect.Backend
	who      Identity
	log      *slog.Logger // nil for none
}

// Identity is recorded in the audit with each run.
type Identity struct {
	// Actor is the name of a person or a service. It is empty if unknown.
	Actor string
	// Tool is the version of the calling program.
	Tool string
}

// New returns a client for db, which must be a database of the backend's family. If db or
// backend is nil, each method returns an error that says so.
func New(db *sql.DB, backend dialect.Backend, who Identity) *Client {
	c := &Client{backend: backend, who: who.withDefaults()}
	if db != nil {
		c.sessions = pool{db: db, backend: backend, stall: DefaultStallTimeout}
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
	// Table is the table's name, or its display name ("HR Panel" for hr_panel). Put a
	// name in quotes if it has a dot in it or must not be read as a display name; see
	// [dialect.ParseReference].
	Table string
	// Kind is the kind of upload. The zero Kind is [plan.AnyTable].
	Kind  plan.Kind
	DocID string
	// UploadTimestamp is stored unchanged. If it is empty, the time of the run is used.
	UploadTimestamp string
	// Actor is recorded in the plan. If it is empty, the audit has the client's own.
	Actor   string
	Source  rowsource.Source
	Options plan.Options
	// Goose is recorded in the audit if a goose migration makes the upload. Otherwise it
	// is nil.
	Goose *plan.GooseMigration
	// Faults says what becomes of rows that the table cannot take.
	Faults Faults
	// Events, if set, is called as the run progresses, from more than one goroutine.
	Events func(Event)
}

// Plan measures the source and plans the upload. It writes nothing.
//
// Errors: *plan.RefusedError if the upload can never run as asked; a *SourceError if the
// source cannot be read, or has rows that the table cannot take: it wraps a
// *rowsource.FaultsError, and a *rowsource.CellError for each of the first. Hazards are in
// the plan; see [plan.Plan.Refused].
func (c *Client) Plan(ctx context.Context, req Request) (plan.Plan, error) {
	in, err := c.Input(ctx, req)
	if err != nil {
		return plan.Plan{}, err
	}
	return plan.Build(c.backend, in)
}

// PlanMigration plans an upload and its undo, for [plan.WriteGoose] with
// [dialect.InExternalTx] of the backend. It writes nothing. Its errors are those of
// [Client.Plan].
func (c *Client) PlanMigration(ctx context.Context, req Request) (plan.Migration, error) {
	in, err := c.Input(ctx, req)
	if err != nil {
		return plan.Migration{}, err
	}
	return plan.BuildMigration(dialect.InExternalTx(c.backend), in)
}

// Input inspects the table and measures the source. [plan.Build] plans the upload from
// the result, and [plan.BuildUndo] plans its undo. Input writes nothing.
func (c *Client) Input(ctx context.Context, req Request) (plan.Input, error) {
	var target dialect.Target
	var meant dialect.Namesakes
	err := c.reading(ctx, func(c *Client) (err error) {
		target, meant, err = c.find(ctx, req)
		return err
	})
	if err != nil {
		return plan.Input{}, err
	}
	in, err := InputFor(ctx, c.backend, target, req, c.who.Tool)
	if err != nil {
		return in, err
	}
	in.Namesakes = meant
	if err := c.probe(ctx, in); err != nil {
		return in, err
	}
	if in.Sample, err = c.sample(ctx, target, plan.Lacking(c.backend, in)); err != nil {
		return in, err
	}
	in.Counted, err = c.counted(ctx, target, plan.CountTo(in))
	return in, err
}

// InputFor is [Client.Input] for a target that was inspected before, such as one from
// [dialect.DecodeTarget]. It needs no database, and checks the whole source. Tool is the
// version of tablesnap. The error is a *SourceError, and a *plan.RefusedError if the columns
// do not fit the table's either.
func InputFor(ctx context.Context, d dialect.Dialect, t dialect.Target, req Request, tool string) (plan.Input, error) {
	in := plan.Input{
		Target: t, Kind: req.Kind, DocID: req.DocID, Timestamp: req.UploadTimestamp,
		Actor: req.Actor, Goose: req.Goose, Tool: tool, Options: req.Options,
	}
	src, done, err := suited(d, t.Table, req.Source)
	if err == nil {
		defer done()
		err = check(ctx, d, &in, src, req.Faults)
	}
	if err != nil {
		return plan.Input{}, withMisfit(d, in, &SourceError{Err: err})
	}
	return in, nil
}

// Upload backs up the present rows of a table, clears it and loads it, all or nothing.
//
// Errors: those of [Client.Plan]; *plan.HazardError, *DriftError and *LockedError if the
// upload did not start; *StepError if a step failed and the upload was rolled back. It wraps
// a *CheckError if the step is a check that has found rows.
func (c *Client) Upload(ctx context.Context, req Request) (Result, error) {
	p, err := c.Plan(ctx, req)
	if err != nil {
		return Result{}, err
	}
	return c.Run(ctx, p, req.Source, req.Events)
}

// Apply runs a plan that was made earlier, from the same source. It returns a
// *DriftError, and writes nothing, if the source, the table, its version or the server
// differ from those in the plan. For the other errors see [Client.Upload].
func (c *Client) Apply(ctx context.Context, p plan.Plan, src rowsource.Source, events func(Event)) (Result, error) {
	if p.Operation != plan.OpUpload {
		return c.Run(ctx, p, nil, events) // its rows are in the database
	}
	src, err := c.asPlanned(ctx, p, src)
	if err != nil {
		return Result{}, err
	}
	return c.Run(ctx, p, src, events)
}

// asPlanned returns the source as the plan reads it. The error is a *DriftError if it is not
// the one that was planned.
func (c *Client) asPlanned(ctx context.Context, p plan.Plan, src rowsource.Source) (rowsource.Source, error) {
	if err := c.runnable(p, src); err != nil {
		return nil, err
	}
	src = p.Upload.AsRead(src)
	manifest, err := rowsource.MeasureWithJSON(ctx, src, func(columns []string) []int { return jsonColumns(c.backend, p, columns) })
	if err != nil {
		return nil, &SourceError{Err: err}
	}
	if manifest.SHA256 != p.Upload.Source.SHA256 {
		return nil, &DriftError{Table: p.Upload.Table, Changes: []string{
			fmt.Sprintf("%s has the SHA-256 %s, and the plan is for %s", src.Name(), manifest.SHA256, p.Upload.Source.SHA256)}}
	}
	if !slices.EqualFunc(manifest.Columns, p.Upload.Source.Columns, sameColumn) {
		return nil, &DriftError{Table: p.Upload.Table, Changes: []string{
			fmt.Sprintf("%s is read in another way than it was planned (its format, the text for NULL, or another option)", src.Name())}}
	}
	return src, nil
}

// sameColumn compares what is known of a column without its type, which is inferred only for
// a plan.
func sameColumn(a, b rowsource.Column) bool {
	a.Type, b.Type = rowsource.Type{}, rowsource.Type{}
	return a == b
}

// jsonColumns are the places of the columns that hold JSON in the plan's table.
func jsonColumns(d dialect.Dialect, p plan.Plan, columns []string) []int {
	if p.Table == nil {
		return nil
	}
	return plan.JSONColumns(d, *p.Table, columns)
}

// Run runs a plan that was made a moment ago. Unlike Apply, it does not read the source
// beforehand: if it is not the plan's, the run rolls back after the load.
func (c *Client) Run(ctx context.Context, p plan.Plan, src rowsource.Source, events func(Event)) (Result, error) {
	if p.Set != nil {
		return Result{}, fmt.Errorf("run the plan of %q: it is a part of the set %q, and runs with the set", p.Upload.Table.Name, p.Set.Name)
	}
	r, err := c.newRun(ctx, p, src, events)
	if err != nil {
		return Result{}, err
	}
	var result Result
	err = c.sessions.session(ctx, dialect.ForWriting, p.Session, func(conn dialect.Conn) error {
		r.conn = conn
		var err error
		result, err = r.execute(ctx)
		return err
	})
	if r.lost != nil {
		r.awaitOwnEnd(ctx, sessionOf(r.conn))
		return c.resolveInDoubt(ctx, r)
	}
	return result, err
}

// newRun checks whether the plan may run now, and updates the ledger's tables for it. It does
// not look in the session of the plan, which goes to the plan's own database.
func (c *Client) newRun(ctx context.Context, p plan.Plan, src rowsource.Source, events func(Event)) (*run, error) {
	if err := c.runnable(p, src); err != nil {
		return nil, err
	}
	if err := p.Refused(); err != nil {
		return nil, err
	}
	var now dialect.Target
	err := c.reading(ctx, func(c *Client) (err error) {
		if now, err = c.inspect(ctx, dialect.Named(p.Upload.Table.Name), dropsOf(p)); err != nil {
			return err
		}
		if err := drift(p, now); err != nil {
			return err
		}
		return c.MayRun(ctx, p)
	})
	if err != nil {
		return nil, err
	}
	if len(ledger.Pending(c.backend, now.Ledger.Migration)) > 0 {
		if err := c.waitForOthers(ctx, p); err != nil {
			return nil, err
		}
		if _, err := c.Migrate(ctx); err != nil {
			return nil, err
		}
	}
	own := &link{}
	if p.Table != nil {
		own.referring = p.Table.ReferencedBy
	}
	return &run{link: own, backend: c.backend, plan: p, source: p.Upload.AsRead(src), actor: c.who.Actor, events: events, log: c.log,
		owner: c.sessions.owner(), beside: c.beside(p.Session), estimated: now.EstimatedRows}, nil
}

// waitForOthers waits for other programs' locks in an empty transaction, since goose does
// not know the plan's timeout.
func (c *Client) waitForOthers(ctx context.Context, p plan.Plan) error {
	return c.sessions.session(ctx, dialect.ForWriting, p.Session, func(conn dialect.Conn) error {
		r := &run{link: &link{conn: conn}, backend: c.backend, plan: p}
		return r.transaction(ctx, c.backend.Begin(dialect.Table{}, dialect.Replaces).Stmts, never, func() error { return nil })
	})
}

// drift returns a *DriftError if the database has changed since the plan was made.
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
	case p.Table != nil && differs(p, *now.Table):
		add("the table's schema was changed")
	}
	if backupDiffers(p, now.Backup) {
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

// dropsOf says whether the plan drops columns.
func dropsOf(p plan.Plan) drops {
	if _, found := p.Find(plan.DropColumn); found {
		return dropsColumns
	}
	return dropsNone
}

// differs compares the table with the plan's. What dropping a column would break counts only
// if the plan drops any. A plan of an older version of tablesnap may have it all the same.
func differs(p plan.Plan, now dialect.Table) bool {
	if dropsOf(p) == dropsNone {
		return p.Table.WithoutDropBreaks().Hash() != now.WithoutDropBreaks().Hash()
	}
	return p.TableHash != now.Hash()
}

// backupDiffers compares the backup table with the plan's. An undo is planned before the
// upload makes the table, whose types and traits the catalog may show in another form. So
// only the names of its columns count.
func backupDiffers(p plan.Plan, now *dialect.Table) bool {
	if p.IsUndo() && p.Backup != nil && now != nil {
		return !slices.Equal(dialect.ColumnNames(p.Backup.Columns), dialect.ColumnNames(now.Columns))
	}
	return hashOf(p.Backup) != hashOf(now)
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
