package dialect

import "github.com/tablesnap/tablesnap/rowsource"

// Reads are the words with which a family reads values exactly.
type Reads interface {
	// Reading reads the values of column c of table t, of which expr is the SQL
	// expression.
	Reading(t Table, c Column, expr string) Reading
	// SameRow are the expressions by which rows must be grouped so that two of
	// them are in one group exactly where all their values are the same, bit for
	// bit. The values are columns of a subquery that holds readings.
	SameRow(values []SubqueryColumn) []string
	// CreateTemporary makes t as a table that only the session sees and that ends
	// with it, in a transaction or not, and returns it as it is then: with its name,
	// and with a key of its own if the family is quicker with one (see [RowFinder]).
	CreateTemporary(t Table) (Table, []Stmt)
	// DropTemporary drops such a table, if it is there.
	DropTemporary(table Ident) Stmt
}

// Reading is how a column's values are read so that a load of what was read
// stores the same again: as text, as bytes, or as numbers where the family keeps
// them apart from their text.
type Reading struct {
	// Expr is the SQL expression. Where the value is text it is one that compares
	// and sorts by its characters, whatever the column's collation.
	Expr string
	// Order is an expression that sorts as people expect where Expr does not, such
	// as that of a number read as text.
	Order string
	// Bytes is what a []byte of the driver is: [rowsource.KindText] or
	// [rowsource.KindBlob].
	Bytes rowsource.Kind
	// Whole states that the text is that of a whole number.
	Whole bool
	// Typing is ByValue where the column keeps a number apart from the same
	// number as text.
	Typing Typing
}

// Typing says whether a column or each of its values has the type.
type Typing string

// ByValue is the typing of a column that takes each value with its own type.
const ByValue Typing = "by value"

// SubqueryColumn is a reading, or a column of a subquery that holds one.
type SubqueryColumn struct {
	// Name is quoted, or the expression that reads the value.
	Name string
	// Column is what was read, on either side.
	From, To Column
	// Typing is ByValue where it is on either side.
	Typing Typing
}
