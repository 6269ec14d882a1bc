package plan

import (
	"fmt"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// DefaultLease is how long a lease lasts after its last renewal, if the user set no time.
const DefaultLease = time.Minute

// Lease returns the lease that a run of the plan takes. A family whose runs are one
// transaction has none.
func (p Plan) Lease(d dialect.Dialect) (ledger.Lease, bool) {
	return ledger.Lease{Table: p.Upload.Table.Name, Run: d.Ledger().ThisRun, Token: ledger.FirstToken, For: p.LeaseFor}, p.LeaseFor > 0
}

// TakeLeaseOf returns the instruction that takes a lease.
func TakeLeaseOf(d dialect.Dialect, l ledger.Lease) TakeLease {
	locker, _ := dialect.As[dialect.SessionLocker](d)
	return TakeLease{
		Stmts:     []dialect.Stmt{ledger.OfferLease(d, l.Table), ledger.TakeLease(d, locker, l)},
		Assertion: leaseAssertion(d, "no other run has "+l.Table+" ("+dialect.LeaseTable+" says which has it, and until when)"),
	}
}

// HoldLeaseOf returns the instruction that renews a lease and asserts it.
func HoldLeaseOf(d dialect.Dialect, l ledger.Lease) HoldLease {
	locker, _ := dialect.As[dialect.SessionLocker](d)
	return HoldLease{
		Stmt:      ledger.RenewLease(d, locker, l),
		Assertion: leaseAssertion(d, fmt.Sprintf("no other run has taken %s over (the lease is renewed)", l.Table)),
	}
}

// leaseAssertion holds right after a statement on the lease's row.
func leaseAssertion(d dialect.Dialect, message string) Assertion {
	return assertion(d, message, d.Ledger().Changes+" = 1")
}

// takeLease returns the instructions that take the plan's lease, if it has one.
func (p Plan) takeLease(d dialect.Dialect) Program {
	if l, ok := p.Lease(d); ok {
		return Program{TakeLeaseOf(d, l), AssertNoOpenRun{p.NoneOther}}
	}
	return nil
}

// holdLease returns the instruction that asserts the lease. Every transaction of the run
// ends with it.
func (p Plan) holdLease(d dialect.Dialect) Program {
	if l, ok := p.Lease(d); ok {
		return Program{HoldLeaseOf(d, l)}
	}
	return nil
}

// endLease returns the instruction that ends the lease.
func (p Plan) endLease(d dialect.Dialect) Program {
	if l, ok := p.Lease(d); ok {
		return Program{EndLease{ledger.EndLease(d, l)}}
	}
	return nil
}
