package dialect

// Stmt is one SQL statement, without a terminating semicolon: exactly the text
// that a script prints and that a runner sends, one a call.
type Stmt struct {
	SQL string `json:"sql"`
	// AutoCommits states that the database commits by itself before and after
	// this statement. It is a fact; the planner draws the conclusion.
	AutoCommits bool `json:"auto_commits,omitempty"`
	// Note says what a reader of a script would wonder about, in one line.
	Note string `json:"note,omitempty"`
}
