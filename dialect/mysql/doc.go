// Package mysql is the MySQL dialect on github.com/go-sql-driver/mysql. MariaDB and TiDB
// embed [Dialect] and override what differs.
//
// DDL commits by itself, even if it fails
// (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html). Each DDL statement says
// so, and the planner keeps DDL away from the rows. In place, the locks of the copy keep
// writers out: INSERT … SELECT … FOR UPDATE under REPEATABLE READ locks every row and
// every gap until the commit, even in an empty table
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html).
//
// TiDB has no gap locks. There the copy locks only the rows that it copies, and the clear
// deletes all rows that exist by then. If another session has inserted a row in between,
// the two counts differ, and tablesnap rolls back.
//
// The server's settings change what statements mean, so a session sets all that matter
// (see [Dialect.Session]). The literals of this package are read back as the same values
// only in such a session.
package mysql
