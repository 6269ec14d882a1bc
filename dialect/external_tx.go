package dialect

// ExternalTx is a backend for a transaction that somebody else has begun and will
// end: it has no words that begin or end one, and what it sets a session to ends
// with the transaction. Plans that are built with it, runs and scripts are as
// always otherwise. If the database commits definitions
// by itself (see [Facts]), nobody has begun a transaction, and each statement commits
// by itself.
type ExternalTx struct{ Backend }

// InExternalTx returns the backend for a transaction of somebody else's.
func InExternalTx(b Backend) ExternalTx { return ExternalTx{b} }

// Unwrap returns the family's own backend.
func (j ExternalTx) Unwrap() Dialect { return j.Backend }

// Begin returns the locks of a transaction, and, in the place of the words that begin
// one, what makes it one of the right kind.
func (j ExternalTx) Begin(t Table, a Access) Opening {
	o := j.Backend.Begin(t, a)
	ownWords := len(j.Backend.Begin(Table{}, Replaces).Stmts) // of a transaction of no table
	o.Stmts = o.Stmts[ownWords:]
	if joiner, ok := As[TransactionJoiner](j.Backend); ok {
		o.Stmts = append(joiner.JoinTransaction(t), o.Stmts...)
	}
	return o
}

// Facts leave the words that end a transaction to whoever began it.
func (j ExternalTx) Facts() Facts {
	f := j.Backend.Facts()
	f.Commit, f.Rollback = Stmt{}, Stmt{}
	return f
}

// Session sets what ends with the transaction.
func (j ExternalTx) Session(o SessionOptions) []Stmt {
	o.Scope = ThisTransaction
	return j.Backend.Session(o)
}
