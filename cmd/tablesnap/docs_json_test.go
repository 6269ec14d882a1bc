package main

import (
	"bytes"
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
	"actor":                  "who ran it",
	"added":                  "how many rows only the later side has",
	"allow":                  "hazards that the user allows",
	"anew":                   "columns that would get a new value in each row",
	"assert_after":           "assertions after a step",
	"assert_before":          "assertions before a step or a group",
	"auto_commits":           "the database commits a statement by itself",
	"backup_mode":            "how the old rows are kept",
	"backup_definition":      "the backup table as it was found",
	"bad_row_count":          "how many rows of a file are bad",
	"bad_rows":               "which rows of a file were left out",
	"begin":                  "statements that open a transaction",
	"binding":                "the databases in which a plan may run",
	"blank_rows":             "rows of a file that have delimiters only",
	"changed":                "how many rows both sides have with other values",
	"changes":                "rows that differ",
	"check":                  "what a step checks",
	"checks":                 "conditions for an upload's rows",
	"checksum":               "the SHA-256 of a saved plan",
	"chunks":                 "statements that do a step in chunks",
	"clear":                  "how a table is cleared",
	"columns":                "columns of a comparison or a file",
	"count_sql":              "an expression for a number of rows",
	"counts":                 "faults by column and reason",
	"details":                "what recovery needs of a step",
	"doc_id":                 "the caller's name of an upload",
	"done":                   "uploads of several that have run",
	"drop_order":             "when columns are dropped",
	"duration_ms":            "how long it took",
	"ended":                  "what ended the reading of a file",
	"event":                  "the logged event",
	"examples":               "rows for the message of an assertion",
	"fault_count":            "how many faults a file has",
	"faults":                 "the first faults of a file",
	"finished_at":            "when it ended",
	"format":                 "the version of a form",
	"from":                   "the earlier side of a comparison",
	"give_up_after_ns":       "how long a run waits for a statement",
	"go_version":             "the version of Go",
	"groups":                 "steps that commit together",
	"hazard":                 "the hazard that an assertion finds",
	"hazards":                "the hazards of a plan",
	"hint":                   "what to do after a failure",
	"if_stopped":             "what state the table is in if the run stops",
	"in_set":                 "the set that a plan is a part of",
	"keeps":                  "columns that rows keep by sync",
	"kept_in":                "the table that keeps the old rows as a whole",
	"key":                    "columns that identify a row",
	"kind":                   "what a step does",
	"lease_ns":               "how long a run holds a table",
	"ledger":                 "what tablesnap's tables say of a table",
	"load":                   "where the rows of a file go",
	"lock":                   "statements that take the lock",
	"lock_timeout_ns":        "how long a run waits for locks",
	"looked_up":              "details that are looked up",
	"max_bad_rows":           "how many bad rows may be left out",
	"max_change_percent":     "how much a sync may change",
	"max_shrink_percent":     "how much a table may shrink",
	"message":                "a sentence for people",
	"missing":                "rights that the user lacks",
	"none_cut_off":           "assertions that no run was cut off",
	"none_other":             "assertions that no other run is open",
	"not_run":                "uploads of several that have not run",
	"note":                   "a line for readers of a script",
	"on_backup_failure":      "what happens if the backup fails",
	"on_drop_column_failure": "what happens if a column cannot be dropped",
	"on_failure":             "what happens if a step fails",
	"only_from":              "columns of the earlier side only",
	"only_to":                "columns of the later side only",
	"open_run_id":            "the run that has not ended",
	"operation":              "what a run does",
	"partly_pruned_at":       "when some rows of a version were deleted",
	"pinned":                 "prune keeps the version",
	"place":                  "assertions about the schema of a session",
	"plan":                   "a plan",
	"plan_hash":              "the SHA-256 of a plan",
	"plan_of_set":            "the plan of a set",
	"plans":                  "the plans of the tables of a set",
	"preserve":               "the steps that replace a failed backup",
	"pruned_at":              "when the rows of a version were deleted",
	"read":                   "how a file is read",
	"remedy":                 "the name of what to do after a failure",
	"removed":                "how many rows only the earlier side has",
	"reset":                  "columns that an upload would set to their default",
	"restored":               "the version that a restore brings back",
	"retention":              "old versions that an upload deletes",
	"row_count":              "how many rows a step touched",
	"rows":                   "how many rows a version has",
	"rows_backed_up":         "how many rows a run copied",
	"rows_loaded":            "how many rows a run loaded",
	"run_id":                 "a run",
	"seq":                    "the place of a step in its run",
	"server":                 "a database server",
	"session":                "statements that set up the session",
	"set":                    "a set's name",
	"set_run":                "the id that the runs of a set share",
	"setup":                  "statements that prepare another",
	"source":                 "a file with its columns",
	"source_bytes":           "the size of a file",
	"source_format":          "the format of a file",
	"source_name":            "a file",
	"source_rows":            "how many rows a file has",
	"source_sha256":          "the SHA-256 of a file",
	"sql_text":               "a statement",
	"stage":                  "steps that fail together",
	"started_at":             "when it began",
	"state":                  "how far a run or a step has come",
	"statements":             "statements on the user's tables",
	"step":                   "a step's name",
	"steps":                  "steps of a run",
	"stopped":                "the upload of several that failed",
	"strategy":               "how the rows of a table are replaced",
	"synced":                 "how many rows a sync deleted, updated and inserted",
	"table":                  "a table with its schema",
	"table_definition":       "the table as it was found",
	"table_hash":             "the SHA-256 of a table's definition",
	"table_name":             "a table's name",
	"tables":                 "the tables of a set",
	"to":                     "the later side of a comparison",
	"tool_version":           "the version of tablesnap",
	"unchanged":              "a sync found no differences",
	"uncounted":              "the database does not count the rows of a step",
	"unlock":                 "statements that release the lock",
	"unterminated":           "the last line of a file has no end",
	"upload":                 "what is asked for",
	"upload_kind":            "the profile of an upload",
	"upload_timestamp":       "the caller's time of an upload",
	"version":                "a version of a table",
	"version_made":           "the version that a run made",
	"version_replaced":       "the version that a run replaced",
	"warnings":               "warnings of a run",
	"where":                  "the table that holds a version's rows",
	"wrong_rows":             "queries that count the rows for the message of an assertion",
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
		"### A set":                        jsonFields[exec.SetResult](),
		"### The plan of a set":            jsonFields[plan.Set](),
		"### A step of a result":           jsonNames(t, exec.StepResult{Step: plan.Step{Event: "e"}, Message: "m"}),
		"## Faults of a file":              jsonNames(t, rowsource.Faults{Ended: errors.New("e")}),
		"## diff":                          append(jsonFields[exec.Diff](), "changes"),
		"## recover":                       jsonFields[exec.Recovery](),
		"## version":                       jsonNames(t, versionJSON()),
		"## plan --format json":            savedPlan(t),
		"### The plan":                     jsonFields[plan.Plan](),
		"### What is asked for":            jsonFields[plan.Upload](),
		"### The file":                     jsonFields[rowsource.Manifest](),
		"### A group":                      jsonFields[plan.Group](),
		"### A step of a plan":             jsonFields[plan.Step](),
		"### An assertion":                 jsonFields[plan.Assertion](),
	}
}

// savedPlan are the names in the files of a plan and a set beside those of the plan.
func savedPlan(t *testing.T) []string {
	t.Helper()
	var one, set bytes.Buffer
	if err := errors.Join(plan.Encode(&one, plan.Plan{}), plan.EncodeSet(&set, plan.Set{})); err != nil {
		t.Fatal(err)
	}
	names := append(jsonNames(t, json.RawMessage(one.Bytes())), jsonNames(t, json.RawMessage(set.Bytes()))...)
	slices.Sort(names)
	return slices.Compact(names)
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
		if len(cells) < 5 { // a table of something else
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

// TestTypesInSavedPlans: whatever a saved plan has, however deep, is of the type that its
// name has in docs/json.md.
func TestTypesInSavedPlans(t *testing.T) {
	kinds := map[string]string{}
	for _, fields := range documentedJSON(t) {
		for _, f := range fields {
			kinds[f.name] = f.kind
		}
	}
	seen := map[reflect.Type]bool{
		reflect.TypeFor[plan.Details]():      true, // a column of tablesnap's own tables, which older runs have written
		reflect.TypeFor[rowsource.Options](): true, // these have the names of the settings
	}
	var look func(reflect.Type)
	look = func(in reflect.Type) {
		for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice {
			in = in.Elem()
		}
		if in.Kind() != reflect.Struct || seen[in] {
			return
		}
		seen[in] = true
		for i := range in.NumField() {
			name, _, _ := strings.Cut(in.Field(i).Tag.Get("json"), ",")
			if want, got := kinds[name], jsonKind(in.Field(i).Type); want != "" && want != got {
				t.Errorf("%s in %s is a %s, and elsewhere a %s", name, in, got, want)
			}
			look(in.Field(i).Type)
		}
	}
	look(reflect.TypeFor[plan.Plan]())
	if len(seen) < 20 {
		t.Errorf("a plan has only %d types", len(seen))
	}
}

// jsonKind is the type of a Go value in JSON, in the words of docs/json.md.
func jsonKind(in reflect.Type) string {
	switch in.Kind() {
	case reflect.Pointer:
		return jsonKind(in.Elem())
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map:
		return "object"
	default:
		return "number"
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
