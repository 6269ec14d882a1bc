package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Examples are rows for the message of a failed assertion.
type Examples struct {
	// SQL selects them.
	SQL string `json:"sql_text"`
	// Says is what they are.
	Says string `json:"says"`
}

// fewKeys is the number of keys that a message names.
const fewKeys = 10

// assertSync adds the assertions of a sync to a step.
func (b builder) assertSync(s *Step, steps, preserve []Step) {
	if !b.syncs() {
		return
	}
	switch s.Kind {
	case CompareRows:
		s.Before = slices.Concat(b.keyAssertions(), b.sizeAssertions(dialect.CountRows(b.d, b.ident())))
		s.After = slices.Concat(b.changeAssertions(), b.referenceAssertions(), b.stuckAssertions())
	case DeleteRows:
		s.Before = b.stillReferredAssertions()
		s.After = []Assertion{b.didListed(s, "deleted", listDelete, listReplace)}
		if kept := b.keptAssertionOf(s, steps, preserve); kept.SQL != "" {
			s.After = append(s.After, kept)
		}
	case UpdateRows:
		if len(b.detached()) == 0 { // otherwise some rows change only in references, which come later
			s.After = []Assertion{b.didListed(s, "updated", listUpdate, listPark)}
		}
	case InsertRows:
		s.After = []Assertion{b.didListed(s, "inserted", listInsert, listReplace)}
	case DeleteSnapshot, DropPreserved:
		if !b.always() { // apply leaves the step out if nothing differs
			s.Before = append(s.Before, b.assertion("rows differ, so that a version is made, and an older snapshot goes",
				ledger.StepRows(b.d, seqOf(steps, CompareRows))+" > 0"))
		}
	default: // other kinds have no assertions of their own
	}
	if s.Kind == b.lastChange() {
		s.After = append(s.After, b.syncedAssertions()...)
	}
}

// keyAssertions are about the key in both tables, if no index says it.
func (b builder) keyAssertions() []Assertion {
	key, in := b.sync.key.Columns, strings.Join(b.sync.key.Columns, ", ")
	null := func(alias string, columns []string) string {
		conds := make([]string, len(columns))
		for i, c := range columns {
			conds[i] = b.of(alias, c) + " IS NULL"
		}
		return strings.Join(conds, " OR ")
	}
	assertions := []Assertion{b.assertion(fmt.Sprintf("no row of %s lacks a value in the key (%s)", b.in.Source.Name, in),
		"NOT EXISTS (SELECT 1 FROM "+b.staged()+" WHERE "+null(dialect.StagedAlias, key)+")")}
	nullable := slices.DeleteFunc(slices.Clone(key), func(name string) bool {
		c, _ := b.table.Column(name, b.d.SameName)
		return !c.Nullable
	})
	if len(nullable) > 0 {
		assertions = append(assertions, b.assertion(fmt.Sprintf("no row of %s lacks a value in the key (%s)", b.ident().Name, in),
			"NOT EXISTS (SELECT 1 FROM "+b.standing()+" WHERE "+null(dialect.StandingAlias, nullable)+")"))
	}
	return append(assertions, b.uniqueAssertions()...)
}

// uniqueAssertions assert that no two rows of the table have the same key, if no index
// keeps it unique.
func (b builder) uniqueAssertions() []Assertion {
	if b.uniqueInTable() {
		return nil
	}
	keys := b.keyOf(dialect.StandingAlias)
	twice := b.standing() + " GROUP BY " + keys + " HAVING count(*) > 1"
	p := b.assertion(fmt.Sprintf("no two rows of %s have the same key (%s)", b.ident().Name, strings.Join(b.sync.key.Columns, ", ")), "NOT EXISTS (SELECT 1 FROM "+twice+")")
	p.Examples = b.examples("keys that are there twice", keys, twice)
	return []Assertion{p}
}

func (b builder) examples(says, columns, from string) *Examples {
	return &Examples{Says: says, SQL: "SELECT " + columns + " FROM " + from + " LIMIT " + strconv.Itoa(fewKeys)}
}

// changeAssertions are about the share of the rows that change.
func (b builder) changeAssertions() []Assertion {
	most := b.opts.MaxChange
	if most == nil || b.allows(MostChanged) {
		return nil
	}
	changed := b.countListed(listDelete, listUpdate, listPark, listReplace, listStuck)
	p := b.assertion(fmt.Sprintf("at most %d%% of the rows of %s are deleted or updated", *most, b.ident().Name),
		changed+" * 100 <= "+dialect.CountRows(b.d, b.ident())+" * "+strconv.Itoa(*most))
	p.Hazard = MostChanged
	p.Examples = &Examples{Says: "the number of those rows, and of all", SQL: "SELECT " + changed + ", " + dialect.CountRows(b.d, b.ident())}
	return []Assertion{p}
}

// didListed asserts that a step has changed the listed rows, and no others. Where a row's
// deletion deletes others of the table, the database counts only some of them; what stays
// is counted then.
func (b builder) didListed(s *Step, done string, what ...string) Assertion {
	return b.assertion(fmt.Sprintf("the rows of %s that were to be %s are, and no others", b.ident().Name, done),
		ledger.StepRows(b.d, s.Seq)+" = "+b.countListed(what...))
}

// keptAssertionOf asserts that the deleted rows, and those that stay, are those that were
// copied to the backup.
func (b builder) keptAssertionOf(s *Step, steps, preserve []Step) Assertion {
	if b.opts.OnBackupFailure == Continue {
		return Assertion{}
	}
	copied := b.copiedOr(steps, preserve, "0")
	if b.deletesLast() {
		copied += " + " + ledger.StepRows(b.d, seqOf(steps, InsertRows))
	}
	cond := dialect.CountRows(b.d, b.ident()) + " + " + ledger.StepRows(b.d, s.Seq) + " = " + copied
	if !b.always() {
		cond = "(" + ledger.StepRows(b.d, seqOf(steps, CompareRows)) + " = 0 OR " + cond + ")"
	}
	p := b.assertion("the deleted rows of "+b.ident().Name+", and those that stay, are those that were copied", cond)
	if b.cascadesToItself() {
		p.Hint = "the table deletes rows that refer to deleted ones: look whether the file refers to a row that it lacks"
	}
	return p
}

// syncedAssertions assert that the table is equal to the source.
func (b builder) syncedAssertions() []Assertion {
	assertions := append([]Assertion{b.loadAssertion(b.ident())}, b.uniqueAssertions()...)
	if !b.allows(TriggersRewrite) {
		join, differs := b.proofJoin(), b.noRow(dialect.StagedAlias)+" OR "+b.differ()
		p := b.assertion("no row of "+b.ident().Name+" differs from "+b.in.Source.Name+" in the columns that it has",
			"NOT EXISTS (SELECT 1 FROM "+join+differs+")")
		if len(b.triggers()) > 0 {
			p.Hazard, p.Counts = TriggersRewrite, &Counts{Columns: dialect.ColumnNames(b.columns.load)}
			for _, c := range b.columns.load {
				p.Counts.SQL = append(p.Counts.SQL, "SELECT count(*) FROM "+join+b.pair().Only(c.Name).Differ(b.d, b.sync.syncer))
			}
		} else {
			p.Examples = b.examples("keys of rows that differ", b.keyOf(dialect.StandingAlias), join+differs)
		}
		assertions = append(assertions, p)
	}
	return slices.Concat(assertions, b.selfAssertions(), b.settledAssertion())
}

// proofJoin joins each row of the table with that of the source. Since no two rows have the
// same key, and the table has as many rows as the source, none of the source is missing. The
// other way round, each row of the source would be looked for in a table that may have no
// index on the key.
func (b builder) proofJoin() string {
	return b.standing() + " LEFT JOIN " + b.staged() + " ON " + b.sameKeys(dialect.StandingAlias, dialect.StagedAlias) + " WHERE "
}
