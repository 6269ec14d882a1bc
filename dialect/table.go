package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Table is the definition of a table as the catalog has it, or as a plan wants
// it to be made. It holds no counters and no statistics.
type Table struct {
	Ident      Ident      `json:"ident"`
	Kind       TableKind  `json:"kind"`
	Columns    []Column   `json:"columns"`
	PrimaryKey []string   `json:"primary_key,omitempty"`
	Uniques    [][]string `json:"uniques,omitempty"`
	// Indexes are those that are not unique.
	Indexes      []Index      `json:"indexes,omitempty"`
	ForeignKeys  []ForeignKey `json:"foreign_keys,omitempty"`
	ReferencedBy []ForeignKey `json:"referenced_by,omitempty"`
	Triggers     []string     `json:"triggers,omitempty"`
	// Traits are facts of one family that its dialect reads again, such as
	// SQLite's "strict".
	Traits []string `json:"traits,omitempty"`
}

// Index is an index that refuses no row.
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// TableKind tells a table that rows can be replaced in from what only looks
// like one.
type TableKind string

// The kinds of table. Only a base table can be the target of an upload.
const (
	BaseTable    TableKind = "table"
	View         TableKind = "view"
	VirtualTable TableKind = "virtual"
)

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	// Type is the declared type, in the database's own words.
	Type string `json:"type"`
	// BaseType is the type beneath, where Type is a name for it with rules of its
	// own (a domain).
	BaseType string `json:"base_type,omitempty"`
	Nullable bool   `json:"nullable"`
	// JSON states that the column's values are JSON.
	JSON bool `json:"json,omitempty"`
	// Default is the default as an SQL expression, nil where there is none.
	Default *string `json:"default,omitempty"`
	// DefaultIs is Computed where the default may be another for each row, such as
	// the time of day; empty where it is one value.
	DefaultIs DefaultKind `json:"default_is,omitempty"`
	// Generated says how the database computes the column; empty for a column
	// that rows give a value to.
	Generated Generated `json:"generated,omitempty"`
	// Assigned states that the database numbers the column itself where a row
	// gives no value (AUTO_INCREMENT, identity, SQLite's INTEGER PRIMARY KEY).
	Assigned bool `json:"assigned,omitempty"`
	// Sequences are those that the default takes numbers from, other than one that
	// belongs to a column which is Assigned.
	Sequences []Sequence `json:"sequences,omitempty"`
	// DropBreaks says, in the database's own words, why dropping the column
	// fails or harms something else; empty where it does not.
	DropBreaks string `json:"drop_breaks,omitempty"`
}

// DefaultKind says what kind of expression a default is.
type DefaultKind string

// ComputedDefault is a default that no value can be compared with.
const ComputedDefault DefaultKind = "computed"

// Generated says how a generated column is computed.
type Generated string

// The ways in which a generated column is computed.
const (
	GeneratedStored  Generated = "stored"
	GeneratedVirtual Generated = "virtual"
)

// Required reports whether a row that gives no value to c cannot be inserted.
func (c Column) Required() bool {
	return !c.Nullable && c.Default == nil && c.Generated == "" && !c.Assigned
}

// Numbers reports whether the database gives the column a number of its own in each
// row that comes without one.
func (c Column) Numbers() bool { return c.Assigned || len(c.Sequences) > 0 }

// Sequence is an object that gives numbers, apart from any table.
type Sequence struct {
	// Name is as the database writes it, quoted.
	Name string `json:"name"`
	// Descends states that it counts down, if the dialect has to know.
	Descends bool `json:"descends,omitempty"`
	// Stays says in a few words why a run cannot move it on; empty where it can.
	Stays string `json:"stays,omitempty"`
}

// ForeignKey is a reference from Table's Columns to RefTable's RefColumns.
type ForeignKey struct {
	Name       string   `json:"name,omitempty"`
	Table      Ident    `json:"table"`
	Columns    []string `json:"columns"`
	RefTable   Ident    `json:"ref_table"`
	RefColumns []string `json:"ref_columns"`
	// OnDelete is the referential action, in capitals: NO ACTION, RESTRICT,
	// CASCADE, SET NULL or SET DEFAULT.
	OnDelete string `json:"on_delete"`
	// Waits states that the database can check the reference at the commit
	// rather than at the statement, so that rows which are deleted and loaded
	// again under the same keys satisfy it.
	Waits bool `json:"waits,omitempty"`
	// Occupied states that rows refer to the target now. It is no part of
	// [Table.Hash].
	Occupied bool `json:"occupied,omitempty"`
}

// ChangesRows reports whether deleting the rows referred to deletes or blanks
// the rows that refer to them.
func (f ForeignKey) ChangesRows() bool {
	return f.OnDelete == "CASCADE" || f.OnDelete == "SET NULL" || f.OnDelete == "SET DEFAULT"
}

// HasTrait reports whether t has the trait.
func (t Table) HasTrait(trait string) bool { return slices.Contains(t.Traits, trait) }

// Column returns the column that same reports to be named name.
func (t Table) Column(name string, same func(a, b string) bool) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return same(c.Name, name) })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// FreeName is a name that no column of the tables has: the name itself, or with as
// many prefixes as it takes.
func FreeName(same func(a, b string) bool, prefix, name string, taken ...Table) string {
	has := func(t Table) bool {
		_, ok := t.Column(name, same)
		return ok
	}
	for slices.ContainsFunc(taken, has) {
		name = prefix + name
	}
	return name
}

// Without returns t without the columns named.
func (t Table) Without(names []string) Table {
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool {
		return slices.Contains(names, c.Name)
	})
	return t
}

// StoredColumns returns the columns whose values rows carry: all but the
// generated ones.
func (t Table) StoredColumns() []Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Generated != "" })
}

// ColumnNames returns the names of cols, in their order.
func ColumnNames(cols []Column) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}

// Shape is the definition without what is a fact of the rows.
func (t Table) Shape() Table {
	for _, keys := range []*[]ForeignKey{&t.ForeignKeys, &t.ReferencedBy} {
		*keys = slices.Clone(*keys)
		for i := range *keys {
			(*keys)[i].Occupied = false
		}
	}
	return t
}

// JSONColumns returns the places of the columns that hold JSON.
func JSONColumns(cols []Column) []int {
	var places []int
	for i, c := range cols {
		if c.JSON {
			places = append(places, i)
		}
	}
	return places
}

// Hash returns the SHA-256, in hex, of the definition's canonical JSON. Two
// tables with the same hash have the same shape; rows do not count.
func (t Table) Hash() string {
	b, err := json.Marshal(t.Shape())
	if err != nil { // strings, bools and slices of them always marshal
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Anew reports whether a row that is inserted without a value for c gets one of its
// own, which nobody knows beforehand.
func (c Column) Anew() bool { return c.Numbers() || c.DefaultIs == ComputedDefault }
