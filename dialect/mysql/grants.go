package mysql

import (
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// grant is a line of SHOW GRANTS: privileges on everything, on a database, or on a table.
// schema and table are "*" for all.
type grant struct {
	rights        []string
	schema, table string
	// revoked states that the line revokes the privileges (partial_revokes).
	revoked bool
}

type grantList []grant

const (
	all       = "*"
	allRights = "ALL PRIVILEGES"
)

// grants reads the user's privileges and those of the active roles. No table of the
// catalog has both.
func (in *inspection) grants() grantList {
	if in.granted == nil {
		list := in.readGrants()
		in.granted = &list
	}
	return *in.granted
}

func (in *inspection) readGrants() grantList {
	lines, err := in.TryNames("SHOW GRANTS FOR CURRENT_USER()" + in.usingRoles())
	if err != nil {
		return nil
	}
	var list grantList
	for _, line := range lines {
		if g, ok := parseGrant(line); ok {
			list = append(list, g)
		}
	}
	return list
}

// usingRoles names the active roles. Without them, MySQL and TiDB do not show the roles'
// privileges (https://dev.mysql.com/doc/refman/8.4/en/show-grants.html). MariaDB has no
// such clause, and shows them anyway.
func (in *inspection) usingRoles() string {
	if in.v.catalog().roles == rolesShown {
		return ""
	}
	roles, err := in.TryNames("SELECT coalesce(CURRENT_ROLE(), 'NONE')")
	if err != nil || len(roles) != 1 || roles[0] == "NONE" || !strings.Contains(roles[0], "@") {
		return ""
	}
	return " USING " + roles[0]
}

// parseGrant reads a line such as GRANT SELECT, INSERT ON `shop`.* TO `ada`@`%`. The
// quotes are backticks, double quotes under ANSI_QUOTES, or missing. It ignores
// privileges on single columns, since tablesnap uses all columns.
func parseGrant(line string) (grant, bool) {
	words := grantWords(line)
	on := slices.Index(words, "ON")
	if on < 1 || on+3 >= len(words) || words[on+2] != "." {
		return grant{}, false // a role, or the privilege PROXY
	}
	g := grant{schema: unquoted(words[on+1]), table: unquoted(words[on+3]), revoked: words[0] == "REVOKE"}
	for right := range strings.SplitSeq(strings.Join(words[1:on], " "), ",") {
		if right = strings.TrimSpace(right); !strings.Contains(right, "(") {
			g.rights = append(g.rights, right)
		}
	}
	return g, true
}

// grantWords splits a line at blanks and dots outside of quotes and parentheses.
func grantWords(line string) []string {
	var words []string
	begin, quote, depth := 0, rune(0), 0
	end := func(at int) {
		if begin < at {
			words = append(words, line[begin:at])
		}
		begin = at + 1
	}
	for i, r := range line {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0 // a doubled quote opens again right away
			}
		case r == '`' || r == '"' || r == '\'':
			quote = r
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ' ' && depth == 0:
			end(i)
		case r == '.' && depth == 0:
			end(i)
			words = append(words, ".")
		}
	}
	end(len(line))
	return words
}

func unquoted(name string) string {
	for _, q := range []string{"`", `"`} {
		if len(name) >= 2 && strings.HasPrefix(name, q) && strings.HasSuffix(name, q) {
			return strings.ReplaceAll(name[1:len(name)-1], q+q, q)
		}
	}
	return name
}

// anyEverywhere reports whether one of the privileges is granted on all databases.
func (g grantList) anyEverywhere(rights []string) bool {
	return slices.ContainsFunc(rights, func(right string) bool {
		return g.has(right, func(l grant) bool { return l.schema == all }) && !slices.ContainsFunc(g, func(l grant) bool { return l.revoked })
	})
}

// allow reports whether a privilege is granted on a table.
func (g grantList) allow(t dialect.Ident, right string) bool {
	return g.has(right, func(l grant) bool {
		switch {
		case l.schema == all:
			return !g.revokedIn(t.Schema, right)
		case l.table == all:
			return l.schema == t.Schema || like(l.schema, t.Schema)
		default:
			return l.schema == t.Schema && l.table == t.Name
		}
	})
}

func (g grantList) has(right string, on func(grant) bool) bool {
	return slices.ContainsFunc(g, func(l grant) bool {
		return !l.revoked && (slices.Contains(l.rights, right) || slices.Contains(l.rights, allRights)) && on(l)
	})
}

func (g grantList) revokedIn(schema, right string) bool {
	return slices.ContainsFunc(g, func(l grant) bool { return l.revoked && l.schema == schema && slices.Contains(l.rights, right) })
}

// pattern is the database name to use in a new GRANT. If the user already has privileges
// under a pattern, it is that pattern, since the server uses only one.
func (g grantList) pattern(schema string) string {
	for _, l := range g {
		if !l.revoked && l.table == all && l.schema != all && (l.schema == schema || like(l.schema, schema)) {
			return l.schema
		}
	}
	return strings.NewReplacer("_", `\_`, "%", `\%`).Replace(schema)
}

// like reports whether a name matches the pattern in a grant's database name
// (https://dev.mysql.com/doc/refman/8.4/en/grant.html#grant-quoting).
func like(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	switch pattern[0] {
	case '%':
		return like(pattern[1:], name) || name != "" && like(pattern, name[1:])
	case '\\':
		if len(pattern) > 1 {
			pattern = pattern[1:]
		}
	case '_':
		return name != "" && like(pattern[1:], name[1:])
	}
	return name != "" && pattern[0] == name[0] && like(pattern[1:], name[1:])
}
