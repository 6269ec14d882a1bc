package plan_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// bench has a real database, so that plans are made from what inspection finds.
type bench struct {
	*testing.T
	db     *sql.DB
	client *exec.Client
}

func newBench(t *testing.T) bench { return newBenchIn(t, sqlitetest.File(t)) }

func newBenchIn(t *testing.T, file string) bench {
	t.Helper()
	db := sqlitetest.Open(t, file)
	return bench{t, db, exec.New(db, sqlite.New(), exec.Identity{Actor: "tester", Tool: "v0.0.0"})}
}

// run runs statements. If one is a comment, it creates the ledger's tables instead.
func (b bench) run(statements ...string) {
	b.Helper()
	for _, s := range statements {
		if strings.HasPrefix(s, "--") {
			if _, err := b.client.Migrate(context.Background()); err != nil {
				b.Fatal(err)
			}
			continue
		}
		sqlitetest.Exec(b, b.db, s)
	}
}

func (b bench) upload(r exec.Request) {
	b.Helper()
	if _, err := b.client.Upload(context.Background(), r); err != nil {
		b.Fatal(err)
	}
}

func (b bench) input(r exec.Request) plan.Input {
	b.Helper()
	target, err := b.client.Inspect(context.Background(), r.Table)
	if err != nil {
		b.Fatal(err)
	}
	if r.Options.Backup == plan.BackupTable {
		schema, err := b.client.Schema(context.Background(), r.Table)
		if err != nil {
			b.Fatal(err)
		}
		target.Making = schema.Making
	}
	manifest, err := measured(r.Source, r.Options)
	if err != nil {
		b.Fatal(err)
	}
	return plan.Input{Target: target, Source: manifest, Kind: r.Kind, DocID: r.DocID, Timestamp: r.UploadTimestamp,
		Actor: "tester", Tool: "v0.0.0", Options: r.Options}
}

func (b bench) plan(r exec.Request) plan.Plan {
	b.Helper()
	p, err := plan.Build(sqlite.New(), b.input(r))
	if err != nil {
		b.Fatal(err)
	}
	return p
}

type option func(*exec.Request)

// measured is the manifest that an upload is planned from.
func measured(src rowsource.Source, o plan.Options) (rowsource.Manifest, error) {
	if o.Types == plan.InferTypes {
		return rowsource.Infer(context.Background(), src)
	}
	return rowsource.Measure(context.Background(), src)
}

// typed is a file with a column of each type, read so that its types are found.
const typed = "code,email,born,seen,price,active,note\n007,ada@example.com,1815-12-10,2025-01-31 10:00:00.5,1.50,true,\n008,alan@example.com,1912-06-23,2025-01-31 11:30:00.0,-0.25,,x\n"

func inferTypes(r *exec.Request) {
	r.Options.Types, r.Options.PrimaryKey = plan.InferTypes, []string{"code", "born"}
}

func upload(docID string, file string, options ...option) exec.Request {
	r := exec.Request{Table: "people", Kind: plan.AnyTable(), DocID: docID, UploadTimestamp: "2025-01-31 10:00", Options: plan.Options{Create: true}}
	r.Source = rowsource.Bytes([]byte(file), rowsource.Options{Name: "people.csv"})
	for _, o := range options {
		o(&r)
	}
	return r
}

func lines(header string, rows ...string) string {
	return strings.Join(append([]string{header}, rows...), "\n") + "\n"
}

func rows(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("person_%d@example.com", i)
	}
	return all
}

func kind(k plan.Kind) option         { return func(r *exec.Request) { r.Kind = k } }
func table(name string) option        { return func(r *exec.Request) { r.Table = name } }
func allow(codes ...plan.Code) option { return func(r *exec.Request) { r.Options.Allow = codes } }
func noTimestamp(r *exec.Request)     { r.UploadTimestamp = "" }
func bySync(r *exec.Request)          { r.Options.Strategy = dialect.Sync }
func indexesAfter(r *exec.Request)    { r.Options.IndexesAfter = 1 }

func keepingTable(r *exec.Request) {
	r.Options.Strategy, r.Options.Backup = dialect.Swap, plan.BackupTable
}
func addColumns(r *exec.Request) { r.Options.NewColumns = plan.AddNewColumns }
func onBackupFailure(p plan.Policy) option {
	return func(r *exec.Request) { r.Options.OnBackupFailure = p }
}

// nullText has the file that stands in the request read with another text for NULL.
func nullText(file, s string) option {
	return func(r *exec.Request) {
		r.Source = rowsource.Bytes([]byte(file), rowsource.Options{Name: "people.csv", Null: []string{s}})
	}
}

// checks are of each kind, with statements around the upload.
func checks(r *exec.Request) {
	r.Options.Before, r.Options.After = []string{"DELETE FROM staging;"}, []string{"ANALYZE {table}"}
	r.Options.Checks = []plan.Check{
		plan.NotNull("email"), plan.Unique("email", "code"), plan.OneOf("code", "x", "y"), plan.Matches("email", "[a-z]+"), plan.MinRows(1), plan.MaxChange(20),
		plan.References("code", "codes", "code"),
		plan.QueryCheck("it's \"odd\"\n-- or so", "SELECT email -- why\nFROM {table} WHERE code = '--';", plan.Refuse),
		plan.QueryCheck("nobody is gone", "SELECT o.email FROM {old} o WHERE o.email NOT IN (SELECT email FROM {table})", plan.Warn),
	}
}
