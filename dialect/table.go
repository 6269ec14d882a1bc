package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Table is the definition of a table, as the catalog has it or as a plan wants to create
// it. It has no counters and no statistics.
type Table struct {
	Ident      Ident      `json:"ident"`
	Kind       TableKind  `json:"kind"`
	Columns    []Column   `json:"columns"`
	PrimaryKey []string   `json:"primary_key,omitempty"`
	Uniques    [][]string `json:"uniques,omitempty"`
	// Indexes are the indexes that are not unique.
	Indexes      []Index      `json:"indexes,omitempty"`
	ForeignKeys  []ForeignKey `json:"foreign_keys,omitempty"`
	ReferencedBy []ForeignKey `json:"referenced_by,omitempty"`
	Triggers     []string     `json:"triggers,omitempty"`
	// UpdateTriggers fire only if rows are updated, as only a sync does. They are among
	// Triggers if the dialect does not tell them apart.
	UpdateTriggers []string `json:"update_triggers,omitempty"`
	// Traits are facts that only one family has, such as SQLite's "strict". That family's
	// dialect reads them.
	Traits []string `json:"traits,omitempty"`
}

// Index is an index that is not unique.
type Index struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	// Definition is the index as the database itself writes it, for a dialect that adds such
	// an index again. It is empty for all others.
	Definition string `json:"definition,omitempty"`
}

// TableKind tells base tables from views and the like.
type TableKind string

// The kinds of table. Only a base table can be uploaded to.
const (
	BaseTable    TableKind = "table"
	View         TableKind = "view"
	VirtualTable TableKind = "virtual"
)

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	// Type is the declared type, as the database writes it.
	Type string `json:"type"`
	// BaseType is the underlying type if Type is a domain.
	BaseType string `json:"base_type,omitempty"`
	Nullable bool   `json:"nullable"`
	// JSON states that the column's values are JSON.
	JSON bool `json:"json,omitempty"`
	// Members are the values of an enumeration that has a type of its own.
	Members []string `json:"members,omitempty"`
	// Default is the default as an SQL expression, or nil.
	Default *string `json:"default,omitempty"`
	// DefaultIs is ComputedDefault if rows may get different defaults, such as the time
	// of day. Otherwise it is empty.
	DefaultIs DefaultKind `json:"default_is,omitempty"`
	// Generated says how the database computes the column. It is empty for an ordinary
	// column.
	Generated Generated `json:"generated,omitempty"`
	// Assigned states that the database numbers rows which have no value for the column
	// (AUTO_INCREMENT, identity, SQLite's INTEGER PRIMARY KEY).
	Assigned bool `json:"assigned,omitempty"`
	// Sequences are the sequences that the default takes numbers from. A sequence that
	// belongs to an Assigned column is not among them.
	Sequences []Sequence `json:"sequences,omitempty"`
	// DropBreaks says, in the database's words, why dropping the column fails or damages
	// something else. It is empty if it does not.
	DropBreaks string `json:"drop_breaks,omitempty"`
}

// New is what a column that does not exist yet must hold.
type New struct {
	Name string
	// Type is what its values are. A column of text holds text of any length, unless it is
	// in a key. If the family has no type that gives each value back as it was, the column
	// is text.
	Type rowsource.Type
	// KeyTexts is how many columns of text the primary key has, or 0 if the column is in no
	// key.
	KeyTexts int
	// MaxChars is the length of the longest text so far, if the column is in a key.
	MaxChars int
}

// DefaultKind says what kind of expression a default is.
type DefaultKind string

// ComputedDefault is a default that no single value can be compared with.
const ComputedDefault DefaultKind = "computed"

// Generated says how a generated column is computed.
type Generated string

// The ways to compute a generated column.
const (
	GeneratedStored  Generated = "stored"
	GeneratedVirtual Generated = "virtual"
)

// Required reports whether an INSERT must give c a value.
func (c Column) Required() bool {
	return !c.Nullable && c.Default == nil && c.Generated == "" && !c.Assigned
}

// Numbers reports whether the database numbers rows that have no value for the column.
func (c Column) Numbers() bool { return c.Assigned || len(c.Sequences) > 0 }

// Sequence is a sequence object of the database.
type Sequence struct {
	// Name is quoted, as the database writes it.
	Name string `json:"name"`
	// Descends states that the sequence counts down. It is set only if the dialect needs
	// it.
	Descends bool `json:"descends,omitempty"`
	// Stays says in a few words why a run cannot advance the sequence. It is empty if a
	// run can.
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
	// Waits states that the database can check the reference at the commit rather than at
	// the statement. Rows that are deleted and loaded again under the same keys then
	// satisfy it.
	Waits bool `json:"waits,omitempty"`
	// Occupied states that rows refer to the target at present. It does not count in
	// [Table.Hash].
	Occupied bool `json:"occupied,omitempty"`
}

// ChangesRows reports whether deleting the referenced rows deletes or changes the
// referencing rows.
func (f ForeignKey) ChangesRows() bool {
	return f.OnDelete == "CASCADE" || f.OnDelete == "SET NULL" || f.OnDelete == "SET DEFAULT"
}

// HasTrait reports whether t has the trait.
func (t Table) HasTrait(trait string) bool { return slices.Contains(t.Traits, trait) }

// Column returns the column of this name, or else the first one for which same(column,
// name) is true. Wide tables are searched for each of their columns, so it copies none that
// it does not return.
func (t Table) Column(name string, same func(a, b string) bool) (Column, bool) {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return t.Columns[i], true
		}
	}
	for i := range t.Columns {
		if same(t.Columns[i].Name, name) {
			return t.Columns[i], true
		}
	}
	return Column{}, false
}

// FreeName puts prefix before name until no column of the tables has that name.
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

// Without returns t without the named columns.
func (t Table) Without(names []string) Table {
	t.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool {
		return slices.Contains(names, c.Name)
	})
	return t
}

// StoredColumns returns all columns but the generated ones.
func (t Table) StoredColumns() []Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c Column) bool { return c.Generated != "" })
}

// ColumnNames returns the names of cols in order.
func ColumnNames(cols []Column) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names
}

// Shape returns the definition without the fields that depend on rows.
func (t Table) Shape() Table {
	for _, keys := range []*[]ForeignKey{&t.ForeignKeys, &t.ReferencedBy} {
		*keys = slices.Clone(*keys)
		for i := range *keys {
			(*keys)[i].Occupied = false
		}
	}
	return t
}

// WithoutDropBreaks returns the definition as [QuickInspector] finds it.
func (t Table) WithoutDropBreaks() Table {
	t.Columns = slices.Clone(t.Columns)
	for i := range t.Columns {
		t.Columns[i].DropBreaks = ""
	}
	return t
}

// JSONColumns returns the indexes of the columns that hold JSON.
func JSONColumns(cols []Column) []int {
	var places []int
	for i, c := range cols {
		if c.JSON {
			places = append(places, i)
		}
	}
	return places
}

// Hash returns the SHA-256, in hex, of the definition's canonical JSON. Tables with the
// same shape have the same hash. Rows do not count.
func (t Table) Hash() string {
	b, err := json.Marshal(t.Shape())
	if err != nil { // strings, bools and slices of them always marshal
		panic(err)
	}
	return Digest(string(b))
}

// Digest returns the SHA-256 of a text, in hex.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Anew reports whether the database gives rows without a value for c a value that is
// unknown beforehand.
func (c Column) Anew() bool { return c.Numbers() || c.DefaultIs == ComputedDefault }
