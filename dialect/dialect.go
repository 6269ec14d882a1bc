package dialect

import (
	"context"
	"database/sql"
	"time"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Dialect describes a database family as SQL text and facts. Every method is pure: the
// same arguments give the same result.
type Dialect interface {
	// Facts returns what is true of the family on every server.
	Facts() Facts
	// Ledger returns the SQL fragments for statements on the ledger's tables.
	Ledger() LedgerWords

	Names
	Statements
	Reads

	// Unsupported lists the reasons why an upload by this strategy, or a snapshot with
	// [NoStrategy], cannot be safe, as sentences without a full stop.
	Unsupported(Target, Strategy) []string
	// RememberRun stores the run's id in the session; [LedgerWords.ThisRun] reads it. If
	// id is 0, it stores the id that the statement before has just inserted.
	RememberRun(id int64) []Stmt
	// Session lists the statements that set up a session. They run before anything else.
	Session(SessionOptions) []Stmt
	// Assertion is a statement that fails with message in its error unless the SQL
	// condition cond is true.
	Assertion(message, cond string) Stmt
	// Checker returns a function that rejects values which the database would accept for
	// the column and silently change. It is nil if the database does not change any value
	// it accepts.
	Checker(Server, Table, Column) func(rowsource.Value) error
	// ColumnLiteral returns a function that writes a checked value as a literal. An
	// INSERT of the literal stores the same value as a load.
	ColumnLiteral(Column) func(rowsource.Value) string
}

// ConnectTimeout bounds connecting and logging in, unless the DSN sets a timeout. It does
// not bound waiting for locks.
const ConnectTimeout = 10 * time.Second

// SessionOptions are the settings of a session that the user chooses.
type SessionOptions struct {
	// LockTimeout is how long a statement waits for another session's lock. If it is
	// zero, the connection's own setting stays.
	LockTimeout time.Duration
	// Schema holds the ledger's tables. If it is empty, the connection's own schema is
	// used.
	Schema string
	// Cluster is that of [Server]. In a session on a node of a cluster, each statement
	// sees what all nodes had committed before it.
	Cluster string
	// Scope says when the settings end.
	Scope Scope
}

// Scope says when a session's settings end.
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
	// SameName reports whether the database treats two column names as the same.
	SameName(a, b string) bool
	// Literal writes a value, whatever its bytes, as a literal on one line. The database
	// reads back the same value.
	Literal(rowsource.Value) string
}

// Statements writes the statements for the steps of a plan.
type Statements interface {
	// Begin opens a transaction that replaces the rows of t, and locks t for access a. T
	// is the zero Table if the transaction writes only the ledger's tables.
	Begin(t Table, a Access) Opening

	// CreateTable creates t with its columns and its primary key, and nothing else.
	CreateTable(t Table) Stmt
	// CreateIndex creates an index that is not unique.
	CreateIndex(table Ident, index Index) Stmt
	// ColumnDefinition returns the column's text for CREATE TABLE and ADD COLUMN: name,
	// type, and whatever a new table needs of its default and its numbering.
	ColumnDefinition(c Column) string
	// Rebuild changes a column's type in a backup table and keeps the rows and the
	// indexes. The caller makes sure that the new type keeps every value.
	Rebuild(from, to Table) []Stmt

	// CopyRows appends the rows of one table to another, as one INSERT ... SELECT.
	CopyRows(Copy) Stmt
	// DeleteSnapshot deletes up to limit rows of a snapshot from a backup table. It is
	// the zero Stmt if the table has no key to tell its rows apart.
	DeleteSnapshot(backup Table, versionColumn string, version int64, limit int) Stmt
	// LoadShape is the statement with which [Backend.Load] inserts, without the data, for
	// the audit and for readers of a plan.
	LoadShape(l Load) string
	// NotDefault is an SQL condition that is true for a row whose value in c is not the
	// column's default. The default must be the same for all rows.
	NotDefault(c Column) string
	// DefaultOf is an SQL expression for the column's default, in a SELECT from its
	// table. The default must be the same for all rows.
	DefaultOf(c Column) string
	// HasShape is an SQL condition that is true while the table's columns and triggers in
	// the catalog are those of t.
	HasShape(t Table) string

	RenameTable(from, to Ident) Stmt
	// Placeholder is a valid value for a NOT NULL column without a default that is about
	// to be dropped.
	Placeholder(c Column) rowsource.Value

	// NewColumn describes a nullable column. A text has the type that the catalog will show.
	// T is the table that gets the column, or the zero Table if the column is for a new
	// table.
	NewColumn(t Table, n New) Column
	// BackupColumn is the backup table's column for c: same type, nullable, and with no
	// constraint that could reject a row.
	BackupColumn(c Column) Column
	// BackupTable is an empty backup table for t. Metadata are the names for id, doc_id,
	// upload_timestamp and snapshot_version, in this order.
	BackupTable(t Table, ident Ident, metadata [4]string) Table
	// CanStore reports whether have, a column of the backup table, can store every value
	// of want unchanged. If not, wider is a column that can, and that also keeps the
	// values stored in have. Wider has an empty type if no type can do both.
	CanStore(backup, original Table, have, want Column) (ok bool, wider Column)
}

// Access says how a transaction changes a table.
type Access string

const (
	// Replaces means that only rows change.
	Replaces Access = "replaces rows"
	// Alters means that the definition changes too, or that the table is truncated.
	Alters Access = "alters the table"
)

// Opening is how a transaction begins.
type Opening struct {
	Stmts []Stmt
	// Waits says in a sentence which sessions wait until the commit. It is empty if this
	// depends on more than the statements.
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
	// Where is an SQL condition on the columns of From that selects the rows. If it is
	// empty, all rows are copied.
	Where string
}

// Chunks copies or deletes rows in chunks, each in a transaction of its own.
type Chunks struct {
	// Rows is the size of a chunk. The last one is smaller, or empty.
	Rows int `json:"chunk_rows"`
	// Begin starts the transaction of each chunk after the first, if that takes more than
	// BEGIN.
	Begin []Stmt `json:"begin,omitempty"`
	// Start runs once before the first chunk. Copy copies (or deletes) one chunk, Find
	// finds where it ends, and Next moves on to the next one.
	Start []Stmt `json:"start"`
	Copy  Stmt   `json:"copy"`
	Find  []Stmt `json:"find"`
	Next  []Stmt `json:"next"`
	// Found is an SQL condition that is true if Find moved forward. Otherwise the same
	// rows would be copied forever.
	Found string `json:"found,omitempty"`
}

// FixedValue is a column and the literal that every row gets in it.
type FixedValue struct {
	Column string          `json:"column"`
	Value  rowsource.Value `json:"value"`
}

// Strategy is how an upload replaces the rows of a table.
type Strategy string

const (
	// InPlace clears the table and loads it again.
	InPlace Strategy = "in-place"
	// Swap loads a shadow table and renames it to the table's name.
	Swap Strategy = "swap"
	// Sync deletes, updates and inserts the rows that differ, and leaves all others. No
	// family takes it by itself; one that supports it is a [Syncer].
	Sync Strategy = "sync"
	// NoStrategy is that of a snapshot without an upload: no row of the table is replaced.
	NoStrategy Strategy = ""
)

// Conn is the part of a connection that inspection, loading and the ledger use.
// *sql.Conn, *sql.Tx and *sql.DB implement it.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// RawConn is a Conn that gives access to the driver's connection, such as a *sql.Conn.
type RawConn interface {
	Conn
	// Raw is that of [sql.Conn].
	Raw(func(driverConn any) error) error
}

// Backend is a Dialect that can be used on a live connection.
type Backend interface {
	Dialect
	// Inspect reads everything that planning needs to know about a table, and writes
	// nothing. It tries the name's spellings in order. It rejects, with a *NameError, a
	// schema other than the connection's, which holds the ledger.
	Inspect(ctx context.Context, c Conn, table Reference) (Target, error)
	// Namesakes looks for existing tables that the user may have meant by the name of a
	// missing one.
	Namesakes(ctx context.Context, c Conn, missing Ident) (Namesakes, error)
	// LedgerVersion is the version of the ledger's tables, or 0 if there are none.
	LedgerVersion(ctx context.Context, c Conn) (int64, error)
	// Enter runs the session's statements on a connection. The returned function restores
	// the session's earlier settings.
	Enter(ctx context.Context, c *sql.Conn, session []Stmt) (leave func() error, err error)
	// Load inserts the rows from next until io.EOF, and returns their number. C is a
	// *sql.Conn, or a *sql.Tx if the database does not commit definitions by itself. If
	// the database rejects a row, Load returns a *rowsource.CellError with its line.
	Load(ctx context.Context, c Conn, l Load, next func() (rowsource.Row, error)) (int64, error)
	// Classify tells what a failed statement means for the run.
	Classify(error) Failure
	// AssertionFailed reports whether the error of an [Dialect.Assertion] says that the
	// condition is false, and not that the database could not evaluate it.
	AssertionFailed(error) bool
}

// Load describes a load: its source and its target.
type Load struct {
	// Source and Format name the source in messages.
	Source string
	Format rowsource.Format
	// Server is the server as the plan knows it. It decides how the rows are sent, so
	// that they are sent as reviewed.
	Server Server
	// Table is the table's definition when the load begins.
	Table Table
	// Columns are those that the rows have values for, in the rows' order.
	Columns []Column
	// Fixed columns get the same value in every row.
	Fixed []FixedValue
	// Again reads the rows once more from the start, until each returns false. Load uses
	// it to find the row that caused an error. It is nil if the source cannot be read
	// twice.
	Again func(each func(rowsource.Row) bool) error
}
