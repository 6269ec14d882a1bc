package plan

import (
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
	// Rows is how many rows it should touch, or empty.
	Rows string
}

// summarize makes the overview of a plan.
func summarize(d dialect.Dialect, p Plan, o SummaryOptions) overview {
	s := &summary{d: d, p: p, opts: o}
	title := printable(s.does())
	if o.Database != "" {
		title += " on " + printable(o.Database)
	}
	return overview{Title: title, Hash: p.Hash(), Facts: s.facts(), Reasons: s.reasons(), Groups: s.groups()}
}

func (s *summary) groups() []groupOverview {
	var all []groupOverview
	n := 0
	for i, g := range s.p.Groups {
		o := groupOverview{Commits: g.commits(), Holds: printable(g.Steps[len(g.Steps)-1].IfStopped)}
		if s.changesTable(g) {
			o.Locks = printable(s.locks())
		}
		o.Same = i+1 < len(s.p.Groups) && printable(s.p.Groups[i+1].Steps[0].IfStopped) == o.Holds
		for _, st := range g.Steps {
			n++
			sql := withoutLists(printable(strings.Join(strings.Fields(st.SQL), " ")))
			if st.Check != nil {
				sql = printable(st.Check.says()) // its query is in parentheses
			}
			o.Steps = append(o.Steps, stepOverview{n, strings.ReplaceAll(string(st.Kind), "-", " "), sql, s.touches(st)})
		}
		all = append(all, o)
	}
	return all
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
