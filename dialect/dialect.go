package dialect

import (
	"context"
	"database/sql"
	"time"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Dialect is a database family as text and facts. Every method is pure: the
// same values give the same text.
type Dialect interface {
	// Facts returns what is always true of the family.
	Facts() Facts
	// Ledger returns the words for statements on tablesnap's own tables.
	Ledger() LedgerWords

	Names
	Statements
	Reads

	// Unsupported are the reasons for which no promise about an upload by this
	// strategy could be kept, as sentences without a full stop.
	Unsupported(Target, Strategy) []string
	// RememberRun keeps the id of a run for the rest of the session, where
	// [LedgerWords.ThisRun] reads it; 0 is the run that the statement before has begun.
	RememberRun(id int64) []Stmt
	// Session lists the statements that make a session known before anything
	// else runs in it.
	Session(SessionOptions) []Stmt
	// Assertion is a statement that fails, with message in its error, unless cond (an
	// SQL condition) is true.
	Assertion(message, cond string) Stmt
	// Checker returns a function that refuses a value which the column would
	// not keep as it is, beyond what the database refuses by itself.
	// It is nil where the column keeps every value that the database accepts.
	Checker(Server, Table, Column) func(rowsource.Value) error
	// ColumnLiteral returns a function that writes a value which the checker let
	// pass, as [Names] has it for any value, so that an INSERT of it into the
	// column stores what a load stores.
	ColumnLiteral(Column) func(rowsource.Value) string
}

// ConnectTimeout is how long a server may take to let somebody in, where the DSN
// says nothing else. It has nothing to do with locks.
const ConnectTimeout = 10 * time.Second

// SessionOptions are the settings of a session that the user chooses.
type SessionOptions struct {
	// LockTimeout is how long a statement waits for another session's lock; zero
	// leaves that to the connection.
	LockTimeout time.Duration
	// Schema is where tablesnap's own tables are; empty leaves that to the
	// connection.
	Schema string
	// Scope is how long the settings hold.
	Scope Scope
}

// Scope says when the settings of a session end.
type Scope string

// The scopes of a session's settings.
const (
	WholeSession    Scope = ""
	ThisTransaction Scope = "transaction"
)

// Names are a family's rules for names and values in SQL text.
type Names interface {
	// Quote quotes one name.
	Quote(name string) string
	// QuoteTable quotes a table's name, with its schema.
	QuoteTable(Ident) string
	// SameName reports whether the family takes two column names for the same.
	SameName(a, b string) bool
	// Literal writes a value so that the database reads back the same value,
	// on one line and whatever its bytes are.
	Literal(rowsource.Value) string
}

// Statements are the statements of which the steps of a plan are made.
type Statements interface {
	// Begin returns how a transaction begins in which the rows of t will be replaced. It
	// locks t for the access that is given. T is the zero Table if only tablesnap's own
	// tables are written.
	Begin(t Table, a Access) Opening

	// CreateTable makes t as described: its columns, its primary key, nothing
	// that t does not say.
	CreateTable(t Table) Stmt
	// CreateIndex makes an index that refuses no row.
	CreateIndex(table Ident, index Index) Stmt
	// ColumnDefinition returns what CREATE TABLE and ADD COLUMN say of a column: its
	// name, its type, and what of its default and its numbers a new table needs.
	ColumnDefinition(c Column) string
	// Rebuild turns the backup table from into to, keeping its rows and its
	// indexes: for a change of a column's type that keeps every value.
	Rebuild(from, to Table) []Stmt

	// CopyRows appends the rows of one table to another, with the same literal
	// in front of each row for every column of Fixed.
	CopyRows(Copy) Stmt
	// DeleteSnapshot deletes up to limit rows of a snapshot from a backup table. It
	// is the zero Stmt where nothing tells the rows of the table apart.
	DeleteSnapshot(backup Table, versionColumn string, version int64, limit int) Stmt
	// LoadShape is the statement with which [Backend.Load] inserts, as text
	// without data: for the audit and for the reader of a plan.
	LoadShape(l Load) string
	// NotDefault is an SQL condition: a row of the table has another value in c than
	// the column's default, which is one value.
	NotDefault(c Column) string
	// DefaultOf is an SQL expression in a SELECT from the column's table: its
	// default, which is one value.
	DefaultOf(c Column) string
	// HasShape is an SQL condition: the table's columns and triggers are those
	// of t, as the catalog has them when the condition is evaluated.
	HasShape(t Table) string

	// RenameTable gives a table another name.
	RenameTable(from, to Ident) Stmt
	// Placeholder is a value that a column takes which may not be NULL, has no
	// default, and is about to be dropped.
	Placeholder(c Column) rowsource.Value

	// TextColumn is a nullable column of text for values of up to maxChars
	// characters: one more of t, as the catalog will show it, or of a table that
	// is to be made where t is the zero Table.
	TextColumn(t Table, name string, maxChars int) Column
	// BackupColumn is the column of a backup table that keeps every value of
	// c: its type, nullable, with nothing that could refuse a row.
	BackupColumn(c Column) Column
	// BackupTable is an empty backup table for t: the metadata columns under
	// the names given, in the order id, doc_id, upload_timestamp,
	// snapshot_version.
	BackupTable(t Table, ident Ident, metadata [4]string) Table
	// CanStore reports whether a backup table's column keeps every value of the
	// original's column unaltered; wider is a column that does where it does not,
	// and keeps what the backup's column has by now. Where no type keeps both, the
	// type of wider is empty.
	CanStore(backup, original Table, have, want Column) (ok bool, wider Column)
}

// Access is what a transaction does to a table whose rows it replaces.
type Access string

const (
	// Replaces leaves the table's definition alone.
	Replaces Access = "replaces rows"
	// Alters changes the definition too, or truncates the table.
	Alters Access = "alters the table"
)

// Opening is how a transaction begins.
type Opening struct {
	Stmts []Stmt
	// Waits says in a sentence who waits from then on until the commit; empty
	// where that depends on more than the statements.
	Waits string
}

// Copy describes an INSERT ... SELECT.
type Copy struct {
	From, To Ident
	// Columns are copied under their own names.
	Columns []string
	// Fixed columns get the same value in every row.
	Fixed []FixedValue
	// Computed columns get the value of an expression.
	Computed []Computed
	// Where is an SQL condition that chooses the rows; empty for all. What it
	// names are columns of From.
	Where string
}

// Chunks copy or delete rows piece by piece, so that no transaction gets larger than one.
type Chunks struct {
	// Rows is how many rows a piece has; the last one has less, or none.
	Rows int `json:"rows"`
	// Begin begins each piece but the first, where that takes more than to begin a
	// transaction.
	Begin []Stmt `json:"begin,omitempty"`
	// Start comes ahead of the first piece, Copy copies (or deletes) one, Find
	// finds its end, and Next moves on to it.
	Start []Stmt `json:"start"`
	Copy  Stmt   `json:"copy"`
	Find  []Stmt `json:"find"`
	Next  []Stmt `json:"next"`
	// Found is an SQL condition: the end lies behind that of the piece before. Were
	// it not true, the same rows would be copied for ever.
	Found string `json:"found,omitempty"`
}

// FixedValue is a column and the literal that it gets.
type FixedValue struct {
	Column string
	Value  rowsource.Value
}

// Strategy is a way to replace the rows of a table.
type Strategy string

const (
	// InPlace clears the table and loads it again.
	InPlace Strategy = "in-place"
	// Swap loads another table and puts it in the table's place.
	Swap Strategy = "swap"
)

// Conn is what inspection, loading and the ledger need of a connection.
// *sql.Conn, *sql.Tx and *sql.DB have it.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Backend is a Dialect that can be used on a live connection.
type Backend interface {
	Dialect
	// Inspect reads all that planning needs to know of a table, and writes
	// nothing. The name is looked up in its spellings, in order. A schema other
	// than that of the connection, where tablesnap's own tables are, is refused
	// with a *NameError.
	Inspect(ctx context.Context, c Conn, table Reference) (Target, error)
	// Namesakes looks for tables that may have been meant by a table that does not
	// exist.
	Namesakes(ctx context.Context, c Conn, missing Ident) (Namesakes, error)
	// LedgerVersion is the version of tablesnap's own tables, 0 where there
	// are none.
	LedgerVersion(ctx context.Context, c Conn) (int64, error)
	// Enter runs the session's statements on a connection, and returns a
	// function that puts the session back as it was.
	Enter(ctx context.Context, c *sql.Conn, session []Stmt) (leave func() error, err error)
	// Load inserts, on a *sql.Conn or (unless the database commits definitions by itself) a
	// *sql.Tx, the rows that next yields (until io.EOF) and returns how many it
	// inserted. A row that the database refuses ends the load with a
	// *rowsource.CellError that names its line.
	Load(ctx context.Context, c Conn, l Load, next func() (rowsource.Row, error)) (int64, error)
	// Classify tells what a failed statement means for the run.
	Classify(error) Failure
	// AssertionFailed reports whether the error of a statement of Assertion says that
	// the condition does not hold, and not that it could not be looked at.
	AssertionFailed(error) bool
}

// Load describes a load: where the rows go, and from which source they come.
type Load struct {
	// Source and Format name the source in messages.
	Source string
	Format rowsource.Format
	// Server is the server as the plan knows it: the rows are sent in the way
	// that was reviewed.
	Server Server
	// Table is the table as it stands when the load begins.
	Table Table
	// Columns are those that the rows give values to, in the rows' order.
	Columns []Column
	// Fixed columns get the same value in every row.
	Fixed []FixedValue
	// Again reads the rows once more from the start, as long as each returns
	// true: to find the one that an error is about. Nil where nobody can.
	Again func(each func(rowsource.Row) bool) error
}
