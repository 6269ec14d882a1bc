package dialect

// ExternalTx is a backend for a transaction that somebody else has begun and will
// end: it has no words that begin or end one, and what it sets a session to ends
// with the transaction. Plans that are built with it, runs and scripts are as
// always otherwise. Of a family that [CommitsDefinitions], nobody has begun a
// transaction, and each statement commits by itself.
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

// Commit is left to whoever began.
func (ExternalTx) Commit() Stmt { return Stmt{} }

// Rollback is left to whoever began.
func (ExternalTx) Rollback() Stmt { return Stmt{} }

// Session sets what ends with the transaction.
func (j ExternalTx) Session(o SessionOptions) []Stmt {
	o.Scope = ThisTransaction
	return j.Backend.Session(o)
}

// CommitsDefinitions reports whether the database commits by itself when a table
// is made, altered or dropped, so that nothing can roll that back.
func CommitsDefinitions(d Dialect) bool { return d.DropTable(Ident{}).AutoCommits }
