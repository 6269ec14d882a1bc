package dialect

// Failure is what a failed statement means for the run.
type Failure string

// The failures that the runner tells apart.
const (
	// FailureRefused: the database refused the statement.
	FailureRefused Failure = "refused"
	// FailureBusy: another session holds a lock for longer than the session waits.
	FailureBusy Failure = "busy"
	// FailureDeadlock: the database rolled the transaction back, whole, in
	// favour of another; it can be begun again.
	FailureDeadlock Failure = "deadlock"
	// FailureLost: the connection is gone, and with it whatever was not committed.
	FailureLost Failure = "lost"
)
