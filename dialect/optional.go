package dialect

import (
	"context"
	"time"

	"github.com/tablesnap/tablesnap/rowsource"
)

// The interfaces in this file are optional. Use [As] to ask for one. The planner rejects
// a plan that needs an interface which the family lacks.

// As returns the dialect as an optional interface T, such as [Swapper], if its family
// implements T. It also looks inside wrapped dialects.
func As[T any](d Dialect) (T, bool) {
	for d != nil {
		if can, ok := d.(T); ok {
			return can, true
		}
		wrapped, ok := d.(interface{ Unwrap() Dialect })
		if !ok {
			break
		}
		d = wrapped.Unwrap()
	}
	var none T
	return none, false
}

// Variables stores values under names until the session or the script ends.
type Variables interface {
	// SetVar stores the value of an SQL expression under a name.
	SetVar(name, expr string) []Stmt
	// Var is an SQL expression for the stored value as text.
	Var(name string) string
	// VarNumber is an SQL expression for the stored value as an integer.
	VarNumber(name string) string
}

// RunKeeper is a family whose sessions can keep the ids of several runs under numbers, of
// which one is the present run, that of [Dialect.RememberRun].
type RunKeeper interface {
	// KeepRun keeps the present run under a number.
	KeepRun(n int) []Stmt
	// KeptRun is an SQL expression for the id of a run that is kept.
	KeptRun(n int) string
	// UseRun makes a run that is kept the present one.
	UseRun(n int) []Stmt
}

// Preparer is a family whose sessions keep statements under names.
type Preparer interface {
	// Prepare keeps a statement under a name, which needs no quotes. Execute runs it like
	// the statement itself: it still sees how many rows the statement before has changed.
	Prepare(name, sql string) Stmt
	Execute(name string) Stmt
}

// MessageKnower is a family that knows the messages of its databases. Such a message may show
// values of rows.
type MessageKnower interface {
	// WroteMessage reports whether the database, and not its driver, has written the message
	// of an error.
	WroteMessage(error) bool
}

// QuickInspector is a family that takes long to tell what dropping a column would break.
type QuickInspector interface {
	// InspectWithoutDrops is [Backend.Inspect] for plans that drop no column. It leaves out
	// [Column.DropBreaks].
	InspectWithoutDrops(ctx context.Context, c Conn, table Reference) (Target, error)
}

// Swapped are the names in a swap: of the table, of the shadow that takes its place, and of
// the table once it is swapped out.
type Swapped struct{ Table, Shadow, Old Ident }

// Swapper is a family that supports the strategy [Swap].
type Swapper interface {
	Variables
	// CreateLike creates an empty table with the same definition.
	CreateLike(shadow, table Ident) Stmt
	// SwapTables renames each table to its old name, and its shadow to the table's, all in one
	// statement. Before lists statements that do slow work first, so that other sessions do
	// not wait for that work during the swap.
	SwapTables(swaps ...Swapped) (before []Stmt, swap Stmt)
	// CopyInChunks copies like [Dialect.CopyRows], in transactions of up to the given
	// number of rows. It is nil if the table has no key to split it by.
	CopyInChunks(c Copy, from Table, rows int) *Chunks
	// Counter is an SQL expression for the table's next AUTO_INCREMENT value. It is
	// higher than every value the table has ever used. Known is [Target.Counter].
	Counter(t Table, known *int64) string
	// CopyAutoIncrement sets the table's AUTO_INCREMENT to next, an SQL expression for an
	// integer, and never lowers it. Setup prepares the statement carry.
	CopyAutoIncrement(table Table, next string) (setup []Stmt, carry Stmt)
	// Definition finds out a digest of the table's definition in the catalog, without its
	// name and its AUTO_INCREMENT. A table made by CreateLike has the same digest.
	Definition(table Ident) Definition
	// Altered is an SQL expression for a text that changes when the table's definition
	// changes. On a server that cannot tell, the text never changes.
	Altered(table Ident) string
}

// LateIndexer is a [Swapper] that loads a table faster if some of its indexes are added
// after the rows.
type LateIndexer interface {
	// LateIndexes returns the indexes of t for which this is so, in the server's order. A
	// table that loses them, and gets them back in that order, has the definition that it
	// had. None of them is unique, so that a load still finds equal keys.
	LateIndexes(s Server, t Table) []Index
	// DropIndexes and AddIndexes change the table's definition in one statement.
	DropIndexes(table Ident, indexes []Index) Stmt
	AddIndexes(table Ident, indexes []Index) Stmt
}

// IndexRemaker is a family in which an upload in place is faster if some of the table's
// indexes are dropped before the load and made again after it. Both can be rolled back.
type IndexRemaker interface {
	// RemakeIndexes returns the zero value if the table has no such index. None of the indexes
	// can reject a row.
	RemakeIndexes(t Target) RemadeIndexes
}

// RemadeIndexes are the statements that drop indexes and make them again, with their own
// texts.
type RemadeIndexes struct {
	Drop, Create []Stmt
	// AsPlanned is an SQL condition that is true while the indexes are those that were found,
	// and again once they are made.
	AsPlanned string
}

// SwapAwaiter is a [Swapper] whose other sessions can see a swap before it has finished.
type SwapAwaiter interface {
	// AwaitSwap waits until another session's swap has finished. The session's timeouts
	// do not apply to it.
	AwaitSwap(old Ident) Stmt
}

// NetworkLimiter is a family whose server waits for a client over a network.
type NetworkLimiter interface {
	// NetworkTimeouts limit how long the server waits in a session of this program for a
	// client that does not answer. A script has no such limits, since a person may paste
	// it piece by piece.
	NetworkTimeouts(Purpose) []Stmt
}

// Purpose is what a session is for.
type Purpose string

// ForWriting is for sessions that hold locks, and that the server should end soon if their
// client is gone. ForReading is for sessions whose rows are read as slowly as somebody wants.
const (
	ForWriting Purpose = "write"
	ForReading Purpose = "read"
)

// TableLimiter is a family whose tables may have less columns than a file.
type TableLimiter interface {
	// TooLarge says why the server could not create the table. It is nil if it can.
	TooLarge(Table) error
}

// WriteSetLimiter is a family whose clusters limit what a transaction may write.
type WriteSetLimiter interface {
	// ExceededWriteSet returns the setting that limits the size of transactions, if an
	// error says that one has exceeded it. Otherwise it is empty.
	ExceededWriteSet(err error) (setting string)
}

// RunLocker is a family that needs an advisory lock to keep two runs of tablesnap apart.
// In other families the transaction's own locks do this.
type RunLocker interface {
	// AcquireLock takes the lock of one table. It blocks other runs of tablesnap on that
	// table, and no other program. It fails if another run holds the lock for longer than
	// wait.
	AcquireLock(table Ident, wait time.Duration) []Stmt
}

// Definition are the statements that store a digest of a table's definition as the variable
// [FoundDefinition]. Prepare runs once in a session, for all tables of the schema.
type Definition struct{ Prepare, Find []Stmt }

// FoundDefinition is the name of the variable that a [Definition] sets.
const FoundDefinition = "found"

// SessionLocker is a [RunLocker] whose lock belongs to the session and outlives
// transactions. A run may commit several transactions under it, so a run that was cut off
// can leave work for recovery.
type SessionLocker interface {
	RunLocker
	ReleaseLock(table Ident) []Stmt
	// LockHeld is an SQL condition that is true while any session holds the table's lock.
	LockHeld(table Ident) string
	// LockScope is an SQL expression for a text that is the same in all sessions that see
	// each other's locks. If the nodes of a cluster show only their own locks, each node
	// has another text.
	LockScope() string
	// NowPlus is an SQL expression for the present time plus a duration, in the form of
	// [LedgerWords.Now].
	NowPlus(time.Duration) string
}

// SessionState is what another session shows of a session.
type SessionState string

// The states of a session.
const (
	// SessionWorks means that the server executes a statement for it.
	SessionWorks SessionState = "works"
	// SessionWaits means that the server waits for the client.
	SessionWaits SessionState = "waits"
	SessionGone  SessionState = "gone"
	// SessionElsewhere means that another server was asked, as behind a load balancer.
	SessionElsewhere SessionState = "elsewhere"
)

// SessionObserver is a family whose sessions other sessions can observe and end.
type SessionObserver interface {
	// ThisSession is an SQL expression for a text that identifies the session, also among
	// the sessions of other servers.
	ThisSession() string
	// Observe returns the state of a session, by a query on another connection.
	Observe(ctx context.Context, c Conn, session string) (SessionState, error)
	// EndSession ends a session of the same server.
	EndSession(session string) Stmt
}

// RowCounter is a [SessionObserver] whose server counts the rows that a statement writes
// while it runs.
type RowCounter interface {
	SessionObserver
	// RowsWritten returns how many rows the session's open transaction has written so far, by
	// a query on another connection. Known is false if the session has no transaction, or is
	// one of another server. It may count a few rows of the ledger as well. The error may say
	// that the user may not see it.
	RowsWritten(ctx context.Context, c Conn, session string) (rows int64, known bool, err error)
}

// LockRun returns the statements that take and release the lock of a table's runs. Both
// are empty if the family has no such lock.
func LockRun(d Dialect, table Ident, wait time.Duration) (lock, unlock []Stmt) {
	if l, ok := As[RunLocker](d); ok {
		lock = l.AcquireLock(table, wait)
	}
	if l, ok := As[SessionLocker](d); ok {
		unlock = l.ReleaseLock(table)
	}
	return lock, unlock
}

// HasSessionLock reports whether the family is a [SessionLocker].
func HasSessionLock(d Dialect) bool {
	_, ok := As[SessionLocker](d)
	return ok
}

// TransactionJoiner is a family in which one transaction can hold a whole upload, so an
// upload can join the caller's transaction.
type TransactionJoiner interface {
	// JoinTransaction gives a transaction that the caller has just begun the properties
	// that [Dialect.Begin] would give it for t.
	JoinTransaction(t Table) []Stmt
}

// Sequencer is a family whose sequences do not move on when a load gives explicit
// numbers.
type Sequencer interface {
	// AdvanceSequence sets the column's sequence past the numbers that a load has
	// inserted. Move is empty if the database does this by itself. Setup prepares it.
	AdvanceSequence(t Table, column string) (setup []Stmt, move Stmt)
}

// Truncater is a family that can roll back a TRUNCATE.
type Truncater interface {
	// Truncate empties the table without reading its rows, so they are not counted. The
	// error says why the table cannot be truncated.
	Truncate(t Table) (Stmt, error)
}

// ReadWriter is a family in which a statement outside of the transactions of a plan may be
// read-only by default.
type ReadWriter interface {
	// ReadWrite lets the session's later statements write.
	ReadWrite() Stmt
}

// ConstraintChecker is a family that cannot alter a table while deferred constraint
// checks are pending on it.
type ConstraintChecker interface {
	// CheckDeferredConstraints checks deferred constraints now instead of at the commit,
	// and fails if one is violated. It is empty if no constraint of the table is
	// deferred.
	CheckDeferredConstraints(t Table) Stmt
}

// SchemaChecker is a family whose sessions may resolve the ledger's tables to another
// schema than the table's.
type SchemaChecker interface {
	// OwnTablesBeside is an SQL condition that is true if the ledger's tables are in the
	// schema of table, or would be created there.
	OwnTablesBeside(table Ident) string
}

// Retyper is a family that needs explicit casts to assign a value of another type.
type Retyper interface {
	// Retyped casts expr, a value stored in column kept, so that an INSERT ... SELECT can
	// assign it to column now.
	Retyped(expr string, kept, now Column) string
}

// Comparer is a family that needs explicit casts to compare values of two types.
type Comparer interface {
	// Comparable casts expr, a value of either column, so that the results are equal if
	// and only if the values are the same.
	Comparable(expr string, kept, now Column) string
}

// RowFinder is a family in which a comparison of tables is faster if it carries only a
// key, and looks up the differing rows by that key.
type RowFinder interface {
	// RowKey are columns of t that form a unique key with an index. It is empty if t has
	// none.
	RowKey(t Table) []string
	// InOrder ends a subquery so that its rows stay ordered by columns, whatever the
	// outer statement does with them.
	InOrder(columns []string) string
}

// Storer is a family whose columns convert what is loaded, by rules that a client can follow.
type Storer interface {
	// Stored returns a function that returns the value that the column stores if v is loaded.
	// It returns v itself if that is not certain. The function is nil if the column stores
	// every value as it is.
	Stored(t Table, c Column) func(v rowsource.Value) rowsource.Value
}
