package plan_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/backends"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// FuzzSchema checks for every family that planning from any schema.json returns a plan or
// an error.
func FuzzSchema(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*/*.schema.json", "testdata/*/*.schema.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add(`{"format":1,"server":{"dialect":"sqlite"},"ident":{"name":"people"},"table":{"ident":{"name":"people"},"kind":"table","columns":[{"name":"email","type":"TEXT"},{"name":"initial_status","type":"int"}]},
		"backup":{"ident":{"name":"people_backup"},"kind":"table","columns":[{"name":"id"},{"name":"doc_id"},{"name":"upload_timestamp"},{"name":"v"}],"primary_key":["id"],"indexes":[{"name":"people_backup_snapshot","columns":["v"]}]},
		"ledger":{"migration":2,"last":{"version":3,"rows":1,"doc_id":"d"}},"snapshots":[{"version":2,"table":{"name":"people_backup"}},{"version":1,"table":{"name":"people_preserved_v1"}}]}`)
	families := backends.All()
	src := rowsource.Bytes([]byte("email\nada@example.com\n"), rowsource.Options{Name: "people.csv"})
	manifest, err := rowsource.Measure(f.Context(), src)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := dialect.DecodeTarget(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, d := range families {
			for _, strategy := range append(slices.Clone(d.Facts().Strategies), dialect.Sync) {
				in := plan.Input{Target: target, Source: manifest, Kind: plan.Panel(), DocID: "d", Timestamp: "t", Options: plan.Options{Create: true,
					Strategy: strategy, Retention: plan.Retention{Before: time.Unix(1<<40, 0)}, NewColumns: plan.AddNewColumns}}
				planFrom(t, d, in, src)
				in.Options.Retention = plan.Retention{Keep: 1}
				planFrom(t, d, in, src)
			}
		}
	})
}

func planFrom(t *testing.T, d dialect.Dialect, in plan.Input, src rowsource.Source) {
	p, err := plan.Build(d, in)
	if err != nil {
		return
	}
	_ = plan.WriteScript(io.Discard, d, p, src, plan.ScriptOptions{Rows: plan.AllRows}) // it may refuse a value
	if err := plan.Encode(io.Discard, p); err != nil {
		t.Errorf("encode the plan: %v", err)
	}
	if undo, err := plan.BuildUndo(d, in); err == nil {
		if err := plan.WriteScript(io.Discard, d, undo, nil, plan.ScriptOptions{Rows: plan.AllRows}); err != nil {
			t.Errorf("print the undo: %v", err)
		}
	}
}
