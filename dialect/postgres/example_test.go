package postgres_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

func ExampleOpen() {
	db, err := postgres.Open(os.Getenv("SHOP_DSN"), 10*time.Second) // such as postgres://USER:PASSWORD@HOST/DATABASE
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	client := exec.New(db, postgres.New(), exec.Identity{Actor: "price-service"})
	res, err := client.Upload(context.Background(), exec.Request{Table: "shop.prices", DocID: "prices-2026-11", Source: rowsource.File("prices.csv", rowsource.Options{})})
	if err != nil {
		log.Fatal(err) // the table is unchanged
	}
	fmt.Println(res.RowsLoaded, res.RowsBackedUp)
}

// Literals are read back as the same values in a session of the dialect.
func ExampleDialect_Literal() {
	d := postgres.New()
	fmt.Println(d.QuoteTable(dialect.Ident{Schema: "shop", Name: `price"list`}))
	fmt.Println(d.Literal(rowsource.Text(`it's C:\new`)), d.Literal(rowsource.Null()), d.Literal(rowsource.Blob([]byte{0, 0xff})))

	// Output:
	// "shop"."price""list"
	// E'it''s C:\\new' NULL E'\\x00ff'
}
