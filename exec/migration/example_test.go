package migration_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec/migration"
	"github.com/tablesnap/tablesnap/plan"
)

// A program carries a file's rows as a migration: files would be its embed.FS.
func Example() {
	dir, err := os.MkdirTemp("", "tablesnap-example-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open("sqlite:"+filepath.Join(dir, "shop.db")+"?mode=rwc", 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE prices (item TEXT, cents INTEGER); INSERT INTO prices VALUES ('tea', 200)"); err != nil {
		log.Fatal(err)
	}

	files := fstest.MapFS{"uploads/prices.csv": {Data: []byte("item,cents\ntea,250\n")}}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, nil, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(
		migration.New(1, migration.Upload{Backend: sqlite.New(), Files: files, File: "uploads/prices.csv", Table: "prices", Kind: plan.AnyTable(), DocID: "prices-2026-11"})))
	if err != nil {
		log.Fatal(err)
	}
	show := func() {
		var cents int
		err := db.QueryRow("SELECT cents FROM prices").Scan(&cents)
		fmt.Println(cents, err)
	}
	if _, err := provider.Up(context.Background()); err != nil {
		log.Fatal(err)
	}
	show()
	if _, err := provider.Down(context.Background()); err != nil { // brings back what stood there
		log.Fatal(err)
	}
	show()

	// Output:
	// 250 <nil>
	// 200 <nil>
}
