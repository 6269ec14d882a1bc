package rowsource

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Faults are what is wrong with the rows of a source.
type Faults struct {
	// Source and Format are those of the source.
	Source string
	Format Format
	// Rows is the number of rows that the source has, Bad are those with a fault, and Total
	// is the number of faults.
	Rows  int64
	Bad   int64
	Total int64
	// First are the first faults, in the order of the rows.
	First []*CellError
	// Counts are the numbers of all faults by column and reason, the largest first.
	Counts []FaultCount
	// Ended is the error that ended the reading before the end, or nil.
	Ended error

	left  RowSet // the bad rows
	lines []int  // of the first of them
}

// FaultCount is how often there is one kind of fault.
type FaultCount struct {
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// LeaveOut are the bad rows, for [Options].LeaveOut.
func (f Faults) LeaveOut() RowSet { return f.left }

// Err is the error for the faults, or nil if there are none. A single fault is a *CellError
// or what ended the reading; several are a *FaultsError.
func (f Faults) Err() error {
	switch {
	case f.Total == 0:
		return f.Ended
	default:
		return &FaultsError{f}
	}
}

// FaultsError says what is wrong with the rows of a source.
type FaultsError struct{ Faults Faults }

func (e *FaultsError) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines are the lines of the message: how many faults there are, the first of them, and how
// many of each kind. A single fault is one line.
func (e *FaultsError) Lines() []string {
	f := e.Faults
	if f.Total == 1 && f.Ended == nil && len(f.First) == 1 {
		return []string{f.First[0].Error()}
	}
	lines := []string{fmt.Sprintf("%s has %s in %s:", f.Source, plural(int(f.Total), "fault"), plural(int(f.Bad), "row"))}
	for _, c := range f.First {
		lines = append(lines, "  "+strings.TrimPrefix(c.Error(), f.Source+" "))
	}
	if f.Ended != nil {
		lines = append(lines, "  the rest was not read: "+f.Ended.Error())
	}
	if more := f.Total - int64(len(f.First)); more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more; all of them by column and reason:", more))
		for _, c := range f.Counts {
			lines = append(lines, "  "+c.String())
		}
	}
	return lines
}

// String is "12 in column "age": it is no number".
func (c FaultCount) String() string {
	if c.Column == "" {
		return fmt.Sprintf("%d: %s", c.Count, c.Reason)
	}
	return fmt.Sprintf("%d in column %q: %s", c.Count, c.Column, c.Reason)
}

// Unwrap gives the first faults, and what ended the reading.
func (e *FaultsError) Unwrap() []error {
	var errs []error
	for _, c := range e.Faults.First {
		errs = append(errs, c)
	}
	if e.Faults.Ended != nil {
		errs = append(errs, e.Faults.Ended)
	}
	return errs
}

// MarshalJSON writes the faults as docs/files.md describes them.
func (f Faults) MarshalJSON() ([]byte, error) {
	type fault struct {
		Line   int    `json:"line"`
		Column string `json:"column,omitempty"`
		Value  string `json:"value,omitempty"`
		Reason string `json:"reason"`
	}
	out := struct {
		Source string       `json:"source_name"`
		Rows   int64        `json:"source_rows"`
		Bad    int64        `json:"bad_row_count"`
		Total  int64        `json:"fault_count"`
		Faults []fault      `json:"faults"`
		Counts []FaultCount `json:"counts"`
		Ended  string       `json:"ended,omitempty"`
	}{Source: f.Source, Rows: f.Rows, Bad: f.Bad, Total: f.Total, Faults: []fault{}, Counts: append([]FaultCount{}, f.Counts...)}
	for _, c := range f.First {
		out.Faults = append(out.Faults, fault{c.Line, c.Column, c.Value, c.Err.Error()})
	}
	if f.Ended != nil {
		out.Ended = f.Ended.Error()
	}
	return json.Marshal(out)
}

// firstFaults is how many faults are told if nobody chooses another number, and AllFaults
// tells all.
const (
	firstFaults = 10
	AllFaults   = -1
)

// maxKinds is the number of kinds of faults that are counted apart.
const maxKinds = 1000

// faultKind is a column and a reason.
type faultKind struct{ column, reason string }

// otherKinds are all kinds after the first maxKinds.
var otherKinds = faultKind{reason: "other reasons"}

// collector collects the faults of rows.
type collector struct {
	Faults
	most   int // of First
	kinds  map[faultKind]int64
	reject func(row int64, bad *RowError) error // nil if nobody wants the rows
}

func (c *collector) keepsMore() bool { return c.most == AllFaults || len(c.First) < c.most }

// add adds the faults of a row, which are kept for the message as long as there are few.
func (c *collector) add(row int64, bad *RowError) error {
	c.Bad++
	c.left.add(row)
	if len(c.lines) < maxBlankLines {
		c.lines = append(c.lines, bad.Cells[0].Line)
	}
	for _, cell := range bad.Cells {
		c.count(cell)
		if c.keepsMore() {
			c.First = append(c.First, cell)
		}
	}
	if c.reject == nil {
		return nil
	}
	return c.reject(row, bad)
}

func (c *collector) count(cell *CellError) { c.countKind(faultKind{cell.Column, reasonOf(cell.Err)}) }

func (c *collector) countKind(kind faultKind) {
	c.Total++
	if _, known := c.kinds[kind]; !known && len(c.kinds) >= maxKinds {
		kind = otherKinds
	}
	if c.kinds == nil {
		c.kinds = make(map[faultKind]int64)
	}
	c.kinds[kind]++
}

// reasonOf is what all faults of a kind have in common.
func reasonOf(err error) string {
	if same, ok := errors.AsType[*sameKeyError](err); ok {
		return same.reason()
	}
	return err.Error()
}

// found is all that was collected.
func (c *collector) found() Faults {
	for kind, n := range c.kinds {
		c.Counts = append(c.Counts, FaultCount{kind.column, kind.reason, n})
	}
	slices.SortFunc(c.Counts, func(a, b FaultCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
	})
	return c.Faults
}

// sameKeys collects the faults of rows with the key of another one, for [collector.merge].
func (c *collector) sameKeys() *collector {
	return &collector{most: c.most, reject: c.reject}
}

// skip counts a bad row that is not told.
func (c *collector) skip(row int64, kind faultKind) {
	c.Bad++
	c.left.add(row)
	c.countKind(kind)
}

// merge adds the faults of other rows.
func (c *collector) merge(o *collector) {
	c.Bad, c.left = c.Bad+o.Bad, c.left.with(o.left)
	c.lines = append(c.lines, o.lines...)
	slices.Sort(c.lines)
	c.lines = c.lines[:min(len(c.lines), maxBlankLines)]
	c.First = append(c.First, o.First...)
	slices.SortStableFunc(c.First, func(a, b *CellError) int { return cmp.Compare(a.Line, b.Line) })
	if c.most != AllFaults {
		c.First = c.First[:min(len(c.First), c.most)]
	}
	c.Total += o.Total
	if c.kinds == nil {
		c.kinds = make(map[faultKind]int64)
	}
	for kind, n := range o.kinds {
		c.kinds[kind] += n
	}
}
