// Package goosesql holds migrations in SQL for the goose command. The first makes
// a table. The second was written by
//
//	tablesnap plan prices.csv --table prices --doc-id prices-2026-11 --format goose --out migrations/00002_upload_prices.sql
//
// in a database in which the first had run, and runs with it in any other:
//
//	go run github.com/pressly/goose/v3/cmd/goose@latest -dir migrations sqlite3 prices.db up
package goosesql
