package lookup

import (
	"errors"

	"github.com/tablesnap/tablesnap/dialect"
)

// ErrVanished says that a table was there for one query of an inspection, and was
// gone for the next.
var ErrVanished = errors.New("the table was taken away while it was looked at")

// tries is how often an inspection is begun. A swap takes two names away, within
// moments: whoever loses so many races is kept from the table by something else.
const tries = 10

// Inspect inspects again where a name vanished between two queries, as it does at
// the end of another run's swap. Vanished knows the database's own errors of that
// kind. In a transaction that such an error ends, the next try says so.
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
