package mysql

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/lookup"
)

// rightTo is the privilege that a deed needs
// (https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html).
func rightTo(d dialect.Deed) string {
	switch d {
	case dialect.ToRead:
		return "SELECT"
	case dialect.ToTruncate:
		return "DROP"
	case dialect.ToMakeTemporary:
		return "CREATE TEMPORARY TABLES"
	default:
		return strings.ToUpper(string(d))
	}
}

// Lacks reads the user's grants. If they cannot be read, the server itself rejects the
// statements later.
func (d Dialect) Lacks(ctx context.Context, c dialect.Conn, needs []dialect.Need) ([]string, error) {
	return lackedRights(ctx, c, d, needs)
}

func lackedRights(ctx context.Context, c dialect.Conn, v variant, needs []dialect.Need) ([]string, error) {
	in := &inspection{Reader: lookup.Reader{Ctx: ctx, Conn: inlining{c}}, v: v}
	schema := in.Names("SELECT DATABASE()")
	grants := in.grants()
	if in.Err != nil {
		return nil, fmt.Errorf("look up the user's rights: %w", in.Err)
	}
	if len(grants) == 0 {
		return nil, nil
	}
	lacks := map[string][]dialect.Need{}
	for _, n := range needs {
		if n.Table.Schema == "" {
			n.Table.Schema = schema[0]
		}
		if n.Deed == dialect.ToLock {
			continue // the rows of the parent are locked, and with them whoever would refer to them
		}
		if !grants.allow(n.Table, rightTo(n.Deed)) {
			lacks[n.Table.Schema] = append(lacks[n.Table.Schema], n)
		}
	}
	if len(lacks) == 0 {
		return nil, nil
	}
	who := in.Names("SELECT CURRENT_USER()")
	if in.Err != nil {
		return nil, fmt.Errorf("look up the user's name: %w", in.Err)
	}
	var says []string
	for _, schema := range slices.Sorted(maps.Keys(lacks)) {
		says = append(says, Dialect{}.missing(grants.pattern(schema), lacks[schema], who[0]))
	}
	return says, nil
}

// missing names the rights on one table, or on the database if they are about more
// than that.
func (d Dialect) missing(pattern string, lacks []dialect.Need, who string) string {
	var rights []string
	schema := lacks[0].Table.Schema
	on, name := d.QuoteTable(lacks[0].Table), schema+"."+lacks[0].Table.Name
	for _, n := range lacks {
		if right := rightTo(n.Deed); !slices.Contains(rights, right) {
			rights = append(rights, right)
		}
		if n.Table != lacks[0].Table || n.Deed == dialect.ToCreate || n.Deed == dialect.ToMakeTemporary {
			on, name = d.Quote(pattern)+".*", schema
		}
	}
	list, is := strings.Join(rights, ", "), "is"
	if len(rights) > 1 {
		is = "are"
	}
	at := strings.LastIndex(who, "@")
	user := text(who[:max(at, 0)]) + "@" + text(who[at+1:])
	return fmt.Sprintf("%s on %s %s missing: GRANT %s ON %s TO %s", list, name, is, list, on, user)
}

// Denied reports whether the server rejected a statement because of a missing privilege.
func (Dialect) Denied(err error) bool {
	var e *mysqldriver.MySQLError
	// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html; 8121 is TiDB's
	return errors.As(err, &e) && slices.Contains([]uint16{1044, 1142, 1143, 1227, 1370, 8121}, e.Number)
}
