package postgres

import (
	"context"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/tablesnap/tablesnap/dialect"
)

// Connector is for programs that open their own connections. It sets the application
// name, UTF-8 and a lock timeout. It turns prepared statements off, since they would
// remember an old definition of a table. Only catalog queries that a session sends often are
// prepared, unless a pooler does not support that.
func Connector(config *pgx.ConnConfig, wait time.Duration) driver.Connector {
	c := config.Copy()
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = dialect.ConnectTimeout
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "tablesnap"
	}
	c.RuntimeParams["client_encoding"] = "UTF8"
	return stdlib.GetConnector(*c, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		prepareOften(conn)
		if _, err := conn.Exec(ctx, "SET lock_timeout = '"+milliseconds(wait)+"ms'"); err != nil {
			return fmt.Errorf("set lock_timeout: %w", err)
		}
		return nil
	}))
}
