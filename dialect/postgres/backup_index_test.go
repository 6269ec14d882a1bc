package postgres_test

import (
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// TestSnapshotsAreLookedUpInIndex: the look for rows of a version does not read a backup
// table of which the server has no statistics yet.
func TestSnapshotsAreLookedUpInIndex(t *testing.T) {
	onEach(t, func(c client) {
		c.run("CREATE TABLE t_backup (snapshot_version bigint, v text)", "CREATE INDEX ON t_backup (snapshot_version)",
			"INSERT INTO t_backup SELECT n / 10000, 'some text' FROM generate_series(1, 50000) AS n")
		q := ledger.HasSnapshotSince(postgres.New(), dialect.Ident{Schema: "public", Name: "t_backup"}, "snapshot_version", 9)
		if plan := strings.Join(c.lines("EXPLAIN "+q.SQL, q.Args...), "\n"); !strings.Contains(plan, "Index") || strings.Contains(plan, "Seq Scan") {
			c.Error(plan)
		}
	})
}
