package dialect_test

import (
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/dialect/postgres"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
)

// The facts of a family say what it supports, so programs need not check its name.
func ExampleDialect() {
	for _, d := range []dialect.Dialect{postgres.New(), sqlite.New(), mysql.New(), mysql.NewTiDB()} {
		f := d.Facts()
		fmt.Println(f.Name, f.Strategies, f.CommitsDefinitions)
	}

	// Output:
	// postgres [in-place] false
	// sqlite [in-place] false
	// mysql [in-place swap] true
	// tidb [swap in-place] true
}

// A table is named by its display name, or in quotes by its exact name.
func ExampleParseReference() {
	for _, text := range []string{"HR Panel", "shop.prices", `"shop.prices"`} {
		ref, err := dialect.ParseReference(text)
		fmt.Printf("%q %q %v\n", ref.Schema.Text, ref.Name.Spellings(), err)
	}
	_, err := dialect.ParseReference("a.b.c")
	fmt.Println(err)

	// Output:
	// "" ["HR Panel" "hr_panel"] <nil>
	// "shop" ["prices"] <nil>
	// "" ["shop.prices"] <nil>
	// find the table "a.b.c": a table is NAME or SCHEMA.NAME; if that is the name itself, put it in quotes
}
