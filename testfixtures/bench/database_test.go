package bench

import (
	"fmt"
	"strconv"
	"testing"
)

// database is one of any family, with old rows in the table t, and a file of new ones.
type database interface {
	// reset puts the old rows into the table t. Beside it there is only an empty backup
	// table, and an empty table n, which is like t.
	reset(b *testing.B)
	// rest waits until the database has done what it does behind a commit.
	rest(b *testing.B)
	// sql runs a script by the vendor's own client.
	sql(b *testing.B, script string) usage
	// tablesnap runs a verb of the program.
	tablesnap(b *testing.B, args ...string) usage
	// with is the database with another file of new rows.
	with(file string) database
	// file has the new rows.
	file() string
	// replaceByHand does the steps in place in one transaction, without a guard.
	replaceByHand(b *testing.B) usage
	// syncByHand does the steps of a sync without a guard.
	syncByHand(b *testing.B) usage
	// loading is a script for that client, which loads a file into a table with the columns.
	loading(table, file string, columns []string) string
	// load loads the file into the table n by the vendor's own client.
	load(b *testing.B) usage
}

func apply(b *testing.B, d database, args ...string) usage {
	b.Helper()
	return d.tablesnap(b, append([]string{"apply", d.file(), "--table", "t", "--doc-id", "doc_2", "--yes"}, args...)...)
}

// few rows are enough for benchmarks that have tables of their own.
const few = 100

// onAll runs a benchmark on each database of any family that is there, with 1,000,000 rows.
func onAll(b *testing.B, run func(b *testing.B, d database)) { onAllOf(b, million, run) }

func onAllOf(b *testing.B, rows int, run func(b *testing.B, d database)) {
	b.Run("sqlite", func(b *testing.B) { run(b, newSQLite(b, rows, keyed)) })
	for _, name := range familyOfMySQL {
		b.Run(name, func(b *testing.B) { run(b, newServer(b, name, rows)) })
	}
	for _, name := range familyOfPostgres {
		b.Run(name, func(b *testing.B) { run(b, newPostgres(b, name, rows)) })
	}
}

// onEachSize runs a benchmark on each database, with each number of rows.
func onEachSize(b *testing.B, run func(b *testing.B, d database)) {
	onEachSizeOf(b, "sqlite", func(b *testing.B, rows int) { run(b, newSQLite(b, rows, keyed)) })
	for _, name := range familyOfMySQL {
		onEachSizeOf(b, name, func(b *testing.B, rows int) { run(b, newServer(b, name, rows)) })
	}
	for _, name := range familyOfPostgres {
		onEachSizeOf(b, name, func(b *testing.B, rows int) { run(b, newPostgres(b, name, rows)) })
	}
}

func onEachSizeOf(b *testing.B, name string, run func(b *testing.B, rows int)) {
	b.Run(name, func(b *testing.B) {
		for _, rows := range sizes {
			b.Run(strconv.Itoa(rows), func(b *testing.B) { run(b, rows) })
		}
	})
}

// copied is the copy to the backup by hand.
func copied() string {
	return fmt.Sprintf("INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %[1]s) SELECT 'doc_1', '2026-01-01', 0, %[1]s FROM t;\n", columns)
}
