package mysql

import (
	"context"
	"database/sql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Load inserts rows.
func (d Dialect) Load(ctx context.Context, c *sql.Conn, l dialect.Load, next func() (rowsource.Row, error)) (int64, error) {
	return loadRows(ctx, d, c, l, next)
}
