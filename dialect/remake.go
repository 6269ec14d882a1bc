package dialect

import "context"

// Remaker is a family that swaps a table in the one transaction of the upload, if the old
// table is kept: it makes another table like it, and renames both. Whatever is tied to the
// old table would stay with it, so a table to which anything is tied is not swapped.
type Remaker interface {
	// ReadMaking reads how a table is made, and what is tied to it. It writes nothing.
	ReadMaking(ctx context.Context, c Conn, t Table) (Making, error)
	// Remake makes the table anew. Kept is the name that the old table gets.
	Remake(t Table, m Making, kept Ident) Remade
}

// Making says how a table is made.
type Making struct {
	// Tied are the things that would stay with the old table, each in a few words with its
	// name.
	Tied []string `json:"tied,omitempty"`
	// Create are the statements that make the new table without its parts. The first one
	// creates it.
	Create []string `json:"create"`
	// Parts have names of their own, which the old table has to give up first.
	Parts []Part `json:"parts,omitempty"`
	// Mentioned are views and triggers whose definitions contain the table's name, and that
	// are not tied to it. It is empty if the family knows what is tied without reading
	// definitions.
	Mentioned []string `json:"mentioned,omitempty"`
	// Statistics are the tables of the database that hold statistics about the table. It is
	// empty if the family keeps them elsewhere.
	Statistics []string `json:"statistics,omitempty"`
}

// Part is an index or a sequence of a table.
type Part struct {
	Kind PartKind `json:"kind"`
	Name string   `json:"name"`
	// Create makes the part of the new table.
	Create []string `json:"create"`
}

// PartKind says what a part is.
type PartKind string

// The kinds of part. A key may reject a row, so it is made before the rows.
const (
	SequencePart PartKind = "sequence"
	KeyPart      PartKind = "key"
	IndexPart    PartKind = "index"
)

// Remade are the statements that put a new table into the place of the old one.
type Remade struct {
	// Into is the name under which the new table gets its rows. If it is the table's own,
	// the old table is renamed before the new one is made, and Take is empty. Otherwise
	// both are renamed at the end.
	Into Ident
	// SetAside takes the names of its parts from the old table.
	SetAside []Stmt
	// Create makes the new table with its sequences. Carry has its numbers go on where
	// those of the old table end.
	Create, Carry []Stmt
	// Keys and Indexes make its indexes. The former reject rows, so they come before the rows.
	Keys, Indexes []Stmt
	// Keep renames the old table, and Take renames the new one to the table's name.
	Keep, Take Stmt

	// AsPlanned is an SQL condition that is true while the old table has the parts that were
	// found, and nothing is tied to it.
	AsPlanned string
	// IsWhole is an SQL condition that is true if the new table has the whole definition of
	// the old one, before either is renamed at the end.
	IsWhole string
	// IsUntied is an SQL condition that is true if nothing was tied to the old table
	// meanwhile, once it has the name Kept. It is empty if nobody else can do that.
	IsUntied string
}
