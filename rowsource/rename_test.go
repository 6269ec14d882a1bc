package rowsource_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/rowsource"
)

func TestRenamed(t *testing.T) {
	src := func(names map[string]string) rowsource.Source {
		return rowsource.Bytes([]byte("E-Mail,name\na,b\n"), rowsource.Options{Name: "people.csv", Renames: names})
	}
	m, err := rowsource.Measure(t.Context(), src(map[string]string{"E-Mail": "email"}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"email", "name"}, m.ColumnNames()); diff != "" {
		t.Error(diff)
	}
	plain, err := rowsource.Measure(t.Context(), src(nil))
	if err != nil {
		t.Fatal(err)
	}
	if plain.SHA256 != m.SHA256 || m.Rows != 1 {
		t.Errorf("the SHA-256 is %s and was %s, with %d rows", m.SHA256, plain.SHA256, m.Rows)
	}
	swapped, err := src(map[string]string{"E-Mail": "name", "name": "E-Mail"}).Open()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"name", "E-Mail"}, swapped.Columns()); diff != "" {
		t.Error(diff)
	}
	for says, names := range map[string]map[string]string{
		`it has no column "mail"; it has "E-Mail", "name"`:     {"mail": "email"},
		`its columns "E-Mail" and "name" would both be "name"`: {"E-Mail": "name"},
	} {
		if _, err := src(names).Open(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v, want %s", names, err, says)
		}
	}
}
