package dialect

// Stmt is one SQL statement without a terminating semicolon. A script prints exactly this
// text, and a runner sends exactly this text in a call of its own.
type Stmt struct {
	SQL string `json:"sql_text"`
	// AutoCommits states that the database commits by itself before and after this
	// statement. The planner divides a plan into groups at these statements.
	AutoCommits bool `json:"auto_commits,omitempty"`
	// Note explains the statement to readers of a script, in one line.
	Note string `json:"note,omitempty"`
}
