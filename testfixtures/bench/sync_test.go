package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The rows that differ in the file of writeChanges.
const changed, gone = 1000, 100

// writeChanges writes the rows of another file with 1,000 of them changed, 100 left out,
// and 100 new ones.
func writeChanges(b *testing.B, of string) string {
	b.Helper()
	in, err := os.Open(of)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	name := filepath.Join(filepath.Dir(of), "changes.csv")
	out, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(out, 1<<20)
	lines := bufio.NewScanner(in)
	for n := -1; lines.Scan(); n++ {
		switch {
		case n >= 0 && n%(rows/gone) == 7: // left out
		case n >= 0 && n%(rows/changed) == 11:
			fmt.Fprintln(w, lines.Text()+" changed")
		default:
			fmt.Fprintln(w, lines.Text())
		}
	}
	for i := range gone {
		fmt.Fprintf(w, "new%d@example.com,New,dept-00,c000,1,2024-01-01,n%07d,new\n", i, i)
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	return name
}

// BenchmarkSQLiteSync brings a table of 1,000,000 rows up to date with a file in which
// 1,200 differ, against the sqlite3 program with a stage and three statements.
func BenchmarkSQLiteSync(b *testing.B) {
	s := newSQLite(b, true)
	s.after = writeChanges(b, s.before)
	var differ, set []string
	for _, c := range strings.Split(columns, ", ") {
		differ, set = append(differ, "t."+c+" IS NOT s."+c), append(set, c+" = s."+c)
	}
	byHand := fmt.Sprintf(`.bail on
BEGIN IMMEDIATE;
CREATE TEMP TABLE s (%s);
.mode csv
.import --schema temp --skip 1 %q s
CREATE TABLE t_backup (id INTEGER PRIMARY KEY AUTOINCREMENT, doc_id TEXT, upload_timestamp TEXT, snapshot_version INTEGER, %s);
INSERT INTO t_backup (doc_id, upload_timestamp, snapshot_version, %s) SELECT 'doc_1', '2026-01-01', 1, %s FROM t;
DELETE FROM t WHERE badge NOT IN (SELECT badge FROM s);
UPDATE t SET %s FROM s WHERE t.badge = s.badge AND (%s);
INSERT INTO t (%s) SELECT %s FROM s WHERE badge NOT IN (SELECT badge FROM t);
COMMIT;
`, strings.Replace(typed, "badge TEXT", "badge TEXT NOT NULL PRIMARY KEY", 1), s.after, typed, columns, columns, strings.Join(set, ", "), strings.Join(differ, " OR "), columns, columns)
	pair(b, func() { s.reset(b) }, func() usage { return s.apply(b, "--strategy", "sync") }, func() usage { return s.sql(b, byHand) })
}
