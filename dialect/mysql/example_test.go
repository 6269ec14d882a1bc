package mysql_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

// BackendFor asks the server whether it is MySQL, MariaDB or TiDB.
func ExampleOpen() {
	db, err := mysql.Open(os.Getenv("SHOP_DSN"), 10*time.Second) // such as mysql://USER:PASSWORD@HOST/DATABASE
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	backend, err := mysql.BackendFor(context.Background(), db)
	if err != nil {
		log.Fatal(err)
	}
	client := exec.New(db, backend, exec.Identity{Actor: "price-service"})
	res, err := client.Upload(context.Background(), exec.Request{Table: "prices", DocID: "prices-2026-11", Source: rowsource.File("prices.csv", rowsource.Options{})})
	if err != nil {
		log.Fatal(err) // the table is unchanged
	}
	fmt.Println(res.RowsLoaded, res.RowsBackedUp)
}

// Literals are read back as the same values in a session of the dialect.
func ExampleDialect_Literal() {
	d := mysql.New()
	fmt.Println(d.QuoteTable(dialect.Ident{Schema: "shop", Name: "price`list"}))
	fmt.Println(d.Literal(rowsource.Text(`it's C:\new`)), d.Literal(rowsource.Null()), d.Literal(rowsource.Blob([]byte{0, 0xff})))

	// Output:
	// `shop`.`price``list`
	// 'it''s C:\\new' NULL X'00FF'
}
