package dsn_test

import (
	"testing"

	"github.com/tablesnap/tablesnap/internal/dsn"
)

func TestDSNOfAFile(t *testing.T) {
	for _, c := range []struct{ dsn, want string }{
		{"sqlite:a.db", "a.db"},
		{"sqlite3:a.db", "a.db"},
		{"SQLITE:a.db", "a.db"},
		{"sqlite:a#b.db", "a#b.db"},
		{"sqlite:a@b.db", "a@b.db"},
		{"sqlite:a b.db", "a b.db"},
		{"sqlite:a%20b.db", "a b.db"},
		{"sqlite:100%.db", "100%.db"},
		{"sqlite:c%3Fd.db?mode=rw", "c?d.db"},
		{"sqlite:/abs/x.db", "/abs/x.db"},
		{"sqlite:///abs/x.db", "/abs/x.db"},
		{"sqlite:////abs/x.db", "/abs/x.db"},
		{"sqlite3:////abs/x.db?_pragma=journal_mode(WAL)", "/abs/x.db"},
		{"sqlite:../x.db", "../x.db"},
	} {
		d, err := dsn.Parse(c.dsn)
		if err != nil || d.Name != c.want {
			t.Errorf("%s: %q, %v", c.dsn, d.Name, err)
		}
	}
}
