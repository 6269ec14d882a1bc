package exec_test

import (
	"context"
	"database/sql"
	"io"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/exec/migration"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// calls are all methods of a client that take a table.
func calls(c *exec.Client, table string) map[string]func() error {
	ctx, version := context.Background(), int64(1)
	r := request("doc_1", "email", "a")
	r.Table = table
	restore := exec.RestoreRequest{Table: table, Version: &version}
	backup := exec.BackupRequest{Table: table, DocID: "doc_1"}
	prune := exec.PruneRequest{Table: table, Keep: 1}
	out, _ := rowsource.NewWriter(io.Discard, rowsource.FormatCSV, "")
	return map[string]func() error{
		"Input":                func() error { _, err := c.Input(ctx, r); return err },
		"Plan":                 func() error { _, err := c.Plan(ctx, r); return err },
		"PlanMigration":        func() error { _, err := c.PlanMigration(ctx, r); return err },
		"Upload":               func() error { _, err := c.Upload(ctx, r); return err },
		"Inspect":              func() error { _, err := c.Inspect(ctx, table); return err },
		"Schema":               func() error { _, err := c.Schema(ctx, table); return err },
		"PlanRestore":          func() error { _, err := c.PlanRestore(ctx, restore); return err },
		"Restore":              func() error { _, err := c.Restore(ctx, restore); return err },
		"PlanBackup":           func() error { _, err := c.PlanBackup(ctx, backup); return err },
		"Backup":               func() error { _, err := c.Backup(ctx, backup); return err },
		"PlanPrune":            func() error { _, _, err := c.PlanPrune(ctx, prune); return err },
		"Prune":                func() error { _, _, err := c.Prune(ctx, prune); return err },
		"Pin":                  func() error { return c.Pin(ctx, table, 1, "") },
		"Unpin":                func() error { return c.Unpin(ctx, table, 1) },
		"Diff":                 func() error { _, err := c.Diff(ctx, exec.DiffRequest{Table: table}, nil); return err },
		"Export":               func() error { _, err := c.Export(ctx, exec.ExportRequest{Table: table}, out); return err },
		"OpenRun":              func() error { _, err := c.OpenRun(ctx, table); return err },
		"CreateBackupTable":    func() error { _, err := c.CreateBackupTable(ctx, table); return err },
		"BackUpExistingData":   func() error { _, err := c.BackUpExistingData(ctx, table, "d", "ts"); return err },
		"ClearTable":           func() error { _, err := c.ClearTable(ctx, table); return err },
		"RemoveColumnIfExists": func() error { _, err := c.RemoveColumnIfExists(ctx, table, "email"); return err },
		"BackupHistory":        func() error { _, err := c.BackupHistory(ctx, table, 0); return err },
		"SetAside":             func() error { _, err := c.SetAside(ctx, table); return err },
	}
}

// refuses checks that the call returns an error with each of the words, and does not panic.
func refuses(t *testing.T, what string, call func() error, words ...string) {
	t.Helper()
	defer func() {
		if crashed := recover(); crashed != nil {
			t.Errorf("%s crashes: %v", what, crashed)
		}
	}()
	err := call()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: the error does not say %q: %v", what, w, err)
		}
	}
}

// TestNothingGiven: an argument that is nil or empty is rejected with an error that names
// it, and causes no panic.
func TestNothingGiven(t *testing.T) {
	ctx := context.Background()
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)", "INSERT INTO people VALUES ('a')")
	before := sqlitetest.Fingerprint(t, d.file)
	made := d.plan(request("doc_1", "email", "b"))
	var none *exec.Client
	for name, c := range map[string]*exec.Client{"a nil client": none, "a zero client": {}, "no database": exec.New(nil, sqlite.New(), exec.Identity{}), "no backend": exec.New(d.db, nil, exec.Identity{})} {
		lacks := map[bool]string{true: "no backend", false: "no database"}[name == "no backend"]
		all := calls(c, "people")
		all["Migrate"] = func() error { _, err := c.Migrate(ctx); return err }
		all["Audit"] = func() error { _, err := c.Audit(ctx, exec.RunFilter{}); return err }
		all["Runs"] = func() error { _, err := c.Runs(ctx, exec.RunFilter{}); return err }
		all["Recover"] = func() error { _, err := c.Recover(ctx, "", exec.DoRecover); return err }
		all["PreviousUpload"] = func() error { _, err := c.PreviousUpload(ctx, "people", "", ""); return err }
		all["MayRun"] = func() error { return c.MayRun(ctx, made) }
		all["Run"] = func() error { _, err := c.Run(ctx, made, request("doc_1", "email", "b").Source, nil); return err }
		all["Apply"] = func() error { _, err := c.Apply(ctx, made, request("doc_1", "email", "b").Source, nil); return err }
		for what, call := range all {
			refuses(t, name+": "+what, call, lacks)
		}
	}
	for _, table := range []string{"", "  ", `""`} {
		for what, call := range calls(d.client, table) {
			refuses(t, "no table: "+what, call, "table")
		}
	}
	r := request("doc_1")
	r.Source = nil
	refuses(t, "Upload", func() error { _, err := d.client.Upload(ctx, r); return err }, "Source is nil")
	refuses(t, "Apply", func() error { _, err := d.client.Apply(ctx, made, nil, nil); return err }, "Source is nil")
	refuses(t, "Run", func() error { _, err := d.client.Run(ctx, made, nil, nil); return err }, "Source is nil")
	refuses(t, "Run", func() error { _, err := d.client.Run(ctx, plan.Plan{}, nil, nil); return err }, "no steps")
	refuses(t, "Apply", func() error { _, err := d.client.Apply(ctx, plan.Plan{}, nil, nil); return err }, "no steps")
	refuses(t, "InputFor", func() error {
		_, err := exec.InputFor(ctx, sqlite.New(), dialect.Target{}, exec.Request{}, "")
		return err
	}, "Source is nil")
	refuses(t, "Export", func() error { _, err := d.client.Export(ctx, exec.ExportRequest{Table: "people"}, nil); return err }, "RowWriter is nil")
	refuses(t, "Prune", func() error { _, _, err := d.client.Prune(ctx, exec.PruneRequest{Table: "people"}); return err })
	refuses(t, "Restore", func() error { _, err := d.client.Restore(ctx, exec.RestoreRequest{Table: "people"}); return err }, "doc_id")
	refuses(t, "InTx", func() error { _, err := exec.InTx(ctx, nil, sqlite.New(), exec.Identity{}); return err }, "nil")
	refuses(t, "InTx", func() error { _, err := exec.InTx(ctx, &sql.Tx{}, nil, exec.Identity{}); return err }, "nil")
	refuses(t, "NewWriter", func() error { _, err := rowsource.NewWriter(nil, rowsource.FormatCSV, ""); return err }, "nil")
	refuses(t, "FS", func() error {
		_, err := rowsource.Measure(ctx, rowsource.FS(nil, "a.csv", rowsource.Options{}))
		return err
	}, "fs.FS", "nil")
	refuses(t, "At", func() error {
		_, err := rowsource.Measure(ctx, rowsource.At(nil, 3, rowsource.Options{Name: "a.csv"}))
		return err
	}, "io.ReaderAt", "nil")
	if after := sqlitetest.Fingerprint(t, d.file); after != before {
		t.Error("a call that was refused has changed the database")
	}
}

// TestNothingGivenToPlan is TestNothingGiven for the planner and its writers.
func TestNothingGivenToPlan(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT)")
	p := d.plan(request("doc_1", "email", "b"))
	refuses(t, "Build", func() error { _, err := plan.Build(nil, plan.Input{}); return err }, "dialect is nil")
	refuses(t, "Build", func() error { _, err := plan.Build(sqlite.New(), plan.Input{}); return err }, "no table is named", "doc_id")
	refuses(t, "BuildUndo", func() error { _, err := plan.BuildUndo(nil, plan.Input{}); return err }, "dialect is nil")
	refuses(t, "BuildMigration", func() error { _, err := plan.BuildMigration(nil, plan.Input{}); return err }, "dialect is nil")
	refuses(t, "BuildRestore", func() error { _, err := plan.BuildRestore(nil, plan.RestoreInput{}); return err }, "dialect is nil")
	refuses(t, "BuildBackup", func() error { _, err := plan.BuildBackup(nil, plan.BackupInput{}); return err }, "dialect is nil")
	refuses(t, "BuildPrune", func() error { _, err := plan.BuildPrune(nil, plan.PruneInput{}); return err }, "dialect is nil")
	refuses(t, "BackupSteps", func() error { _, err := plan.BackupSteps(nil, dialect.Target{}); return err }, "dialect is nil")
	refuses(t, "WriteScript", func() error { return plan.WriteScript(io.Discard, nil, p, nil, plan.SampleRows()) }, "dialect is nil")
	refuses(t, "WriteScript", func() error { return plan.WriteScript(nil, sqlite.New(), p, nil, plan.SampleRows()) }, "io.Writer is nil")
	refuses(t, "WriteScript", func() error { return plan.WriteScript(io.Discard, sqlite.New(), p, nil, plan.SampleRows()) }, "Source is nil")
	refuses(t, "WriteGoose", func() error { return plan.WriteGoose(io.Discard, nil, plan.Migration{}, nil) }, "dialect is nil")
	up := migration.New(1, migration.Upload{})
	refuses(t, "Up", func() error { return up.UpFnContext(context.Background(), nil) }, "Upload.Backend is missing")
}

// TestZeroKind: the zero Kind means plan.AnyTable, both for the client and for the planner.
func TestZeroKind(t *testing.T) {
	d := newTestDatabase(t, "CREATE TABLE people (email TEXT, verdict TEXT)")
	r := request("doc_1", "email", "a")
	r.Kind = plan.Kind{DropColumns: []string{"verdict"}}
	d.upload(r)
	r = request("doc_2", "email", "b")
	r.Kind = plan.Kind{}
	if got := d.plan(r).Upload.Kind.Name; got != plan.AnyTable().Name {
		t.Errorf("the plan has the kind %q", got)
	}
	d.upload(r)
	d.same("the events", d.rows("SELECT event FROM "+dialect.RunTable+" ORDER BY id"), "TABLE_UPLOAD", "TABLE_UPLOAD")
	d.same("the loads", d.rows("SELECT DISTINCT event FROM "+dialect.AuditTable+" WHERE kind = 'load'"), "TABLE_UPLOAD")
	d.same("the columns", d.rows("SELECT name FROM pragma_table_info('people')"), "email")
	r.Kind = plan.Kind{Name: "prices"}
	refuses(t, "a kind without an event", func() error { _, err := d.client.Plan(context.Background(), r); return err }, "prices", "event")
}
