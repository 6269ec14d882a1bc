package conformance

import (
	"database/sql"
	"database/sql/driver"
	"slices"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
)

// Database is one database family, as far as the suite has to know it.
type Database struct {
	Name    string
	Backend dialect.Backend
	// Strategy is how all uploads of this pass of the suite replace the rows.
	Strategy dialect.Strategy
	// Open makes a new, empty database that ends with the test.
	Open func(t *testing.T) Instance
	// Lend lends a database in which an earlier test has left tablesnap's own tables,
	// empty; nil where a new database is made as quickly.
	Lend  func(t *testing.T) Instance
	Words Words
	// Goose is goose's name for the family, and GooseLock a lock of goose's own;
	// nil where goose has none.
	Goose     goose.Dialect
	GooseLock func(t *testing.T) goose.ProviderOption
	// Columns are columns of the family's types, with values that must come
	// back bit for bit.
	Columns []Column
	// Odd are values that may not come back from a file.
	Odd Odd
}

// Instance is one database.
type Instance struct {
	// Schema is the database's own name, which stands in plans; empty where a
	// database has none.
	Schema string
	// Connector is how tablesnap connects.
	Connector driver.Connector
	// Migrating is how a program connects that runs goose; nil for Connector.
	Migrating driver.Connector
	// Other is another program's connections to the same database.
	Other *sql.DB
	// GooseDSN is how a person tells goose's command to connect.
	GooseDSN string
	// Client pipes a script into the vendor's own client, as a person would in
	// a shell. The error holds what the client said.
	Client func(t *testing.T, script string) error
	// Fingerprint differs when anything in the database does.
	Fingerprint func(t *testing.T) string
}

// Column is a column with a value that a backup must keep.
type Column struct {
	Name string
	// Type is the column's type with its constraints, as CREATE TABLE has it.
	Type string
	// Values are SQL expressions; a value of every kind that the type can hold.
	Values []string
	// Exact takes the place of [Words.Exact] for a type of which that does not
	// show every value as it is.
	Exact func(column string) string
}

// Words are what the suite has to say in a family's own words. Where a word
// takes names, they are simple ones that need no quotes.
type Words struct {
	// Text, Integer and Key stand for {text}, {int} and {id} in the suite's SQL:
	// a type of short texts that can be in a key, one of whole numbers, and the
	// definition of a primary key that numbers itself.
	Text, Integer, Key string
	// JSON are the types of columns that hold JSON.
	JSON []string
	// LongText is a type of texts of any length.
	LongText string
	// Tables is a query for the names of all tables in the database.
	Tables string
	// LookAnew has a connection forget how the tables were; empty where it does not
	// remember them.
	LookAnew []string
	// Exact is an SQL expression that shows a column's value with its type, bit
	// for bit, as text that is easy to read.
	Exact func(column string) string
	// Types are those that a column of an upload's table may have, to be
	// declared NOT NULL.
	Types []string
	// Reads is InAnyOrder where the rows of a table do not come in the order in
	// which they were inserted.
	Reads Order
	// NUL says what becomes of a NUL character in a text.
	NUL NUL
	// LongTable is the name of a table as long as the family allows.
	LongTable string
	// HostileNames are names of tables and columns that the family allows.
	HostileNames []string
	// Note makes a trigger that inserts the event into the table noted for each row of
	// the table that is deleted or inserted; nil where the family has no triggers.
	Note func(trigger, table, event, noted string) []string
	// Swallow makes a trigger on the table that makes the event ("INSERT" or
	// "DELETE") do nothing, without an error; nil where the family cannot.
	Swallow func(trigger, table, event string) []string
	// Rewrite makes a trigger that puts the text in place of every other in a column
	// of each row that is inserted; nil where the family has no triggers.
	Rewrite func(trigger, table, column, text string) []string
	// CountTo has a table whose key n numbers itself go on counting behind a number
	// that a row was given; nil where the row does that.
	CountTo func(table string, n int) []string
	// Overestimate has the server estimate that the table people, which has a column
	// email and two rows, has hundreds.
	Overestimate []string
	// CountFrom has such a table, whose key has numbered no row yet, begin at a number;
	// nil where the suite has no words for it.
	CountFrom func(table string, n int) []string
	// RandomKeys are keys that get random numbers; empty where there are none.
	RandomKeys []RandomKey
	// NextOf is the default that takes a sequence's next number; nil where there are no
	// sequences.
	NextOf func(sequence string) string
	// Writers is LetIn where another program may write to a table between the
	// clear and the commit of an upload in place.
	Writers Writers
	// KeysWait states that a reference can be checked as late as the commit, though
	// nobody has declared that.
	KeysWait bool
	// CheckedSwap is RefusesChecks where a table with a CHECK is not swapped.
	CheckedSwap CheckedSwap
	// Settings make a session that cuts what is read, or shows values otherwise.
	Settings []string
	// Definitions are tables with all that a definition may have.
	Definitions []Definition
	// HoldLock is what another session runs that is uploading to the table, and
	// LetGo what it runs at the end.
	HoldLock, LetGo func(table string) []string
}

// MassDelete are statements for [Words.Overestimate]: many rows are inserted, the
// server looks at them, and they are deleted.
func MassDelete(analyze string) []string {
	stmts := slices.Repeat([]string{"INSERT INTO people (email) SELECT 'gone' FROM people"}, 8)
	return append(stmts, analyze, "DELETE FROM people WHERE email = 'gone'")
}

// Definition is a table people, and a file for it.
type Definition struct {
	Statements []string
	// File is its header and its lines.
	File []string
	// Refused is what the refusal says, of the plan or of the run where it has made the
	// copy; empty where the table is swapped.
	Refused string
}

// Order says in which order the rows of a table are read.
type Order string

// InAnyOrder is of a family that puts a new row where there is room.
const InAnyOrder Order = "any"

// NUL says whether a family keeps a NUL character in a text.
type NUL string

// A text with a NUL character is kept as it is, or refused ahead of the load.
const (
	KeepsNUL   NUL = ""
	RefusesNUL NUL = "refused"
)

// Writers says what becomes of those who insert rows while an upload in place is
// under way and has cleared the table.
type Writers string

// LetIn is of a family that locks no rows which are not there yet: the row stays
// beside those of the upload. Where it is not, they wait or are refused.
const LetIn Writers = "let in"

// CheckedSwap says what a swap does about a table with a CHECK.
type CheckedSwap string

// RefusesChecks is of a family whose swap refuses such a table.
const RefusesChecks CheckedSwap = "refused"
