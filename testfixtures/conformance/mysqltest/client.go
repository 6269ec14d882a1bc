package mysqltest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// client pipes a script into the vendor's program, as a person would in a
// shell. The error holds what the program said.
func (s Server) client(t testing.TB, c *mysqldriver.Config, script string) error {
	t.Helper()
	program, err := programOf(s.Name)
	if err != nil {
		t.Fatalf("the client program of %s: %v", s.Name, err)
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		t.Fatal(err)
	}
	// Not what the user's own ~/.my.cnf says.
	cmd := exec.Command(program, "--no-defaults", "--host="+host, "--port="+port, "--protocol=tcp", "--user="+c.User, c.DBName)
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+c.Passwd)
	cmd.Stdin = strings.NewReader(script)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, said.String())
	}
	return nil
}

var (
	programs  = map[string]string{}
	programMu sync.Mutex
)

// programOf asks the script that starts the servers, once for each of them.
func programOf(server string) (string, error) {
	programMu.Lock()
	defer programMu.Unlock()
	if path := programs[server]; path != "" {
		return path, nil
	}
	_, here, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(here), "..", "..", "servers", "servers.sh")
	out, err := exec.Command(script, "client", server).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	programs[server] = strings.TrimSpace(string(out))
	return programs[server], nil
}
