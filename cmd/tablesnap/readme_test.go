package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/plan"
)

// TestReadmeIsComplete finds verbs, flags, kinds and hazards that the README does not
// mention.
func TestReadmeIsComplete(t *testing.T) {
	content, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(content)
	tells := func(text string) {
		t.Helper()
		if !strings.Contains(readme, text) {
			t.Errorf("README does not tell %q", text)
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
