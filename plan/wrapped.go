package plan

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// wrapped writes long statements on several lines.
func wrapped(stmts []dialect.Stmt) []dialect.Stmt {
	stmts = slices.Clone(stmts)
	for i := range stmts {
		stmts[i].SQL = dialect.Wrap(stmts[i].SQL)
	}
	return stmts
}

func wrappedChunks(c *dialect.Chunks) *dialect.Chunks {
	if c == nil {
		return nil
	}
	w := *c
	w.Begin, w.Start, w.Copy, w.Find, w.Next = wrapped(c.Begin), wrapped(c.Start), wrapped([]dialect.Stmt{c.Copy})[0], wrapped(c.Find), wrapped(c.Next)
	return &w
}
