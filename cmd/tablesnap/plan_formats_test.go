package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/plan"
)

// TestToyFormat: adding a format takes only a renderer and a line in the list.
func TestToyFormat(t *testing.T) {
	outline := func(w io.Writer, p planned) error {
		for _, in := range p.plan.Program(p.dialect) {
			switch in := in.(type) {
			case plan.Begin:
				fmt.Fprintf(w, "begin %s\n", in.Purpose)
			case plan.RunSteps:
				for _, s := range in.Steps {
					fmt.Fprintf(w, "  %s\n", s.ID)
				}
			case plan.FinishRun:
				fmt.Fprintln(w, "  done")
			case plan.Commit:
				fmt.Fprintln(w, "commit")
			}
		}
		return nil
	}
	formats := append(planFormats(), planFormat{name: "outline", about: "the order of things", extension: ".txt", refuse: refuseNothing, write: outline})

	dir := t.TempDir()
	file := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(file, []byte("email\nada@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := newRootWith(formats)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(io.Discard)
	root.SetArgs([]string{"plan", file, "--table", "people", "--doc-id", "d", "--create", "--format", "outline", "--dsn", "sqlite:" + filepath.Join(dir, "x.db")})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	want := "begin ledger\ncommit\nbegin run\ncommit\nbegin group\n  01-create-table\n  02-load\n  done\ncommit\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the outline (-want +got):\n%s", diff)
	}
	root = newRootWith(formats)
	out.Reset()
	root.SetOut(&out)
	root.SetArgs([]string{"plan", "--help"})
	if err := root.Execute(); err != nil || !strings.Contains(out.String(), "  outline   the order of things") {
		t.Errorf("the help is %q, %v", out.String(), err)
	}
}

// TestEachFormatIsExpected: apply --expect takes a file in each format, by the hash that it
// tells.
func TestEachFormatIsExpected(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(file, []byte("email\nplan SHA-256 "+strings.Repeat("0", 64)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := "sqlite:" + filepath.Join(dir, "x.db")
	mustRun(t, dir, "apply", file, "--table", "people", "--doc-id", "d1", "--create", "--yes", "--dsn", db)
	hashes := map[string]bool{}
	for _, format := range planFormats() {
		out := filepath.Join(dir, "plan"+format.extension)
		mustRun(t, dir, "plan", file, "--table", "people", "--doc-id", "d2", "--allow", "SAME_FILE", "--dsn", db, "--format", format.name, "--out", out)
		e, err := expectFile(out)
		if err != nil {
			t.Errorf("%s: %v", format.name, err)
			continue
		}
		if !format.ofMigration { // a migration is another plan
			hashes[e.hash] = true
		}
	}
	if len(hashes) != 1 {
		t.Errorf("the formats tell the hashes %v of one plan", hashes)
	}
}
