package dialect

import "time"

// What only some families can do. Ask with [As]; what a family lacks it does not need,
// or the planner has refused it by then.

// As returns the dialect as one that can do more, such as a [Swapper], if its family
// can.
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

// Variables keep values under names until a session or a script ends.
type Variables interface {
	// SetVar keeps the value of an SQL expression under a name.
	SetVar(name, expr string) []Stmt
	// Var is the SQL expression that gives the value back as text.
	Var(name string) string
	// VarNumber is the SQL expression that gives it back as a whole number.
	VarNumber(name string) string
}

// Swapper is a family that knows the strategy [Swap].
type Swapper interface {
	Variables
	// CreateLike creates an empty table of the same shape.
	CreateLike(shadow, table Ident) Stmt
	// SwapTables puts shadow in the place of table, which becomes old, in one
	// statement. Before has the server do beforehand what others would wait for.
	SwapTables(table, shadow, old Ident) (before []Stmt, swap Stmt)
	// CopyInChunks does what [Dialect.CopyRows] does in transactions of at most so many
	// rows of from. It is nil if the table has no key to go along.
	CopyInChunks(c Copy, from Table, rows int) *Chunks
	// Counter is an SQL expression: the number that the table gives next, above all
	// that it has ever given. Known is what the inspection has found (see
	// [Target.Counter]).
	Counter(t Table, known *int64) string
	// CopyAutoIncrement has the table number rows from next on, an SQL expression for a
	// whole number, and never backwards: the statement, and what prepares it.
	CopyAutoIncrement(table Table, next string) (setup []Stmt, carry Stmt)
	// Definition is an SQL expression: a digest of all that the catalog has of the
	// table's definition, but for its counter. A copy that CreateLike makes has the
	// same, whatever its name.
	Definition(table Ident) string
	// Altered is an SQL expression: a text that is another one once the definition has
	// changed, if the server tells.
	Altered(table Ident) string
}

// SwapAwaiter is a [Swapper] that shows a swap to others before it is over.
type SwapAwaiter interface {
	// AwaitSwap returns when a swap that another session has begun is over. The
	// session's timeouts do not bound it.
	AwaitSwap(old Ident) Stmt
}

// RunLocker is a family in which runs of tablesnap lock each other out by a lock of
// their own. Elsewhere the transaction's locks are enough.
type RunLocker interface {
	// AcquireLock takes the lock of one table, which keeps other runs of tablesnap off
	// it, and nobody else. It fails if another run holds it for longer than wait.
	AcquireLock(table Ident, wait time.Duration) []Stmt
}

// SessionLocker is a [RunLocker] whose lock outlives transactions. So a run may commit
// in several of them, and one that was cut off leaves something behind.
type SessionLocker interface {
	RunLocker
	// ReleaseLock lets the lock go.
	ReleaseLock(table Ident) []Stmt
	// LockHeld is an SQL condition: a session that lives holds the lock.
	LockHeld(table Ident) string
}

// LockRun returns the statements that keep other runs of tablesnap off a table, and
// those that let them in again. A family without a lock for that has none.
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

// TransactionJoiner is a family whose transactions hold a whole upload, so that it may
// be part of somebody else's.
type TransactionJoiner interface {
	// JoinTransaction makes a transaction that somebody else has just begun one of the
	// kind that [Dialect.Begin] opens for t.
	JoinTransaction(t Table) []Stmt
}

// Sequencer is a family whose numbers do not follow those of the rows that are loaded.
type Sequencer interface {
	// AdvanceSequence has the column go on numbering rows after those that a load has
	// numbered: the statement, which is empty if the column does that, and what prepares
	// it.
	AdvanceSequence(t Table, column string) (setup []Stmt, move Stmt)
}

// Truncater is a family that can take a TRUNCATE back.
type Truncater interface {
	// Truncate empties the table without looking at its rows, or says why it may not.
	// Nobody counts the rows then.
	Truncate(t Table) (Stmt, error)
}

// ConstraintChecker is a family in which a table cannot be altered while a check waits
// for the commit.
type ConstraintChecker interface {
	// CheckDeferredConstraints has the references and constraints checked now that
	// would wait for the commit: it fails if one is broken. It is empty if none of the
	// table waits.
	CheckDeferredConstraints(t Table) Stmt
}

// SchemaChecker is a family whose sessions may find tablesnap's own tables in another
// schema than that of the table.
type SchemaChecker interface {
	// OwnTablesBeside is an SQL condition: tablesnap's own tables are found in the
	// schema of table, or would be made there.
	OwnTablesBeside(table Ident) string
}

// Comparer is a family that compares and assigns values of two types only if it is
// told how.
type Comparer interface {
	// Retyped is an SQL expression that a column of now's type takes in an INSERT ...
	// SELECT, for expr, which reads a value that was kept as another type.
	Retyped(expr string, kept, now Column) string
	// Comparable is an SQL expression for expr, which reads a value of either type: it
	// is the same for both exactly if they are the same value.
	Comparable(expr string, kept, now Column) string
}

// RowFinder is a family that compares tables faster if it looks up the rows that differ
// by a key, and carries nothing else along.
type RowFinder interface {
	// RowKey are columns of t by which a comparison may look rows up again: no two rows
	// have the same values in them, and an index finds them. It is empty if there are
	// none.
	RowKey(t Table) []string
	// InOrder ends a subquery whose rows come in the order of columns, whatever the
	// statement around it does with them.
	InOrder(columns []string) string
}
