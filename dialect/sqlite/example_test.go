package sqlite_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
)

// A missing file is created only with mode=rwc.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "tablesnap-example-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	dsn := "sqlite:" + filepath.Join(dir, "prices.db")

	var missing *sqlite.NoFileError
	_, err = sqlite.Open(dsn, 10*time.Second)
	fmt.Println(errors.As(err, &missing))

	db, err := sqlite.Open(dsn+"?mode=rwc", 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec("CREATE TABLE prices (item TEXT PRIMARY KEY, cents INTEGER)")
	fmt.Println(err)

	// Output:
	// true
	// <nil>
}
