package mysql

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestSyncWithoutIndex: by a key that no index of the table has, no statement of a sync reads
// one table from beginning to end for each row of another.
func TestSyncWithoutIndex(t *testing.T) {
	const rows = 2000
	var b strings.Builder
	b.WriteString("a,b,note\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,b%d,note %d\n", i%3, i, i)
	}
	onEach(t, func(t *testing.T, l live) {
		client := exec.New(l.db, l.d, exec.Identity{})
		for name, create := range map[string]string{
			"texts_of_any_length": "a INT NOT NULL, b LONGTEXT NOT NULL",
			"short_texts":         "a INT NOT NULL, b VARCHAR(60) NOT NULL",
			"long_texts":          "a INT NOT NULL, b VARCHAR(2000) CHARACTER SET utf8mb4 NOT NULL",
			"bytes":               "a INT NOT NULL, b BLOB NOT NULL",
			"part_with_an_index":  "a INT NOT NULL, b LONGTEXT NOT NULL, KEY (a)",
		} {
			run(t, l.db, "CREATE TABLE "+name+" ("+create+", note VARCHAR(60)) ENGINE=InnoDB")
			r := exec.Request{Table: name, Kind: plan.AnyTable(), DocID: "first", Source: rowsource.Bytes([]byte(b.String()), rowsource.Options{Name: "first.csv"}),
				Options: plan.Options{Strategy: dialect.InPlace}}
			if _, err := client.Upload(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			r.Options = plan.Options{Strategy: dialect.Sync, Key: []string{"a", "b"}, Allow: []plan.Code{plan.SameFile}}
			p, err := client.Plan(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			l.explainSync(p, name)
		}
	}, "tidb") // it hashes what has no index
}

// explainSync fills the tables of a sync, and looks how the server would run its statements.
func (l live) explainSync(p plan.Plan, table string) {
	l.Helper()
	var explained []string
	for _, s := range p.Steps() {
		if s.Kind == plan.CreateStage {
			run(l.T, l.db, s.SQL)
		}
		explained = append(explained, s.SQL)
		for _, a := range append(s.Before, s.After...) {
			explained = append(explained, a.SQL)
		}
	}
	run(l.T, l.db, "INSERT INTO "+table+"_tablesnap_stage (a, b, note) SELECT a, concat(b, if(a = 1, 'x', '')), 'other' FROM "+table,
		"INSERT INTO "+table+"_tablesnap_list (a, b, what) SELECT a, b, CASE a WHEN 1 THEN 'delete' ELSE 'update' END FROM "+table)
	lines(l.T, l.db, "ANALYZE TABLE "+table+", "+table+"_tablesnap_stage, "+table+"_tablesnap_list")
	joins := 0
	for _, s := range explained {
		if slices.Contains(strings.Fields(s), "JOIN") {
			joins++
			l.quickJoins(s)
		}
	}
	if joins < 5 {
		l.Errorf("%s: only %d statements of the plan join tables", table, joins)
	}
}

// quickJoins fails if a statement reads all of a table for each row of the one before it.
func (l live) quickJoins(statement string) {
	l.Helper()
	columns, rows := texts(l, l.db, "", "EXPLAIN FORMAT=TRADITIONAL "+statement)
	before := ""
	for _, values := range rows {
		found := map[string]string{}
		for i, c := range columns {
			found[c] = values[i]
		}
		if found["select_type"] == "INSERT" { // what the rows go to
			continue
		}
		isResult := strings.HasPrefix(found["table"], "<") // of another part of the query
		hashed := strings.Contains(found["Extra"], "hash join")
		if found["type"] == "ALL" && found["id"] == before && !isResult && !hashed {
			l.Errorf("it reads all of %s for each row of another table: %s", found["table"], statement)
		}
		before = found["id"]
	}
}
