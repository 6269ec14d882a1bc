package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// thisServer is an SQL expression for when the server was started, in a form that no
// setting of the session changes.
const thisServer = "to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')"

// ThisSession names the server by its start, and the session by its process.
func (Dialect) ThisSession() string { return thisServer + " || ' ' || pg_backend_pid()" }

// Observe reads pg_stat_activity, which shows each user at least its own sessions. A
// statement that waits for its client, as a COPY waits for rows, is not at work
// (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW).
func (Dialect) Observe(ctx context.Context, c dialect.Conn, session string) (dialect.SessionState, error) {
	server, pid, _ := strings.Cut(session, " ")
	var here string
	var works sql.NullBool
	err := c.QueryRowContext(ctx, "SELECT "+thisServer+", (SELECT state <> 'idle' AND state NOT LIKE 'idle in%' AND wait_event_type IS DISTINCT FROM 'Client'"+
		" FROM pg_stat_activity WHERE pid = "+pid+")").Scan(&here, &works)
	switch {
	case err != nil:
		return "", fmt.Errorf("look at the sessions: %w", err)
	case here != server:
		return dialect.SessionElsewhere, nil
	case !works.Valid:
		return dialect.SessionGone, nil
	case works.Bool:
		return dialect.SessionWorks, nil
	default:
		return dialect.SessionWaits, nil
	}
}

// EndSession ends the server's process for the session, which rolls its transaction back.
func (Dialect) EndSession(session string) dialect.Stmt {
	_, pid, _ := strings.Cut(session, " ")
	return dialect.Stmt{SQL: "SELECT pg_terminate_backend(" + pid + ")"}
}
