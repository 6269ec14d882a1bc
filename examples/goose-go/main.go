package main

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/exec/migration"
	"github.com/tablesnap/tablesnap/plan"
)

//go:embed migrations/*.sql uploads/*.csv
var files embed.FS

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: goose-go DATABASE up|down")
	}
	db, err := sql.Open("sqlite", "file:"+os.Args[1]+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := migrate(context.Background(), os.Stdout, db, os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

// migrate goes all the way up, or one migration down.
func migrate(ctx context.Context, w io.Writer, db *sql.DB, direction string) error {
	scripts, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, scripts, goose.WithGoMigrations(
		migration.New(2, migration.Upload{
			Backend: sqlite.New(),
			Files:   files,
			File:    "uploads/prices.csv",
			Table:   "prices",
			Kind:    plan.AnyTable(),
			DocID:   "prices-2026-11",
		}),
	))
	if err != nil {
		return err
	}
	var results []*goose.MigrationResult
	if direction == "down" {
		var one *goose.MigrationResult
		one, err = p.Down(ctx)
		results = append(results, one)
	} else {
		results, err = p.Up(ctx)
	}
	if err != nil {
		return err
	}
	for _, r := range results {
		fmt.Fprintf(w, "migration %d: %s\n", r.Source.Version, r.Direction)
	}
	return nil
}
