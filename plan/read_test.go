package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestReadOfOldPlans checks that the texts for NULL and the renamed columns of plans that
// have them beside the manifest are still obeyed.
func TestReadOfOldPlans(t *testing.T) {
	old := `{"null": "-", "renames": {"E-Mail": "email"}, "source": {"name": "people.csv", "format": "tsv"}}`
	now := `{"source": {"name": "people.csv", "format": "tsv", "read": {"null": ["-"], "renames": {"E-Mail": "email"}}}}`
	want := rowsource.Options{Name: "people.csv", Format: rowsource.FormatTSV, Null: []string{"-"}, Renames: map[string]string{"E-Mail": "email"}}
	for _, text := range []string{old, now} {
		var u plan.Upload
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&u); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, u.Read()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
