package postgrestest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tablesnap/tablesnap/internal/testservers"
)

// Client pipes a script into psql. The error has psql's output.
func (s Server) Client(t testing.TB, c *pgx.ConnConfig, script string) error {
	t.Helper()
	program := testservers.Client(t, s.Name)
	// Ignore the user's own ~/.psqlrc.
	cmd := exec.Command(program, "--no-psqlrc", "--quiet", "--host="+c.Host, fmt.Sprint("--port=", c.Port), "--username="+c.User, c.Database)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+c.Password)
	cmd.Stdin = strings.NewReader(script)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("psql: %w: %s", err, said.String())
	}
	return nil
}
