package exec_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The conformance suite tests uploads in every dialect. The tests of this package cover the
// runner and its client: connections, goroutines, crashes and failures.

// testDatabase is a database file and a client.
type testDatabase struct {
	*testing.T
	file   string
	db     *sql.DB
	client *exec.Client
}

func newTestDatabase(t *testing.T, statements ...string) testDatabase {
	t.Helper()
	return openDesk(t, sqlitetest.File(t), statements...)
}

func openDesk(t *testing.T, file string, statements ...string) testDatabase {
	t.Helper()
	db := sqlitetest.Open(t, file, statements...)
	return testDatabase{t, file, db, exec.New(db, sqlite.New(), exec.Identity{Actor: "tester", Tool: "test"})}
}

// request is an upload to the table people.
func request(docID string, lines ...string) exec.Request {
	src := rowsource.Bytes([]byte(strings.Join(lines, "\n")+"\n"), rowsource.Options{Name: "people.csv"})
	return exec.Request{Table: "people", Kind: plan.AnyTable(), DocID: docID, UploadTimestamp: "ts", Source: src,
		Options: plan.Options{Create: true}}
}

func manyPeople(n int) []string {
	lines := []string{"email,n"}
	for i := range n {
		lines = append(lines, fmt.Sprintf("person_%d@example.com,%d", i, i))
	}
	return lines
}

func (d testDatabase) upload(r exec.Request) exec.Result {
	d.Helper()
	res, err := d.client.Upload(context.Background(), r)
	if err != nil {
		d.Fatalf("upload %s: %v", r.DocID, err)
	}
	return res
}

func (d testDatabase) plan(r exec.Request) plan.Plan {
	d.Helper()
	p, err := d.client.Plan(context.Background(), r)
	if err != nil {
		d.Fatal(err)
	}
	return p
}

// rows returns the rows of a query, one line each, with NULL for NULL.
func (d testDatabase) rows(query string) []string {
	d.Helper()
	rows, err := d.db.QueryContext(context.Background(), query)
	if err != nil {
		d.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		d.Fatal(err)
	}
	lines := []string{}
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			d.Fatal(err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			if texts[i] = "NULL"; v.Valid {
				texts[i] = v.String
			}
		}
		lines = append(lines, strings.Join(texts, " | "))
	}
	if err := rows.Err(); err != nil {
		d.Fatal(err)
	}
	return lines
}

func (d testDatabase) same(what string, got []string, want ...string) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		d.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// runs returns the runs on people, oldest first, with the states of their steps.
func (d testDatabase) runs() []string {
	d.Helper()
	found, err := d.client.Audit(context.Background(), exec.RunFilter{Table: "people"})
	if err != nil {
		d.Fatal(err)
	}
	slices.Reverse(found)
	lines := make([]string, len(found))
	for i, r := range found {
		lines[i] = r.DocID + " " + r.State + ": " + strings.Join(states(r), ", ")
	}
	return lines
}

func states(r exec.Run) []string {
	var ss []string
	for _, s := range r.Steps {
		ss = append(ss, s.Kind+" "+s.State)
	}
	return ss
}
