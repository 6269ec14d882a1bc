package plan

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/nearest"
)

// Check is a condition that the new rows of a table must meet. Make one with [QueryCheck],
// [NotNull], [Unique], [OneOf], [Matches], [MinRows], [MaxChange] or [References].
//
// A check that the source alone can decide is made while the source is read, and finds bad
// rows like values that the table cannot take. All others are steps of the plan, which query
// the new rows before they are committed.
type Check struct {
	Kind CheckKind `json:"kind"`
	// Name is what messages call the check. If it is empty, they describe it.
	Name string `json:"name,omitempty"`
	// Query is a SELECT that returns the rows which do not meet the condition. {table}
	// stands for the table with the new rows, and {old} for its former rows.
	Query string `json:"query,omitempty"`
	// Severity is [Refuse] if it is empty. Only checks that are steps may have [Warn].
	Severity Severity `json:"severity,omitempty"`
	// Columns are those that the check is about, in the table's or in the source's spelling.
	Columns []string `json:"columns,omitempty"`
	// Values are those that the column may have, and Pattern is a regular expression
	// (RE2) that each whole value must match.
	Values  []string `json:"values,omitempty"`
	Pattern string   `json:"pattern,omitempty"`
	// Rows is the least number of rows, and Percent the most of the rows that may change.
	Rows    int64 `json:"min_rows,omitempty"`
	Percent int   `json:"max_change_percent,omitempty"`
	// Other is the column that the column refers to.
	Other ReferredColumn `json:"other,omitzero"`
}

// CheckKind says what a check is about.
type CheckKind string

// The kinds of check.
const (
	CheckQuery      CheckKind = "query"
	CheckNotNull    CheckKind = "not_null"
	CheckUnique     CheckKind = "unique"
	CheckValues     CheckKind = "values"
	CheckMatches    CheckKind = "matches"
	CheckMinRows    CheckKind = "min_rows"
	CheckMaxChange  CheckKind = "max_change"
	CheckReferences CheckKind = "references"
)

// Severity says what a check does that finds rows.
type Severity string

const (
	// Refuse ends the run and rolls it back.
	Refuse Severity = "refuse"
	// Warn warns, and the run goes on.
	Warn Severity = "warn"
)

// ReferredColumn is a column of another table in the same schema.
type ReferredColumn struct {
	Table  string `json:"table_name"`
	Column string `json:"column"`
}

// QueryCheck is a query that must return no row. Name is what messages call it.
func QueryCheck(name, query string, s Severity) Check {
	return Check{Kind: CheckQuery, Name: name, Query: query, Severity: s}
}

// NotNull wants a value in each of the columns.
func NotNull(columns ...string) Check { return Check{Kind: CheckNotNull, Columns: columns} }

// Unique wants no two rows with the same values in the columns. Rows with a NULL in one of
// them are left alone, as by a unique key.
func Unique(columns ...string) Check { return Check{Kind: CheckUnique, Columns: columns} }

// OneOf wants one of the values in the column, or NULL.
func OneOf(column string, values ...string) Check {
	return Check{Kind: CheckValues, Columns: []string{column}, Values: values}
}

// Matches wants values in the column that match a regular expression (RE2) as a whole, or
// NULL.
func Matches(column, pattern string) Check {
	return Check{Kind: CheckMatches, Columns: []string{column}, Pattern: pattern}
}

// MinRows wants as many rows or more.
func MinRows(rows int64) Check { return Check{Kind: CheckMinRows, Rows: rows} }

// MaxChange lets a share of the former rows be deleted or changed, in percent. Rows are
// known by the key of a sync.
func MaxChange(percent int) Check { return Check{Kind: CheckMaxChange, Percent: percent} }

// References wants each value of the column in a column of another table of the schema, or
// NULL.
func References(column, otherTable, otherColumn string) Check {
	return Check{Kind: CheckReferences, Columns: []string{column}, Other: ReferredColumn{otherTable, otherColumn}}
}

// Title is what messages call the check.
func (c Check) Title() string {
	if c.Name != "" {
		return c.Name
	}
	says := string(c.Kind)
	switch c.Kind {
	case CheckMinRows:
		says += fmt.Sprintf(" %d", c.Rows)
	case CheckMaxChange:
		says += fmt.Sprintf(" %d%%", c.Percent)
	case CheckReferences:
		says += " " + c.Other.Table + "." + c.Other.Column
	default:
	}
	if len(c.Columns) > 0 {
		says += " (" + strings.Join(c.Columns, ", ") + ")"
	}
	return says
}

// warns reports whether the run goes on if the check finds rows.
func (c Check) warns() bool { return c.Severity == Warn }

// Validate returns an error if the check can be made on no table.
func (c Check) Validate() error {
	if !slices.Contains([]Severity{"", Refuse, Warn}, c.Severity) {
		return fmt.Errorf("severity is %q; it may be refuse or warn", c.Severity)
	}
	if c.warns() && !slices.Contains([]CheckKind{CheckQuery, CheckReferences, CheckMaxChange}, c.Kind) {
		return fmt.Errorf("severity warn is for a query, references and max_change: what the file alone decides about %s is a fault of the file", c.Kind)
	}
	if slices.Contains(c.Columns, "") {
		return fmt.Errorf("%s has a column without a name", c.Kind)
	}
	return c.validateKind()
}

// validateKind is about what the kind needs.
func (c Check) validateKind() error {
	switch c.Kind {
	case CheckQuery:
		return c.validateQuery()
	case CheckNotNull, CheckUnique:
		if len(c.Columns) == 0 {
			return fmt.Errorf("%s names no column", c.Kind)
		}
		return nil
	case CheckValues:
		if len(c.Values) == 0 {
			return errors.New("values has no value")
		}
		return c.needsOne()
	case CheckMatches:
		if _, err := c.pattern(); err != nil {
			return fmt.Errorf("matches is no regular expression (RE2): %w", err)
		}
		return c.needsOne()
	case CheckReferences:
		if c.Other.Table == "" || c.Other.Column == "" {
			return errors.New("references names no column of another table; write it as table.column")
		}
		return c.needsOne()
	case CheckMinRows:
		if c.Rows < 1 {
			return fmt.Errorf("min_rows is %d, and must be 1 or more", c.Rows)
		}
		return nil
	case CheckMaxChange:
		if c.Percent < 0 || c.Percent > 100 {
			return fmt.Errorf("max_change is %d%%, and must be from 0%% to 100%%", c.Percent)
		}
		return nil
	default:
		return fmt.Errorf("there is no check of the kind %q", c.Kind)
	}
}

func (c Check) needsOne() error {
	if len(c.Columns) != 1 {
		return fmt.Errorf("%s is about one column; name it as column", c.Kind)
	}
	return nil
}

func (c Check) validateQuery() error {
	if strings.TrimSpace(c.Name) == "" {
		return errors.New("the query has no name, by which messages call it")
	}
	if !strings.Contains(c.Query, placeTable) && !strings.Contains(c.Query, placeOld) {
		return fmt.Errorf("the query %q does not have %s in it, which stands for the table: until a swap, the new rows are in a table of another name", c.Name, placeTable)
	}
	if _, err := oneQuery(c.Query); err != nil {
		return fmt.Errorf("the query %q %w", c.Name, err)
	}
	return nil
}

// pattern matches a whole value.
func (c Check) pattern() (*regexp.Regexp, error) {
	if _, err := regexp.Compile(c.Pattern); err != nil { // or the error would show more than the user wrote
		return nil, err
	}
	return regexp.Compile(`\A(?:` + c.Pattern + `)\z`)
}

// refuseChecks are the reasons why the checks cannot be made on the table with this source.
func refuseChecks(d dialect.Dialect, in Input, matched columns) []error {
	var why []error
	for _, c := range in.Options.Checks {
		if err := refuseCheck(d, in, matched, c); err != nil {
			why = append(why, fmt.Errorf("the check %q: %w", c.Title(), err))
		}
	}
	return why
}

func refuseCheck(d dialect.Dialect, in Input, matched columns, c Check) error {
	if err := c.Validate(); err != nil {
		return err
	}
	for _, name := range c.Columns {
		if _, _, found := newColumnNamed(d, in, matched, name); !found {
			return fmt.Errorf("neither the file nor the table has a column %q%s", name, maybe(nearestColumn(in, matched, name)))
		}
	}
	switch {
	case c.Kind == CheckMinRows && in.Source.Rows < c.Rows:
		return fmt.Errorf("%s has %s, and needs %d or more", in.Source.Name, dialect.Rows(in.Source.Rows), c.Rows)
	case c.Kind == CheckMatches && !readWith(d, matched, c):
		return fmt.Errorf("%s has no column %q, and a database does not know regular expressions of this kind; check it with a query", in.Source.Name, c.Columns[0])
	case c.Kind == CheckMaxChange && in.Target.Table != nil && in.Options.Strategy != dialect.Sync:
		return refuseMaxChange(d, in, matched)
	default:
		return nil
	}
}

// newColumnNamed finds a column of the table as it will be. It is loaded if the source has it.
func newColumnNamed(d dialect.Dialect, in Input, matched columns, name string) (c dialect.Column, loaded, found bool) {
	if c, ok := (dialect.Table{Columns: matched.load}).Column(name, d.SameName); ok {
		return c, true, true
	}
	c, found = in.column(d, name)
	return c, false, found && !slices.Contains(matched.drop, c.Name)
}

// readWith reports whether the source has all columns of a check.
func readWith(d dialect.Dialect, matched columns, c Check) bool {
	return len(notLoaded(d, c.Columns, matched.load)) == 0
}

// maybe is a question with the name that was meant, or empty.
func maybe(meant string) string {
	if meant == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", meant)
}

func nearestColumn(in Input, matched columns, name string) string {
	names := dialect.ColumnNames(matched.load)
	names = append(names, dialect.ColumnNames(in.tableNow().Columns)...)
	slices.Sort(names)
	return nearest.To(name, slices.Compact(names))
}

// severity is that of the check, also if it names none.
func (c Check) severity() Severity { return cmp.Or(c.Severity, Refuse) }
