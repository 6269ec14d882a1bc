package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Membership says which set a plan is a part of.
type Membership struct {
	// Name is that of the set.
	Name string `json:"set"`
	// Tables are those of the set in the order in which they get their rows. It is also the
	// order of [Set.Plans].
	Tables []dialect.Ident `json:"tables"`
}

// index is the table's place in the set. It is -1 if the set has no such table, or there is no
// set.
func (m *Membership) index(d dialect.Dialect, t dialect.Ident) int {
	if m == nil {
		return -1
	}
	return slices.IndexFunc(m.Tables, func(own dialect.Ident) bool { return sameTable(d, own, t) })
}

// hasOther reports whether the set has the table beside own.
func (m *Membership) hasOther(d dialect.Dialect, t, own dialect.Ident) bool {
	return m.index(d, t) >= 0 && !sameTable(d, t, own)
}

// clearsFirst reports whether the table is empty by the time that own is cleared: the tables
// that have their rows last are cleared first.
func (m *Membership) clearsFirst(d dialect.Dialect, t, own dialect.Ident) bool {
	return m.after(d, t, own)
}

// after reports whether the table gets its rows after own.
func (m *Membership) after(d dialect.Dialect, t, own dialect.Ident) bool {
	return m.index(d, t) > m.index(d, own)
}

func sameTable(d dialect.Dialect, a, b dialect.Ident) bool {
	return d.SameName(a.Name, b.Name) && (a.Schema == b.Schema || a.Schema == "" || b.Schema == "")
}

// member is what the order of a set depends on.
type member struct {
	table    dialect.Table
	strategy dialect.Strategy
}

// tie says what has to be true of a reference for its row to come after the row that it refers
// to.
type tie func(member, dialect.ForeignKey) bool

// always, atOnce and unlessAttached are the ties in the order in which they are given up: any
// reference; one that the database checks at once; and one that a sync cannot leave NULL until
// all rows are there.
func ties() []tie {
	always := func(member, dialect.ForeignKey) bool { return true }
	atOnce := func(_ member, f dialect.ForeignKey) bool { return !f.Waits }
	unlessAttached := func(m member, f dialect.ForeignKey) bool { return atOnce(m, f) && !m.attachesLater(f) }
	return []tie{always, atOnce, unlessAttached}
}

// attachesLater reports whether a sync can leave the reference NULL at first.
func (m member) attachesLater(f dialect.ForeignKey) bool {
	return m.strategy == dialect.Sync && slices.ContainsFunc(m.table.Columns, func(c dialect.Column) bool {
		return c.Nullable && slices.Contains(f.Columns, c.Name) && !slices.Contains(m.table.PrimaryKey, c.Name)
	})
}

// inOrder returns the places of the members so that a table comes after those that it refers
// to. The error names a cycle of references that nothing resolves.
func inOrder(d dialect.Dialect, members []member) ([]int, error) {
	var order []int
	for len(order) < len(members) {
		next := -1
		for _, tied := range ties() {
			if next = nextFree(d, members, order, tied); next >= 0 {
				break
			}
		}
		if next < 0 {
			return nil, cycleError(d, members, order)
		}
		order = append(order, next)
	}
	return order, nil
}

// nextFree is the first member that is not yet in the order, and that is tied to none which is
// not. It is -1 if there is none. One for which none waits can always come later, so that it
// gives up no tie for a cycle of others.
func nextFree(d dialect.Dialect, members []member, order []int, tied tie) int {
	always := ties()[0]
	for i, m := range members {
		if slices.Contains(order, i) || len(waitsFor(d, members, order, m, tied)) > 0 {
			continue
		}
		if len(waitsFor(d, members, order, m, always)) == 0 || awaited(d, members, order, i) {
			return i
		}
	}
	return -1
}

// awaited reports whether a member that is not in the order waits for this one.
func awaited(d dialect.Dialect, members []member, order []int, one int) bool {
	always := ties()[0]
	return slices.ContainsFunc(members, func(m member) bool {
		return slices.Contains(waitsFor(d, members, order, m, always), one)
	})
}

// waitsFor are the members that must be in the order before m.
func waitsFor(d dialect.Dialect, members []member, order []int, m member, tied tie) (before []int) {
	for i, other := range members {
		refers := slices.ContainsFunc(m.table.ForeignKeys, func(f dialect.ForeignKey) bool {
			return sameTable(d, f.RefTable, other.table.Ident) && tied(m, f)
		})
		if refers && !slices.Contains(order, i) && !sameTable(d, m.table.Ident, other.table.Ident) {
			before = append(before, i)
		}
	}
	return before
}

// cycleError names the tables of a cycle: each member that is not in the order waits for another
// one.
func cycleError(d dialect.Dialect, members []member, order []int) error {
	all := ties()
	at := slices.IndexFunc(members, func(m member) bool {
		return len(waitsFor(d, members, order, m, all[len(all)-1])) > 0
	})
	var path []int
	for !slices.Contains(path, at) {
		path = append(path, at)
		at = waitsFor(d, members, order, members[at], all[len(all)-1])[0]
	}
	var names []string
	for _, i := range append(path[slices.Index(path, at):], at) {
		names = append(names, fmt.Sprintf("%q", members[i].table.Ident.Name))
	}
	err := fmt.Errorf("its tables refer to one another in a circle that the database checks at once: %s", strings.Join(names, " refers to "))
	if members[at].strategy == dialect.Sync {
		return fmt.Errorf("%w; let the columns of one of these references be NULL, so that it can be given last", err)
	}
	return remediedBy(RemedySync, "%w; the strategy sync can give one of these references last, if its columns may be NULL", err)
}
