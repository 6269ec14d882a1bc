package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

const referring = "referring"

// refColumns are the columns that a reference refers to.
func (b builder) refColumns(f dialect.ForeignKey) []string {
	if len(f.RefColumns) == 0 {
		return b.table.PrimaryKey
	}
	return f.RefColumns
}

// referred is the FROM of a query for the rows of the list that rows of another table refer
// to.
func (b builder) referred(f dialect.ForeignKey) string {
	same := make([]string, len(f.Columns))
	for i, c := range b.refColumns(f) {
		same[i] = b.of(dialect.StandingAlias, c) + " = " + b.of(referring, f.Columns[i])
	}
	return dialect.Aliased(b.d, b.sync.list.Ident, dialect.ListedAlias) +
		" JOIN " + b.standing() + " ON " + b.sameKeys(dialect.StandingAlias, dialect.ListedAlias) +
		" JOIN " + dialect.Aliased(b.d, f.Table, referring) + " ON " + strings.Join(same, " AND ")
}

// referenceAssertions are about rows of other tables that refer to rows that are deleted,
// or to values that change.
func (b builder) referenceAssertions() []Assertion {
	var assertions []Assertion
	for _, f := range b.tableNow().ReferencedBy {
		if len(b.refColumns(f)) != len(f.Columns) {
			continue // the database has no such reference
		}
		if !b.in.Set.hasOther(b.d, f.Table, b.ident()) { // such rows change first
			assertions = append(assertions, b.deletedAssertion(f)...)
		}
		assertions = append(assertions, b.movedAssertion(f)...)
	}
	return assertions
}

// deletedAssertion asserts that no row refers to one that is deleted. If ON DELETE would
// change the other table, that is a hazard; otherwise the database refuses the deletion,
// and the assertion tells which rows are in the way.
func (b builder) deletedAssertion(f dialect.ForeignKey) []Assertion {
	if f.ChangesRows() && b.allows(FKCascade) {
		return nil
	}
	what := []string{listDelete, listReplace}
	from := b.referred(f) + " WHERE " + b.whatIs(dialect.ListedAlias, what...)
	if f.Waits && !f.ChangesRows() { // another row may have the value at the commit
		from += b.butStaged(f)
	}
	p := b.assertion(fmt.Sprintf("no row of %s (%s, ON DELETE %s) refers to a row of %s that is deleted, since %s lacks it",
		f.Table.Name, strings.Join(f.Columns, ", "), f.OnDelete, b.ident().Name, b.in.Source.Name), "NOT EXISTS (SELECT 1 FROM "+from+")")
	p.Examples = b.referredExamples(f, from)
	if f.ChangesRows() {
		p.Hazard = FKCascade
	}
	return []Assertion{p}
}

// stillReferredAssertions assert that no row of the set's other tables refers any more to a
// row that is deleted. ON DELETE would change such a row, or the database refuses without
// naming it.
func (b builder) stillReferredAssertions() []Assertion {
	var assertions []Assertion
	for _, f := range b.tableNow().ReferencedBy {
		if !b.deletesLast() || !b.in.Set.hasOther(b.d, f.Table, b.ident()) || len(b.refColumns(f)) != len(f.Columns) {
			continue
		}
		from := b.referred(f) + " WHERE " + b.whatIs(dialect.ListedAlias, listDelete, listReplace)
		p := b.assertion(fmt.Sprintf("no new row of %s (%s) refers to a row of %s that is deleted, since %s lacks it",
			f.Table.Name, strings.Join(f.Columns, ", "), b.ident().Name, b.in.Source.Name), "NOT EXISTS (SELECT 1 FROM "+from+")")
		p.Examples = b.referredExamples(f, from)
		assertions = append(assertions, p)
	}
	return assertions
}

// butStaged leaves out values that a new row has.
func (b builder) butStaged(f dialect.ForeignKey) string {
	refs := b.refColumns(f)
	if len(notLoaded(b.d, refs, b.columns.load)) > 0 {
		return ""
	}
	same := make([]string, len(refs))
	for i, c := range refs {
		same[i] = b.of(dialect.StandingAlias, c) + " = " + b.of(dialect.StagedAlias, c)
	}
	return " AND NOT EXISTS (SELECT 1 FROM " + b.staged() + " WHERE " + strings.Join(same, " AND ") + ")"
}

// movedAssertion asserts that no row refers to a value that is updated: ON UPDATE would
// change the other table, or refuse.
func (b builder) movedAssertion(f dialect.ForeignKey) []Assertion {
	given := slices.DeleteFunc(slices.Clone(b.refColumns(f)), func(name string) bool {
		return len(notLoaded(b.d, []string{name}, b.columns.load)) > 0
	})
	if len(given) == 0 || b.allows(FKCascade) {
		return nil
	}
	from := b.referred(f) + " JOIN " + b.staged() + " ON " + b.sameKeys(dialect.StandingAlias, dialect.StagedAlias) +
		" WHERE " + b.whatIs(dialect.ListedAlias, listUpdate, listPark) + " AND " + b.pair().Only(given...).Differ(b.d, b.sync.syncer)
	p := b.assertion(fmt.Sprintf("no row of %s (%s) refers to a value of %s that is updated", f.Table.Name, strings.Join(f.Columns, ", "), b.ident().Name),
		"NOT EXISTS (SELECT 1 FROM "+from+")")
	p.Hazard, p.Examples = FKCascade, b.referredExamples(f, from)
	return []Assertion{p}
}

func (b builder) referredExamples(f dialect.ForeignKey, from string) *Examples {
	values := make([]string, len(b.refColumns(f)))
	for i, c := range b.refColumns(f) {
		values[i] = b.of(dialect.StandingAlias, c)
	}
	return b.examples(fmt.Sprintf("rows of %q refer to", f.Table.Name), "DISTINCT "+strings.Join(values, ", "), from)
}

// selfAssertions assert that the table's references to itself hold.
func (b builder) selfAssertions() []Assertion {
	const parent = "parent"
	var assertions []Assertion
	for _, f := range b.selfReferences() {
		if len(b.refColumns(f)) != len(f.Columns) {
			continue
		}
		var found, given, values []string
		for i, c := range b.refColumns(f) {
			child := b.of(dialect.StandingAlias, f.Columns[i])
			found, given, values = append(found, b.of(parent, c)+" = "+child), append(given, child+" IS NOT NULL"), append(values, child)
		}
		from := b.standing() + " WHERE " + strings.Join(given, " AND ") + " AND NOT EXISTS (SELECT 1 FROM " + dialect.Aliased(b.d, b.ident(), parent) + " WHERE " + strings.Join(found, " AND ") + ")"
		p := b.assertion(fmt.Sprintf("each row of %s refers to a row that is there (%s)", b.ident().Name, strings.Join(f.Columns, ", ")), "NOT EXISTS (SELECT 1 FROM "+from+")")
		p.Examples = b.examples("what is referred to, and is not there", "DISTINCT "+strings.Join(values, ", "), from)
		assertions = append(assertions, p)
	}
	return assertions
}

// stuckAssertions assert that no unique value moves between rows that can neither be
// parked nor replaced.
func (b builder) stuckAssertions() []Assertion {
	var columns []string
	for _, m := range b.moves() {
		if m.what == listStuck {
			columns = append(columns, strings.Join(m.unique, ", "))
		}
	}
	if len(columns) == 0 {
		return nil
	}
	from := dialect.Aliased(b.d, b.sync.list.Ident, dialect.ListedAlias) + " WHERE " + b.whatIs(dialect.ListedAlias, listStuck)
	p := b.assertion(fmt.Sprintf("no value of %s moves from one row of %s to another", strings.Join(columns, "; "), b.ident().Name), "NOT EXISTS (SELECT 1 FROM "+from+")")
	p.Examples = b.examples("keys of the rows that get it", b.keyOf(dialect.ListedAlias), from)
	p.Hint = "the column may not be NULL, and the rows cannot be replaced, since the file lacks columns or other tables refer to them; give the values in two uploads"
	return []Assertion{p}
}
