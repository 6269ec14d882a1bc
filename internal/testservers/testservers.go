// Package testservers finds the servers that tests run against: those that
// servers.sh has started, or the user's own.
package testservers

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// Variable is the environment variable that holds a server's DSN.
func Variable(name string) string { return "TABLESNAP_TEST_" + strings.ToUpper(name) }

// DSN is how to reach a server; of a cluster, its nodes, with blanks in between. Without it the test ends here, as in [Lacks].
func DSN(t testing.TB, name string) string {
	t.Helper()
	dsn := os.Getenv(Variable(name))
	if dsn == "" {
		Lacks(t, "%s is not tested: %s is not set", name, Variable(name))
	}
	return dsn
}

// Lacks ends a test for what the machine has not: it is skipped, or fails where
// TABLESNAP_REQUIRE names any server, since nothing may be left out there.
func Lacks(t testing.TB, format string, args ...any) {
	t.Helper()
	if Required() {
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIP: "+format, args...)
}

// Required reports whether TABLESNAP_REQUIRE names any server, so that no test may
// be skipped.
func Required() bool { return os.Getenv("TABLESNAP_REQUIRE") != "" }

// Whole reports whether everything is asked for on every server, in every way that
// it knows; else the servers share the work.
func Whole() bool { return os.Getenv("TABLESNAP_TEST_WHOLE") != "" }

// Named are those of the servers that tests are to run on: all of them, or where
// TABLESNAP_REQUIRE names any, these and those that can be reached.
func Named(names ...string) []string {
	required := os.Getenv("TABLESNAP_REQUIRE")
	if required == "" {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return os.Getenv(Variable(name)) == "" && !slices.Contains(strings.Split(required, ","), name)
	})
}

// Tested are those of the servers that tests can reach.
func Tested(names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return os.Getenv(Variable(name)) == "" })
}

// MySQL is how the driver of the MySQL family reaches a server, with no database
// selected; of a cluster, the first node. Without a DSN the test ends, as in [DSN].
func MySQL(t testing.TB, name string) *mysqldriver.Config {
	t.Helper()
	return driverConfig(t, name, strings.Fields(DSN(t, name))[0])
}

func driverConfig(t testing.TB, name, dsn string) *mysqldriver.Config {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("the DSN of %s cannot be read", name) // the error would show the password
	}
	c := mysqldriver.NewConfig()
	c.Net, c.Addr, c.User = "tcp", u.Host, u.User.Username()
	c.Passwd, _ = u.User.Password()
	return c
}

var (
	clients  = map[string]string{}
	clientMu sync.Mutex
)

// Client is the path of the vendor's client program for a server. It asks the
// script that starts the servers, once for each of them.
func Client(t testing.TB, name string) string {
	t.Helper()
	clientMu.Lock()
	defer clientMu.Unlock()
	if path := clients[name]; path != "" {
		return path
	}
	clients[name] = run(t, "client", name)
	return clients[name]
}
