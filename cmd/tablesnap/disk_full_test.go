//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const (
	fullOld = 500
	fullNew = 3000
)

// TestDiskFull uploads to a database on a file system of 600 kB, which is too small for
// the new rows. With a small cache the load fails, otherwise the commit.
func TestDiskFull(t *testing.T) {
	for _, journal := range []string{"delete", "wal"} {
		t.Run(journal, func(t *testing.T) {
			t.Parallel()
			results := onFullDisk(t, journal)
			for name, says := range map[string]string{"commit": "tablesnap: commit: database or disk is full", "load": `tablesnap: load rows into "main"."t" (step 05-load): database or disk is full`} {
				r := results(name)
				if r.code != exitFailed || r.stdout != "" || !strings.Contains(r.stderr, says) || !strings.Contains(r.stderr, `"t" is as it was`) {
					t.Errorf("want %q and that the table is as it was: %s", says, r)
				}
				if left := results("after-" + name); left.stdout != results("before").stdout || strings.Count(left.stdout, "\n") != fullOld+1 {
					t.Errorf("the table is not as it was after the %s: %s", name, left)
				}
				if audit := results("audit-" + name); audit.code != exitDone || !strings.Contains(audit.stdout, "upload of t, version 2, failed\n") {
					t.Errorf("the audit does not say that the run failed: %s", audit)
				}
			}
			if r := results("again"); r.code != exitDone || !strings.Contains(r.stdout, "t is at version 2: "+strconv.Itoa(fullNew)+" rows") {
				t.Errorf("the next upload, with room: %s", r)
			}
		})
	}
}

// onFullDisk runs the uploads in a mount namespace, which needs no privileges on systems
// with user namespaces. The returned function has the result of each command.
func onFullDisk(t *testing.T, journal string) func(name string) result {
	t.Helper()
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "old.csv"), "old", fullOld)
	writeRows(t, filepath.Join(dir, "new.csv"), "new", fullNew)
	const script = `
mkdir disk && mount -t tmpfs -o size=600k none disk && cd disk || exit 77
ran() { name=$1; shift; tablesnap "$@" >../$name.stdout 2>../$name.stderr; echo $? >../$name.code; }
upload() { ran $1 apply ../$2.csv --table t --doc-id $1 --yes --dsn "sqlite:t.db$3"; }
ran first apply ../old.csv --table t --create --doc-id old --yes --dsn "sqlite:t.db?_pragma=journal_mode($JOURNAL)"
ran before export t --dsn sqlite:t.db
dd if=/dev/zero of=filler bs=1k count=400 2>/dev/null
for how in commit load; do
	cache=; [ $how = commit ] || cache='?_pragma=cache_size(10)'
	upload $how new "$cache"
	ran after-$how export t --dsn sqlite:t.db
	ran audit-$how audit --dsn sqlite:t.db
done
rm filler
upload again new ''
`
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script)
	cmd.Dir, cmd.Env = dir, withoutDSN("NO_COLOR=", "JOURNAL="+journal)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here, as in a container without rights (TestPagesFull is without): %v %s", err, out)
	}
	return func(name string) result {
		t.Helper()
		read := func(what string) string {
			content, err := os.ReadFile(filepath.Join(dir, name+"."+what))
			if err != nil {
				t.Fatal(err)
			}
			return string(content)
		}
		code, err := strconv.Atoi(strings.TrimSpace(read("code")))
		if err != nil {
			t.Fatal(err)
		}
		return result{code, read("stdout"), read("stderr")}
	}
}

// TestPagesFull is TestDiskFull with a limit on the database's pages instead of a small
// file system.
func TestPagesFull(t *testing.T) {
	dir := t.TempDir()
	writeRows(t, filepath.Join(dir, "old.csv"), "old", fullOld)
	writeRows(t, filepath.Join(dir, "new.csv"), "new", fullNew)
	mustRun(t, dir, "apply", "old.csv", "--table", "t", "--create", "--doc-id", "d1", "--yes")
	before := digest(t, filepath.Join(dir, "tablesnap.db"), allRows)
	r := runTablesnap(t, dir, "apply", "new.csv", "--table", "t", "--doc-id", "d2", "--yes", "--dsn", "sqlite:tablesnap.db?_pragma=max_page_count(60)")
	if r.code != exitFailed || !strings.Contains(r.stderr, "database or disk is full") || !strings.Contains(r.stderr, `"t" is as it was`) {
		t.Error(r)
	}
	if digest(t, filepath.Join(dir, "tablesnap.db"), allRows) != before {
		t.Error("the table is not as it was")
	}
	mustRun(t, dir, "apply", "new.csv", "--table", "t", "--doc-id", "d2", "--yes")
}
