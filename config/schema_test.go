package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/tablesnap/tablesnap/config"
)

const schemaFile = "tablesnap.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(s *jsonschema.Schema, text string) error {
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchema checks that the JSON Schema accepts files that Read accepts, and refuses those
// that are marked so.
func TestSchema(t *testing.T) {
	s := schema(t)
	for _, text := range []string{everything, "", "tables:\n", "tables: {t: }"} {
		if err := validate(s, text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if _, err := config.Read(strings.NewReader(text)); err != nil {
			t.Errorf("%s is read: %v", text, err)
		}
	}
	for _, r := range refused {
		if err := validate(s, r.text); err == nil && r.by == "schema" {
			t.Errorf("the schema takes %s", r.text)
		}
	}
}

// TestSchemaHasEveryKey finds keys that are only in the schema or only in the Go types.
func TestSchemaHasEveryKey(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `yaml:"$defs"`
	}
	if err := yaml.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	has := map[string]map[string]any{"file": s.Properties}
	for name, d := range s.Defs {
		has[name] = d.Properties
	}
	for name, v := range map[string]any{"file": config.File{}, "database": config.Database{}, "kind": config.Kind{}, "table": config.Table{}, "retention": config.Retention{}, "column": config.Column{}, "check": config.Check{}} {
		var got, want []string
		for key := range has[name] {
			got = append(got, key)
		}
		for i := range reflect.TypeOf(v).NumField() {
			if key := reflect.TypeOf(v).Field(i).Tag.Get("yaml"); key != "" {
				want = append(want, key)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the keys of a %s (-read +schema):\n%s", name, diff)
		}
	}
}

// TestSettingsPageIsComplete finds keys that docs/settings.md does not explain.
func TestSettingsPageIsComplete(t *testing.T) {
	page, err := os.ReadFile("../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{config.Database{}, config.Kind{}, config.Table{}, config.Retention{}, config.Column{}, config.Check{}} {
		for i := range reflect.TypeOf(v).NumField() {
			if key := reflect.TypeOf(v).Field(i).Tag.Get("yaml"); key != "" && !strings.Contains(string(page), "`"+key+"`") {
				t.Errorf("docs/settings.md does not explain the key %q of a %T", key, v)
			}
		}
	}
}

// TestShownSettings checks the settings in the docs and the examples with the schema and
// with Read.
func TestShownSettings(t *testing.T) {
	s := schema(t)
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, page := range append(pages, "../README.md") {
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(content), "```yaml\n")[1:] {
			text, _, _ := strings.Cut(block, "```")
			if strings.Contains(text, "tables:") {
				shown[fmt.Sprintf("%s %d", page, i+1)] = text
			}
		}
	}
	files, err := filepath.Glob("../examples/*/tablesnap.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		shown[name] = string(text)
	}
	if len(shown) < 3 {
		t.Errorf("only %d settings are shown", len(shown))
	}
	for name, text := range shown {
		if err := validate(s, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := config.Read(strings.NewReader(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
