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

// client pipes a script into the vendor's program, as a person would in a
// shell. The error holds what the program said.
func (s Server) client(t testing.TB, c *mysqldriver.Config, script string) error {
	t.Helper()
	program := testservers.Client(t, s.Name)
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
