package mysql

import (
	"context"
	"database/sql"
	"regexp"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// inlining is a connection that writes simple names into a query. With an argument the
// driver would have the server prepare each query: that is three round trips in place of
// one, and MySQL resolves the views of its information_schema twice.
type inlining struct{ dialect.Conn }

// QueryContext leaves arguments to the driver that are more than a simple name.
func (c inlining) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if inlined, ok := inline(query, args); ok {
		return c.Conn.QueryContext(ctx, inlined)
	}
	return c.Conn.QueryContext(ctx, query, args...)
}

// simpleName is a text that is the same literal in every SQL mode and character set:
// the session need not be one that tablesnap has prepared.
var simpleName = regexp.MustCompile(`^[0-9A-Za-z_$./-]+$`)

// inline puts the arguments in place of the question marks, if all of them are simple.
func inline(query string, args []any) (string, bool) {
	pieces := strings.Split(query, "?")
	if len(pieces) != len(args)+1 {
		return "", false
	}
	var b strings.Builder
	b.WriteString(pieces[0])
	for i, arg := range args {
		name, ok := arg.(string)
		if !ok || !simpleName.MatchString(name) {
			return "", false
		}
		b.WriteString("'" + name + "'" + pieces[i+1])
	}
	return b.String(), true
}
