package mysql

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// tidbAutoRandom selects how many bits of an AUTO_RANDOM key are random, and its size in
// bits if that is not 64. The column's own row in the catalog does not show it
// (https://docs.pingcap.com/tidb/stable/information-schema-tables/).
const tidbAutoRandom = `SELECT tidb_row_id_sharding_info FROM information_schema.tables
	WHERE table_schema = ? AND table_name = ? AND left(tidb_row_id_sharding_info, 19) = 'PK_AUTO_RANDOM_BITS'`

// autoRandom marks the AUTO_RANDOM column, which is the first one of the primary key
// (https://docs.pingcap.com/tidb/stable/auto-random/).
func (in *inspection) autoRandom(t *dialect.Table) {
	if len(t.PrimaryKey) == 0 {
		return
	}
	for _, info := range in.optional(in.v.catalog().autoRandom, t.Ident) {
		i := slices.IndexFunc(t.Columns, func(c dialect.Column) bool { return slices.Index(t.PrimaryKey, c.Name) == 0 })
		shard, bits := 0, 64
		if n, err := fmt.Sscanf(info, "PK_AUTO_RANDOM_BITS=%d, RANGE BITS=%d", &shard, &bits); n == 0 || i < 0 {
			in.Fail(fmt.Errorf("read the AUTO_RANDOM key of %q: the catalog says %q: %w", t.Ident.Name, info, err))
			return
		}
		if parseType(t.Columns[i].Type).unsigned != unsigned {
			bits--
		}
		t.Columns[i].Assigned = true
		t.Traits = append(t.Traits, traitAutoRandom+strconv.Itoa(bits-shard))
	}
}

// autoRandomBits is the number of bits in an AUTO_RANDOM key that are incremented.
func autoRandomBits(t dialect.Table) (bits int, random bool) {
	found, random := trait(t, traitAutoRandom)
	if !random {
		return 0, false
	}
	bits, err := strconv.Atoi(found)
	return bits, err == nil && bits > 0 && bits < 64
}

// Counter combines several numbers: TiDB's catalog has only the counter of this server,
// and each server has a range of its own. No SQL expression returns the number for all
// servers, so inspection reads it with SHOW TABLE. A number given since is in a row, or
// in this server's counter
// (https://docs.pingcap.com/tidb/stable/sql-statement-show-table-next-rowid/).
//
// For an AUTO_RANDOM key, only the low bits are incremented. The catalog has no number
// for it. A key below 0 was inserted explicitly.
func (d TiDB) Counter(t dialect.Table, known *int64) string {
	counted, highest, most := []string{"1", d.Dialect.Counter(t, nil)}, "MAX(%s)", int64(math.MaxInt64)
	if bits, random := autoRandomBits(t); random {
		most = 1<<bits - 1
		highest = fmt.Sprintf("MAX(IF(%%[1]s > 0, %%[1]s & %d, 0))", most)
	}
	if known != nil {
		counted = append(counted, strconv.FormatInt(*known, 10))
	}
	for _, c := range t.Columns {
		if c.Assigned {
			counted = append(counted, "(SELECT COALESCE(CAST("+fmt.Sprintf(highest, d.Quote(c.Name))+" AS DECIMAL(20)) + 1, 1) FROM "+d.QuoteTable(t.Ident)+")")
		}
	}
	return "LEAST(" + strconv.FormatInt(most, 10) + ", GREATEST(" + strings.Join(counted, ", ") + "))"
}

// CopyAutoIncrement sets AUTO_RANDOM_BASE for an AUTO_RANDOM key, which has a counter of
// its own (https://docs.pingcap.com/tidb/stable/auto-random/).
func (d TiDB) CopyAutoIncrement(table dialect.Table, next string) (setup []dialect.Stmt, carry dialect.Stmt) {
	if _, random := autoRandomBits(table); random {
		return d.copyCounter(table, "AUTO_RANDOM_BASE", next)
	}
	return d.Dialect.CopyAutoIncrement(table, next)
}
