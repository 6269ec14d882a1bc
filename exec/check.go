package exec

import (
	"context"
	"fmt"
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
	rejects, err := newRejects(f.Rejects, src)
	if err != nil {
		return err
	}
	manifest, found, err := rowsource.Check(ctx, src, func(columns []string) rowsource.Checks {
		checks := plan.Checks(d, *in, columns)
		checks.Faults = f.Most
		if rejects != nil {
			checks.Reject = rejects.Add
		}
		return checks
	})
	if rejects != nil {
		if closed := rejects.Close(); err == nil && closed != nil {
			err = fmt.Errorf("write the bad rows: %w", closed)
		}
	}
	if err != nil {
		return err
	}
	if f.Found != nil && found.Err() != nil {
		f.Found(found)
	}
	if found.Ended != nil || found.Bad > 0 && !in.Options.LeavesOut() {
		return found.Err()
	}
	in.Source = manifest
	return infer(ctx, in, src)
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

func newRejects(w io.Writer, src rowsource.Source) (*rowsource.Rejects, error) {
	if w == nil {
		return nil, nil
	}
	return rowsource.NewRejects(w, src)
}
