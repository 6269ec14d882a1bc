package rowsource

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Checks are what is asked of the rows of a source. The zero Checks ask for nothing but
// rows that can be read.
type Checks struct {
	// Values check the values of the columns, in their order. One is nil if every value is
	// good.
	Values []func(Value) error
	// JSON are the places of the columns that hold JSON.
	JSON []int
	// Keys are those that no two rows may have in common.
	Keys []Key
	// Faults is the number of faults that are kept whole: zero is ten.
	Faults int
	// Reject, if set, is called for each bad row. Rows that have the key of another one
	// come last.
	Reject func(row int64, bad *RowError) error
}

// Check reads the source once, whole, and finds all that is wrong with its rows. The
// manifest is that of the good rows, and its Read leaves the bad ones out. The checks are
// for the source's columns. The error says why the checks could not be made.
//
// If the source cannot be read to its end, [Faults].Ended says why.
func Check(ctx context.Context, s Source, checks func(columns []string) Checks) (Manifest, Faults, error) {
	if s == nil {
		return Manifest{}, Faults{}, ErrNoSource
	}
	c, err := newChecker(ctx, s, checks)
	if err != nil {
		return Manifest{}, Faults{}, err
	}
	defer c.close()
	if err := c.readAll(); err != nil {
		return Manifest{}, Faults{}, err
	}
	if c.faults.Ended == nil {
		if err := c.findSameKeys(); err != nil {
			return Manifest{}, Faults{}, err
		}
	}
	found := c.faults.found()
	if found.Bad == 0 || found.Ended != nil {
		return c.manifest, found, nil
	}
	good, err := c.measureGood(found)
	return good, found, err
}

// checker reads and checks a source.
type checker struct {
	Checks
	ctx      context.Context //nolint:containedctx // it lives as long as one check
	source   Source
	reader   Reader
	next     func() (Row, error) // of the reader
	stop     func()              // after it, nobody uses the reader
	manifest Manifest
	faults   collector
	keys     []*keyFinder
	row      int64 // the number of the row that was read last
}

func newChecker(ctx context.Context, s Source, checks func(columns []string) Checks) (*checker, error) {
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	c := &checker{ctx: ctx, source: s, reader: r, manifest: emptyManifest(s, r.Columns())}
	if len(r.Columns()) > 0 { // an empty file names none
		c.Checks = checks(r.Columns())
	}
	r.KeepJSON(c.JSON)
	if c.Faults == 0 {
		c.Faults = firstFaults
	}
	c.faults = collector{Faults: Faults{Source: s.Name(), Format: s.Format()}, most: c.Faults, reject: c.Reject}
	for _, k := range c.Keys {
		c.keys = append(c.keys, newKeyFinder(k, len(c.Keys)))
	}
	c.next, c.stop = readAhead(s, r)
	return c, nil
}

// readAhead has the rows of a file read while others are checked. The code of a caller, from
// which other rows may come, does not expect another goroutine.
func readAhead(s Source, r Reader) (next func() (Row, error), stop func()) {
	if _, isFile := s.(file); !isFile {
		return r.Next, func() {}
	}
	b := newBatches(r)
	return b.next, b.close
}

func (c *checker) close() {
	c.stop()
	c.reader.Close()
	for _, k := range c.keys {
		k.close()
	}
}

// readAll reads the rows. The error is one of the checks: an error of the source is a
// fault.
func (c *checker) readAll() error {
	delimited := c.manifest.Format.delimiter() != 0
	for {
		if c.row%rowsBetweenChecks == 0 && c.ctx.Err() != nil {
			return fmt.Errorf("check %s: %w", c.source.Name(), context.Cause(c.ctx))
		}
		row, err := c.next()
		if lasting(err) != nil {
			c.stop()
			c.end(err)
			return nil
		}
		c.row++
		bad := c.badRow(row, err)
		if bad != nil {
			if err := c.faults.add(c.row, bad); err != nil {
				return err
			}
			continue
		}
		c.manifest.add(row, delimited)
		for _, k := range c.keys {
			if err := k.add(row.Values); err != nil {
				return err
			}
		}
	}
}

// end notes how the reading has ended.
func (c *checker) end(err error) {
	c.faults.Rows = c.row
	if err != io.EOF {
		c.faults.Ended = err
		return
	}
	c.manifest.end(c.reader)
}

// badRow says what is wrong with a row that was read, or could not be; it is nil for a good
// one.
func (c *checker) badRow(row Row, err error) *RowError {
	if err != nil {
		bad, _ := errors.AsType[*RowError](err)
		return bad
	}
	var bad *RowError
	for i, check := range c.Values {
		if check == nil {
			continue
		}
		if err := check(row.Values[i]); err != nil {
			if bad == nil {
				bad = &RowError{}
			}
			bad.Cells = append(bad.Cells, &CellError{Source: c.source.Name(), Format: c.source.Format(), Line: row.Line,
				Column: c.reader.Columns()[i], Value: row.Written(i).String(), Err: err})
		}
	}
	return bad
}

// measureGood reads the source again without the bad rows, as everybody will who loads it.
func (c *checker) measureGood(found Faults) (Manifest, error) {
	o := c.source.Options()
	o.LeaveOut = found.left
	good, err := measure(c.ctx, c.source.With(o), func([]string) []int { return c.JSON })
	if err != nil {
		return good, err
	}
	if err := changed(good.Name, c.manifest.SHA256, good.SHA256); err != nil {
		return good, err
	}
	good.Bad = &BadRows{Rows: found.Bad, Lines: found.lines, Counts: found.Counts}
	return good, nil
}
