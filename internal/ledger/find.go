package ledger

import (
	"context"
	"math"

	"github.com/tablesnap/tablesnap/dialect"
)

// Find returns the version with a number. Ok is false if there is none.
func Find(ctx context.Context, c dialect.Conn, d dialect.Backend, t dialect.Target, number int64) (v Version, ok bool, err error) {
	versions, err := Versions(ctx, c, d, t, math.MaxInt32)
	if err != nil {
		return Version{}, false, err
	}
	for _, v := range versions {
		if v.Number != nil && *v.Number == number {
			return v, true, nil
		}
	}
	return Version{}, false, nil
}
