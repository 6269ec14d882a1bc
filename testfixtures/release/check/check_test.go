// Package check tests the files of a release with the parsers of the programs that will
// read them: goreleaser, GitHub's workflows and Docker. It is a module of its own, so that
// tablesnap does not depend on them.
package check

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goreleaser/goreleaser/v2/pkg/config"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/rhysd/actionlint"
)

const root = "../../.."

// TestGoreleaser loads the configuration, in which no key may be unknown, and looks for
// what a release must hold. The files that it names must exist.
func TestGoreleaser(t *testing.T) {
	c, err := config.Load(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for what, has := range map[string]bool{
		"an image":           len(c.DockersV2) == 1 && len(c.DockersV2[0].Images) == 1,
		"a Homebrew cask":    len(c.Casks) == 1,
		"Linux packages":     len(c.NFPMs) == 1 && slices.Equal(c.NFPMs[0].Formats, []string{"deb", "rpm", "apk"}),
		"SBOMs":              len(c.SBOMs) == 1 && c.SBOMs[0].Artifacts == "archive",
		"a signature":        len(c.Signs) == 1 && c.Signs[0].Cmd == "cosign" && c.Signs[0].Artifacts == "checksum",
		"the image's own":    len(c.DockerSigns) == 1 && c.DockerSigns[0].Cmd == "cosign",
		"nothing deprecated": len(c.Dockers) == 0 && len(c.DockerManifests) == 0 && len(c.Brews) == 0,
	} {
		if !has {
			t.Errorf("the release does not have %s", what)
		}
	}
	var sources []string
	for _, f := range c.Archives[0].Files {
		sources = append(sources, f.Source)
	}
	for _, f := range c.NFPMs[0].Contents {
		sources = append(sources, f.Source)
	}
	for _, source := range sources {
		if strings.HasPrefix(source, "dist-extras/") { // extras.sh makes them
			continue
		}
		if found, err := filepath.Glob(filepath.Join(root, source)); err != nil || len(found) == 0 {
			t.Errorf("the release names %s, which does not exist (%v)", source, err)
		}
	}
}

// TestWorkflows lints the workflows. One of them uses the action, so that its inputs are
// checked as well.
func TestWorkflows(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no workflows: %v", err)
	}
	files = append(files, filepath.Join(root, "examples", "ci", "github-workflow.yml"))
	project, err := actionlint.NewProject(root)
	if err != nil {
		t.Fatal(err)
	}
	l, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.LintFiles(files, project)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		t.Error(e)
	}
	usesAction := slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "uses: ./\n")
	})
	if !usesAction {
		t.Error("no workflow uses the action")
	}
}

// TestDocumentedWorkflow lints the workflow of docs/ci.md. The action there is that of
// another repository, whose inputs only the test of the action can check.
func TestDocumentedWorkflow(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, workflow, found := strings.Cut(string(page), "```yaml\n")
	workflow, _, ended := strings.Cut(workflow, "```")
	if !found || !ended {
		t.Fatal("docs/ci.md has no workflow")
	}
	l, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	errs, err := l.Lint("uploads.yml", []byte(workflow), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range errs {
		t.Error(e)
	}
}

// TestDockerfile parses the Dockerfile.
func TestDockerfile(t *testing.T) {
	f, err := os.Open(filepath.Join(root, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	parsed, err := parser.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range parsed.Warnings {
		t.Errorf("%s: %v", w.Short, w.Detail)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) != 1 || stages[0].BaseName != "gcr.io/distroless/static-debian12:nonroot" {
		t.Errorf("the image is built from %v", stages)
	}
}
