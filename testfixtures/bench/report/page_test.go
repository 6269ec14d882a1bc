package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs is the folder of the pages, seen from here.
const docs = "../../../docs"

// TestPage holds docs/performance.md and its plots to the results that are kept.
func TestPage(t *testing.T) {
	written := t.TempDir()
	if err := os.Mkdir(filepath.Join(written, "images"), 0o755); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(written, "results.txt")
	copied(t, "../results.txt", kept)
	if err := report(strings.NewReader(""), kept, written); err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{"../results.txt": "results.txt", docs + "/performance.md": "performance.md",
		docs + "/images/time.svg": "images/time.svg", docs + "/images/memory.svg": "images/memory.svg"} {
		if read(t, want) != read(t, filepath.Join(written, got)) {
			t.Errorf("%s is not what the results give: run make bench, or this command with an empty input", want)
		}
	}
}

// TestMeasuredAnew replaces one result by another, and keeps the rest.
func TestMeasuredAnew(t *testing.T) {
	var kept results
	for _, printed := range []string{
		"cores: 2\nBenchmarkInPlace/mysql/10000-2 1 1.5 ratio\nBenchmarkInPlace/mysql/1000000-2 1 1.2 ratio\n",
		"cores: 4\nBenchmarkInPlace/mysql/10000-4 1 1.1 ratio\n",
	} {
		if err := kept.add(strings.NewReader(printed), "printed"); err != nil {
			t.Fatal(err)
		}
	}
	found := kept.of("InPlace")
	if len(found) != 2 || found[0].Rows != 10_000 || found[0].value("ratio") != 1.1 || found[1].value("ratio") != 1.2 {
		t.Errorf("kept are %+v", found)
	}
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, []byte(read(t, from)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
