package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
)

// CheckStep is what a step of the kind [CheckRows] has beside its query, which is the step's
// SQL and returns the first of the rows that do not meet the condition.
type CheckStep struct {
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	// Count is an SQL expression for the number of those rows.
	Count string `json:"count_sql"`
	// NeedsBackup states that the query reads the former rows from the backup. If the backup
	// fails, the query is Preserved, which reads them from the table that is made in its
	// place. It is nil if there is none.
	NeedsBackup bool       `json:"needs_backup,omitempty"`
	Preserved   *FoundRows `json:"preserved,omitempty"`
	// Assertion fails if there is such a row, for scripts; a run looks at the rows. It is
	// nil if the check warns.
	Assertion *Assertion `json:"assertion,omitempty"`
}

// FoundRows is a query for the first of the rows that a check finds, and an SQL expression
// for their number.
type FoundRows struct {
	SQL   string `json:"sql_text"`
	Count string `json:"count_sql"`
}

// shownRows is how many rows a check shows.
const shownRows = 10

// checks query the new rows in the table that has them until the commit or the swap.
func (b builder) checks(in dialect.Ident) []Step {
	var steps []Step
	for _, c := range b.opts.checksOf(b.op) {
		if query := b.checkQuery(c); query != "" {
			steps = append(steps, b.checkStep(c, query, in))
		}
	}
	return steps
}

func (b builder) checkStep(c Check, query string, in dialect.Ident) Step {
	needsBackup := strings.Contains(query, placeOld) && b.table != nil && !b.swaps()
	rows := b.found(c, query, in, b.formerRows(in))
	s := b.step(CheckRows, in, dialect.Stmt{})
	s.SQL = rows.First(shownRows)
	s.Check = &CheckStep{Name: c.Title(), Severity: c.severity(), Count: rows.Count(), NeedsBackup: needsBackup}
	s.Details.Check = c.Title()
	if needsBackup && b.opts.OnBackupFailure == Preserve {
		kept := b.found(c, query, in, b.copiedRows(b.preserved(), ""))
		s.Check.Preserved = &FoundRows{SQL: kept.First(shownRows), Count: kept.Count()}
	}
	if !c.warns() {
		says := fmt.Sprintf("the check %q finds no row", c.Title())
		s.Check.Assertion = &Assertion{Message: says, SQL: b.d.Assertion(says, rows.None()).SQL}
	}
	return s
}

// found are the rows that a check finds. A query of the user's own keeps its lines.
func (b builder) found(c Check, query string, in dialect.Ident, former string) dialect.FoundRows {
	query = b.placed(query, in, former)
	if c.Kind != CheckQuery {
		query = dialect.Wrap(query)
	}
	return dialect.Found(b.d, query)
}

// placed is a query or a statement with the tables in it.
func (b builder) placed(sql string, table dialect.Ident, former string) string {
	return strings.NewReplacer(placeTable, b.d.QuoteTable(table), placeOld, former).Replace(sql)
}

// formerRows is what a query reads the former rows from. A swap has not touched them yet.
// Otherwise they are in the backup. A sync that finds no difference copies nothing: the
// table's rows are the former ones then. A table that is created had none.
func (b builder) formerRows(in dialect.Ident) string {
	switch {
	case b.table == nil:
		return "(SELECT * FROM " + b.d.QuoteTable(in) + " WHERE 1 = 0)"
	case b.remakes() && in == b.ident():
		return b.d.QuoteTable(b.preserved())
	case b.swaps():
		return b.d.QuoteTable(b.ident())
	}
	return b.copiedRows(b.backup.want.Ident, b.ofThisVersion())
}

// copiedRows are the rows that the run has copied to a table, with the columns of the
// original.
func (b builder) copiedRows(to dialect.Ident, where string) string {
	names := make([]string, len(b.table.Columns))
	for i, c := range b.table.Columns {
		names[i] = b.d.Quote(c.Name)
	}
	columns := "SELECT " + strings.Join(names, ", ") + " FROM "
	former := columns + b.d.QuoteTable(to) + dialect.Where(where)
	if b.syncs() && !b.always() {
		former += " UNION ALL " + columns + b.d.QuoteTable(b.ident()) + " WHERE " + dialect.IsEmpty(b.d, b.sync.list.Ident)
	}
	return "(" + former + ")"
}

// checkQuery is the query of a check, or empty if the source alone has decided about it.
func (b builder) checkQuery(c Check) string {
	switch c.Kind {
	case CheckQuery:
		query, _ := oneQuery(c.Query) // it was validated
		return query
	case CheckReferences:
		return b.referencesQuery(c)
	case CheckMaxChange:
		if b.table == nil || b.syncs() && !c.warns() {
			return "" // a sync asserts it before it writes
		}
		return b.maxChangeQuery(c)
	case CheckNotNull, CheckUnique, CheckValues:
		if readWith(b.d, b.columns, c) && len(b.tableNow().Triggers) == 0 { // a trigger may give a row other values
			return ""
		}
		return b.columnsQuery(c)
	default:
		return ""
	}
}

// Probe is the query of a check that asks for no row, so that the database looks whether it
// could run it.
type Probe struct{ Name, SQL string }

// Probes are those of the checks that query the table as it is now. They are none if the
// table does not exist, or if the upload gives it other columns.
func Probes(d dialect.Dialect, in Input) []Probe {
	matched, mismatch := matchColumns(d, in)
	if mismatch != nil || in.Target.Table == nil || len(matched.add)+len(refuseChecks(d, in, matched)) > 0 {
		return nil // Build says what is wrong
	}
	b := builder{d: d, op: OpUpload, in: in, opts: in.Options.withDefaults(d), table: in.Target.Table, columns: matched}
	var probes []Probe
	for _, c := range b.opts.Checks {
		if query := b.checkQuery(c); query != "" {
			now := b.placed(query, b.ident(), "(SELECT * FROM "+d.QuoteTable(b.ident())+")")
			probes = append(probes, Probe{c.Title(), dialect.Found(d, now).First(0)})
		}
	}
	return probes
}

// columnsQuery finds rows by the values of their columns.
func (b builder) columnsQuery(c Check) string {
	names, isNull, isNot := make([]string, len(c.Columns)), make([]string, len(c.Columns)), make([]string, len(c.Columns))
	for i, name := range c.Columns {
		names[i] = b.d.Quote(b.spelled(name))
		isNull[i], isNot[i] = names[i]+" IS NULL", names[i]+" IS NOT NULL"
	}
	from := " FROM " + placeTable + " WHERE "
	switch c.Kind {
	case CheckNotNull:
		return "SELECT *" + from + strings.Join(isNull, " OR ")
	case CheckUnique:
		list := strings.Join(names, ", ")
		rows := dialect.FreeName(b.d.SameName, "", "rows_found", b.tableNow())
		return "SELECT " + list + ", count(*) AS " + b.d.Quote(rows) + from + strings.Join(isNot, " AND ") + " GROUP BY " + list + " HAVING count(*) > 1"
	default:
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = b.literal(v)
		}
		return "SELECT *" + from + isNot[0] + " AND " + names[0] + " NOT IN (" + strings.Join(values, ", ") + ")"
	}
}

// spelled is a column's name in the table.
func (b builder) spelled(name string) string {
	c, _, _ := newColumnNamed(b.d, b.in, b.columns, name)
	return c.Name
}

// referencesQuery finds values that the other column lacks. A table that refers to itself is
// compared with its new rows.
func (b builder) referencesQuery(c Check) string {
	other := b.d.QuoteTable(b.ident().InSchemaOf(c.Other.Table))
	if b.d.SameName(c.Other.Table, b.ident().Name) {
		other = placeTable
	}
	value, known := b.of("refers", b.spelled(c.Columns[0])), b.of("referred", c.Other.Column)
	return "SELECT * FROM " + placeTable + " AS " + b.d.Quote("refers") + " WHERE " + value + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " +
		other + " AS " + b.d.Quote("referred") + " WHERE " + known + " = " + value + ")"
}

// refuseMaxChange returns an error if nothing tells which of the former rows have changed.
func refuseMaxChange(d dialect.Dialect, in Input, matched columns) error {
	if _, ok := dialect.As[dialect.Syncer](d); !ok {
		return fmt.Errorf("%s cannot compare the rows of two tables", d.Facts().Name)
	}
	_, err := syncKey(d, in, matched.load)
	return err
}

// maxChangeQuery returns a row if too many of the former rows are gone or changed: their
// number, and that of all. It compares the columns that the source has.
func (b builder) maxChangeQuery(c Check) string {
	syncer, _ := dialect.As[dialect.Syncer](b.d)
	names, _ := syncKey(b.d, b.in, b.columns.load)
	key := dialect.SyncKey{Table: *b.table, Columns: names}
	same := slices.DeleteFunc(slices.Clone(b.columns.load), func(c dialect.Column) bool {
		_, had := b.table.Column(c.Name, b.d.SameName)
		return !had
	})
	pair := compare.Pair{
		A: compare.Contents{Table: *b.table, Columns: same}, AliasA: dialect.StandingAlias,
		B: compare.Contents{Table: *b.table, Columns: same}, AliasB: dialect.StagedAlias,
	}
	former := placeOld + " AS " + b.d.Quote(dialect.StandingAlias)
	changed, all := b.d.Quote("rows_changed"), b.d.Quote("rows_before")
	return "SELECT " + changed + ", " + all + " FROM (SELECT (SELECT count(*) FROM " + former + " LEFT JOIN " + placeTable + " AS " + b.d.Quote(dialect.StagedAlias) +
		" ON " + dialect.SameKeys(b.d, syncer, key, dialect.StandingAlias, dialect.StagedAlias) + " WHERE " + b.of(dialect.StagedAlias, names[0]) + " IS NULL OR " + pair.Differ(b.d, syncer) +
		") AS " + changed + ", (SELECT count(*) FROM " + former + ") AS " + all + ") AS " + b.d.Quote("shares") +
		" WHERE " + changed + " * 100 > " + all + " * " + strconv.Itoa(c.Percent)
}

// checksOf are the checks of an operation: an upload has some.
func (o Options) checksOf(op Operation) []Check {
	if op != OpUpload {
		return nil
	}
	return o.Checks
}

// checkNames are the names of the checks that the source alone has decided, and of those that
// are steps. A check of a sync that is a guard of its own is neither.
func (p Plan) checkNames() (ofSource, ofRows []string) {
	for _, s := range p.Steps() {
		if s.Check != nil {
			ofRows = append(ofRows, s.Check.says())
		}
	}
	for _, c := range p.Upload.Checks {
		if c.Kind != CheckMaxChange && !slices.Contains(ofRows, c.Title()) && !c.warns() {
			ofSource = append(ofSource, c.Title())
		}
	}
	return ofSource, ofRows
}

// says is the name of the check, and that it only warns if it does.
func (c CheckStep) says() string {
	if c.Severity == Warn {
		return c.Name + " (warns)"
	}
	return c.Name
}

// leastChange is the limit of a sync: the least of those that the user gives.
func leastChange(o Options) *int {
	least := o.MaxChange
	for _, c := range o.Checks {
		if c.Kind == CheckMaxChange && !c.warns() && (least == nil || c.Percent < *least) {
			percent := c.Percent
			least = &percent
		}
	}
	return least
}
