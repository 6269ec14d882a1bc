package dialect

// ExternalTx is a backend for a transaction that the caller has begun and will end. It
// writes no BEGIN, COMMIT or ROLLBACK, and its session settings end with the transaction.
// Everything else works as usual. If the database commits definitions by itself (see
// [Facts]), there is no such transaction, and each statement commits by itself.
type ExternalTx struct{ Backend }

// InExternalTx wraps b for a transaction that the caller owns.
func InExternalTx(b Backend) ExternalTx { return ExternalTx{b} }

// Unwrap returns the family's own backend.
func (j ExternalTx) Unwrap() Dialect { return j.Backend }

// Begin returns the locks of a transaction. Instead of BEGIN it returns the statements
// that give the caller's transaction the right properties.
func (j ExternalTx) Begin(t Table, a Access) Opening {
	o := j.Backend.Begin(t, a)
	ownWords := len(j.Backend.Begin(Table{}, Replaces).Stmts) // only BEGIN, without a table's locks
	o.Stmts = o.Stmts[ownWords:]
	if joiner, ok := As[TransactionJoiner](j.Backend); ok {
		o.Stmts = append(joiner.JoinTransaction(t), o.Stmts...)
	}
	return o
}

// Facts has no Commit and no Rollback: the caller ends the transaction.
func (j ExternalTx) Facts() Facts {
	f := j.Backend.Facts()
	f.Commit, f.Rollback = Stmt{}, Stmt{}
	return f
}

// Session limits the settings to the transaction.
func (j ExternalTx) Session(o SessionOptions) []Stmt {
	o.Scope = ThisTransaction
	return j.Backend.Session(o)
}
