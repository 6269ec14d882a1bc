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

// Begin is what else begins a transaction: its locks.
func (j ExternalTx) Begin(t Table) []Stmt { return j.join(t, j.Backend.Begin(t)) }

// Open is Begin for a plan.
func (j ExternalTx) Open(t Table, a Access) Opening {
	o := j.Backend.Open(t, a)
	o.Stmts = j.join(t, o.Stmts)
	return o
}

// join puts what makes the transaction of the right kind in the place of the
// words that begin one: those with which a transaction of no table begins.
func (j ExternalTx) join(t Table, begin []Stmt) []Stmt {
	return append(j.Backend.JoinTransaction(t), begin[len(j.Backend.Begin(Table{})):]...)
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
