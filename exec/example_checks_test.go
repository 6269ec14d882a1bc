package exec_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checks look at the new rows before they are committed. One that finds rows rolls the
// upload back, and its error has the first of them.
func ExampleCheckError() {
	dir, err := os.MkdirTemp("", "tablesnap-example-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open("sqlite:"+filepath.Join(dir, "prices.db")+"?mode=rwc", 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	client := exec.New(db, sqlite.New(), exec.Identity{})

	upload := func(docID string, rows ...[]any) {
		_, err := client.Upload(context.Background(), exec.Request{
			Table: "prices", Kind: plan.AnyTable(), DocID: docID,
			Source: rowsource.Rows("price-service", []string{"sku", "cents"}, rows),
			Options: plan.Options{Create: true, After: []string{"ANALYZE {table}"}, Checks: []plan.Check{
				plan.NotNull("sku", "cents"),
				plan.QueryCheck("no price below zero", "SELECT sku, cents FROM {table} WHERE cents LIKE '-%'", plan.Refuse),
			}},
		})
		var found *exec.CheckError
		switch {
		case errors.As(err, &found):
			fmt.Println(found.Check.Name, found.Check.Count, found.Check.Rows)
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println(docID, "is loaded")
		}
	}
	upload("doc_1", []any{"A1", 250}, []any{"B2", 99})
	upload("doc_2", []any{"A1", 250}, []any{"B2", -99})
	upload("doc_3", []any{"A1", 250}, []any{"B2", nil})

	// Output:
	// doc_1 is loaded
	// no price below zero 1 [["B2" "-99"]]
	// read the upload: price-service row 2, column "cents": value NULL: it is NULL, and the check "not_null (sku, cents)" wants a value
}
