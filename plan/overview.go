package plan

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// overview is what a reviewer must know about a plan, in the order in which it is read. Each
// writer for people lays it out in its own way. No text has a control character.
type overview struct {
	// Title says what the plan does, and where.
	Title   string
	Hash    string
	Facts   []fact
	Reasons []reason
	Groups  []groupOverview
}

type fact struct{ Label, Says string }

// reason is a hazard or a warning.
type reason struct {
	Stands standing
	Code   Code
	Says   string
	// Unless is what would let the plan run. It is empty unless the plan is refused.
	Unless string
}

// inFull is what the reason says, and whether the plan runs in spite of it.
func (r reason) inFull() string {
	switch r.Stands {
	case standsRefused:
		return fmt.Sprintf("%s (refused unless %s)", r.Says, r.Unless)
	case standsAllowed:
		return r.Says + " (allowed)"
	default:
		return r.Says
	}
}

// standing says what a reason means for the plan.
type standing string

const (
	standsRefused standing = "refused"
	standsAllowed standing = "allowed"
	standsWarned  standing = "warning"
)

// groupOverview are steps that commit together.
type groupOverview struct {
	// Commits says how they commit, and Locks who waits for them. It is empty if the group
	// leaves the table alone.
	Commits, Locks string
	Steps          []stepOverview
	// Holds is what holds if the run stops in the group, and Same states that the next
	// group says the same.
	Holds string
	Same  bool
}

type stepOverview struct {
	Number int
	// Kind is in words. SQL is the statement on one line, with its lists left out.
	Kind, SQL string
	// Table is the table that it is about.
	Table string
	// Rows is how many rows it should touch, or empty.
	Rows string
}

// summarize makes the overview of a plan.
func summarize(d dialect.Dialect, p Plan, o SummaryOptions) overview {
	return summarizeFor(d, p, summary{opts: o, digits: shortDigest})
}

func summarizeFor(d dialect.Dialect, p Plan, s summary) overview {
	s.d, s.p = d, p
	title := printable(s.does())
	if s.opts.Database != "" {
		title += " on " + printable(s.opts.Database)
	}
	return overview{Title: title, Hash: p.Hash(), Facts: s.facts(), Reasons: s.reasons(), Groups: s.groups()}
}

func (s *summary) groups() []groupOverview {
	var all []groupOverview
	n := 0
	for i, g := range s.p.Groups {
		if len(g.Steps) == 0 {
			continue // it only ends the run
		}
		if last := len(all) - 1; last >= 0 {
			all[last].Same = printable(g.Steps[0].IfStopped) == all[last].Holds
		}
		o := groupOverview{Commits: s.p.commits(i), Holds: printable(g.Steps[len(g.Steps)-1].IfStopped)}
		if s.changesTable(g) {
			o.Locks = printable(s.locks())
		}
		for _, st := range g.Steps {
			n++
			sql := withoutLists(printable(strings.Join(strings.Fields(st.SQL), " ")))
			if st.Check != nil {
				sql = printable(st.Check.says()) // its query is in parentheses
			}
			o.Steps = append(o.Steps, stepOverview{n, inWords(st.Kind), sql, printable(st.Table.Name), s.touches(st)})
		}
		all = append(all, o)
	}
	return all
}

// commits describes the commit of a group, which may be one with those of other tables.
func (p Plan) commits(group int) string {
	g := p.Groups[group]
	switch {
	case p.Set == nil || group != p.jointGroup():
		return g.commits()
	case g.Auto:
		return "one statement for all tables of the set, which the database commits by itself"
	default:
		return "commits together with the other tables of the set, or not at all"
	}
}

// changesTable reports whether a group writes the table itself, for which others wait.
func (s *summary) changesTable(g Group) bool {
	for _, st := range g.Steps {
		if st.Table == s.p.Upload.Table && st.Kind != CompareRows && !g.IsAround() {
			return true
		}
	}
	return false
}

// inWords is a kind of step for people.
func inWords(k StepKind) string { return strings.ReplaceAll(string(k), "-", " ") }
