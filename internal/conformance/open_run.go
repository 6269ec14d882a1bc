package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Everything that reads the ledger reports an open run first, and where the rows are.
func openRunCases() []testCase {
	return []testCase{
		{name: "open run: cut off behind the swap", run: openBehindSwap, unless: inPlace},
		{name: "open run: cut off ahead of the swap", run: openAheadOfSwap, unless: inPlace},
		{name: "open run: seen while it is under way", run: openWhileUnderWay},
	}
}

// openRun returns what a new client reports about an open run.
func (w *world) openRun() string {
	w.Helper()
	says, err := w.newClient().OpenRun(context.Background(), "people")
	if err != nil {
		w.Fatal(err)
	}
	return says
}

// places returns the versions with the tables that hold their rows, newest first.
func (w *world) places(c *exec.Client) []string {
	w.Helper()
	versions, err := c.BackupHistory(context.Background(), "people", 0)
	if err != nil {
		w.Fatal(err)
	}
	var places []string
	for _, v := range versions {
		places = append(places, fmt.Sprintf("%d in %s", deref(v.Number), v.Where))
	}
	return places
}

func openBehindSwap(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	w.upload(request("doc_2", csv("email", "c", "d")))
	r := request("doc_3", csv("email", "e", "f"))
	p := w.plan(r)
	copied, _ := p.Find(plan.CopyToBackup)
	w.cutAhead(p, r.Source, copied)
	old := w.inspect("people").Old.Ident.Name
	w.says(fmt.Errorf("%s", w.openRun()), "holds the rows of version 3", old, "those of version 2", "tablesnap recover people")
	w.same("the versions", w.places(w.client), "3 in people", "2 in "+old, "1 in people_backup")
	w.same("version 2", w.exportedRows(2), "c", "d")
	w.same("version 3", w.exportedRows(3), "e", "f")
	from := int64(2)
	found, err := w.client.Diff(context.Background(), exec.DiffRequest{Table: "people", From: &from}, nil)
	if err != nil || found.Added != 2 || found.Removed != 2 || found.OpenRun == 0 {
		w.Errorf("the difference from version 2 to the table: %+v, %v", found, err)
	}
	_, err = w.client.PlanRestore(context.Background(), w.restoreRequest(1))
	mustBe[*exec.CutOffError](w, err)
	w.tidied("people")
	equal(w, "what is said behind recover", w.openRun(), "")
	w.same("the versions behind recover", w.places(w.client), "3 in people", "2 in people_backup", "1 in people_backup")
}

// exportedRows returns the sorted rows of a version, for a table with one column.
func (w *world) exportedRows(version int64) []string {
	w.Helper()
	var b strings.Builder
	out, err := rowsource.NewWriter(&b, rowsource.FormatCSV, "")
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.client.Export(context.Background(), exec.ExportRequest{Table: "people", Version: &version}, out); err != nil {
		w.Fatalf("export version %d: %v", version, err)
	}
	if err := out.Flush(); err != nil {
		w.Fatal(err)
	}
	lines := strings.Fields(strings.ReplaceAll(b.String(), `"`, ""))[1:]
	slices.Sort(lines)
	return lines
}

func openAheadOfSwap(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "c", "d"))
	p := w.plan(r)
	swap, _ := p.Find(plan.SwapTables)
	w.cutAhead(p, r.Source, swap)
	w.says(fmt.Errorf("%s", w.openRun()), "holds the rows of version 1", "tablesnap recover people")
	w.same("the versions", w.places(w.client), "1 in people")
	w.same("version 1", w.exportedRows(1), "a", "b")
	w.tidied("people")
}

// openWhileUnderWay asks for an open run before each COMMIT of a run, on another
// connection.
func openWhileUnderWay(w *world) {
	w.upload(request("doc_1", csv("email", "a", "b")))
	r := request("doc_2", csv("email", "c", "d"))
	p := w.plan(r)
	var said []string
	w.sent.BeforeEach(func(statement string) {
		if w.isCommit(statement) {
			said = append(said, w.openRun())
		}
	})
	_, err := w.client.Run(context.Background(), p, r.Source, nil)
	w.sent.BeforeEach(nil)
	if err != nil {
		w.Fatal(err)
	}
	if len(said) < 2 || said[0] != "" || !strings.Contains(said[len(said)-1], "under way") {
		w.Errorf("what was said at each COMMIT: %q", said)
	}
	equal(w, "what is said behind the run", w.openRun(), "")
}
