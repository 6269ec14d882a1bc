package dialect

import "strings"

// Name names a database family. It is written into plans, so that a plan made
// for one family is never run against another.
type Name string

// Ident names a table. Schema is the catalog's word for where the table lives
// (a schema, a database, or SQLite's "main"); it is empty where that is not
// known yet.
type Ident struct {
	Schema string `json:"schema,omitempty"`
	Name   string `json:"name"`
}

// InSchemaOf returns name as an Ident in the same schema as i.
func (i Ident) InSchemaOf(name string) Ident { return Ident{Schema: i.Schema, Name: name} }

// TableName turns the name that people use for a table ("HR Panel") into the
// table's own ("hr_panel"): lower case, blanks as underscores.
func TableName(display string) string {
	return strings.Join(strings.Fields(strings.ToLower(display)), "_")
}
