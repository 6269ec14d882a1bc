package dialect_test

import (
	"reflect"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
)

// TestContractIsSmall limits the number of methods that a new dialect must implement.
func TestContractIsSmall(t *testing.T) {
	for _, c := range []struct {
		contract reflect.Type
		most     int
	}{
		{reflect.TypeFor[dialect.Dialect](), 35},
		{reflect.TypeFor[dialect.Backend](), 40},
		{reflect.TypeFor[dialect.Swapper](), 10},
		{reflect.TypeFor[dialect.Portable](), 18},
		{reflect.TypeFor[dialect.SwapAwaiter](), 1},
		{reflect.TypeFor[dialect.RunLocker](), 1},
		{reflect.TypeFor[dialect.SessionLocker](), 5},
		{reflect.TypeFor[dialect.TransactionJoiner](), 1},
		{reflect.TypeFor[dialect.Sequencer](), 1},
		{reflect.TypeFor[dialect.Truncater](), 1},
		{reflect.TypeFor[dialect.ConstraintChecker](), 1},
		{reflect.TypeFor[dialect.SchemaChecker](), 1},
		{reflect.TypeFor[dialect.Comparer](), 1},
		{reflect.TypeFor[dialect.Retyper](), 1},
		{reflect.TypeFor[dialect.SessionObserver](), 3},
		{reflect.TypeFor[dialect.RowCounter](), 4},
		{reflect.TypeFor[dialect.RowFinder](), 2},
		{reflect.TypeFor[dialect.Storer](), 1},
		{reflect.TypeFor[dialect.ValueTyper](), 1},
		{reflect.TypeFor[dialect.RightsKeeper](), 2},
	} {
		if n := c.contract.NumMethod(); n > c.most {
			t.Errorf("%s has %d methods, and %d are the most; is one a fact, or for some databases only?", c.contract, n, c.most)
		}
	}
}

// TestAsUnwraps: As finds the optional interfaces of a family inside wrapped dialects.
func TestAsUnwraps(t *testing.T) {
	joined := dialect.InExternalTx(postgres.New())
	words, ok := dialect.ToPortable(joined)
	if !ok {
		t.Fatal("PostgreSQL is not portable in a transaction of somebody else's")
	}
	if _, ok := dialect.As[dialect.Truncater](words); !ok {
		t.Error("PostgreSQL has no TRUNCATE behind two wrappers")
	}
	if _, ok := dialect.As[dialect.Swapper](words); ok {
		t.Error("PostgreSQL swaps")
	}
	if commit := words.Facts().Commit; commit.SQL != "" {
		t.Errorf("somebody else's transaction is ended by %q", commit.SQL)
	}
}
