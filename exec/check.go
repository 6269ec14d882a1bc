package exec

import (
	"context"
	"errors"
	"io"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Faults says what becomes of the faults of a source.
type Faults struct {
	// Most is the number of faults that are told: zero is ten, and [rowsource.AllFaults]
	// all.
	Most int
	// Rejects, if set, gets the bad rows; see [rowsource.Rejects].
	Rejects io.Writer
	// Found, if set, is called if there are faults.
	Found func(rowsource.Faults)
}

// check measures the source and checks it against the table. If it has bad rows, and they
// may be left out, the manifest is that of the others.
func check(ctx context.Context, d dialect.Dialect, in *plan.Input, src rowsource.Source, f Faults) error {
	if src == nil {
		return rowsource.ErrNoSource
	}
	in.Source.Format = src.Format()
	manifest, found, err := f.find(ctx, src, func(columns []string) rowsource.Checks { return plan.Checks(d, *in, columns) })
	if err != nil {
		return err
	}
	if f.Found != nil && found.Err() != nil {
		f.Found(found)
	}
	in.Source = manifest
	if found.Ended != nil || found.Bad > 0 && !in.Options.LeavesOut() {
		return found.Err()
	}
	return infer(ctx, in, src)
}

// find finds what is wrong with the source, and writes the bad rows.
func (f Faults) find(ctx context.Context, src rowsource.Source, checks func(columns []string) rowsource.Checks) (rowsource.Manifest, rowsource.Faults, error) {
	reject, end := f.rejects(ctx, src)
	manifest, found, err := rowsource.Check(ctx, src, func(columns []string) rowsource.Checks {
		c := checks(columns)
		c.Faults, c.Reject = f.Most, reject
		return c
	})
	return manifest, found, end(manifest, err)
}

// rejects returns what writes a bad row, and what ends the writing once the source was
// checked, or could not be.
func (f Faults) rejects(ctx context.Context, src rowsource.Source) (add func(int64, *rowsource.RowError) error, end func(rowsource.Manifest, error) error) {
	if f.Rejects == nil {
		return nil, func(_ rowsource.Manifest, err error) error { return err }
	}
	r, err := rowsource.NewRejects(f.Rejects, src)
	if err != nil {
		return nil, func(rowsource.Manifest, error) error { return err }
	}
	return r.Add, func(checked rowsource.Manifest, err error) error {
		defer r.Close()
		if err != nil {
			return err
		}
		return r.End(ctx, checked)
	}
}

// infer looks at the good rows for the types of a new table.
func infer(ctx context.Context, in *plan.Input, src rowsource.Source) error {
	if in.Target.Table != nil || in.Options.Types != plan.InferTypes {
		return nil
	}
	checked := in.Source
	manifest, err := rowsource.Infer(ctx, checked.AsRead(src))
	if err == nil {
		err = checked.SameFile(manifest)
	}
	manifest.Bad = checked.Bad
	in.Source = manifest
	return err
}

// withMisfit is the error of a source with that of its columns, if they were read and do not
// fit the table's. If the source should be read in another way, its columns say nothing.
func withMisfit(d dialect.Dialect, in plan.Input, err error) error {
	if _, otherwise := errors.AsType[*plan.RemedyError](err); otherwise || len(in.Source.Columns) == 0 {
		return err
	}
	if misfit := plan.Misfit(d, in); misfit != nil {
		return errors.Join(misfit, err)
	}
	return err
}
