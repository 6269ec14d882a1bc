// Package goosesql holds migrations in SQL for the goose command. The first makes
// a table. The second was written by
//
//	tablesnap plan prices.csv --table prices --doc-id prices-2026-11 --format goose --out migrations/00002_upload_prices.sql
//
// in a database in which the first had run, and runs with it in any other:
//
//	go run github.com/pressly/goose/v3/cmd/goose@latest -dir migrations sqlite3 'prices.db?_pragma=foreign_keys(1)' up
//
// The third makes a table that refers to the prices. So the fourth writes only the
// prices that differ. It runs only if the connection keeps foreign keys.
//
//	tablesnap plan prices-12.csv --table prices --doc-id prices-2026-12 --strategy sync --format goose --out migrations/00004_sync_prices.sql
package goosesql
