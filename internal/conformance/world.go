package conformance

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The actor and the version of tablesnap are constant, so that plans of two worlds can be
// compared.
const (
	actor = "tester"
	tool  = "conformance"
)

// world is a new database with two users: tablesnap and another program.
type world struct {
	*testing.T
	family Database
	d      dialect.Backend
	in     Instance
	db     *sql.DB
	client *exec.Client
	sent   *Recorder
	began  time.Time

	columnTables int // see withColumns
}

func newWorld(t *testing.T, family Database) *world {
	t.Helper()
	w := &world{T: t, family: family, d: family.Backend, in: family.Open(t), sent: &Recorder{}, began: time.Now()}
	w.db = sql.OpenDB(w.sent.Connector(w.in.Connector))
	t.Cleanup(func() { w.db.Close() })
	w.client = exec.New(w.db, w.d, exec.Identity{Actor: actor, Tool: tool})
	return w
}

// newClient returns a client with its own connections, like another process. It keeps no
// idle connections, because a case may create many clients.
func (w *world) newClient() *exec.Client {
	db := sql.OpenDB(w.in.Connector)
	db.SetMaxIdleConns(-1)
	w.Cleanup(func() { db.Close() })
	return exec.New(db, w.d, exec.Identity{Actor: actor, Tool: tool})
}

// other runs statements as another program. It only replaces the placeholders for types.
// First it makes the connection reload the tables' definitions, if the family needs that.
func (w *world) other(stmts ...string) {
	w.Helper()
	ctx := context.Background()
	conn, err := w.in.Other.Conn(ctx)
	if err != nil {
		w.Fatalf("another program connects: %v", err)
	}
	defer conn.Close()
	for _, s := range append(slices.Clone(w.family.Words.LookAnew), stmts...) {
		if _, err := conn.ExecContext(ctx, w.fill(s)); err != nil {
			w.Fatalf("another program runs %s: %v", s, err)
		}
	}
}

func (w *world) fill(stmt string) string {
	return strings.NewReplacer("{text}", w.family.Words.Text, "{int}", w.family.Words.Integer, "{id}", w.family.Words.Key).Replace(stmt)
}

// csv returns a CSV file with the header and the lines.
func csv(header string, lines ...string) rowsource.Source {
	return rowsource.Bytes([]byte(strings.Join(append([]string{header}, lines...), "\n")+"\n"), rowsource.Options{Name: "people.csv"})
}

// request is an upload to the table people, used by most cases. It may create the table.
func request(docID string, src rowsource.Source) exec.Request {
	return exec.Request{Table: "people", Kind: plan.AnyTable(), DocID: docID, UploadTimestamp: "time of " + docID, Source: src,
		Options: plan.Options{Create: true}}
}

// resetting allows the request to reset columns that its source lacks.
func resetting(r exec.Request) exec.Request {
	r.Options.Allow = append(r.Options.Allow, plan.ColumnsReset, plan.KeysRenumbered)
	return r
}

func (w *world) upload(r exec.Request) exec.Result {
	w.Helper()
	res, err := w.client.Upload(context.Background(), w.by(r))
	if err != nil {
		w.Fatalf("upload %s: %v", r.DocID, err)
	}
	return res
}

func (w *world) tryUpload(r exec.Request) error {
	_, err := w.client.Upload(context.Background(), w.by(r))
	return err
}

// plan plans the request with an actor, as a service does.
func (w *world) plan(r exec.Request) plan.Plan {
	w.Helper()
	p, err := plan.Build(w.d, w.input(r))
	if err != nil {
		w.Fatalf("plan %s: %v", r.DocID, err)
	}
	return p
}

func (w *world) input(r exec.Request) plan.Input {
	w.Helper()
	r = w.by(r)
	in, err := w.newClient().Input(context.Background(), r)
	if err != nil {
		w.Fatalf("find out what the plan of %s is made from: %v", r.DocID, err)
	}
	in.Actor = actor
	return in
}

// unchecked is the input of a plan for which nobody has looked at the rows, so that the
// database is the one that refuses them.
func (w *world) unchecked(r exec.Request) plan.Input {
	w.Helper()
	r = w.by(r)
	m, err := rowsource.Measure(context.Background(), r.Source)
	if err != nil {
		w.Fatalf("measure the source of %s: %v", r.DocID, err)
	}
	return plan.Input{Target: w.inspect(r.Table), Source: m, Kind: r.Kind, DocID: r.DocID, Timestamp: r.UploadTimestamp,
		Actor: actor, Tool: tool, Options: r.Options}
}

// planUnchecked plans the request from w.unchecked.
func (w *world) planUnchecked(r exec.Request) plan.Plan {
	w.Helper()
	p, err := plan.Build(w.d, w.unchecked(r))
	if err != nil {
		w.Fatalf("plan %s: %v", r.DocID, err)
	}
	return p
}

// tryUnchecked runs the plan of w.planUnchecked.
func (w *world) tryUnchecked(r exec.Request) error {
	w.Helper()
	_, err := w.client.Run(context.Background(), w.planUnchecked(r), r.Source, r.Events)
	return err
}

func (w *world) inspect(table string) dialect.Target {
	w.Helper()
	t, err := w.client.Inspect(context.Background(), table)
	if err != nil {
		w.Fatalf("inspect %s: %v", table, err)
	}
	return t
}

// script returns the plan's script with all rows.
func (w *world) script(p plan.Plan, src rowsource.Source) string {
	w.Helper()
	var b strings.Builder
	if err := plan.WriteScript(&b, w.d, p, src, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
		w.Fatalf("print the script: %v", err)
	}
	return b.String()
}

// audit returns the runs on a table, newest first.
func (w *world) audit(table string) []ledger.Run {
	w.Helper()
	runs, err := w.client.Audit(context.Background(), ledger.RunFilter{Table: table})
	if err != nil {
		w.Fatalf("read the audit of %s: %v", table, err)
	}
	return runs
}

func (w *world) lastRun(table string) ledger.Run {
	w.Helper()
	runs := w.audit(table)
	if len(runs) == 0 {
		w.Fatalf("no run on %s was written down", table)
	}
	return runs[0]
}

// history returns the versions of a table's contents, newest first.
func (w *world) history(table string) []ledger.Version {
	w.Helper()
	versions, err := w.client.BackupHistory(context.Background(), table, 0)
	if err != nil {
		w.Fatalf("read the history of %s: %v", table, err)
	}
	return versions
}

func (w *world) fingerprint() string {
	w.Helper()
	return w.in.Fingerprint(w.T)
}

// mustBe returns the error of type E in err, or ends the test.
func mustBe[E error](w *world, err error) E {
	w.Helper()
	found, ok := errors.AsType[E](err)
	if !ok {
		w.Fatalf("got the error %T (%v), want a %T", err, err, found)
	}
	return found
}

// says checks that the error's message has each of the parts.
func (w *world) says(err error, parts ...string) {
	w.Helper()
	if err == nil {
		w.Errorf("no error, want one that says %q", parts)
		return
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			w.Errorf("the error does not say %q:\n%v", p, err)
		}
	}
}

func warningCodes(ws []plan.Warning) []plan.Code {
	codes := []plan.Code{}
	for _, v := range ws {
		codes = append(codes, v.Code)
	}
	slices.Sort(codes)
	return codes
}

func hazardCodes(hs []plan.Hazard) []plan.Code {
	codes := []plan.Code{}
	for _, h := range hs {
		codes = append(codes, h.Code)
	}
	return codes
}

func replaceAll(texts []string, from, to string) []string {
	replaced := make([]string, len(texts))
	for i, s := range texts {
		replaced[i] = strings.ReplaceAll(s, from, to)
	}
	return replaced
}
