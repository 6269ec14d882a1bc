package main

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// jsonThings say what each name in the output of a command means. No two names may mean
// the same: use the name that is here for a thing that is here.
var jsonThings = map[string]string{
	"actor":            "who ran it",
	"added":            "how many rows only the later side has",
	"anew":             "columns that would get a new value in each row",
	"bad_row_count":    "how many rows of a file are bad",
	"bad_rows":         "which rows of a file were left out",
	"changed":          "how many rows both sides have with other values",
	"changes":          "rows that differ",
	"checks":           "conditions that some rows of an upload do not meet",
	"columns":          "compared columns",
	"counts":           "faults by column and reason",
	"details":          "what recovery needs of a step",
	"doc_id":           "the caller's name of an upload",
	"done":             "uploads of several that have run",
	"duration_ms":      "how long it took",
	"ended":            "what ended the reading of a file",
	"event":            "the logged event",
	"fault_count":      "how many faults a file has",
	"faults":           "the first faults of a file",
	"finished_at":      "when it ended",
	"from":             "the earlier side of a comparison",
	"go_version":       "the version of Go",
	"key":              "columns that identify a row",
	"kind":             "what a step does",
	"message":          "a sentence for people",
	"missing":          "rights that the user lacks",
	"not_run":          "uploads of several that have not run",
	"only_from":        "columns of the earlier side only",
	"only_to":          "columns of the later side only",
	"open_run_id":      "the run that has not ended",
	"operation":        "what a run does",
	"partly_pruned_at": "when some rows of a version were deleted",
	"pinned":           "prune keeps the version",
	"plan_hash":        "the SHA-256 of a plan",
	"pruned_at":        "when the rows of a version were deleted",
	"removed":          "how many rows only the earlier side has",
	"reset":            "columns that an upload would set to their default",
	"row_count":        "how many rows a step touched",
	"rows":             "how many rows a version has",
	"rows_backed_up":   "how many rows a run copied",
	"rows_loaded":      "how many rows a run loaded",
	"run_id":           "a run",
	"seq":              "the place of a step in its run",
	"source_name":      "a file",
	"source_rows":      "how many rows a file has",
	"source_sha256":    "the SHA-256 of a file",
	"sql_text":         "a step's statement",
	"started_at":       "when it began",
	"state":            "how far a run or a step has come",
	"statements":       "statements on the user's tables",
	"step":             "a step's name",
	"steps":            "the steps of a run",
	"stopped":          "the upload of several that failed",
	"synced":           "how many rows a sync deleted, updated and inserted",
	"table":            "a table with its schema",
	"table_name":       "a table's name",
	"to":               "the later side of a comparison",
	"tool_version":     "the version of tablesnap",
	"unchanged":        "a sync found no differences",
	"upload_timestamp": "the caller's time of an upload",
	"version":          "a version of a table",
	"version_made":     "the version that a run made",
	"version_replaced": "the version that a run replaced",
	"warnings":         "warnings of a run",
	"where":            "the table that holds a version's rows",
}

// printedJSON are the names that each command prints, by their headings in docs/json.md.
func printedJSON(t *testing.T) map[string][]string {
	t.Helper()
	return map[string][]string{
		"## history":                       jsonFields[exec.Version](),
		"## audit":                         jsonFields[exec.Run](),
		"### A step of a run":              jsonFields[ledger.Step](),
		"## apply, restore, backup, prune": jsonFields[exec.Result](),
		"### Several uploads":              jsonFields[allResult](),
		"### A step of a result":           jsonNames(t, exec.StepResult{Step: plan.Step{Event: "e"}, Message: "m"}),
		"## Faults of a file":              jsonNames(t, rowsource.Faults{Ended: errors.New("e")}),
		"## diff":                          append(jsonFields[exec.Diff](), "changes"),
		"## recover":                       jsonFields[exec.Recovery](),
		"## version":                       jsonNames(t, versionJSON()),
	}
}

// documentedField is a name in a table of docs/json.md.
type documentedField struct{ name, kind string }

// documentedJSON are the fields in the tables of docs/json.md, by their headings.
func documentedJSON(t *testing.T) map[string][]documentedField {
	t.Helper()
	fields := map[string][]documentedField{}
	heading := ""
	for line := range strings.Lines(docsPages(t)["../../docs/json.md"]) {
		if strings.HasPrefix(line, "#") {
			heading = strings.TrimSpace(line)
		}
		cells := strings.Split(line, "|")
		if len(cells) < 5 { // the tables of plans and schemas have no types: those are files
			continue
		}
		kinds := strings.Split(strings.TrimSpace(cells[2]), ", ")
		for i, code := range inlineCode.FindAllStringSubmatch(cells[1], -1) {
			kind, _, _ := strings.Cut(kinds[min(i, len(kinds)-1)], " or null")
			fields[heading] = append(fields[heading], documentedField{code[1], kind})
		}
	}
	return fields
}

// TestDocsOfJSON compares the fields that docs/json.md documents with those that the
// commands print.
func TestDocsOfJSON(t *testing.T) {
	documented := documentedJSON(t)
	for heading, printed := range printedJSON(t) {
		var names []string
		for _, f := range documented[heading] {
			names = append(names, f.name)
		}
		if diff := cmp.Diff(printed, names, cmpopts.SortSlices(strings.Compare)); diff != "" {
			t.Errorf("%s (-printed +documented):\n%s", heading, diff)
		}
		delete(documented, heading)
	}
	for heading := range documented {
		t.Errorf("docs/json.md documents %q, which no command prints", heading)
	}
}

// TestNamesInJSON: a name has one meaning and one type, and a meaning has one name.
func TestNamesInJSON(t *testing.T) {
	used, kinds := map[string]bool{}, map[string]string{}
	for heading, fields := range documentedJSON(t) {
		for _, f := range fields {
			used[f.name] = true
			if jsonThings[f.name] == "" {
				t.Errorf("%s: what is %q? If one of jsonThings has its meaning, use that name", heading, f.name)
			}
			if kind, ok := kinds[f.name]; ok && kind != f.kind {
				t.Errorf("%s: %q is a %s, and elsewhere a %s", heading, f.name, f.kind, kind)
			}
			kinds[f.name] = f.kind
		}
	}
	meanings := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(jsonThings)) {
		if !used[name] {
			t.Errorf("no command prints %q", name)
		}
		if other, ok := meanings[jsonThings[name]]; ok {
			t.Errorf("%q and %q mean the same", other, name)
		}
		meanings[jsonThings[name]] = name
	}
}

// jsonFields are the names of a struct's fields in JSON.
func jsonFields[T any]() (names []string) {
	for i := range reflect.TypeFor[T]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[T]().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// jsonNames are the names in a value's JSON.
func jsonNames(t *testing.T, v any) []string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(maps.Keys(fields))
}
