package goosecmd

import (
	"os/exec"
	"testing"
)

// TestVersion checks that the goose command has the version of goose that tablesnap is
// built with.
func TestVersion(t *testing.T) {
	version := func(dir string) string {
		t.Helper()
		cmd := exec.Command("go", "list", "-m", "github.com/pressly/goose/v3")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go list in %s: %v: %s", dir, err, out)
		}
		return string(out)
	}
	if ours, tool := version("."), version("tool"); ours != tool {
		t.Errorf("go.mod has %stool/go.mod has %s", ours, tool)
	}
}
