package dsn

import (
	"regexp"
	"slices"
	"strings"
)

// form is one in which other tools name a database, with the form to write here.
type form struct {
	pattern *regexp.Regexp
	name    string
	write   string
}

func forms() []form {
	return []form{
		{regexp.MustCompile(`(?i)^jdbc:sqlite:`), "of JDBC", writeSQLite},
		{regexp.MustCompile(`(?i)^jdbc:postgresql:`), "of JDBC", writePostgres},
		{regexp.MustCompile(`(?i)^jdbc:mariadb:`), "of JDBC", writeMariaDB},
		{regexp.MustCompile(`(?i)^jdbc:`), "of JDBC", writeMySQL},
		{regexp.MustCompile(`(?i)^sqlite3?\+\w+:`), "of SQLAlchemy", writeSQLite},
		{regexp.MustCompile(`(?i)^mysqlx?\+\w+:`), "of SQLAlchemy", writeMySQL},
		{regexp.MustCompile(`(?i)^mariadb\+\w+:`), "of SQLAlchemy", writeMariaDB},
		{regexp.MustCompile(`(?i)^tidb\+\w+:`), "of SQLAlchemy", writeTiDB},
		{regexp.MustCompile(`(?i)^(postgres|postgresql|cockroachdb)\+\w+:`), "of SQLAlchemy", writePostgres},
		{regexp.MustCompile(`(?i)^mysqlx:`), "of the X protocol, which tablesnap doesn't speak", writeMySQL},
		{regexp.MustCompile(`(?i)^mysql2:`), "of Ruby", writeMySQL},
		{regexp.MustCompile(`(?i)^(pg|pgx5?|pgsql|psql):`), "of another tool", writePostgres},
		{regexp.MustCompile(`(?i)^(file|sqlite2|sq|libsql):`), "of another tool", writeSQLite},
		{regexp.MustCompile(`^([^/]*@)?(tcp[46]?|unix)?\([^()]*\)/`), "of a Go driver", writeMySQL},
		{regexp.MustCompile(`^[^/:@]+(:.*)?@(tcp[46]?|unix)?(\([^()]*\))?/`), "of a Go driver", writeMySQL},
		{regexp.MustCompile(`(?i)^\s*(host|hostaddr|port|user|dbname|password|service|sslmode)\s*=`), "of keywords, as psql takes it", writePostgres},
		{regexp.MustCompile(`(?i)^\s*(server|data source|driver|uid|database|user id)\s*=`), "of keywords", writeMySQL + ", or " + writePostgres},
	}
}

const (
	writeSQLite   = "sqlite:PATH"
	writeMySQL    = "mysql://USER:PASSWORD@HOST:PORT/DATABASE"
	writeMariaDB  = "mariadb://USER:PASSWORD@HOST:PORT/DATABASE"
	writeTiDB     = "tidb://USER:PASSWORD@HOST:PORT/DATABASE"
	writePostgres = "postgres://USER:PASSWORD@HOST:PORT/DATABASE"
)

// otherForm answers a DSN whose scheme is none of ours.
func otherForm(text string) error {
	if text == "" {
		return errorf("is empty; write %s, or %s", writeSQLite, writeMySQL)
	}
	for _, f := range forms() {
		if f.pattern.MatchString(text) {
			return errorf("has the form %s; write %s", f.name, f.write)
		}
	}
	if !strings.Contains(text, "://") && !strings.ContainsAny(text, "@=") {
		return errorf("has no scheme; if it is a file, write %s, and otherwise one of %s", writeSQLite, schemes())
	}
	return errorf("begins with none of the schemes that this tablesnap speaks: %s", schemes())
}

func schemes() string {
	names := Schemes()
	for i := range names {
		names[i] += ":"
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
