package exec_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// One call replaces the rows of a panel: it backs up the present rows, clears the table,
// and loads the new rows, all or nothing.
func Example() {
	dir, err := os.MkdirTemp("", "tablesnap-example-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	db, err := sqlite.Open("sqlite:"+filepath.Join(dir, "panels.db")+"?mode=rwc", 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	client := exec.New(db, sqlite.New(), exec.Identity{Actor: "panel-service"})

	upload := func(docID string, rows ...[]any) {
		res, err := client.Upload(context.Background(), exec.Request{
			Table:  "HR Panel", // the table hr_panel
			Kind:   plan.Panel(),
			DocID:  docID,
			Source: rowsource.Rows("panel-service", []string{"email", "access"}, rows),
			// The first upload creates the table.
			Options: plan.Options{Create: true},
		})
		var hazards *plan.HazardError
		switch {
		case errors.As(err, &hazards):
			fmt.Println("ask a person first:", hazards)
		case err != nil:
			fmt.Println("the table is as it was:", err)
		default:
			fmt.Printf("version %d: %d rows loaded, %d rows backed up\n", res.Version, res.RowsLoaded, res.RowsBackedUp)
		}
	}
	upload("doc_122", []any{"ada@example.com", "admin"}, []any{"grace@example.com", nil})
	upload("doc_123", []any{"ada@example.com", "editor"})
	upload("doc_124")

	// Output:
	// version 1: 2 rows loaded, 0 rows backed up
	// version 2: 1 rows loaded, 2 rows backed up
	// ask a person first: upload to "hr_panel" blocked: EMPTY_SOURCE: panel-service has no rows, and "hr_panel" would be empty after the upload
}

// Each part of an upload is also available as a method of its own.
func ExampleClient_BackUpExistingData() {
	ctx := context.Background()
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
	if _, err := db.Exec(`CREATE TABLE prices (item TEXT, cents INTEGER, checked TEXT);
		INSERT INTO prices VALUES ('tea', 250, 'yes'), ('milk', 99, 'no')`); err != nil {
		log.Fatal(err)
	}
	client := exec.New(db, sqlite.New(), exec.Identity{Actor: "price-service"})

	name, err := client.CreateBackupTable(ctx, "prices")
	fmt.Println(name, err)
	rows, err := client.BackUpExistingData(ctx, "prices", "doc_1", "2026-11-24")
	fmt.Println(rows, err)
	versions, err := client.BackupHistory(ctx, "prices", 0) // 0: the default limit, 50
	for _, v := range versions {
		if v.DocID != nil {
			fmt.Println(*v.DocID, *v.UploadTimestamp, *v.Rows, v.Where, err)
		}
	}
	rows, err = client.ClearTable(ctx, "prices")
	fmt.Println(rows, err)
	removed, err := client.RemoveColumnIfExists(ctx, "prices", "checked")
	fmt.Println(removed, err)
	removed, err = client.RemoveColumnIfExists(ctx, "prices", "checked")
	fmt.Println(removed, err)
	previous, err := client.PreviousUpload(ctx, "prices", "doc_2", "2026-11-25")
	fmt.Println(previous, err)

	// Output:
	// prices_backup <nil>
	// 2 <nil>
	// doc_1 2026-11-24 2 prices_backup <nil>
	// 2 <nil>
	// true <nil>
	// false <nil>
	// <nil> <nil>
}

// pricesClient is a client of a new SQLite file. Call done at the end.
func pricesClient() (client *exec.Client, done func()) {
	dir, err := os.MkdirTemp("", "tablesnap-example-*")
	if err != nil {
		log.Fatal(err)
	}
	db, err := sqlite.Open("sqlite:"+filepath.Join(dir, "prices.db")+"?mode=rwc", 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	return exec.New(db, sqlite.New(), exec.Identity{Actor: "price-service"}), func() {
		db.Close()
		os.RemoveAll(dir)
	}
}

func pricesOf(docID, csv string) exec.Request {
	src := rowsource.Bytes([]byte("item,cents\n"+csv), rowsource.Options{Name: "prices.csv"})
	return exec.Request{Table: "prices", DocID: docID, Source: src, Options: plan.Options{Create: true}}
}

// A plan can be made, reviewed and run separately. It runs only if the table and the
// source are still those that it was made for.
func ExampleClient_Apply() {
	ctx := context.Background()
	client, done := pricesClient()
	defer done()

	october, november := pricesOf("2026-10", "tea,250\n"), pricesOf("2026-11", "tea,275\n")
	p, err := client.Plan(ctx, november)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Upload(ctx, october); err != nil { // another upload comes first
		log.Fatal(err)
	}
	_, err = client.Apply(ctx, p, november.Source, nil)
	var drift *exec.DriftError
	fmt.Println(errors.As(err, &drift))

	if p, err = client.Plan(ctx, november); err != nil {
		log.Fatal(err)
	}
	res, err := client.Apply(ctx, p, november.Source, nil)
	fmt.Println(res.Version, res.RowsBackedUp, err)

	// Output:
	// true
	// 2 1 <nil>
}

// A restore loads an earlier version as a new version, and backs up the rows that it
// replaces.
func ExampleClient_Restore() {
	ctx := context.Background()
	client, done := pricesClient()
	defer done()
	for _, req := range []exec.Request{pricesOf("2026-10", "milk,99\ntea,250\n"), pricesOf("2026-11", "milk,99\ntea,2750\n")} {
		if _, err := client.Upload(ctx, req); err != nil {
			log.Fatal(err)
		}
	}
	version := int64(1)
	diff, err := client.Diff(ctx, exec.DiffRequest{Table: "prices", From: &version, Key: []string{"item"}}, func(_ exec.Diff, c exec.Change) error {
		fmt.Println(c.Kind, c.From, c.To)
		return nil
	})
	fmt.Println(diff.Changed, err)

	res, err := client.Restore(ctx, exec.RestoreRequest{Table: "prices", Version: &version})
	fmt.Println(res.Version, res.RowsLoaded, err)
	w, err := rowsource.NewWriter(os.Stdout, rowsource.FormatCSV, "")
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Export(ctx, exec.ExportRequest{Table: "prices"}, w)
	fmt.Println(w.Flush(), err)

	// Output:
	// changed ["tea" "250"] ["tea" "2750"]
	// 1 <nil>
	// 3 2 <nil>
	// item,cents
	// milk,99
	// tea,250
	// <nil> <nil>
}
