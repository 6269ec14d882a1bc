//go:build unix

package main

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

const exampleCI = "../../examples/ci"

// example is a copy of examples/ci, with a database that has the tables of its schemas.
type example struct {
	*testing.T
	dir string
}

func newExample(t *testing.T) example {
	t.Helper()
	e := example{t, t.TempDir()}
	if err := os.CopyFS(e.dir, os.DirFS(exampleCI)); err != nil {
		t.Fatal(err)
	}
	e.exec(
		"CREATE TABLE hr_panel (email TEXT PRIMARY KEY, name TEXT NOT NULL, access TEXT, final_status TEXT)",
		"CREATE TABLE price_list (article TEXT PRIMARY KEY, price DECIMAL(8,2))",
		"INSERT INTO price_list VALUES ('pen', 1.10)",
	)
	if err := os.WriteFile(filepath.Join(e.dir, "june.csv"), []byte("E-Mail,name,access\nada@example.com,Ada Lovelace,editor\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	e.run(0, "tablesnap", "apply", "--table", "hr_panel", "--kind", "sot", "--doc-id", "HR-2025-06", "--upload-timestamp", "2025-06-30", "--yes", "june.csv")
	e.exec("UPDATE hr_panel SET final_status = 'kept'")
	return e
}

// exec runs statements in the example's database.
func (e example) exec(statements ...string) {
	e.Helper()
	db, err := sql.Open("sqlite", filepath.Join(e.dir, "panels.db"))
	if err != nil {
		e.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			e.Fatal(err)
		}
	}
}

// run runs a program in the example. It must end with the given exit code.
func (e example) run(want int, program string, args ...string) string {
	e.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = e.dir
	cmd.Env = withoutDSN("PANELS_DSN=sqlite:panels.db")
	out, err := cmd.CombinedOutput()
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		e.Fatal(err)
	}
	if got != want {
		e.Fatalf("%s %v: exit code %d, want %d\n%s", program, args, got, want, out)
	}
	return string(out)
}

func (e example) replace(file, old, new string) {
	e.Helper()
	path := filepath.Join(e.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		e.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		e.Fatalf("%s does not hold %q", file, old)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, new)), 0o644); err != nil {
		e.Fatal(err)
	}
}

// TestExampleCI does what a reader of the example would do: the plans are the stored ones,
// check.sh shows a changed upload, what was reviewed runs, and nothing else does.
func TestExampleCI(t *testing.T) {
	e := newExample(t)
	e.run(0, "./refresh.sh")
	if *update {
		e.run(0, "./check.sh", "--update")
	}
	e.sameAsKept()
	if out := e.run(0, "./check.sh"); out != "" {
		t.Errorf("check.sh says %s", out)
	}

	e.replace("uploads/price_list.tsv", "1.20", "1.25")
	out := e.run(3, "./check.sh")
	for _, line := range []string{"\n-  ('pen', '1.20'),\n", "\n+  ('pen', '1.25'),\n"} {
		if !strings.Contains(out, line) {
			t.Errorf("check.sh does not show %q:\n%s", line, out)
		}
	}
	e.run(0, "./check.sh", "--update")
	e.run(0, "./check.sh")
	e.run(0, "./apply.sh")

	// The uploads have run, and somebody reviews the panel again: no plan has changed.
	e.exec("ALTER TABLE hr_panel ADD COLUMN final_status TEXT", "UPDATE hr_panel SET final_status = 'kept'")
	e.run(0, "./refresh.sh")
	if out := e.run(0, "./check.sh"); out != "" {
		t.Errorf("after the uploads, check.sh says %s", out)
	}

	e.replace("uploads/price_list.tsv", "1.25", "1.30")
	out = e.run(3, "./apply.sh", "--allow", "SAME_FILE")
	if want := "price_list: refuse to upload to \"price_list\": it is not the plan that was reviewed"; !strings.Contains(out, want) {
		t.Errorf("apply.sh does not say %q:\n%s", want, out)
	}
}

var (
	// changing matches text that differs between inspections.
	changing  = regexp.MustCompile(`"taken": "[^"]*"`)
	keptFiles = []string{"schemas/hr_panel.json", "schemas/price_list.json", "plans/hr_panel.sql", "plans/price_list.sql"}
)

// sameAsKept compares the files that the scripts have written with those of the example.
// With -update it replaces those of the example.
func (e example) sameAsKept() {
	e.Helper()
	for _, file := range keptFiles {
		got, err := os.ReadFile(filepath.Join(e.dir, file))
		if err != nil {
			e.Fatal(err)
		}
		kept := filepath.Join(exampleCI, file)
		if *update {
			if err := os.WriteFile(kept, got, 0o644); err != nil {
				e.Fatal(err)
			}
		}
		want, err := os.ReadFile(kept)
		if err != nil {
			e.Fatal(err)
		}
		lines := func(text []byte) []string { return strings.Split(changing.ReplaceAllString(string(text), ""), "\n") }
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			e.Errorf("%s differs (-kept +written):\n%s", file, diff)
		}
	}
}

// TestExampleWorkflow runs the commands of the workflow's jobs except the installation.
func TestExampleWorkflow(t *testing.T) {
	e := newExample(t)
	text, err := os.ReadFile(filepath.Join(exampleCI, "github-workflow.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w struct {
		Jobs map[string]struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	for _, job := range []string{"plans", "apply"} {
		ran := 0
		for _, s := range w.Jobs[job].Steps {
			if s.Run == "" || strings.HasPrefix(s.Run, "go install ") {
				continue
			}
			e.run(0, "sh", "-c", s.Run)
			ran++
		}
		if ran != 1 {
			t.Errorf("the job %s runs %d steps of its own", job, ran)
		}
	}
}
