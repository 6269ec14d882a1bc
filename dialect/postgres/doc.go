// Package postgres is the PostgreSQL dialect on github.com/jackc/pgx/v5, through
// database/sql and, for COPY, the driver's own connection.
//
// DDL is transactional, so a whole upload is one transaction: copy, clear, load. Its
// first statements take the locks. An advisory lock keeps other runs of tablesnap off the
// table. LOCK TABLE … IN SHARE ROW EXCLUSIVE MODE keeps writers out between copy and
// clear, and does not block readers
// (https://www.postgresql.org/docs/current/explicit-locking.html).
//
// The server's settings change what statements and values mean, so a session sets all
// that matter (see [Dialect.Session]).
package postgres
