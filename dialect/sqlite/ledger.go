package sqlite

import "github.com/tablesnap/tablesnap/dialect"

// Ledger puts the ledger's tables into the main schema. changes() is the row count of the
// last INSERT, UPDATE or DELETE (https://www.sqlite.org/lang_corefunc.html#changes).
func (Dialect) Ledger() dialect.LedgerWords {
	return dialect.LedgerWords{
		Schema:     mainSchema,
		Migrations: migrations(),
		Now:        "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
		ThisRun:    `(SELECT "id" FROM "temp"."tablesnap_this_run")`,
		Changes:    "changes()",
	}
}

// RememberRun stores the run's id in a temporary table, since SQLite has no session
// variables.
func (Dialect) RememberRun(id int64) []dialect.Stmt {
	if id == 0 {
		return keepRun("last_insert_rowid()")
	}
	return keepRun(integer(id))
}

func keepRun(id string) []dialect.Stmt {
	return []dialect.Stmt{
		{SQL: `DROP TABLE IF EXISTS "temp"."tablesnap_this_run"`},
		{SQL: `CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT ` + id + ` AS "id"`},
	}
}

// KeepRun stores the id in a temporary table for all runs.
func (Dialect) KeepRun(n int) []dialect.Stmt {
	return []dialect.Stmt{
		{SQL: `CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id")`},
		{SQL: `INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT ` + integer(int64(n)) + `, "id" FROM "temp"."tablesnap_this_run"`},
	}
}

// KeptRun reads that table.
func (Dialect) KeptRun(n int) string {
	return `(SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = ` + integer(int64(n)) + `)`
}

// UseRun overwrites what RememberRun has stored.
func (d Dialect) UseRun(n int) []dialect.Stmt {
	return []dialect.Stmt{{SQL: `UPDATE "temp"."tablesnap_this_run" SET "id" = ` + d.KeptRun(n)}}
}

func migrations() []dialect.Migration {
	return []dialect.Migration{{Version: 0, Stmts: []dialect.Stmt{{SQL: createVersion}}}, {Version: 1, Stmts: []dialect.Stmt{
		{SQL: createRun}, {SQL: createRunIndex}, {SQL: createAudit},
	}}, {Version: dialect.PinMigration, Stmts: []dialect.Stmt{{SQL: createPin}}},
		{Version: dialect.DetailsMigration, Stmts: []dialect.Stmt{{SQL: addDetails}}}}
}

const (
	// createVersion is goose's own statement, with the schema added.
	createVersion = `CREATE TABLE "main"."tablesnap_goose_version" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "version_id" INTEGER NOT NULL,
  "is_applied" INTEGER NOT NULL,
  "tstamp" TIMESTAMP DEFAULT (datetime('now'))
)`
	createRun = `CREATE TABLE "main"."tablesnap_run" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "table_name" TEXT NOT NULL,
  "operation" TEXT NOT NULL,
  "event" TEXT NOT NULL,
  "version_made" INTEGER NOT NULL,
  "version_replaced" INTEGER,
  "doc_id" TEXT NOT NULL,
  "upload_timestamp" TEXT NOT NULL,
  "source_name" TEXT NOT NULL,
  "source_sha256" TEXT NOT NULL,
  "source_rows" INTEGER NOT NULL,
  "plan_hash" TEXT NOT NULL,
  "rows_backed_up" INTEGER,
  "rows_loaded" INTEGER,
  "warnings" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "actor" TEXT,
  "tool_version" TEXT NOT NULL,
  "started_at" TEXT NOT NULL,
  "finished_at" TEXT
)`
	createRunIndex = `CREATE INDEX "main"."tablesnap_run_table" ON "tablesnap_run" ("table_name", "state", "version_made")`
	createAudit    = `CREATE TABLE "main"."tablesnap_audit" (` + auditColumns + auditKey
	// createAuditNow creates the table as it is after all migrations.
	createAuditNow = `CREATE TABLE "main"."tablesnap_audit" (` + auditColumns + `
  "details" TEXT,` + auditKey
	addDetails   = `ALTER TABLE "main"."tablesnap_audit" ADD COLUMN "details" TEXT`
	auditColumns = `
  "run_id" INTEGER NOT NULL REFERENCES "tablesnap_run" ("id"),
  "seq" INTEGER NOT NULL,
  "step" TEXT NOT NULL,
  "kind" TEXT NOT NULL,
  "event" TEXT,
  "sql_text" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "row_count" INTEGER,
  "duration_ms" INTEGER,
  "message" TEXT,
  "started_at" TEXT NOT NULL,
  "finished_at" TEXT,`
	auditKey = `
  PRIMARY KEY ("run_id", "seq")
)`
	createPin = `CREATE TABLE "main"."tablesnap_pin" (
  "table_name" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "actor" TEXT,
  "at" TEXT NOT NULL,
  PRIMARY KEY ("table_name", "version")
)`
)
