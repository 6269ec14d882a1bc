package config_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/tablesnap/tablesnap/config"
)

func ExampleRead() {
	f, err := config.Read(strings.NewReader(`
databases:
  shop: {dsn_env: SHOP_DSN}
tables:
  prices:
    database: shop
    file: uploads/prices.csv
    retention: {keep: 12}
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range f.TableNames() {
		t := f.Tables[name]
		fmt.Println(name, t.File, f.Databases[t.Database].DSNEnv, t.Retention.Keep)
	}

	_, err = config.Read(strings.NewReader("tables:\n  prices:\n    fil: prices.csv\n"))
	fmt.Println(err)

	// Output:
	// prices uploads/prices.csv SHOP_DSN 12
	// line 3: there is no key "fil" here; did you mean file?
}
