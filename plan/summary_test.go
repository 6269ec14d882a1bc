package plan_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/plan"
)

// summaryGoldens are the situations with a summary in testdata/{name}.txt.
var summaryGoldens = []string{"first_upload", "first_upload_to_existing_table", "panel_with_status_columns", "added_columns",
	"hazard_shrinks", "hazard_shrinks_allowed", "foreign_keys_and_triggers", "on_backup_failure_continue", "kinds_of_column", "hostile_names", "sync", "kept_table", "indexes_after_rows"}

func TestGoldenSummaries(t *testing.T) {
	for _, g := range goldens() {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			p, _ := g.plan(t)
			o := plan.SummaryOptions{Database: "people.db", FullSQL: "another format"}
			plain := summary(t, p, o)
			for line := range strings.Lines(plain) {
				if text.StringWidth(line) > 100 {
					t.Errorf("a line of more than 100 columns: %s", line)
				}
			}
			o.Colors = plan.ANSIColors
			colored := summary(t, p, o)
			if diff := cmp.Diff(plain, text.StripEscape(colored)); diff != "" {
				t.Errorf("colors change the text (-plain +colored):\n%s", diff)
			}
			if colored == plain {
				t.Error("there are no colors")
			}
			for _, name := range summaryGoldens {
				if name == g.name {
					compare(t, g.name+".txt", []byte(plain))
				}
			}
		})
	}
}

func summary(t *testing.T, p plan.Plan, o plan.SummaryOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := plan.WriteSummary(&b, sqlite.New(), p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSummaryCountsDifferences checks the counts of rows that only some summaries know.
func TestSummaryCountsDifferences(t *testing.T) {
	for _, g := range goldens() {
		if g.name != "sync" {
			continue
		}
		p, _ := g.plan(t)
		estimate := int64(1234567)
		o := plan.SummaryOptions{Differences: &plan.DiffCounts{Added: 1000, Removed: 2, Changed: 34, Key: []string{"email"}}}
		o.Target.EstimatedRows, o.Target.RowSize = &estimate, 100
		got := summary(t, p, o)
		for _, want := range []string{
			"1,234,567 -> 2 (before: the database's estimate); 1,000 added, 2 removed, 34 changed\n",
			"1,234,567 rows (about 123 MB by the database's estimate)",
			"2 deleted, 34 updated, 1,000 inserted",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("the summary lacks %q:\n%s", want, got)
			}
		}
	}
}
