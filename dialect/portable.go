package dialect

// Portable is a family whose scripts can run in databases that nobody has inspected. A
// script looks up, as it runs, which versions there are and whether there is a backup.
type Portable interface {
	Variables
	// Unqualified is the table's name in any database that a script runs in.
	Unqualified(Ident) Ident
	// SaveSession saves the settings that a script changes in a session which others use
	// after it, and restores them. Both are empty if the settings end with the
	// transaction.
	SaveSession() (save, restore []Stmt)

	// Quoted is an SQL expression for the literal of an expression's value, as text.
	Quoted(expr string) string
	// Concat is an SQL expression for texts put together.
	Concat(texts ...string) string
	// Detail is an SQL expression for a value in the JSON of the column details, as
	// text. It is NULL if there is none.
	Detail(column string, path ...string) string
	// AsJSON is an SQL expression for a text as JSON.
	AsJSON(text string) string
	// JSONText is such a text for the value of a text: a string, or null for NULL.
	JSONText(text string) string
	// LongText writes a text literal on lines of at most so many bytes of s each.
	LongText(s string, bytes int) string

	// CountChanges is a statement that does what s does and counts the rows that it
	// touches, and the expression for their number, for the next statement.
	CountChanges(s Stmt) (counted Stmt, rows string)
	// CreateMissing creates a table unless one of that name is there.
	CreateMissing(t Table) Stmt
	// CreateMissingIndex creates an index unless one of that name is there. Setup
	// prepares the statement.
	CreateMissingIndex(table Ident, i Index) (setup []Stmt, create Stmt)
	// IfNotExists is a statement that creates one of tablesnap's own tables, or an index
	// on one, unless it is there.
	IfNotExists(Stmt) Stmt

	// CountColumns is an SQL expression: how many columns the table has that are one of
	// cols by name and type; how many it has at all if cols is nil. A table that does
	// not exist has none.
	CountColumns(table Ident, cols []Column) string
	// CountNamed is an SQL expression: how many columns of the table have one of the
	// names.
	CountNamed(table Ident, names []string) string
	// HasDependents is an SQL condition: what fires when rows of the table change, and
	// what refers to it, is what t says.
	HasDependents(t Table) string
}

// PortableDialect is a dialect that is [Portable] as well.
type PortableDialect struct {
	Dialect
	Portable
}

// ToPortable returns the dialect with what makes scripts portable, if its family can.
func ToPortable(d Dialect) (PortableDialect, bool) {
	p, ok := As[Portable](d)
	return PortableDialect{d, p}, ok
}

// Unwrap returns the dialect as it was.
func (d PortableDialect) Unwrap() Dialect { return d.Dialect }
