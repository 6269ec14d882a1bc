package mysql

import (
	"context"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// BackendFor asks a server which database it is. All of the family accept the same
// clients, but the same statements have different meanings.
func BackendFor(ctx context.Context, c dialect.Conn) (dialect.Backend, error) {
	name, err := nameOf(ctx, c)
	if err != nil {
		return nil, err
	}
	switch name {
	case NameMariaDB:
		return NewMariaDB(), nil
	case NameTiDB:
		return NewTiDB(), nil
	default:
		return New(), nil
	}
}

// nameOf reads the name from the version, as the vendors document it
// (https://mariadb.com/docs/server/reference/sql-functions/secondary-functions/information-functions/version,
// https://docs.pingcap.com/tidb/stable/tidb-configuration-file/#server-version).
func nameOf(ctx context.Context, c dialect.Conn) (dialect.Name, error) {
	var version, comment string
	err := c.QueryRowContext(ctx, "SELECT version(), @@version_comment").Scan(&version, &comment)
	if err != nil {
		return "", fmt.Errorf("ask the server for its version: %w", err)
	}
	return nameFrom(version, comment)
}

func nameFrom(version, comment string) (dialect.Name, error) {
	says := strings.ToLower(version + " " + comment)
	if other := otherProduct(says); other != "" {
		return "", fmt.Errorf("the server is %s, which speaks MySQL's protocol and locks, commits and renames in other ways: no promise of tablesnap is kept there; connect to the MySQL server of one shard, if there is one", other)
	}
	switch {
	case strings.Contains(says, "tidb"):
		return NameTiDB, nil
	case strings.Contains(says, "mariadb"):
		return NameMariaDB, nil
	default:
		return Name, nil
	}
}

// otherProduct is the name of another database that accepts MySQL's clients, read from
// its version (https://vitess.io/docs/reference/features/mysql-compatibility/,
// https://planetscale.com/docs/vitess/mysql-compatibility).
func otherProduct(says string) string {
	switch {
	case strings.Contains(says, "planetscale"):
		return "PlanetScale"
	case strings.Contains(says, "vitess"):
		return "Vitess"
	default:
		return ""
	}
}
