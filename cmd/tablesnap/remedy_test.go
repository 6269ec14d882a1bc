package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
