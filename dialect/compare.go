package dialect

import "github.com/tablesnap/tablesnap/rowsource"

// Reads writes the SQL that reads values exactly.
type Reads interface {
	// Reading describes how to read the values of column c of table t. Expr is the SQL
	// expression for the column.
	Reading(t Table, c Column, expr string) Reading
	// SameRow returns the expressions to group rows by. Two rows are in one group if and
	// only if all their values are equal, bit for bit. The values are columns of a
	// subquery of readings.
	SameRow(values []SubqueryColumn) []string
	// CreateTemporary creates t as a temporary table, inside or outside a transaction.
	// The returned table has its actual name, and a key of its own if comparisons are
	// faster with one (see [RowFinder]).
	CreateTemporary(t Table) (Table, []Stmt)
	// DropTemporary drops a temporary table if it exists.
	DropTemporary(table Ident) Stmt
}

// Reading says how to read a column so that loading the result stores the same values
// again: as text, as bytes, or as numbers if the database distinguishes a number from its
// text.
type Reading struct {
	// Expr is the SQL expression. A text compares and sorts by its characters, whatever
	// the column's collation.
	Expr string
	// Order is an expression to sort by if sorting by Expr would surprise people, such as
	// for numbers that are read as text.
	Order string
	// Bytes is the kind of value that a []byte of the driver holds: [rowsource.KindText]
	// or [rowsource.KindBlob].
	Bytes rowsource.Kind
	// Whole states that the text is an integer.
	Whole bool
	// Verbatim states that the column gives each text back as it was written, whatever its
	// type.
	Verbatim bool
	// Typing is ByValue if the column distinguishes a number from the same number as
	// text.
	Typing Typing
}

// Typing says whether the column or each single value has a type.
type Typing string

// ByValue means that each value keeps its own type.
const ByValue Typing = "by value"

// SubqueryColumn is a reading, or a column of a subquery that holds a reading.
type SubqueryColumn struct {
	// Name is a quoted name, or the expression that reads the value.
	Name string
	// Column is the quoted column itself if the other side's has the same type. Otherwise it
	// is empty.
	Column string
	// From and To are the columns read on the two sides of a comparison.
	From, To Column
	// Typing is ByValue if it is so on either side.
	Typing Typing
}
