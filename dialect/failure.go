package dialect

// Failure is what a failed statement means for the run.
type Failure string

// The failures that the runner tells apart.
const (
	// FailureRefused means that the database rejected the statement.
	FailureRefused Failure = "refused"
	// FailureBusy means that a lock of another session was not released within the lock
	// timeout.
	FailureBusy Failure = "busy"
	// FailureDeadlock means that the database rolled back the whole transaction because
	// of another one. The transaction can be tried again.
	FailureDeadlock Failure = "deadlock"
	// FailureLost means that the connection is gone, and with it everything that was not
	// committed.
	FailureLost Failure = "lost"
)
