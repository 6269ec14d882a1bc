package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// eachCommand calls visit with the root and all commands that help lists.
func eachCommand(root *cobra.Command, visit func(*cobra.Command)) {
	visit(root)
	for _, c := range root.Commands() {
		if !c.Hidden {
			eachCommand(c, visit)
		}
	}
}

func helpOf(t *testing.T, words []string) string {
	t.Helper()
	root, out := newRoot(), bytes.Buffer{}
	root.SetOut(&out)
	root.SetArgs(append(slices.Clone(words), "--help"))
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestHelpFits finds lines of help texts that are longer than 100 columns.
func TestHelpFits(t *testing.T) {
	root := newRoot()
	root.InitDefaultCompletionCmd()
	eachCommand(root, func(cmd *cobra.Command) {
		for line := range strings.Lines(helpOf(t, strings.Fields(cmd.CommandPath())[1:])) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 100 {
				t.Errorf("%s --help has a line of %d columns: %s", cmd.CommandPath(), n, line)
			}
		}
	})
}

// TestHelpHasEveryFlag finds flags that belong to no group, and groups with a flag that no
// command has.
func TestHelpHasEveryFlag(t *testing.T) {
	used := map[string]bool{}
	eachCommand(newRoot(), func(cmd *cobra.Command) {
		help := helpOf(t, strings.Fields(cmd.CommandPath())[1:])
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			used[f.Name] = true
			if groupOf(f) == otherFlags && f.Name != "help" && f.Name != "version" {
				t.Errorf("--%s of %s is in no group of flagGroups", f.Name, cmd.CommandPath())
			}
			if !strings.Contains(help, "\n  --"+f.Name) {
				t.Errorf("%s --help lacks --%s", cmd.CommandPath(), f.Name)
			}
		})
	})
	for _, g := range flagGroups() {
		for _, name := range g.flags {
			if !used[name] {
				t.Errorf("flagGroups has --%s, and no command has it", name)
			}
		}
	}
}

// TestExamplesParse finds examples in help texts that the command would not take.
func TestExamplesParse(t *testing.T) {
	eachCommand(newRoot(), func(cmd *cobra.Command) {
		examples := 0
		for line := range strings.Lines(cmd.Example) {
			_, call, found := strings.Cut(" "+strings.TrimSpace(line), " tablesnap ")
			if !found || strings.HasPrefix(line, "#") {
				continue
			}
			call, _, _ = strings.Cut(call, " > ")
			call, _, _ = strings.Cut(call, " | ")
			if err := parses(strings.Fields(call)); err != nil {
				t.Errorf("the example %q of %s: %v", strings.TrimSpace(line), cmd.CommandPath(), err)
			}
			examples++
		}
		if examples < 2 {
			t.Errorf("%s --help has %d examples, want 2 or more", cmd.CommandPath(), examples)
		}
	})
}

// parses reports why a command line names no verb, or a flag or argument that the verb
// does not take.
func parses(words []string) error {
	cmd, rest, err := newRoot().Find(words)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	return cmd.ValidateArgs(cmd.Flags().Args())
}
