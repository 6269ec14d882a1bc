package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const manyTables = 200

// BenchmarkMany uploads to 200 small tables by apply --all, and does the statements of these
// uploads by hand: a backup table, and a transaction that copies, clears and loads.
func BenchmarkMany(b *testing.B) {
	onManyTables(b, func(b *testing.B, d database, m manyFiles) {
		pair(b, func() { m.reset(b, d) },
			func() usage { return m.apply(b, d) },
			func() usage { return d.sql(b, m.byHand) })
	})
}

// BenchmarkManyScripts runs the same uploads, and their plans as scripts, with all guards and
// audit rows.
func BenchmarkManyScripts(b *testing.B) {
	onManyTables(b, func(b *testing.B, d database, m manyFiles) {
		m.reset(b, d)
		scripts := m.scripts(b, d)
		pair(b, func() { m.reset(b, d) },
			func() usage { return m.apply(b, d) },
			func() usage { return d.sql(b, scripts) })
	})
}

func onManyTables(b *testing.B, run func(b *testing.B, d database, m manyFiles)) {
	onAllOf(b, few, func(b *testing.B, d database) { run(b, d, many(b)) })
}

// manyFiles are settings with a file for each table, a script that makes the tables anew, and
// one with the statements of the uploads.
type manyFiles struct{ settings, made, byHand string }

// reset makes all tables as they were before any upload. tablesnap's own tables are empty.
func (m manyFiles) reset(b *testing.B, d database) {
	b.Helper()
	d.reset(b)
	d.tablesnap(b, "migrate")
	d.sql(b, m.made)
	d.rest(b)
}

func (m manyFiles) apply(b *testing.B, d database) usage {
	b.Helper()
	return d.tablesnap(b, "apply", "--all", "--doc-id", "doc_1", "--yes", "--config", m.settings)
}

// scripts are the plans of all uploads for the vendor's own client, in their order.
func (m manyFiles) scripts(b *testing.B, d database) string {
	b.Helper()
	dir := b.TempDir()
	d.tablesnap(b, "plan", "--all", "--doc-id", "doc_1", "--config", m.settings, "--format", "sql", "--rows", "all", "--out", dir)
	var all strings.Builder
	for i := range manyTables {
		script, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("small_%03d.sql", i)))
		if err != nil {
			b.Fatal(err)
		}
		all.Write(script)
		all.WriteString("\n")
	}
	return all.String()
}

func many(b *testing.B) manyFiles {
	b.Helper()
	dir := b.TempDir()
	var all, before, after strings.Builder
	all.WriteString("tables:\n")
	for i := range manyTables {
		table := fmt.Sprintf("small_%03d", i)
		fmt.Fprintf(&all, "  %s:\n    file: %s.csv\n    strategy: in-place\n", table, table)
		write(b, filepath.Join(dir, table+".csv"), "id,name,price\n1,one,100\n2,two,200\n3,three,300\n4,four,400\n")
		fmt.Fprintf(&before, "DROP TABLE IF EXISTS %[1]s;\nDROP TABLE IF EXISTS %[1]s_backup;\n"+
			"CREATE TABLE %[1]s (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40), price INTEGER);\nINSERT INTO %[1]s VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3);\n", table)
		fmt.Fprintf(&after, "CREATE TABLE %[1]s_backup (id BIGINT, doc_id VARCHAR(255), upload_timestamp VARCHAR(255), snapshot_version BIGINT, backup_id INTEGER, name VARCHAR(40), price INTEGER);\n"+
			"CREATE INDEX %[1]s_backup_snapshot ON %[1]s_backup (snapshot_version);\nBEGIN;\n"+
			"INSERT INTO %[1]s_backup (doc_id, upload_timestamp, snapshot_version, backup_id, name, price) SELECT 'doc_1', '2026-01-01', 0, id, name, price FROM %[1]s;\n"+
			"DELETE FROM %[1]s;\nINSERT INTO %[1]s VALUES (1, 'one', 100), (2, 'two', 200), (3, 'three', 300), (4, 'four', 400);\nCOMMIT;\n", table)
	}
	settings := filepath.Join(dir, "tablesnap.yaml")
	write(b, settings, all.String())
	return manyFiles{settings, before.String(), after.String()}
}

func write(b *testing.B, name, content string) {
	b.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
}
