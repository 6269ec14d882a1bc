package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/plan"
)

// inlineCode matches code in a line of text.
var inlineCode = regexp.MustCompile("(?s)``? ?(.+?) ?`?`")

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

// verb matches a verb, and no placeholder such as COMMAND.
var verb = regexp.MustCompile(`^[a-z]+$`)

// TestDocsFlags finds commands and flags in the text of the docs that tablesnap does not
// have.
func TestDocsFlags(t *testing.T) {
	root, flags := newRoot(), map[string]bool{
		"help":  true,
		"force": true, // of the client mysql
	}
	root.InitDefaultCompletionCmd()
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
		cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { flags[f.Name] = true })
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
	for file, page := range docsPages(t) {
		for _, code := range inlineCode.FindAllStringSubmatch(withoutBlocks(page), -1) {
			words := strings.Fields(code[1])
			known := func(name string) bool { return flags[name] }
			switch {
			case len(words) > 1 && words[0] == "tablesnap" && verb.MatchString(words[1]):
				cmd, _, err := root.Find(words[1:2])
				if err != nil || cmd == root {
					t.Errorf("%s: `%s`: there is no such verb", file, code[1])
					continue
				}
				known = func(name string) bool {
					return name == "help" || cmd.Flag(name) != nil || cmd.InheritedFlags().Lookup(name) != nil
				}
			case len(words) == 0 || !strings.HasPrefix(words[0], "--") || words[0] == "--":
				continue // it is another program's, or no command
			}
			for _, w := range words {
				name, isFlag := strings.CutPrefix(w, "--")
				name, _, _ = strings.Cut(name, "=")
				if isFlag && !known(strings.TrimRight(name, ",;")) {
					t.Errorf("%s: `%s`: there is no flag --%s", file, code[1], name)
				}
			}
		}
	}
}

// withoutBlocks is a page without its fenced blocks.
func withoutBlocks(page string) string {
	var b strings.Builder
	inBlock := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			inBlock = !inBlock
		} else if !inBlock {
			b.WriteString(line)
		}
	}
	return b.String()
}

var (
	pageLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	pageHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestDocsLinks finds links to files, and to headings of pages, that are not there.
func TestDocsLinks(t *testing.T) {
	pages := docsPages(t)
	for _, file := range []string{"CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "examples/ci/README.md"} {
		content, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		pages["../../"+file] = string(content)
	}
	for file, page := range pages {
		for _, link := range pageLink.FindAllStringSubmatch(withoutBlocks(page), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			name, heading, hasHeading := strings.Cut(link[1], "#")
			target := file
			if name != "" {
				target = filepath.Join(filepath.Dir(file), name)
			}
			content, err := os.ReadFile(target)
			if _, found := os.Stat(target); found != nil {
				t.Errorf("%s: the link to %s: %v", file, link[1], found)
			} else if hasHeading && (err != nil || !hasAnchor(string(content), heading)) {
				t.Errorf("%s: the link to %s: the page has no such heading", file, link[1])
			}
		}
	}
}

// hasAnchor reports whether a page has a heading, by the name that GitHub gives it.
func hasAnchor(page, anchor string) bool {
	for _, h := range pageHeading.FindAllStringSubmatch(withoutBlocks(page), -1) {
		name := notInAnchor.ReplaceAllString(strings.ToLower(h[1]), "")
		if strings.ReplaceAll(name, " ", "-") == anchor {
			return true
		}
	}
	return false
}
