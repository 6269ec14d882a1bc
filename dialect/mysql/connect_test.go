package mysql_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect/mysql"
)

// TestConnectToSilentPort: connecting fails after the timeout if a server accepts the
// connection but sends no greeting.
func TestConnectToSilentPort(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	config := mysqldriver.NewConfig()
	config.Net, config.Addr, config.Timeout = "tcp", silent.Addr().String(), 50*time.Millisecond
	connector, err := mysql.Connector(config, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	_, err = connector.Connect(t.Context())
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "let nobody in within 50ms") {
		t.Errorf("got %v", err)
	}
}
