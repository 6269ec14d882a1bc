package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The groups of verbs.
const (
	verbsOfUploads  = "uploads"
	verbsOfVersions = "versions"
	verbsOfLedger   = "ledger"
)

func verbGroups() []*cobra.Group {
	return []*cobra.Group{
		{ID: verbsOfUploads, Title: "Upload a file:"},
		{ID: verbsOfVersions, Title: "Look at versions, and bring them back:"},
		{ID: verbsOfLedger, Title: "Runs, recovery and planning without a database:"},
	}
}

// inGroup puts verbs into a group of the help.
func inGroup(id string, verbs ...*cobra.Command) []*cobra.Command {
	for _, v := range verbs {
		v.GroupID = id
	}
	return verbs
}

// exitCodes is the end of each help text.
const exitCodes = "Exit codes: 0 done, 1 failed, 2 wrong usage or file, 3 refused, 4 cut off (recover), 5 not connected"

// flagGroup is a heading of a help text, with the flags below it.
type flagGroup struct {
	title string
	flags []string
}

// flagGroups are the flags of all verbs, as help lists them.
func flagGroups() []flagGroup {
	return []flagGroup{
		{"The upload", []string{"table", "doc-id", "kind", "upload-timestamp", "actor", "set", "plan", "expect"}},
		{"The versions", []string{"to", "with-set", "to-run", "before-run", "keep-columns", "keep", "older-than", "version", "remove", "run"}},
		{"What it may do", []string{"create", "types", "primary-key", "add-columns", "allow", "max-shrink", "max-change", "max-errors", "max-bad-rows", "rejects", "allow-unterminated", "yes"}},
		{"How it runs", []string{"strategy", "key", "chunk-rows", "clear", "drop-columns", "backup", "on-backup-failure", "on-drop-column-failure", "lock-timeout", "lease", "dry-run"}},
		{"The file", append([]string{"file"}, readFlagNames()...)},
		{"Output", []string{"format", "rows", "diff", "with-undo", "out", "check", "update", "limit", "json", "exit-code", "no-color"}},
		{"Planning more", []string{"schema", "for", "all"}},
		{"The database", []string{"dsn", "database", "config", "stall-timeout"}},
	}
}

const otherFlags = "Other flags"

// groupOf is the heading of a flag.
func groupOf(f *pflag.Flag) string {
	if f.Name == "version" && f.Value.Type() == "bool" { // of the program, not of a table
		return otherFlags
	}
	for _, g := range flagGroups() {
		if slices.Contains(g.flags, f.Name) {
			return g.title
		}
	}
	return otherFlags
}

// help writes the help text of a command.
func help(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	fmt.Fprintf(w, "%s\n\n", strings.TrimSpace(about))
	_ = usage(cmd) // cobra takes no error from a help function; stdout keeps its own
}

// usage writes how a command is called: its verbs, examples, flags and exit codes.
func usage(cmd *cobra.Command) error {
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", indented(cmd.Example))
	}
	for _, g := range cmd.Groups() {
		writeVerbs(w, cmd, g.ID, g.Title)
	}
	writeVerbs(w, cmd, "", "Other commands:")
	writeFlags(w, cmd)
	_, err := fmt.Fprintf(w, "\n%s\n", exitCodes)
	return err
}

func indented(text string) string {
	text = "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ")
	return strings.ReplaceAll(text, "\n  \n", "\n\n")
}

func writeVerbs(w io.Writer, cmd *cobra.Command, group, title string) {
	for _, c := range cmd.Commands() {
		if c.GroupID != group || !c.IsAvailableCommand() && c.Name() != "help" {
			continue
		}
		if title != "" {
			fmt.Fprintf(w, "\n%s\n", title)
			title = ""
		}
		fmt.Fprintf(w, "  %-*s  %s\n", c.NamePadding(), c.Name(), c.Short)
	}
}

// writeFlags writes the flags in their groups, one on a line.
func writeFlags(w io.Writer, cmd *cobra.Command) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.AddFlagSet(cmd.LocalFlags())
	flags.AddFlagSet(cmd.InheritedFlags())
	inGroups := map[string][]*pflag.Flag{}
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			inGroups[groupOf(f)] = append(inGroups[groupOf(f)], f)
		}
	})
	for _, g := range append(flagGroups(), flagGroup{title: otherFlags}) {
		found := inGroups[g.title]
		if len(found) == 0 {
			continue
		}
		slices.SortStableFunc(found, func(a, b *pflag.Flag) int { return slices.Index(g.flags, a.Name) - slices.Index(g.flags, b.Name) })
		fmt.Fprintf(w, "\n%s:\n", g.title)
		widest := 0
		for _, f := range found {
			widest = max(widest, len(spelled(f)))
		}
		for _, f := range found {
			fmt.Fprintf(w, "  %-*s  %s\n", widest, spelled(f), aboutFlag(f))
		}
	}
}

// spelled is a flag with the word for its value.
func spelled(f *pflag.Flag) string {
	value, _ := pflag.UnquoteUsage(f)
	switch value {
	case "":
		return "--" + f.Name
	case "string", "stringArray":
		value = "TEXT"
	case "strings":
		value = "A,B,..."
	case "ints":
		value = "N,N,..."
	case "int":
		value = "N"
	case "duration":
		value = "TIME"
	}
	return "--" + f.Name + " " + value
}

// aboutFlag is the text of a flag, with its default. If the text begins with the word for
// the value in back quotes, that word is left out.
func aboutFlag(f *pflag.Flag) string {
	value, text := pflag.UnquoteUsage(f)
	if strings.HasPrefix(f.Usage, "`") {
		text = strings.TrimPrefix(text, value+" ")
	}
	if slices.Contains([]string{"", "0", "0s", "false", "[]"}, f.DefValue) || strings.Contains(text, "default") {
		return text
	}
	return fmt.Sprintf("%s (default %s)", text, f.DefValue)
}
