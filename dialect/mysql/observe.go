package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// thisServer is an SQL expression for a text that differs between the servers that one
// address may lead to.
const thisServer = "concat_ws(' ', @@hostname, @@port, @@server_id, @@datadir)"

// ThisSession names the server and the connection.
func (Dialect) ThisSession() string { return "concat_ws(' ', " + thisServer + ", CONNECTION_ID())" }

// Observe lists the sessions with SHOW PROCESSLIST, which shows each user at least its
// own. Its columns are asked for by name, since MariaDB has more
// (https://dev.mysql.com/doc/refman/8.4/en/show-processlist.html). MySQL's
// information_schema.processlist fails if any session runs a statement with an emoji.
func (Dialect) Observe(ctx context.Context, c dialect.Conn, session string) (dialect.SessionState, error) {
	server, id := cutSession(session)
	var here string
	if err := c.QueryRowContext(ctx, "SELECT "+thisServer).Scan(&here); err != nil {
		return "", fmt.Errorf("ask which server this is: %w", err)
	}
	if here != server {
		return dialect.SessionElsewhere, nil
	}
	commands, err := sessionCommands(ctx, c)
	if err != nil {
		return "", fmt.Errorf("list the sessions: %w", err)
	}
	switch command, lives := commands[id]; {
	case !lives:
		return dialect.SessionGone, nil
	case command == "Sleep":
		return dialect.SessionWaits, nil
	default:
		return dialect.SessionWorks, nil
	}
}

// sessionCommands returns what each session is doing, by its id.
func sessionCommands(ctx context.Context, c dialect.Conn) (map[string]string, error) {
	rows, err := c.QueryContext(ctx, "SHOW PROCESSLIST")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	commands := map[string]string{}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		var id, command string
		for i, name := range columns {
			switch strings.ToLower(name) {
			case "id":
				id = values[i].String
			case "command":
				command = values[i].String
			}
		}
		commands[id] = command
	}
	return commands, rows.Err()
}

// EndSession ends the connection, which rolls its transaction back
// (https://dev.mysql.com/doc/refman/8.4/en/kill.html).
func (Dialect) EndSession(session string) dialect.Stmt {
	_, id := cutSession(session)
	return dialect.Stmt{SQL: "KILL " + id}
}

// RowsWritten reads the transaction's count of modified rows, which InnoDB keeps while a
// statement runs. It takes the right PROCESS
// (https://dev.mysql.com/doc/refman/8.4/en/information-schema-innodb-trx-table.html).
func (Dialect) RowsWritten(ctx context.Context, c dialect.Conn, session string) (rows int64, known bool, err error) {
	server, id := cutSession(session)
	err = c.QueryRowContext(ctx, "SELECT trx_rows_modified FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = ? AND "+
		thisServer+" = ?", id, server).Scan(&rows)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return rows, err == nil, err
}

func cutSession(session string) (server, id string) {
	at := strings.LastIndexByte(session, ' ')
	return session[:at], session[at+1:]
}
