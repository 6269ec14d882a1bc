package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/plan"
)

// docsPages are the README and the pages in docs, by their file names.
func docsPages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, file := range append(files, "../../README.md") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages[file] = string(content)
	}
	return pages
}

// TestDocsAreComplete finds verbs, flags, kinds and hazards that no page mentions.
func TestDocsAreComplete(t *testing.T) {
	var all strings.Builder
	for _, content := range docsPages(t) {
		all.WriteString(content)
	}
	tells := func(text string) {
		t.Helper()
		if !strings.Contains(all.String(), text) {
			t.Errorf("neither the README nor a page in docs tells %q", text)
		}
	}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden {
			return
		}
		tells(cmd.CommandPath())
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" {
				tells("`--" + f.Name)
			}
		})
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(newRoot())
	for _, k := range plan.Kinds() {
		tells("`" + k.Name + "`")
	}
	for _, c := range plan.Codes() {
		tells("`" + string(c) + "`")
	}
}
