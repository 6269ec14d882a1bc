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

// Connector connects as a program does that has connections of its own: known to
// the server by its name, in UTF-8, waiting so long for the locks of others, and
// without prepared statements, which would remember a table as it was and which
// not every pooler knows.
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
		if _, err := conn.Exec(ctx, "SET lock_timeout = '"+milliseconds(wait)+"ms'"); err != nil {
			return fmt.Errorf("set lock_timeout: %w", err)
		}
		return nil
	}))
}
