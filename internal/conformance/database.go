package conformance

import (
	"database/sql"
	"database/sql/driver"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
)

// Database is a database family, with everything that the suite needs to know about it.
type Database struct {
	Name    string
	Backend dialect.Backend
	// Strategy is the strategy of all uploads in this pass of the suite.
	Strategy dialect.Strategy
	// Open creates an empty database that is dropped after the test.
	Open func(t *testing.T) Instance
	// Lend returns a database in which an earlier test has left tablesnap's own tables,
	// empty. It is nil if a new database costs no more.
	Lend  func(t *testing.T) Instance
	Words Words
	// Goose is goose's name for the family. GooseLock returns a session lock of goose for
	// it. It is nil if goose has none.
	Goose     goose.Dialect
	GooseLock func(t *testing.T) goose.ProviderOption
	// Columns are columns of the family's types, with values that a backup must keep
	// exactly.
	Columns []Column
	// Bounds are what the family's types hold.
	Bounds Bounds
	// Odd are values that an export may have to refuse.
	Odd Odd
}

// Instance is one database.
type Instance struct {
	// Schema is the database's name as it appears in plans. It is empty if a database has
	// none.
	Schema string
	// Connector is for tablesnap's connections.
	Connector driver.Connector
	// Migrating is for the connections of a program that runs goose. If it is nil,
	// Connector is used.
	Migrating driver.Connector
	// Other has another program's connections to the same database.
	Other *sql.DB
	// GooseDSN is the DSN for the goose command.
	GooseDSN string
	// Client pipes a script into the vendor's command-line client. The error has the
	// client's output.
	Client func(t *testing.T, script string) error
	// Fingerprint returns a text that changes with anything in the database.
	Fingerprint func(t *testing.T) string
}

// Column is a column with values that a backup must keep.
type Column struct {
	Name string
	// Type is the column's type with its constraints, as in CREATE TABLE.
	Type string
	// Values are SQL expressions, at least one for each kind of value that the type has.
	Values []string
	// Exact replaces [Words.Exact] if that does not show every value of the type exactly.
	Exact func(column string) string
}

// Words is the family's SQL for what the suite needs. Functions take only names that need
// no quotes.
type Words struct {
	// Text, Integer and Key replace {text}, {int} and {id} in the suite's SQL: a type for
	// short texts that can be part of a key, an integer type, and the definition of an
	// auto-increment primary key.
	Text, Integer, Key string
	// JSON are the types of columns that hold JSON.
	JSON []string
	// LongText is a type for texts of any length.
	LongText string
	// Tables is a query for the names of all tables in the database.
	Tables string
	// Schemas are the parts of testfixtures/schemas that the server takes. ScriptBegins
	// has the vendor's client write and stop at an error, if it does not by itself.
	Schemas      []string
	ScriptBegins string
	// LookAnew makes a connection reload the definitions of the tables. It is empty if
	// connections do not cache them.
	LookAnew []string
	// Exact returns an SQL expression for a column's exact value with its type, as
	// readable text.
	Exact func(column string) string
	// Types are column types with which to test dropping a NOT NULL column.
	Types []string
	// Reads is InAnyOrder if rows are not read in the order in which they were inserted.
	Reads Order
	// NUL says what the family does with a NUL character in a text.
	NUL NUL
	// LongTable is a table name of the maximum length.
	LongTable string
	// HostileNames are unusual names of tables and columns that the family allows.
	HostileNames []string
	// Note creates a trigger that inserts the event into the table noted for each row
	// that is deleted from or inserted into the table. It is nil if the family has no
	// triggers.
	Note func(trigger, table, event, noted string) []string
	// Swallow creates a trigger that makes an "INSERT" or "DELETE" on the table do
	// nothing, without an error. It is nil if the family cannot do this.
	Swallow func(trigger, table, event string) []string
	// Rewrite creates a trigger that replaces a column's value with the text in each
	// inserted row. It is nil if the family has no triggers.
	Rewrite func(trigger, table, column, text string) []string
	// CountTo makes the counter of a table's auto-increment key n continue after the
	// given number. It is nil if inserting a row with that number is enough.
	CountTo func(table string, n int) []string
	// Overestimate makes the server estimate hundreds of rows for the table people, which
	// has two rows and a column email.
	Overestimate []string
	// SlowDefinitions states that the server takes a second for a CREATE TABLE.
	SlowDefinitions bool
	// EstimatesSizes states that the server estimates the size of a row, too.
	EstimatesSizes bool
	// CountFrom makes the counter of a table's unused auto-increment key start at a
	// number. It is nil if the suite does not test this.
	CountFrom func(table string, n int) []string
	// RandomKeys are keys with random numbers. It is empty if the family has none.
	RandomKeys []RandomKey
	// NextOf returns a default that takes a sequence's next number. It is nil if the
	// family has no sequences.
	NextOf func(sequence string) string
	// Writers is LetIn if another program may write to a table between the clear and the
	// commit of an upload in place.
	Writers Writers
	// KeysWait is true if the family can check a foreign key at commit, even if it was
	// not declared deferrable.
	KeysWait bool
	// CheckedSwap is RefusesChecks if a table with a CHECK cannot be swapped.
	CheckedSwap CheckedSwap
	// Settings set up a session that limits what is read or formats values differently.
	Settings []string
	// Definitions are tables with every property that a definition can have.
	Definitions []Definition
	// HoldLock takes the lock that an upload to the table holds, and LetGo releases it.
	HoldLock, LetGo func(table string) []string
}

// MassDelete returns statements for [Words.Overestimate]: they insert many rows, update
// the statistics, and delete the rows.
func MassDelete(analyze string) []string {
	stmts := slices.Repeat([]string{"INSERT INTO people (email) SELECT 'gone' FROM people"}, 8)
	return append(stmts, analyze, "DELETE FROM people WHERE email = 'gone'")
}

// Definition is a table people, and a file to upload to it.
type Definition struct {
	Statements []string
	// File is the header and the rows.
	File []string
	// Refused is part of the error if the plan or the run refuses to swap the table. It
	// is empty if the table is swapped.
	Refused string
}

// Order says in which order the rows of a table are read.
type Order string

// InAnyOrder means that new rows fill free space.
const InAnyOrder Order = "any"

// NUL says whether a family keeps a NUL character in a text.
type NUL string

// The family stores a text with a NUL character unchanged, or the upload is refused
// before the load.
const (
	KeepsNUL   NUL = ""
	RefusesNUL NUL = "refused"
)

// Writers says what happens to other programs' inserts after an upload in place has
// cleared the table.
type Writers string

// LetIn means that the family does not lock rows that do not exist yet, so the inserted
// rows stay next to those of the upload. Otherwise the inserts wait or fail.
const LetIn Writers = "let in"

// CheckedSwap says what a swap does with a table that has a CHECK.
type CheckedSwap string

// RefusesChecks means that such a table is refused.
const RefusesChecks CheckedSwap = "refused"
