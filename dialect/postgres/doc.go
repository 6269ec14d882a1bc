// Package postgres is the PostgreSQL dialect on github.com/jackc/pgx/v5, through
// database/sql and, for COPY, the driver's own connection.
//
// DDL is transactional, so a whole upload is one transaction, in the order in
// which people think of it. Its first statements take the locks: an advisory
// lock that keeps other runs of tablesnap off the table, and LOCK TABLE … IN
// SHARE ROW EXCLUSIVE MODE, which keeps writers out between copy and clear and
// lets readers go on (https://www.postgresql.org/docs/current/explicit-locking.html).
//
// The server's settings change what statements and values mean, so a session
// sets all of those that matter (see [Dialect.Session]).
package postgres
