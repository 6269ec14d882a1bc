package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
	"github.com/tablesnap/tablesnap/testfixtures/schemas"
)

// taken says whether a strategy uploads a table.
type taken string

const (
	isTaken   taken = "yes"
	isRefused taken = "no"
)

// schemaStrategies are the strategies in the order of the columns in the figures.
var schemaStrategies = []dialect.Strategy{dialect.InPlace, dialect.Swap, dialect.Sync}

// realSchemas exports each table of the schemas, changes the tables, and uploads the
// exports by each strategy. A sync takes every table that has a key, and leaves the tables
// as they were exported.
func realSchemas(w *world) {
	found := map[string][]taken{}
	for _, strategy := range schemaStrategies {
		for table, outcome := range newWorld(w.T, w.family).uploadSchemas(strategy) {
			found[table] = append(found[table], outcome)
		}
	}
	got := figures(found)
	w.Logf("tables that can be uploaded:\n%s", got)
	if diff := cmp.Diff(schemas.Figures(string(w.d.Facts().Name)), got); diff != "" {
		w.Errorf("the tables that can be uploaded (-want +got):\n%s", diff)
	}
}

// uploadSchemas returns which tables the strategy has uploaded.
func (w *world) uploadSchemas(strategy dialect.Strategy) map[string]taken {
	w.Helper()
	outcomes := map[string]taken{}
	for _, s := range schemas.All() {
		w.run("create "+s.Name, s.Script(w.family.Words.Schemas...))
		exported := map[string]rowsource.Source{}
		contents := map[string][]string{}
		for _, t := range s.Tables {
			exported[t], _ = w.mustExport(exec.ExportRequest{Table: t}, rowsource.FormatJSONL)
			contents[t] = w.exact(t)
		}
		w.run("change "+s.Name, s.Changes())
		for _, t := range s.Tables {
			if cmp.Equal(w.exact(t), contents[t]) {
				w.Errorf("the changes of %s leave %s as it was", s.Name, t)
			}
			outcomes[t] = w.uploadExport(t, exported[t], strategy)
		}
		for _, t := range s.Tables {
			rewritten := strings.Contains(string(outcomes[t]), string(plan.TriggersRewrite))
			if strategy == dialect.Sync && outcomes[t] != isRefused && !rewritten {
				w.same(t+" after all uploads", w.exact(t), contents[t]...)
			}
		}
	}
	return outcomes
}

func (w *world) run(what, script string) {
	w.Helper()
	if err := w.in.Client(w.T, w.family.Words.ScriptBegins+script); err != nil {
		w.Fatalf("%s: %v", what, err)
	}
	w.other() // looks at the definitions anew
}

// uploadExport uploads a table, and allows what does no harm to other tables if it must.
func (w *world) uploadExport(table string, src rowsource.Source, strategy dialect.Strategy) taken {
	w.Helper()
	r := exec.Request{Table: table, Kind: plan.AnyTable(), DocID: "again", Source: src,
		Options: plan.Options{Strategy: strategy, Allow: []plan.Code{plan.Shrinks}}} // the tables have few rows
	for asked := []string{}; ; {
		err := w.tryUpload(r)
		hazard, unasked := errors.AsType[*plan.HazardError](err)
		switch {
		case err == nil && len(asked) == 0:
			return isTaken
		case err == nil:
			return taken("with " + strings.Join(asked, ", "))
		case !unasked || slices.Contains(hazardCodes(hazard.Hazards), plan.FKCascade):
			w.Logf("%s of %s: %v", strategy, table, err)
			return isRefused
		}
		for _, h := range hazard.Hazards {
			r, asked = permitting(r, h.Code), append(asked, string(h.Code))
		}
	}
}

// figures lists the tables, and counts those that each strategy takes.
func figures(found map[string][]taken) string {
	var b strings.Builder
	line := func(first string, cells ...string) {
		fmt.Fprintf(&b, "%-18s %-40s %-8s %s\n", first, cells[0], cells[1], cells[2])
	}
	line("table", "in place", "by swap", "by sync")
	tables := 0
	counts := make([]int, len(schemaStrategies))
	for _, s := range schemas.All() {
		for _, t := range s.Tables {
			tables++
			cells := make([]string, len(counts))
			for i, outcome := range found[t] {
				if cells[i] = string(outcome); outcome != isRefused {
					counts[i]++
				}
			}
			line(t, cells...)
		}
	}
	line(fmt.Sprintf("%d tables", tables), fmt.Sprint(counts[0]), fmt.Sprint(counts[1]), fmt.Sprint(counts[2]))
	return b.String()
}
