// Package backends is the one list of the databases that tablesnap speaks.
package backends

import (
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
)

// All returns the backend of each family.
func All() []dialect.Backend {
	return []dialect.Backend{sqlite.New(), mysql.New(), mysql.NewMariaDB(), mysql.NewTiDB(), postgres.New()}
}

// ByName returns the backend that plans call so.
func ByName(name dialect.Name) (dialect.Backend, bool) {
	all := All()
	i := slices.IndexFunc(all, func(b dialect.Backend) bool { return b.Facts().Name == name })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// IsBusy reports whether another program's lock was in the way. Each family knows the
// errors of its own driver, and no others.
func IsBusy(err error) bool {
	return slices.ContainsFunc(All(), func(b dialect.Backend) bool { return b.Classify(err) == dialect.FailureBusy })
}

// IsDenied reports whether a server refused a statement for want of a right.
func IsDenied(err error) bool {
	return slices.ContainsFunc(All(), func(b dialect.Backend) bool {
		keeper, ok := dialect.As[dialect.RightsKeeper](b)
		return ok && keeper.Denied(err)
	})
}

// WroteMessage reports whether a database has written the message of an error.
func WroteMessage(err error) bool {
	return slices.ContainsFunc(All(), func(b dialect.Backend) bool {
		knower, ok := dialect.As[dialect.MessageKnower](b)
		return ok && knower.WroteMessage(err)
	})
}
