package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/plan"
)

// The library's messages must not name the command's flags, since other programs show them
// too. The library returns remedies, and the command adds the flags.
func TestLibraryNamesNoFlags(t *testing.T) {
	flags := flagNames()
	flag := regexp.MustCompile(`--([a-z][a-z-]*)`)
	files := 0
	for _, file := range libraryFiles(t) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files++
		ast.Inspect(parsed, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
				for _, found := range flag.FindAllStringSubmatch(text.Value, -1) {
					if flags[found[1]] {
						t.Errorf("%s: a text of the library names a flag of the command, %s; return a plan.Remedy", set.Position(text.Pos()), found[0])
					}
				}
			}
			return true
		})
	}
	if files < 100 {
		t.Fatalf("looked into %d files of the library", files)
	}
}

// TestHintsNameFlagsOfTheVerb looks at what each verb says of each remedy.
func TestHintsNameFlagsOfTheVerb(t *testing.T) {
	flag := regexp.MustCompile(`--([a-z][a-z-]*)`)
	for r, hints := range hintsByRemedy() {
		said := 0
		for _, verb := range newRoot().Commands() {
			if err := verb.ParseFlags(nil); err != nil {
				t.Fatal(err)
			}
			for _, h := range hints {
				says := adviceOf(verb, []hint{h})
				if says != "" {
					said++
				}
				if h.flag == "" || verb.Flags().Lookup("chunk-rows") != nil {
					continue // it names the verb that has the flag, or both flags
				}
				for _, found := range flag.FindAllStringSubmatch(says, -1) {
					if verb.Flags().Lookup(found[1]) == nil {
						t.Errorf("%s says %q about %q, and has no such flag", verb.Name(), says, r)
					}
				}
			}
		}
		if said == 0 {
			t.Errorf("no verb says anything about %q", r)
		}
	}
}

// TestEachRemedyHasHints reads the library's remedies.
func TestEachRemedyHasHints(t *testing.T) {
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?Remedy[A-Z]\w*\s+(?:plan\.)?Remedy\s*=\s*"(.+)"`)
	found := 0
	for _, file := range libraryFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range constant.FindAllStringSubmatch(string(text), -1) {
			found++
			if len(hintsByRemedy()[plan.Remedy(c[1])]) == 0 {
				t.Errorf("%s: there is no hint for the remedy %q", file, c[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d remedies", found)
	}
	if known := len(hintsByRemedy()); found+2 < known { // two have their type from the line above
		t.Errorf("there are hints for %d remedies, and the library has %d", known, found)
	}
}

// TestHintsOfAllAreKeys has the hints of a table's options name its keys, since flags would
// be for all tables.
func TestHintsOfAllAreKeys(t *testing.T) {
	for _, test := range []struct {
		flags []string
		of    hint
		says  string
	}{
		{[]string{"--all"}, hint{flag: "delimiter", value: ";"}, " (in the settings of the table, delimiter: ';')"},
		{[]string{"--all"}, hint{flag: "map", value: "E-Mail iD=email"}, " (in the settings of the table, columns: {'E-Mail iD': 'email'})"},
		{[]string{"--all"}, hint{flag: "skip-empty-rows"}, " (in the settings of the table, skip_empty_rows: true)"},
		{[]string{"--all"}, hint{flag: "add-columns", after: " adds them"}, " (--add-columns adds them)"},
		{nil, hint{flag: "delimiter", value: ";"}, " (--delimiter ';')"},
		{[]string{"--plan", "plan.json"}, hint{flag: "allow", value: "SHRINKS"}, " (--allow SHRINKS, when you plan again)"},
		{[]string{"--plan", "plan.json"}, hint{flag: "config", value: "FILE"}, " (--config FILE)"},
	} {
		verb, _, err := newRoot().Find([]string{"apply"})
		if err != nil {
			t.Fatal(err)
		}
		if err := verb.ParseFlags(test.flags); err != nil {
			t.Fatal(err)
		}
		if says := adviceOf(verb, []hint{test.of}); says != test.says {
			t.Errorf("%v: got %q, want %q", test.flags, says, test.says)
		}
	}
}

// libraryFiles are the source files outside the command and the packages for tests.
func libraryFiles(t *testing.T) (files []string) {
	t.Helper()
	root := filepath.Join("..", "..")
	others := regexp.MustCompile(`^(cmd|testfixtures|internal/(conformance|goosecmd|testservers|wait))(/|$)`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && others.MatchString(filepath.ToSlash(name)):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// flagNames are the flags of all verbs.
func flagNames() map[string]bool {
	names := map[string]bool{}
	add := func(f *pflag.Flag) { names[f.Name] = true }
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(add)
		cmd.PersistentFlags().VisitAll(add)
		for _, verb := range cmd.Commands() {
			visit(verb)
		}
	}
	visit(newRoot())
	return names
}
