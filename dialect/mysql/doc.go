// Package mysql is the MySQL dialect on github.com/go-sql-driver/mysql, and the
// two that are made from it: MariaDB and TiDB embed [Dialect] and override what
// differs.
//
// DDL commits by itself (https://dev.mysql.com/doc/refman/8.4/en/implicit-commit.html),
// also where it fails, so every such statement says so and the planner keeps it
// away from the rows. What keeps writers out in place are the locks that the
// copy takes: INSERT … SELECT … FOR UPDATE under REPEATABLE READ locks every
// row and every gap, an empty table's too, until the commit
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-locks-set.html).
//
// TiDB has no gap locks. There the copy locks the rows that it copies, and the
// clear deletes whatever is there by then: a row that another session has
// inserted in between makes the two counts differ, and all is rolled back.
//
// The server's settings change what statements mean, so a session sets all of
// those that matter (see [Dialect.Session]); the literals of this package are
// read back as the same values only in such a session.
package mysql
