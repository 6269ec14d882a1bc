package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goBlock matches a block of Go in a page.
var goBlock = regexp.MustCompile("(?s)\n```go\n(.*?)\n```\n")

// snippetImports are the packages that the pages' Go may use, by their names.
var snippetImports = map[string]string{
	"context":   "context",
	"embed":     "embed",
	"exec":      "github.com/tablesnap/tablesnap/exec",
	"fmt":       "fmt",
	"fs":        "io/fs",
	"goose":     "github.com/pressly/goose/v3",
	"log":       "log",
	"migration": "github.com/tablesnap/tablesnap/exec/migration",
	"mysql":     "github.com/tablesnap/tablesnap/dialect/mysql",
	"plan":      "github.com/tablesnap/tablesnap/plan",
	"postgres":  "github.com/tablesnap/tablesnap/dialect/postgres",
	"rowsource": "github.com/tablesnap/tablesnap/rowsource",
	"sql":       "database/sql",
	"sqlite":    "github.com/tablesnap/tablesnap/dialect/sqlite",
	"time":      "time",
}

// TestDocsGo compiles the Go of the pages.
func TestDocsGo(t *testing.T) {
	folder, err := os.MkdirTemp(".", "_snippets") // in this module, and not among its packages
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	pages := docsPages(t)
	var packages []string
	for _, page := range slices.Sorted(maps.Keys(pages)) {
		for i, block := range goBlock.FindAllStringSubmatch(pages[page], -1) {
			name := fmt.Sprintf("%s_%d", strings.TrimSuffix(filepath.Base(page), ".md"), i+1)
			packages = append(packages, writeSnippet(t, filepath.Join(folder, name), block[1]))
		}
	}
	if len(packages) < 2 {
		t.Fatalf("the pages have %d blocks of Go", len(packages))
	}
	if out, err := exec.Command("go", append([]string{"build"}, packages...)...).CombinedOutput(); err != nil {
		t.Errorf("the Go of the pages does not compile (the names are those of the pages): %v\n%s", err, out)
	}
}

// writeSnippet makes a package of a block. What stands before its statements are its
// declarations. The statements may use ctx, db and scripts.
func writeSnippet(t *testing.T, folder, block string) (pkg string) {
	t.Helper()
	declarations, statements := "", block
	if strings.HasPrefix(block, "//go:embed ") {
		declarations, statements, _ = strings.Cut(block, "\n\n")
	}
	body := fmt.Sprintf("func snippet(ctx context.Context, db *sql.DB, scripts fs.FS) {\n%s\n%%s}\n", statements)
	rest := declarations + "\n" + body
	imports, uses := needs(t, "package snippet\n"+fmt.Sprintf(rest, ""))
	code := "package snippet\n" + imports + fmt.Sprintf(rest, uses)
	if err := os.MkdirAll(filepath.Join(folder, "uploads"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"snippet.go": code, "uploads/prices.csv": "sku\nA1\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return "./" + folder
}

// needs returns the imports of a snippet, and statements that use each of its variables: a
// page need not.
func needs(t *testing.T, code string) (imports, uses string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "snippet.go", code, 0)
	if err != nil {
		t.Fatalf("%v\n%s", err, code)
	}
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				names[x.Name] = true
			}
		}
		return true
	})
	for name, path := range snippetImports {
		if names[name] {
			imports += fmt.Sprintf("import %q\n", path)
		}
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		for _, s := range f.Body.List {
			if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
				for _, v := range a.Lhs {
					uses += fmt.Sprintf("_ = %s\n", v.(*ast.Ident).Name)
				}
			}
		}
	}
	return imports, uses
}
