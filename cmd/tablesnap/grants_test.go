//go:build unix

package main

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
	"github.com/tablesnap/tablesnap/internal/conformance/postgrestest"
)

// tasks are the tasks in docs/grants.md, and a user with only read privileges.
var tasks = []string{"uploader", "restorer", "planner", "reader"}

// TestGrants: the statements in docs/grants.md are enough for each task, and the GRANT
// statements in an error are enough for the refused command.
func TestGrants(t *testing.T) {
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			section := map[string]string{"mysql": "MySQL and MariaDB", "mariadb": "MySQL and MariaDB", "tidb": "TiDB"}[d.scheme]
			g := granted{T: t, section: section, schema: d.in.Schema, exec: d.exec, swaps: true}
			g.makeUser = func(name string) { d.exec("CREATE USER " + name + " IDENTIFIED BY '" + password + "'") }
			g.dropUser = func(name string) { d.exec("DROP USER " + name) }
			g.onlyReads = "GRANT SELECT ON shop.* TO only_reads"
			g.dsn = func(name string) string {
				return fmt.Sprintf("%s://%s:%s@%s/%s", d.scheme, name, password, d.host, d.in.Schema)
			}
			g.run()
		})
	}
	for _, s := range postgrestest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			config := s.Create(t)
			other := postgrestest.Open(t, config)
			g := granted{T: t, section: "PostgreSQL", schema: "shop_" + strings.ToLower(rand.Text()[:12])}
			g.exec = func(statement string) {
				t.Helper()
				if _, err := other.Exec(statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			g.exec("CREATE SCHEMA " + g.schema)
			g.exec("SET search_path = " + g.schema)
			g.makeUser = func(name string) { g.exec("CREATE ROLE " + name + " LOGIN") }
			g.dropUser = func(name string) { g.exec("DROP OWNED BY " + name + " CASCADE"); g.exec("DROP ROLE " + name) }
			g.onlyReads = "GRANT USAGE ON SCHEMA shop TO only_reads; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO only_reads"
			g.dsn = func(name string) string {
				return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable&search_path=%s", name, password, config.Host, config.Port, config.Database, g.schema)
			}
			g.run()
		})
	}
}

// granted is a database whose users have the privileges for their tasks.
type granted struct {
	*testing.T
	section, schema    string
	exec               func(statement string)
	makeUser, dropUser func(name string)
	dsn                func(user string) string
	onlyReads          string
	swaps              bool
	prefix, dir        string
}

func (g granted) run() {
	g.Helper()
	g.prefix, g.dir = "ts_"+strings.ToLower(rand.Text()[:8])+"_", g.TempDir()
	for name, content := range map[string]string{"a.csv": "id,v\n1,a\n2,b\n", "b.csv": "id,v\n1,a\n3,c\n"} {
		if err := os.WriteFile(filepath.Join(g.dir, name), []byte(content), 0o600); err != nil {
			g.Fatal(err)
		}
	}
	g.exec("CREATE TABLE " + g.schema + ".prices (id INT PRIMARY KEY, v VARCHAR(20))")
	g.exec("INSERT INTO " + g.schema + ".prices VALUES (7, 'old')")
	g.exec("CREATE TABLE " + g.schema + ".parents (id INT PRIMARY KEY, v VARCHAR(20))")
	g.exec("INSERT INTO " + g.schema + ".parents VALUES (1, 'old'), (7, 'goes')")
	for child, action := range map[string]string{"owned": " ON DELETE CASCADE", "sold": ""} {
		g.exec("CREATE TABLE " + g.schema + "." + child + " (parent INT, FOREIGN KEY (parent) REFERENCES " + g.schema + ".parents (id)" + action + ")")
		g.exec("INSERT INTO " + g.schema + "." + child + " VALUES (1)")
	}
	for _, task := range append([]string{"only_reads"}, tasks...) {
		g.makeUser(g.prefix + task)
		g.Cleanup(func() { g.dropUser(g.prefix + task) })
	}
	for _, task := range tasks {
		for _, statement := range g.statements(task) {
			g.exec(statement)
		}
	}
	g.does("uploader", 0, "migrate", "apply a.csv --table prices --doc-id d1 --yes", "apply b.csv --table prices --doc-id d2 --yes", "backup prices --doc-id d3 --yes", "recover")
	if g.swaps {
		g.does("uploader", 0, "apply a.csv --table prices --doc-id d4 --yes --strategy swap", "apply b.csv --table prices --doc-id d5 --yes --strategy in-place")
	}
	g.does("uploader", 0, "apply a.csv --table parents --doc-id s1 --yes --strategy sync", "apply b.csv --table parents --doc-id s2 --yes --strategy sync")
	g.does("planner", 0, "plan a.csv --table parents --doc-id s3 --strategy sync")
	g.does("planner", exitRefused, "apply a.csv --table parents --doc-id s3 --yes --strategy sync")
	g.does("restorer", 0, "restore parents --to 1 --yes --strategy sync")
	g.does("reader", 0, "history prices", "audit", "inspect prices", "diff prices", "diff prices 1 2", "diff prices --file a.csv", "export prices", "export prices --version 0",
		"plan a.csv --table prices --doc-id d6 --allow FK_HIDDEN", "plan a.csv --table prices --doc-id d6 --diff --allow FK_HIDDEN")
	g.does("planner", 0, "plan a.csv --table prices --doc-id d6", "plan a.csv --table prices --doc-id d6 --format json", "restore prices --to 1 --dry-run")
	g.does("reader", exitRefused, "apply a.csv --table prices --doc-id d6 --yes --allow FK_HIDDEN", "pin prices 0", "restore prices --to 1 --yes --allow FK_HIDDEN")
	g.does("planner", exitRefused, "apply a.csv --table prices --doc-id d6 --yes", "backup prices --doc-id d6 --yes")
	g.does("restorer", 0, "restore prices --to 1 --yes", "pin prices 1", "pin prices 1 --remove", "prune prices --version 0 --yes", "recover")
	g.namesWhatIsEnough()
}

// does runs commands as a task's user.
func (g granted) does(task string, code int, commands ...string) {
	g.Helper()
	for _, c := range commands {
		r := runTablesnap(g.T, g.dir, append(strings.Fields(c), "--dsn", g.dsn(g.prefix+task))...)
		if r.code != code || code == exitRefused && !strings.Contains(r.stderr, "GRANT ") {
			g.Errorf("%s: %s: want exit code %d: %s", task, c, code, r)
		}
	}
}

var grantStatement = regexp.MustCompile("GRANT [^;]+ TO [^;\n]+")

// namesWhatIsEnough runs commands as a user with only read privileges, grants what the
// error names, and runs them again.
func (g granted) namesWhatIsEnough() {
	g.Helper()
	user := g.prefix + "only_reads"
	for statement := range strings.SplitSeq(g.named(g.onlyReads), "; ") {
		g.exec(statement)
	}
	for _, c := range []string{"apply a.csv --table prices --doc-id e1 --yes --allow FK_HIDDEN", "apply a.csv --table more --doc-id e2 --yes --create", "restore prices --to 2 --yes --allow FK_HIDDEN",
		"apply b.csv --table parents --doc-id e3 --yes --strategy sync --allow FK_HIDDEN"} {
		args := append(strings.Fields(c), "--dsn", g.dsn(user))
		refused := runTablesnap(g.T, g.dir, args...)
		if refused.code == 0 {
			continue
		}
		for _, statement := range grantStatement.FindAllString(refused.stderr, -1) {
			g.exec(statement)
		}
		if r := runTablesnap(g.T, g.dir, args...); refused.code != exitRefused || r.code != 0 {
			g.Errorf("%s: refused with %s, and then: %s", c, refused, r)
		}
	}
}

// statements returns the statements for a task in docs/grants.md.
func (g granted) statements(task string) []string {
	g.Helper()
	text, err := os.ReadFile("../../docs/grants.md")
	if err != nil {
		g.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## "+g.section+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, section, _ = strings.Cut(section, "\n### "+task+"\n")
	_, section, _ = strings.Cut(section, "```sql\n")
	section, _, found := strings.Cut(section, "```")
	if !found {
		g.Fatalf("docs/grants.md has no statements for the %s of %s", task, g.section)
	}
	return strings.Split(strings.TrimSuffix(strings.TrimSpace(g.named(section)), ";"), ";\n")
}

var documented = regexp.MustCompile(`\b(shop|only_reads|uploader|restorer|planner|reader)\b`)

// named replaces the names in the documentation by those of the test.
func (g granted) named(sql string) string {
	return documented.ReplaceAllStringFunc(sql, func(name string) string {
		if name == "shop" {
			return g.schema
		}
		return g.prefix + name
	})
}
