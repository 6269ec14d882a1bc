// Package schemas has database schemas of real shape: tables that refer to each other and
// to themselves, generated keys, triggers and views. The conformance suite counts how many
// of their tables each strategy can upload (internal/conformance/schemas.go).
package schemas

import (
	"embed"
	"path"
	"strings"
)

//go:embed */*.sql figures/*.txt
var files embed.FS

// Schema is a set of tables that belong together.
type Schema struct {
	// Name is the folder with the schema's files.
	Name string
	// Tables are all tables. Those that triggers write to come last.
	Tables []string
}

// All returns the schemas. No table of one has a name of another's.
func All() []Schema {
	return []Schema{
		{"rental", strings.Fields("region branch staff opening_hours customer category article article_category item rental payment price_history shop_event")},
		{"identity", strings.Fields("realm account credential account_group role role_part group_member group_role account_role client consent flow flow_step session setting login_event")},
		{"wiki", strings.Fields("namespace author page revision link tag page_tag file old_file remark watch statistics change_log")},
	}
}

// Script creates the tables and fills them. The parts are files of the schema, without
// .sql: what a database takes.
func (s Schema) Script(parts ...string) string {
	var b strings.Builder
	for _, part := range append(parts, "rows") {
		b.WriteString(read(path.Join(s.Name, part+".sql")))
	}
	return b.String()
}

// Changes is a script that changes some rows of each table. No row that it inserts refers
// to another one that it inserts, so that the changes of each table can be undone alone.
func (s Schema) Changes() string { return read(path.Join(s.Name, "changes.sql")) }

// Figures says what is expected of a database.
func Figures(database string) string { return read(path.Join("figures", database+".txt")) }

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		return err.Error() // whatever the reader makes of it fails
	}
	return string(text)
}
