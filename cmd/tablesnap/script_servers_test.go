package main

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tablesnap/tablesnap/internal/conformance"
	"github.com/tablesnap/tablesnap/internal/conformance/mysqltest"
)

// TestServerScripts runs the command line on database servers. The scripts of a server
// share a database, and each uses tables of its own.
func TestServerScripts(t *testing.T) { runServerScripts(t, "testdata/servers") }

// TestServerLocks has scripts that lock a whole database, so it uses one of its own.
func TestServerLocks(t *testing.T) { runServerScripts(t, "testdata/servers_locks") }

// TestServerRecover has scripts that recover all tables of a database, so it uses one of its own.
func TestServerRecover(t *testing.T) { runServerScripts(t, "testdata/servers_recover") }

func runServerScripts(t *testing.T, dir string) {
	t.Helper()
	for _, s := range mysqltest.Servers() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			d := newServerDesk(t, s)
			testscript.Run(t, testscript.Params{
				Dir:                 dir,
				UpdateScripts:       *update,
				RequireExplicitExec: true,
				RequireUniqueNames:  true,
				Setup:               d.setUp,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"exits":         scriptExits,
					"for-each-verb": scriptForEachVerb,
					"rows":          d.rows,
					"client":        d.client,
					"hold":          scriptHoldOn(d.in.Other),
					"release":       scriptRelease,
				},
				Condition: func(name string) (bool, error) { return name == s.Name || name == string(s.Backend.Facts().Name), nil },
			})
		})
	}
}

// serverDesk is a database on a server, and two users with a password: one has all
// privileges, and the other has all privileges on that database only.
type serverDesk struct {
	t             *testing.T
	in            conformance.Instance
	scheme, host  string
	user, limited string
}

// password must not be in any output.
const password = "hunter2"

func newServerDesk(t *testing.T, s mysqltest.Server) serverDesk {
	t.Helper()
	d := serverDesk{t: t, in: s.Database(t, s.Backend.Facts().Strategies[0]).Open(t), scheme: string(s.Backend.Facts().Name)}
	u, err := url.Parse(os.Getenv("TABLESNAP_TEST_" + strings.ToUpper(s.Name)))
	if err != nil {
		t.Fatal(err)
	}
	d.host, d.user = u.Host, "ts_"+strings.ToLower(rand.Text()[:12])
	d.limited = d.user + "_l"
	for user, on := range map[string]string{d.user: "*.*", d.limited: d.in.Schema + ".*"} {
		d.exec(fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY '%s'", user, password))
		t.Cleanup(func() { d.exec(fmt.Sprintf("DROP USER '%s'@'%%'", user)) })
		d.exec(fmt.Sprintf("GRANT ALL PRIVILEGES ON %s TO '%s'@'%%'", on, user))
	}
	return d
}

func (d serverDesk) exec(statement string) {
	d.t.Helper()
	if _, err := d.in.Other.Exec(statement); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

func (d serverDesk) setUp(e *testscript.Env) error {
	setUpHolder(e)
	e.Setenv("SCHEME", d.scheme)
	other := map[string]string{"mysql": "mariadb", "mariadb": "tidb", "tidb": "mysql"}
	e.Setenv("OTHERSCHEME", other[d.scheme])
	socket, err := queryLines(d.in.Other, "SELECT @@socket")
	if err != nil {
		return err
	}
	e.Setenv("SOCKET", strings.Trim(socket[0], `"`))
	e.Setenv("HOST", d.host)
	e.Setenv("DB", d.in.Schema)
	e.Setenv("DBUSER", d.user)
	e.Setenv("LIMITED", d.limited)
	e.Setenv("PASSWORD", password)
	e.Setenv("TABLESNAP_DSN", fmt.Sprintf("%s://%s:%s@%s/%s", d.scheme, d.user, password, d.host, d.in.Schema))
	return nil
}

// rows STATEMENT… runs statements and prints the rows of the last one.
func (d serverDesk) rows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: rows STATEMENT…")
	}
	for i, s := range args {
		lines, err := queryLines(d.in.Other, s)
		ts.Check(err)
		for _, l := range lines {
			if i == len(args)-1 {
				fmt.Fprintln(ts.Stdout(), l)
			}
		}
	}
}

// client SCRIPT [UNTIL] pipes a script into the vendor's client. With UNTIL, it ends before
// the first line that contains UNTIL, as if the client had been killed there.
func (d serverDesk) client(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: client SCRIPT [UNTIL]")
	}
	script := ts.ReadFile(args[0])
	if len(args) == 2 {
		before, _, found := strings.Cut(script, args[1])
		if !found {
			ts.Fatalf("%s has no line with %q", args[0], args[1])
		}
		script = before[:strings.LastIndex(before, "\n")+1]
	}
	err := d.in.Client(d.t, script)
	if neg == (err == nil) {
		ts.Fatalf("the client: %v", err)
	}
}
