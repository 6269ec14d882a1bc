package ledger

import (
	"strconv"
	"time"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/dialect"
)

// FirstToken is the token with which a run takes the lease of its table. A recovery of
// the run takes the lease with a higher token, so that the run loses it.
const FirstToken = 1

// Lease is the right of one run to change one table, for so long by the database's own
// clock. Its row is seen on every node of a cluster; the lock of a session is seen on
// one.
type Lease struct {
	Table string
	// Run is the run's id, an SQL expression.
	Run string
	// Token tells the run from those who recover it.
	Token int64
	For   time.Duration
}

// OfferLease makes the row of a table's lease, unless it is there.
func OfferLease(d dialect.Dialect, table string) dialect.Stmt {
	columns := []string{"table_name", "run_id", "token", "renewals", "lock_scope", "held_until"}
	none := sqlbuilder.Raw(text(d, ""))
	zero := sqlbuilder.Raw("0")
	sql, _ := d.Facts().Flavor.NewInsertBuilder().InsertIgnoreInto(quoteTable(d, dialect.LeaseTable)).
		Cols(quoteAll(d, columns)...).Values(sqlbuilder.Raw(text(d, table)), zero, zero, zero, none, none).Build()
	return dialect.Stmt{SQL: sql}
}

// TakeLease gives a table's lease to a run whose session holds the table's lock. It
// changes one row if the lease has ended, or if it was taken in the same lock scope: the
// session that took it held the same lock, and is gone. Otherwise it changes no row.
func TakeLease(d dialect.Dialect, locker dialect.SessionLocker, l Lease) dialect.Stmt {
	return takeLease(d, locker, l, strconv.FormatInt(l.Token, 10))
}

// TakeOverLease is TakeLease for a recovery: the token is the next one.
func TakeOverLease(d dialect.Dialect, locker dialect.SessionLocker, l Lease) dialect.Stmt {
	return takeLease(d, locker, l, d.Quote("token")+" + 1")
}

func takeLease(d dialect.Dialect, locker dialect.SessionLocker, l Lease, token string) dialect.Stmt {
	ended := d.Quote("held_until") + " <= " + d.Ledger().Now
	return updateRows(d, dialect.LeaseTable, [][2]string{
		{"run_id", l.Run},
		{"token", token},
		{"renewals", d.Quote("renewals") + " + 1"},
		{"lock_scope", locker.LockScope()},
		{"held_until", locker.NowPlus(l.For)},
	}, leaseOf(d, l.Table), "("+ended+" OR "+d.Quote("lock_scope")+" = "+locker.LockScope()+")")
}

// RenewLease lengthens a lease. It changes one row, or none if the run has lost the
// lease. The counter renewals makes the row differ each time. If one node renews a lease
// and another node takes it at the same time, only one of the two can commit.
func RenewLease(d dialect.Dialect, locker dialect.SessionLocker, l Lease) dialect.Stmt {
	return updateRows(d, dialect.LeaseTable, [][2]string{
		{"renewals", d.Quote("renewals") + " + 1"},
		{"held_until", locker.NowPlus(l.For)},
	}, l.holds(d)...)
}

// EndLease lets other runs have the lease.
func EndLease(d dialect.Dialect, l Lease) dialect.Stmt {
	none := text(d, "")
	return updateRows(d, dialect.LeaseTable, [][2]string{{"lock_scope", none}, {"held_until", none}}, l.holds(d)...)
}

// SelectLease selects the lease of a table: its run, its token, until when it is held,
// the present time, and whether the session's server is the one that shows the lock of
// the session that took it.
func SelectLease(d dialect.Dialect, locker dialect.SessionLocker, table string) Query {
	columns := append(quoteAll(d, []string{"run_id", "token", "held_until"}), sqlbuilder.EscapeAll(d.Ledger().Now, d.Quote("lock_scope")+" = "+locker.LockScope())...)
	b := d.Facts().Flavor.NewSelectBuilder()
	b.Select(columns...).From(sqlbuilder.Escape(quoteTable(d, dialect.LeaseTable))).Where(sqlbuilder.Escape(leaseOf(d, table)))
	sql, args := b.Build()
	return Query{sql, args}
}

func leaseOf(d dialect.Dialect, table string) string {
	return d.Quote("table_name") + " = " + text(d, table)
}

func (l Lease) holds(d dialect.Dialect) []string {
	return []string{leaseOf(d, l.Table), d.Quote("run_id") + " = " + l.Run, d.Quote("token") + " = " + strconv.FormatInt(l.Token, 10)}
}

// NoLeaseElsewhere is an SQL condition: no run has the table's lease, but for one whose
// session would show its lock here.
func NoLeaseElsewhere(d dialect.Dialect, locker dialect.SessionLocker, table string) string {
	return "NOT EXISTS (SELECT 1 FROM " + quoteTable(d, dialect.LeaseTable) + " WHERE " + leaseOf(d, table) + " AND " +
		d.Quote("held_until") + " > " + d.Ledger().Now + " AND " + d.Quote("lock_scope") + " <> " + locker.LockScope() + ")"
}
