package conformance

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

func settingCases() []testCase {
	return []testCase{{name: "settings: whatever the session has, all is read", run: settingsReadAll}}
}

// settingConnector runs statements on each new connection, as a DSN, init_connect or a
// user's settings can.
type settingConnector struct {
	driver.Connector
	statements []string
}

func (c settingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	e, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a %T runs no statement", conn), conn.Close())
	}
	for _, s := range c.statements {
		if _, err := e.ExecContext(ctx, s, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", s, err), conn.Close())
		}
	}
	return conn, nil
}

// asSet returns a copy of the world whose sessions have unusual settings.
func (w *world) asSet() *world {
	w.Helper()
	set := *w
	set.db = sql.OpenDB(settingConnector{w.in.Connector, w.family.Words.Settings})
	w.Cleanup(func() { set.db.Close() })
	set.client = exec.New(set.db, w.d, exec.Identity{Actor: actor, Tool: tool})
	return &set
}

func settingsReadAll(w *world) {
	set := w.asSet()
	w.upload(request("doc_1", csv("email,age", "a,1", "b,2", "c,3", "d,4")))
	set.upload(request("doc_2", csv("email,age", "a,1", "b,20", "ü,3", "d,4", "e,5")))
	equal(w, "what inspection finds", set.inspect("people"), w.inspect("people"), cmpopts.IgnoreFields(dialect.Target{}, "EstimatedRows", "RowSize"))
	equal(w, "the history", historyLines(set.history("people")), historyLines(w.history("people")))
	equal(w, "the audit", len(set.audit("people")), 2)
	equal(w, "the steps", auditLines(set.audit("people")), auditLines(w.audit("people")))
	for _, v := range []*int64{nil, version(1)} {
		_, want := w.mustExport(exec.ExportRequest{Version: v}, rowsource.FormatJSONL)
		_, got := set.mustExport(exec.ExportRequest{Version: v}, rowsource.FormatJSONL)
		equal(w, "the export", got, want)
	}
	d, lines := set.diff(exec.DiffRequest{From: version(1), Key: []string{"email"}})
	equal(w, "the difference "+strings.Join(lines, "; "), []int64{d.Added, d.Removed, d.Changed}, []int64{2, 1, 1})
	if _, err := set.client.Restore(context.Background(), w.restoreRequest(1)); err != nil {
		w.Errorf("restore: %v", err)
	}
	w.same("the table", w.lines("people"), "a | 1", "b | 2", "c | 3", "d | 4")
}

func auditLines(runs []ledger.Run) []string {
	var lines []string
	for _, r := range runs {
		for _, s := range r.Steps {
			lines = append(lines, fmt.Sprint(r.DocID, " ", s.Step, " ", s.State))
		}
	}
	return lines
}

// settingsEveryColumn checks that inspection and export return the same in a session with
// unusual settings.
func settingsEveryColumn(w *world) {
	set := w.asSet()
	w.eachColumnTable(manyColumns, func(t columnTable) outcome {
		equal(w, "what inspection finds of "+t.String(), set.inspect(t.name), w.inspect(t.name), cmpopts.IgnoreFields(dialect.Target{}, "EstimatedRows", "RowSize"))
		_, want, err := w.export(exec.ExportRequest{Table: t.name}, rowsource.FormatJSONL)
		_, got, other := set.export(exec.ExportRequest{Table: t.name}, rowsource.FormatJSONL)
		if (err == nil) != (other == nil) || got != want {
			w.Errorf("columns %s are exported as\n%.300s(%v)\nin one session, and as\n%.300s(%v)\nin another", t, want, err, got, other)
		}
		if err != nil {
			return refusedOne
		}
		return checked
	})
}
