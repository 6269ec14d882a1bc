package plan

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// remakes reports whether the swap is one transaction, which makes the table anew and keeps
// the old one.
func (b builder) remakes() bool { return b.keepsTable() && b.remaker != nil }

// remade are the statements for it.
func (b builder) remade() dialect.Remade {
	return b.remaker.Remake(*b.table, *b.in.Target.Making, b.preserved())
}

// refuseTied are the reasons why the table cannot be made anew.
func (b builder) refuseTied() []error {
	making := b.in.Target.Making
	switch {
	case making == nil:
		return []error{errors.New("the old table cannot be kept: what was read of the schema does not say how the table is made (inspect it again)")}
	case len(making.Tied) > 0:
		return []error{fmt.Errorf("the old table cannot be kept as the snapshot, since this is tied to it and would not follow to the new one: %s; by the strategy in-place its rows are copied to the backup", strings.Join(making.Tied, ", "))}
	}
	return nil
}

// remakeSteps make the new table with its keys, load it, make its other indexes, and rename
// both tables. If a column is dropped or added, all indexes are made before that, so that it
// has the same effect on them as in place.
func (b builder) remakeSteps() []Step {
	r := b.remade()
	anew := CreateShadow
	if r.Into == b.ident() {
		anew = RecreateTable
	}
	create := concat(
		b.made(SetAside, b.ident(), r.SetAside),
		b.made(anew, r.Into, r.Create),
		b.made(CopyAutoIncrement, r.Into, r.Carry),
		b.made(CreateIndex, r.Into, r.Keys),
	)
	indexes := b.made(CreateIndex, r.Into, r.Indexes)
	if len(b.columns.drop)+len(b.columns.add) > 0 {
		create, indexes = concat(create, indexes), nil
	}
	last := &create[len(create)-1]
	if len(indexes) > 0 {
		last = &indexes[len(indexes)-1]
	}
	last.After = b.wholeAssertions(r)
	load := concat(b.dropColumns(r.Into), b.addColumns(r.Into), b.load(r.Into), b.advanceSequences(r.Into), indexes, b.checks(r.Into))
	keep, take := []Step{b.keepTable(b.ident(), r.Keep)}, b.made(SwapTables, b.ident(), []dialect.Stmt{r.Take})
	if r.Into == b.ident() {
		return concat(keep, create, load, b.retention())
	}
	take[0].Details.From = r.Into.Name
	return concat(create, load, keep, take, b.retention())
}

// made are steps with the database's own text of a definition, which no line may break.
func (b builder) made(k StepKind, table dialect.Ident, stmts []dialect.Stmt) []Step {
	steps := make([]Step, len(stmts))
	for i, s := range stmts {
		steps[i] = b.step(k, table, s)
		steps[i].SQL = s.SQL
	}
	return steps
}

// wholeAssertions hold once the new table has all of its parts.
func (b builder) wholeAssertions(r dialect.Remade) []Assertion {
	return []Assertion{b.assertion("the new table has the whole definition of "+b.ident().Name+" (what it lacks would be lost; plan again, or use the strategy in-place)", r.IsWhole)}
}

func (b builder) asPlannedAssertion() Assertion {
	return b.assertion(b.ident().Name+" is made as it was when the plan was made, and nothing is tied to it (plan again)", b.remade().AsPlanned)
}

// untiedAssertions hold once nobody else can tie anything to the old table.
func (b builder) untiedAssertions() []Assertion {
	untied := b.remade().IsUntied
	if untied == "" {
		return nil
	}
	return []Assertion{b.assertion("nobody has tied anything to "+b.ident().Name+" or granted anything on it while the new table was loaded (plan again)", untied)}
}
