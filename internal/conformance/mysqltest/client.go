package mysqltest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/internal/testservers"
)

// client pipes a script into the vendor's command-line client. The error has the client's
// output.
func (s Server) client(t testing.TB, c *mysqldriver.Config, script string) error {
	t.Helper()
	program := testservers.Client(t, s.Name)
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		t.Fatal(err)
	}
	// Ignore the user's own ~/.my.cnf.
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
