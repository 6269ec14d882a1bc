package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sqliteFile is a database in a file.
type sqliteFile struct {
	full, work string
	rows       string // the file of new ones
	table      string
}

// The tables: one with types, a primary key and an index, and one of texts without any.
const (
	keyed = "CREATE TABLE %[1]s (email TEXT NOT NULL, name TEXT, department TEXT, country TEXT, salary INTEGER, started TEXT, badge TEXT NOT NULL PRIMARY KEY, note TEXT);\n" +
		"CREATE INDEX %[1]s_email ON %[1]s (email);\n"
	texts = "CREATE TABLE %[1]s (email TEXT, name TEXT, department TEXT, country TEXT, salary TEXT, started TEXT, badge TEXT, note TEXT);\n"
)

func newSQLite(b *testing.B, rows int, table string) sqliteFile {
	b.Helper()
	dir := b.TempDir()
	s := sqliteFile{full: filepath.Join(dir, "full.db"), work: filepath.Join(dir, "work.db"), rows: newRows(b, rows), table: table}
	run(b, strings.NewReader(".bail on\nBEGIN;\n"+fmt.Sprintf(table, "t")+fmt.Sprintf(table, "n")+
		"CREATE TABLE t_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, snapshot_version INTEGER,"+
		strings.NewReplacer(" NOT NULL", "", " PRIMARY KEY", "").Replace(columnsOf(table))+");\n"+
		"CREATE INDEX t_backup_snapshot ON t_backup (snapshot_version);\n"+
		imported("t", oldRows(b, rows))+"COMMIT;\n"), "sqlite3", s.full)
	return s
}

// columnsOf is what stands in the parentheses of the table's statement.
func columnsOf(table string) string {
	_, from, _ := strings.Cut(table, "(")
	definitions, _, _ := strings.Cut(from, ");")
	return definitions
}

func imported(table, file string) string {
	return fmt.Sprintf(".mode csv\n.import --skip 1 %q %s\n", file, table)
}

func (s sqliteFile) file() string              { return s.rows }
func (s sqliteFile) with(file string) database { s.rows = file; return s }

func (s sqliteFile) reset(b *testing.B) {
	b.Helper()
	os.Remove(s.work)
	copyFile(b, s.full, s.work)
}

// rest has nothing to wait for: no SQLite works behind a commit.
func (sqliteFile) rest(*testing.B) {}

func (s sqliteFile) sql(b *testing.B, script string) usage {
	b.Helper()
	return run(b, strings.NewReader(".bail on\n"+script), "sqlite3", s.work)
}

func (s sqliteFile) tablesnap(b *testing.B, args ...string) usage {
	b.Helper()
	return run(b, nil, tool(b), append(args, "--dsn", "sqlite:"+s.work)...)
}

func (s sqliteFile) replaceByHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "BEGIN IMMEDIATE;\n"+copied()+"DELETE FROM t;\n"+imported("t", s.rows)+"COMMIT;\n")
}

func (sqliteFile) loading(table, file string, _ []string) string { return imported(table, file) }

func (s sqliteFile) load(b *testing.B) usage {
	b.Helper()
	return s.sql(b, "BEGIN IMMEDIATE;\n"+imported("n", s.rows)+"COMMIT;\n")
}

func (s sqliteFile) syncByHand(b *testing.B) usage {
	b.Helper()
	return s.sql(b, fmt.Sprintf("BEGIN IMMEDIATE;\nCREATE TEMP TABLE s (%s);\n.mode csv\n.import --schema temp --skip 1 %q s\n", columnsOf(s.table), s.rows)+
		syncedByHand("DELETE FROM t WHERE badge NOT IN (SELECT badge FROM s)",
			"UPDATE t SET "+each("%[1]s = s.%[1]s", ", ")+" FROM s WHERE t.badge = s.badge AND ("+each("t.%[1]s IS NOT s.%[1]s", " OR ")+")"))
}
