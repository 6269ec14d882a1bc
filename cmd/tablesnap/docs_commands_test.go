//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/internal/goosecmd"
	"github.com/tablesnap/tablesnap/internal/testservers"
)

// notRun are the commands of the docs that no test runs, by their beginnings.
var notRun = map[string]string{
	"go install ": "there is no release yet",
	"make ":       "it is what runs the tests",
	"eval ":       "it is for servers that make has started",
	"go test ":    "it is a benchmark",
}

// docCommand is a command that a page shows.
type docCommand struct {
	line int // of the page, from 1
	text string
	// prints is what the page shows of the output. It is not compared if the command is
	// in a block without output.
	prints    []string
	hasOutput bool
}

// printsLine is the line of the page on which the output begins.
func (c docCommand) printsLine() int { return c.line + 1 + strings.Count(c.text, "\n") }

// docCommands returns the commands in the fenced blocks of a page whose language is
// console or sh, and whose label is the given one. In a console block a command begins
// with "$ ", goes on with "> ", and its output follows. A block of sh is one command.
func docCommands(page, label string) []docCommand {
	var found []docCommand
	block := ""
	for i, line := range strings.Split(page, "\n") {
		language, has, _ := strings.Cut(strings.TrimPrefix(line, "```"), " ")
		last := len(found) - 1
		switch {
		case strings.HasPrefix(line, "```") && block != "":
			block = ""
		case strings.HasPrefix(line, "```"):
			block = "other"
			if has == label && slices.Contains([]string{"console", "sh"}, language) {
				block = language + " begins"
			}
		case block == "sh begins":
			found = append(found, docCommand{line: i + 1, text: line})
			block = "sh"
		case block == "sh":
			found[last].text += "\n" + line
		case strings.HasPrefix(block, "console") && strings.HasPrefix(line, "$ "):
			found = append(found, docCommand{line: i + 1, text: line[2:], hasOutput: true})
			block = "console"
		case block == "console" && strings.HasPrefix(line, "> ") && len(found[last].prints) == 0:
			found[last].text += "\n" + line[2:]
		case block == "console":
			found[last].prints = append(found[last].prints, line)
		}
	}
	return slices.DeleteFunc(found, func(c docCommand) bool {
		for beginning := range notRun {
			if strings.HasPrefix(c.text, beginning) {
				return true
			}
		}
		return false
	})
}

// fails states that the command is expected to fail: the page shows why.
func (c docCommand) fails() bool {
	return slices.ContainsFunc(c.prints, func(line string) bool { return strings.HasPrefix(line, "tablesnap: ") })
}

// differing is what differs between two runs of the same commands.
var differing = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`), "TIME"},
	{regexp.MustCompile(`(<1ms|\d+(\.\d+)?m?s)$`), "DURATION"},
	{regexp.MustCompile(`("duration_ms"|"duration_ns"): \d+`), "$1: 0"},
	{regexp.MustCompile(`(plan +SHA-256|"plan_hash":) +"?[0-9a-f]{64}"?`), "$1 HASH"},
	{regexp.MustCompile(` plan [0-9a-f]{12}$`), " plan HASH"},
	{regexp.MustCompile(`(tablesnap|"tool_version":|"tool":|"version":) ("?)(\(devel\)|v\d\S*?)("|$)`), "$1 ${2}VERSION$4"},
	{regexp.MustCompile(`"go": "\S+"`), `"go": VERSION`},
	{regexp.MustCompile(`\s+`), " "}, // a column is as wide as its values
}

func sameInEachRun(line string) string {
	for _, d := range differing {
		line = d.pattern.ReplaceAllString(line, d.text)
	}
	return strings.TrimRight(line, " ")
}

// leftOut marks where a page has left out a part of the output: a line that begins with it
// stands for one or more lines, and elsewhere it stands for the rest of the line.
const leftOut = "[…"

// shows reports whether lines of a page show an output.
func shows(page, output []string) bool {
	var pattern strings.Builder
	for _, line := range page {
		before, _, isCut := strings.Cut(line, leftOut)
		switch {
		case isCut && before == "":
			pattern.WriteString(`(?:.*\n)+?`)
		case isCut:
			pattern.WriteString(regexp.QuoteMeta(sameInEachRun(before)) + ".*\n")
		default:
			pattern.WriteString(regexp.QuoteMeta(sameInEachRun(line)) + "\n")
		}
	}
	var text strings.Builder
	for _, line := range output {
		text.WriteString(sameInEachRun(line) + "\n")
	}
	return regexp.MustCompile(`\A` + pattern.String() + `\z`).MatchString(text.String())
}

// TestDocsCommands runs the commands that the README and the pages of docs show, those of
// a page in order and in a folder of its own. They must succeed, unless the page shows an
// error, and print what the page shows. With -update, what they print replaces what the
// page shows, unless a part of it is cut out.
func TestDocsCommands(t *testing.T) {
	sqlitetest.Query(t, ":memory:", "SELECT 1;") // installs the sqlite3 program
	for file := range docsPages(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			runDocCommands(t, file, "", withoutDSN(), "")
		})
	}
}

// TestDocsCommandsMySQL runs the commands in the blocks for MySQL on a server.
func TestDocsCommandsMySQL(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		if s.Name != "mysql" {
			continue
		}
		for file, page := range docsPages(t) {
			if len(docCommands(page, "mysql")) == 0 {
				continue
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				d := newServerDesk(t, s)
				runDocCommands(t, file, "mysql", d.forDocs(), d.in.Schema)
			})
		}
	}
}

// forDocs is an environment in which the vendor's client, and tablesnap, connect to the
// desk's database.
func (d serverDesk) forDocs() []string {
	d.t.Helper()
	host, port, _ := strings.Cut(d.host, ":")
	folder := d.t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nMYSQL_PWD=%s exec %s --no-defaults --host=%s --port=%s --protocol=tcp --user=%s %s\n",
		password, testservers.Client(d.t, "mysql"), host, port, d.user, d.in.Schema)
	if err := os.WriteFile(filepath.Join(folder, "mysql"), []byte(script), 0o755); err != nil {
		d.t.Fatal(err)
	}
	dsn := fmt.Sprintf("%s=mysql://%s:%s@%s/%s", dsnVariable, d.user, password, d.host, d.in.Schema)
	return withoutDSN(dsn, "PATH="+folder+":"+os.Getenv("PATH"))
}

// runDocCommands runs the commands of a page that have a label. In their output, the
// database's name is replaced by shop.
func runDocCommands(t *testing.T, file, label string, env []string, database string) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	commands := docCommands(string(page), label)
	if slices.ContainsFunc(commands, func(c docCommand) bool { return strings.HasPrefix(c.text, "goose ") }) {
		env = append(env, "PATH="+filepath.Dir(goosecmd.Path(t))+":"+os.Getenv("PATH"))
	}
	lines, dir := strings.Split(string(page), "\n"), t.TempDir()
	moved := 0 // how many lines an update has added above
	for _, c := range commands {
		output := runDocCommand(t, file, dir, env, c)
		for i := range output {
			if database != "" {
				output[i] = strings.ReplaceAll(output[i], database, "shop")
			}
		}
		if !c.hasOutput || shows(c.prints, output) {
			continue
		}
		isCut := slices.ContainsFunc(c.prints, func(line string) bool { return strings.Contains(line, leftOut) })
		if !*update || isCut {
			t.Errorf("%s:%d: %s\nprints (-page +now):\n%s", file, c.line, c.text, cmp.Diff(c.prints, output))
			continue
		}
		begin := c.printsLine() - 1 + moved
		lines = slices.Replace(lines, begin, begin+len(c.prints), output...)
		moved += len(output) - len(c.prints)
	}
	if updated := strings.Join(lines, "\n"); updated != string(page) {
		if err := os.WriteFile(file, []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runDocCommand runs a command as a person does who follows the page, and returns the
// lines that are seen on the terminal.
func runDocCommand(t *testing.T, file, dir string, env []string, c docCommand) []string {
	t.Helper()
	cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", c.text)
	cmd.Dir, cmd.Env = dir, env
	said, err := cmd.CombinedOutput()
	exit := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if failed := err != nil; failed != c.fails() {
		t.Errorf("%s:%d: %s\nends with %v, and the page shows an error: %t\n%s", file, c.line, c.text, err, c.fails(), said)
	}
	if len(said) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(said), "\n"), "\n")
}
