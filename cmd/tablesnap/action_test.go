//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// actionRun runs the steps of action.yml as GitHub would, on a copy of examples/ci.
type actionRun struct {
	example
	event    string            // the name of the event
	inputs   map[string]string // those that differ from their defaults
	comments string            // the file with the comments on the pull request
}

// gh stands in for GitHub's own command. Its comments are in a file of JSON.
const gh = `#!/usr/bin/env bash
set -euo pipefail
case "$*" in
"api --paginate repos/me/uploads/issues/7/comments --jq "*) jq -r "$5" "$COMMENTS" ;;
"api --method POST repos/me/uploads/issues/7/comments --field body=@"*" --silent")
	jq --rawfile body "${6#body=@}" '. + [{id: 2, user: {type: "Bot"}, body: $body}]' "$COMMENTS" >"$COMMENTS.new" ;;
"api --method PATCH repos/me/uploads/issues/comments/2 --field body=@"*" --silent")
	jq --rawfile body "${6#body=@}" 'map(if .id == 2 then .body = $body else . end)' "$COMMENTS" >"$COMMENTS.new" ;;
*) echo "gh: $*: not allowed" >&2; exit 1 ;;
esac
[ ! -e "$COMMENTS.new" ] || mv "$COMMENTS.new" "$COMMENTS"
`

func newActionRun(t *testing.T) actionRun {
	t.Helper()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Fatalf("the program jq is not installed, which stands in for GitHub's: %v", err)
	}
	r := actionRun{example: newExample(t), event: "pull_request", inputs: map[string]string{"tablesnap": "tablesnap"}}
	r.comments = filepath.Join(r.dir, "comments.json")
	r.write(r.comments, `[{"id": 1, "user": {"type": "User"}, "body": "<!-- tablesnap: plans --> look at this"}]`)
	r.write(filepath.Join(r.dir, "event.json"), `{"pull_request": {"number": 7}}`)
	r.write(filepath.Join(r.dir, "bin", "gh"), gh)
	return r
}

func (r actionRun) write(file, text string) {
	r.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil { //nolint:gosec // it is a program
		r.Fatal(err)
	}
}

// action is the part of action.yml that the tests use.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Steps []struct {
			Name, If, Shell, Run string
			WorkingDirectory     string `yaml:"working-directory"`
			Env                  map[string]string
		}
	}
}

// expression matches an expression in action.yml, and condition a comparison in an if.
var (
	expression = regexp.MustCompile(`\$\{\{ ([a-z_.-]+) \}\}`)
	condition  = regexp.MustCompile(`^([a-z_.-]+) (==|!=) '([a-z_]*)'$`)
)

// value is what an expression means.
func (r actionRun) value(a action, name string) string {
	r.Helper()
	if input, ok := strings.CutPrefix(name, "inputs."); ok {
		declared, ok := a.Inputs[input]
		if !ok {
			r.Fatalf("action.yml uses the input %q, which it does not declare", input)
		}
		if given, ok := r.inputs[input]; ok {
			return given
		}
		return declared.Default
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		r.Fatal(err)
	}
	switch name {
	case "github.action_path":
		return root
	case "github.action_ref":
		return "v1.2.3"
	case "github.event_name":
		return r.event
	case "github.repository":
		return "me/uploads"
	case "github.event.pull_request.number":
		text, err := os.ReadFile(filepath.Join(r.dir, "event.json"))
		if err != nil {
			r.Fatal(err)
		}
		var event struct {
			PullRequest struct{ Number int } `json:"pull_request"`
		}
		if err := json.Unmarshal(text, &event); err != nil {
			r.Fatal(err)
		}
		return fmt.Sprint(event.PullRequest.Number)
	default:
		r.Fatalf("action.yml uses %q, which the test does not know", name)
		return ""
	}
}

func (r actionRun) expand(a action, text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string { return r.value(a, expression.FindStringSubmatch(e)[1]) })
}

// holds evaluates the if of a step.
func (r actionRun) holds(a action, when string) bool {
	r.Helper()
	return when == "" || !slices.ContainsFunc(strings.Split(when, " && "), func(c string) bool {
		m := condition.FindStringSubmatch(c)
		if m == nil {
			r.Fatalf("action.yml has the condition %q, which the test does not know", c)
		}
		return (r.value(a, m[1]) == m[3]) != (m[2] == "==")
	})
}

// start runs the steps up to the first that fails, and returns their output.
func (r actionRun) start() (output string, failed bool) {
	r.Helper()
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		r.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		r.Fatal(err)
	}
	for _, s := range a.Runs.Steps {
		if !r.holds(a, s.If) {
			continue
		}
		cmd := exec.Command(s.Shell, "-e", "-o", "pipefail", "-c", s.Run)
		cmd.Dir = filepath.Join(r.dir, r.expand(a, s.WorkingDirectory))
		cmd.Env = withoutDSN("PANELS_DSN=sqlite:panels.db", "COMMENTS="+r.comments, "RUNNER_TEMP="+r.dir, "GITHUB_STEP_SUMMARY="+filepath.Join(r.dir, "summary.md"),
			"PATH="+filepath.Join(r.dir, "bin")+":"+os.Getenv("PATH"))
		for name, value := range s.Env {
			cmd.Env = append(cmd.Env, name+"="+r.expand(a, value))
		}
		out, err := cmd.CombinedOutput()
		output += string(out)
		if err != nil {
			return output, true
		}
	}
	return output, false
}

// read is the text of a file.
func (r actionRun) read(file string) string {
	r.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		r.Fatal(err)
	}
	return string(text)
}

// TestAction does what a pull request and its merge do.
func TestAction(t *testing.T) {
	r := newActionRun(t)
	if out, failed := r.start(); failed {
		t.Fatalf("on the pull request: %s", out)
	}
	first := r.read(r.comments)
	for _, want := range []string{`"id": 1`, "look at this", `"id": 2`, "hr_panel", "price_list"} {
		if !strings.Contains(first, want) {
			t.Errorf("the comments do not hold %q: %s", want, first)
		}
	}
	if !strings.Contains(r.read(filepath.Join(r.dir, "summary.md")), "price_list") {
		t.Error("the summary of the job does not hold the plans")
	}

	// The next push changes the comment, and a plan that was not reviewed.
	r.replace("uploads/price_list.tsv", "1.20", "1.25")
	out, failed := r.start()
	if !failed || !strings.Contains(out, "\n+  ('pen', '1.25'),\n") {
		t.Errorf("the plan that was not reviewed: %s", out)
	}
	if second := r.read(r.comments); strings.Count(second, `"id"`) != 2 || second == first {
		t.Errorf("the comments are %s", second)
	}
	r.run(0, "./check.sh", "--update")

	r.event, r.inputs["command"] = "push", "apply"
	if out, failed := r.start(); failed {
		t.Fatalf("after the merge: %s", out)
	}
	if got := rowsOf(t, filepath.Join(r.dir, "panels.db"), "SELECT price FROM price_list WHERE article = 'pen'"); len(got) != 1 || !strings.Contains(got[0], "1.25") {
		t.Errorf("the price is %q", got)
	}
	r.inputs["command"] = "drop"
	if out, failed := r.start(); !failed || !strings.Contains(out, "::error::command is drop; write plan or apply\n") {
		t.Errorf("another command: %s", out)
	}
}

// TestActionMayNotComment: on a fork the token cannot comment, and the plans are in the
// summary.
func TestActionMayNotComment(t *testing.T) {
	r := newActionRun(t)
	r.write(filepath.Join(r.dir, "bin", "gh"), "#!/bin/sh\n[ \"$2\" = --paginate ]\n")
	out, failed := r.start()
	if failed || !strings.Contains(out, "::warning::The comment could not be written") {
		t.Errorf("without the right to comment: %s", out)
	}
}

// TestActionIsDocumented compares the inputs of the action with those in docs/ci.md.
func TestActionIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(docsPages(t)["../../docs/ci.md"], "| input | default |")
	for name, input := range a.Inputs {
		row := fmt.Sprintf("\n| `%s` | `%s` |", name, input.Default)
		if name == "tablesnap" || name == "token" { // their defaults are none, and no text
			row = fmt.Sprintf("\n| `%s` |", name)
		}
		if !strings.Contains(table, row) {
			t.Errorf("docs/ci.md has no row %q", row)
		}
	}
}
