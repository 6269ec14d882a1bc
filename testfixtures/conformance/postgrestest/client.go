package postgrestest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Client pipes a script into psql, as a person would in a shell. The error holds
// what psql said.
func (s Server) Client(t testing.TB, c *pgx.ConnConfig, script string) error {
	t.Helper()
	program, err := programOf(s.Name)
	if err != nil {
		t.Fatalf("the psql of %s: %v", s.Name, err)
	}
	// Not what the user's own ~/.psqlrc says.
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
