package lookup

import (
	"errors"

	"github.com/tablesnap/tablesnap/dialect"
)

// ErrVanished says that a table that one query of an inspection had found no longer
// existed at the next query.
var ErrVanished = errors.New("the table was taken away while it was looked at")

// Drops says whether an inspection finds out what dropping a column would break.
type Drops string

// The two ways to inspect a table.
const (
	WithDrops    Drops = "with drops"
	WithoutDrops Drops = "without drops"
)

// tries is the maximum number of inspections. A swap removes a name only for a moment, so
// that many failures in a row have another cause.
const tries = 10

// Inspect repeats an inspection if a table vanished between two queries, as at the end of
// another run's swap. Vanished recognizes the database's own errors for that. If such an
// error has aborted the transaction, the next try fails, and Inspect returns both errors.
func Inspect(inspect func() (dialect.Target, error), vanished func(error) bool) (t dialect.Target, err error) {
	var first error
	for range tries {
		t, err = inspect()
		switch {
		case err == nil:
			return t, nil
		case first != nil && !errors.Is(err, ErrVanished) && !vanished(err):
			return t, errors.Join(first, err)
		case !errors.Is(err, ErrVanished) && !vanished(err):
			return t, err
		}
		first = err
	}
	return t, err
}
