package plan

import (
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

// repeats are the statements of the ledger and the assertions that a script needs several
// times, with the names under which the session keeps them. Each stands in the script once.
type repeats struct {
	keeper dialect.Preparer
	names  map[string]string
	kept   map[string]bool
}

// worthKeeping is the number of bytes from which a statement is worth a name.
const worthKeeping = 80

// findRepeats finds the statements that the program has several times. A script for goose
// has none: what a session keeps is lost with it, and goose may use several.
func (s *script) findRepeats(p Program) {
	keeper, ok := dialect.As[dialect.Preparer](s.d)
	if !ok || s.style == forGoose {
		return
	}
	s.repeats = repeats{keeper: keeper, names: map[string]string{}, kept: map[string]bool{}}
	times := map[string]int{}
	for _, in := range p {
		for _, sql := range checks(in) {
			times[sql]++
		}
	}
	for _, in := range p {
		for _, sql := range checks(in) {
			if times[sql] > 1 && s.repeats.names[sql] == "" && len(sql) > worthKeeping {
				s.repeats.names[sql] = fmt.Sprintf("tablesnap_%d", len(s.repeats.names)+1)
			}
		}
	}
}

// checks are the assertions of an instruction, and what renews the lease.
func checks(in Instruction) []string {
	var sql []string
	add := func(ps ...Assertion) {
		for _, p := range ps {
			sql = append(sql, p.SQL)
		}
	}
	switch in := in.(type) {
	case Assert:
		add(in.Assertions...)
	case HoldLease:
		sql = append(sql, dialect.Wrap(in.Stmt.SQL))
		add(in.Assertion)
	case RunSteps:
		for _, st := range in.Steps {
			add(st.Before...)
			add(st.After...)
		}
	default: // happens once
	}
	return sql
}

// keep has the session keep those of the statements that come again.
func (s *script) keep(statements ...string) {
	for _, sql := range statements {
		if name := s.repeats.names[sql]; name != "" && !s.repeats.kept[sql] {
			s.repeats.kept[sql] = true
			s.stmt(s.repeats.keeper.Prepare(name, sql))
		}
	}
}

// check writes a statement, or the name under which the session keeps it.
func (s *script) check(sql string) {
	if name := s.repeats.names[sql]; name != "" {
		s.stmt(s.repeats.keeper.Execute(name))
		return
	}
	s.stmt(dialect.Stmt{SQL: sql})
}
