package dialect

import "strings"

// Name names a database family. Plans record it, so that a plan for one family never runs
// against another.
type Name string

// Ident names a table. Schema is the table's schema, database, or SQLite's "main". It is
// empty if it is not known yet.
type Ident struct {
	Schema string `json:"schema,omitempty"`
	Name   string `json:"name"`
}

// InSchemaOf returns name as an Ident in the same schema as i.
func (i Ident) InSchemaOf(name string) Ident { return Ident{Schema: i.Schema, Name: name} }

// TableName turns a display name ("HR Panel") into the table's name ("hr_panel"): lower
// case, with underscores for blanks.
func TableName(display string) string {
	return strings.Join(strings.Fields(strings.ToLower(display)), "_")
}
