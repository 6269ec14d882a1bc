package dialect

// Portable is a family whose scripts can run in a database that tablesnap has not
// inspected. Such a script looks up, as it runs, which versions exist and whether there
// is a backup table.
type Portable interface {
	Variables
	// Unqualified is the table's name without its schema, if a script may run in another
	// schema.
	Unqualified(Ident) Ident
	// SaveSession saves and restores the session settings that a script changes, for
	// sessions that others use afterwards. Both are empty if the settings end with the
	// transaction.
	SaveSession() (save, restore []Stmt)

	// Quoted is an SQL expression that quotes the value of expr as a literal, as text.
	Quoted(expr string) string
	// Concat is an SQL expression that concatenates texts.
	Concat(texts ...string) string
	// Detail is an SQL expression that reads a value as text from column, which holds the
	// JSON of a step's details. It is NULL if the value is missing.
	Detail(column string, path ...string) string
	// AsJSON is an SQL expression that converts a text to JSON.
	AsJSON(text string) string
	// JSONText is an SQL expression for a text as JSON: a JSON string, or null if the
	// text is NULL.
	JSONText(text string) string
	// LongText writes a text literal on several lines, each with up to the given number
	// of bytes of s.
	LongText(s string, bytes int) string

	// CountChanges wraps s so that its changed rows are counted. Rows is an SQL
	// expression for their number, which only the next statement can read.
	CountChanges(s Stmt) (counted Stmt, rows string)
	// CreateMissing creates a table unless one with this name exists.
	CreateMissing(t Table) Stmt
	// CreateMissingIndex creates an index unless one with this name exists. Setup
	// prepares the statement.
	CreateMissingIndex(table Ident, i Index) (setup []Stmt, create Stmt)
	// IfNotExists changes a statement that creates a table of the ledger, or an index on
	// one, so that it does nothing if that exists.
	IfNotExists(Stmt) Stmt

	// CountColumns is an SQL expression for the number of the table's columns that have
	// the name and type of one in cols, or of all its columns if cols is nil. It is 0 if
	// the table does not exist.
	CountColumns(table Ident, cols []Column) string
	// CountNamed is an SQL expression for the number of the table's columns that have one
	// of the names.
	CountNamed(table Ident, names []string) string
	// HasDependents is an SQL condition that is true while the table's triggers and the
	// foreign keys that refer to it are those of t.
	HasDependents(t Table) string
}

// PortableDialect is a dialect whose family is [Portable].
type PortableDialect struct {
	Dialect
	Portable
}

// ToPortable combines the dialect with the Portable of its family, and reports whether
// the family has one.
func ToPortable(d Dialect) (PortableDialect, bool) {
	p, ok := As[Portable](d)
	return PortableDialect{d, p}, ok
}

// Unwrap returns the dialect as it was.
func (d PortableDialect) Unwrap() Dialect { return d.Dialect }
