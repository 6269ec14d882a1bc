package exec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/compare"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// DiffRequest says what to compare.
type DiffRequest struct {
	// Table is the table's name, or its display name.
	Table string
	// From and To are versions, or nil for the table's present contents. If both are nil
	// and File is not set, From is the version before the present one.
	From, To *int64
	// File, if set, replaces To.
	File rowsource.Source
	// Dropped are columns that an upload of File would drop, and that are not compared;
	// see [plan.Kind].
	Dropped []string
	// Strategy is how File would be uploaded. A sync leaves columns that File lacks as they
	// are, so they are not compared.
	Strategy dialect.Strategy
	// Key are the columns that identify a row on both sides. If empty, it is the table's
	// primary key. Without any key, rows are compared as a bag, and no row counts as
	// changed.
	Key []string
	// Memory is about how many bytes the rows that may differ take in memory while they are
	// sorted, or 0 for 8 MB. If they need more, they wait in a temporary file. If it is
	// less than 0, no temporary file is made: the database compares all rows, which takes
	// longer.
	Memory int
}

// defaultMemory is that of [DiffRequest].Memory.
const defaultMemory = 8 << 20

func (r DiffRequest) memory() int { return cmp.Or(r.Memory, defaultMemory) }

// RemedySides is to set [DiffRequest].From, To or File.
const RemedySides plan.Remedy = "name what to compare"

// Diff is the result of a comparison.
type Diff struct {
	Table dialect.Ident `json:"table"`
	From  string        `json:"from"`
	To    string        `json:"to"`
	// Columns are the compared columns, which both sides have. Key are the columns among
	// them that identify a row, or empty.
	Columns []string `json:"columns"`
	Key     []string `json:"key"`
	// OnlyFrom and OnlyTo are columns that only one side has.
	OnlyFrom []string `json:"only_from"`
	OnlyTo   []string `json:"only_to"`
	// Reset and Anew are columns that the file lacks, and that an upload in place or by
	// swap would give other values. Columns of Reset get their default; Columns includes
	// them, compared with it. Columns of Anew get a new value in every row, such as a
	// number or the time. So all rows that stay count as changed, but a row is no Change
	// if nothing else differs.
	Reset   []string `json:"reset,omitempty"`
	Anew    []string `json:"anew,omitempty"`
	Added   int64    `json:"added"`
	Removed int64    `json:"removed"`
	Changed int64    `json:"changed"`
	// OpenRun is the table's unfinished run, or 0; see [Client.OpenRun].
	OpenRun int64 `json:"open_run_id,omitempty"`
}

// Differs reports whether any row differs.
func (d Diff) Differs() bool { return d.Added+d.Removed+d.Changed > 0 }

// ChangeKind says how a row differs.
type ChangeKind string

// The kinds of change.
const (
	RowAdded   ChangeKind = "added"
	RowRemoved ChangeKind = "removed"
	RowChanged ChangeKind = "changed"
)

// Change is a row that differs.
type Change struct {
	Kind ChangeKind
	// From and To are the row's values before and after, in the order of [Diff.Columns].
	// One of them is nil if the row exists on one side only.
	From, To []rowsource.Value
	// Count is the number of such rows with equal values.
	Count int64
}

// Diff compares two states of a table's contents. It calls each, unless nil, for every
// row that differs, in the order of the key. It reads both sides, keeps their rows in
// temporary files of the system, compares their hashes, and sorts the rows that differ. Nothing is written to the
// database, except that rows of a file are loaded into a temporary table.
//
// Errors: *NoContentsError if there is no such table or version; *SourceError if the file
// cannot be read or compared; those of each.
func (c *Client) Diff(ctx context.Context, req DiffRequest, each func(Diff, Change) error) (Diff, error) {
	var found Diff
	err := c.readSnapshot(ctx, req.Table, func(d snapshotReader) (err error) {
		found, err = d.diff(req, each)
		return err
	})
	return found, err
}

// diff finds the rows that differ, and checks that their numbers add up.
func (d snapshotReader) diff(req DiffRequest, each func(Diff, Change) error) (found Diff, err error) {
	from, to, err := d.sides(req)
	if err != nil {
		return found, err
	}
	defer to.close()
	found, from.Contents, to.Contents = match(d.backend, from, to)
	if err := errors.Join(d.measure(&from), d.measure(&to)); err != nil {
		return found, err
	}
	key, err := d.describe(&found, from, to, req.Key)
	if err != nil {
		return found, err
	}
	counting := func(c Change) error {
		found.count(c)
		if each == nil {
			return nil
		}
		return each(found, c)
	}
	read, err := d.differences(from, to, req.memory(), &pairing{key: key, each: counting})
	if err != nil {
		return found, err
	}
	before, err := d.addsUp(from, to, found, read)
	if err == nil && len(found.Anew) > 0 {
		found.Changed = before - found.Removed
	}
	return found, err
}

// describe fills in what is known before any row is read, and returns the indexes of the
// key's columns.
func (d snapshotReader) describe(found *Diff, from, to contents, asked []string) ([]int, error) {
	open, err := ledger.OpenRun(d.ctx, d.conn, d.backend, d.target)
	if err != nil {
		return nil, err
	}
	if open != nil {
		found.OpenRun = open.ID
	}
	found.Table, found.OnlyTo = d.target.Ident, append(found.OnlyTo, to.unknown...)
	if len(found.Columns) == 0 {
		return nil, d.missing("%s and %s have no column in common", from.name, to.name)
	}
	key, err := d.key(asked, found.Columns[:len(found.Columns)-len(found.Reset)])
	if err != nil {
		return nil, err
	}
	for _, k := range key {
		found.Key = append(found.Key, found.Columns[k])
	}
	return key, nil
}

// addsUp returns an error if some rows were not read: the row counts of the two sides differ
// by the rows added and removed. It returns the row count of from.
func (d snapshotReader) addsUp(from, to contents, found Diff, read *rowsRead) (before int64, err error) {
	if before, err = d.count(from); err != nil {
		return before, err
	}
	after, err := d.countAfter(to, read)
	if err == nil && read != nil {
		err = cmp.Or(d.whole(from.name, read.from, before), d.whole(to.name, read.to, after))
	}
	if err != nil {
		return before, err
	}
	return before, d.whole(to.name, before+found.Added-found.Removed, after)
}

// countAfter counts the rows of to. If not all rows of a file were loaded, those that were
// read count.
func (d snapshotReader) countAfter(to contents, read *rowsRead) (int64, error) {
	if to.file != nil && read != nil && !to.file.whole {
		return read.to, nil
	}
	return d.count(to)
}

func (d *Diff) count(c Change) {
	switch c.Kind {
	case RowAdded:
		d.Added += c.Count
	case RowRemoved:
		d.Removed += c.Count
	case RowChanged:
		d.Changed += c.Count
	}
}

func (d snapshotReader) sides(req DiffRequest) (from, to contents, err error) {
	side := func(version *int64) (contents, error) {
		if version == nil {
			return d.present()
		}
		return d.version(*version)
	}
	if req.From == nil && req.To == nil && req.File == nil {
		if req.From, err = d.previous(); err != nil {
			return
		}
	}
	if from, err = side(req.From); err != nil {
		return
	}
	if req.File != nil {
		var lackable []dialect.Column
		if req.Strategy != dialect.Sync {
			lackable = d.lackable(from, req.Dropped)
		}
		to, err = d.file(req.File, lackable)
		return
	}
	to, err = side(req.To)
	return
}

// previous is the version before the present one.
func (d snapshotReader) previous() (*int64, error) {
	if d.target.Table == nil {
		return nil, d.missing("there is no such table")
	}
	versions, err := ledger.Versions(d.ctx, d.conn, d.backend, d.target, 2)
	if err != nil {
		return nil, err
	}
	if len(versions) < 2 || versions[1].Number == nil {
		return nil, &plan.RemedyError{Remedies: []plan.Remedy{RemedySides}, Err: d.missing("it has no version before the present one; name what to compare")}
	}
	return versions[1].Number, nil
}

// lackable are columns of from that the table has and that are not dropped. If a file
// lacks one, an upload fills it. Required columns are not among them: without one, the
// upload fails.
func (d snapshotReader) lackable(from contents, dropped []string) []dialect.Column {
	if d.target.Table == nil {
		return nil
	}
	return slices.DeleteFunc(d.target.Table.StoredColumns(), func(c dialect.Column) bool {
		_, has := dialect.Table{Columns: from.Columns}.Column(c.Name, d.backend.SameName)
		return !has || c.Required() || slices.ContainsFunc(dropped, func(name string) bool { return d.backend.SameName(name, c.Name) })
	})
}

// match puts the columns of both sides into the order of to.
func match(d dialect.Dialect, from, to contents) (Diff, compare.Contents, compare.Contents) {
	found := Diff{From: from.name, To: to.name, Columns: []string{}, Key: []string{}, OnlyFrom: []string{}, OnlyTo: []string{},
		Reset: append([]string(nil), dialect.ColumnNames(to.reset)...), Anew: append([]string(nil), dialect.ColumnNames(to.anew)...)}
	var before, after []dialect.Column
	for _, c := range to.Columns {
		other, ok := dialect.Table{Columns: from.Columns}.Column(c.Name, d.SameName)
		if !ok {
			found.OnlyTo = append(found.OnlyTo, c.Name)
			continue
		}
		before, after = append(before, other), append(after, c)
	}
	for _, c := range from.Columns {
		known := func(b dialect.Column) bool { return d.SameName(b.Name, c.Name) }
		if !slices.ContainsFunc(before, known) && !slices.ContainsFunc(to.anew, known) {
			found.OnlyFrom = append(found.OnlyFrom, c.Name)
		}
	}
	found.Columns = append(found.Columns, dialect.ColumnNames(after)...)
	from.Columns, to.Columns = before, after
	return found, from.Contents, to.Contents
}

// key returns the indexes of the columns that identify a row.
func (d snapshotReader) key(asked, columns []string) ([]int, error) {
	names := asked
	if len(asked) == 0 && d.target.Table != nil {
		names = d.target.Table.PrimaryKey
	}
	var places []int
	for _, name := range names {
		at := slices.IndexFunc(columns, func(c string) bool { return d.backend.SameName(c, name) })
		switch {
		case at >= 0:
			places = append(places, at)
		case len(asked) > 0:
			return nil, d.missing("the key's column %q is not one that both sides have: these are %q", name, columns)
		default:
			return nil, nil // without a part of it, the key names no row
		}
	}
	return places, nil
}

// compareInDatabase has the database find the rows that differ, and reads them into p.
func (d snapshotReader) compareInDatabase(from, to compare.Contents, p *pairing) error {
	query, readings := compare.SelectDifferences(d.backend, from, to, p.key)
	rows, err := d.conn.QueryContext(d.ctx, query)
	if err != nil {
		return fmt.Errorf("compare the rows of %q: %w", d.target.Ident.Name, err)
	}
	defer rows.Close()
	s := newScanner(readings)
	for rows.Next() {
		var more int64
		values, err := s.scan(rows, &more)
		if err == nil {
			err = p.add(values, more)
		}
		if err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("compare the rows of %q: %w", d.target.Ident.Name, err)
	}
	return p.flush()
}

// pairing joins two consecutive rows to one changed row if they have the same key and are
// one row on each side.
type pairing struct {
	key  []int
	each func(Change) error
	// values are the previous row's, and more says how many more of it are in to than in
	// from. More is 0 once the row was reported.
	values []rowsource.Value
	more   int64
}

func (p *pairing) add(values []rowsource.Value, more int64) error {
	if len(p.key) > 0 && p.more != 0 && (p.more < 0) != (more < 0) && p.sameKey(values) {
		change := Change{Kind: RowChanged, From: p.values, To: values, Count: min(abs(p.more), abs(more))}
		if more < 0 {
			change.From, change.To = values, p.values
		}
		if err := p.each(change); err != nil {
			return err
		}
		rest := p.more + more
		if (rest < 0) == (p.more < 0) { // more of the row before are left
			p.more = rest
			return nil
		}
		p.values, p.more = values, rest
		return nil
	}
	if err := p.flush(); err != nil {
		return err
	}
	p.values, p.more = values, more
	return nil
}

// flush reports the previous row as added or removed.
func (p *pairing) flush() error {
	change := Change{Kind: RowAdded, To: p.values, Count: p.more}
	if p.more < 0 {
		change = Change{Kind: RowRemoved, From: p.values, Count: -p.more}
	}
	p.more = 0
	if change.Count == 0 {
		return nil
	}
	return p.each(change)
}

func (p *pairing) sameKey(values []rowsource.Value) bool {
	for _, k := range p.key {
		if p.values[k] != values[k] {
			return false
		}
	}
	return true
}

func abs(n int64) int64 { return max(n, -n) }
