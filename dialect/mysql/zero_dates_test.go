package mysql

import (
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestZeroDates: the session accepts all zero dates, since rows with them must be copied.
// Those of a file are accepted only if the server's own SQL mode accepts them.
func TestZeroDates(t *testing.T) {
	for _, c := range []struct {
		mode, date string
		taken      bool
	}{
		{"", "0000-00-00", true}, {"", "2024-00-00", true}, {"STRICT_ALL_TABLES,NO_ZERO_DATE", "0000-00-00", false},
		{"NO_ZERO_DATE", "2024-00-00", true}, {"NO_ZERO_IN_DATE", "0000-00-00", true}, {"NO_ZERO_IN_DATE", "2024-02-00", false},
		{"NO_ZERO_IN_DATE,NO_ZERO_DATE", "2024-02-20", true},
	} {
		for _, typ := range []string{"date", "datetime(6)", "timestamp"} {
			values := []string{c.date}
			if typ != "date" {
				values = append(values, c.date+" 00:00:00")
			}
			for _, v := range values {
				err := New().Checker(dialect.Server{SQLMode: c.mode}, dialect.Table{}, col("c", typ))(rowsource.Text(v))
				// A TIMESTAMP has no month or day 0, whatever the mode.
				if taken := c.taken && (typ != "timestamp" || c.date != "2024-00-00"); (err == nil) != taken {
					t.Errorf("sql_mode %q, %s %s: %v", c.mode, typ, v, err)
				}
			}
		}
	}
}

// TestZeroDatesOnServers uploads zero dates to a table that already has some.
func TestZeroDatesOnServers(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.session(), "CREATE TABLE people (email VARCHAR(20), born DATE)", "INSERT INTO people VALUES ('old', '0000-00-00')")
		modes := strings.Split(l.inspect("people").Server.SQLMode, ",")
		client := exec.New(l.db, l.d, exec.Identity{})
		for _, c := range []struct{ date, mode string }{{"0000-00-00", "NO_ZERO_DATE"}, {"2024-01-00", "NO_ZERO_IN_DATE"}} {
			src := rowsource.Bytes([]byte("email,born\n"+c.date+","+c.date+"\n"), rowsource.Options{Name: "people.csv"})
			_, err := client.Upload(t.Context(), exec.Request{Table: "people", Kind: plan.AnyTable(), DocID: c.date, Source: src})
			forbidden := slices.Contains(modes, c.mode) || l.name == "tidb" && c.mode == "NO_ZERO_IN_DATE"
			if (err != nil) != forbidden {
				t.Errorf("%s, where the server's SQL mode is %q: %v", c.date, modes, err)
			}
			_, err = client.Upload(t.Context(), exec.Request{Table: "people", Kind: plan.AnyTable(), DocID: "after " + c.date,
				Source: rowsource.Bytes([]byte("email,born\na,2024-02-29\n"), rowsource.Options{Name: "p.csv"}), Options: plan.Options{Allow: []plan.Code{plan.SameFile}}})
			if err != nil {
				t.Errorf("back up what stood there: %v", err)
			}
		}
		l.same("the backup of the zero date", lines(t, l.db, "SELECT concat(born) FROM people_backup WHERE email = 'old'"), []string{"0000-00-00"})
	})
}
