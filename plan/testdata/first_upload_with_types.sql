-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 7b860fdfa4ccae82768e1b857194da671998732d45a362428210926c167abc4c
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      table
-- version   1, doc_id doc_1, upload_timestamp 2025-01-31 10:00; the table does not exist yet
-- source    people.csv, SHA-256 800d5fbd15820f38319f795910033f0594a8d83b3067c7e5aa0e27af4b848e51; reading: "active" with "true" for true and "false" for false
-- rows      2
--
-- group and step
--    1   1. create table      people
--    1   2. load              people                    2 rows
--
-- Each assertion ("must be true") stops the script if it does not hold.

.bail on
-- #region the session {{{
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
-- #endregion }}}

-- #region tablesnap's own tables {{{
BEGIN IMMEDIATE;
CREATE TABLE "main"."tablesnap_goose_version" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "version_id" INTEGER NOT NULL,
  "is_applied" INTEGER NOT NULL,
  "tstamp" TIMESTAMP DEFAULT (datetime('now'))
);
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") VALUES (0, 1);
CREATE TABLE "main"."tablesnap_run" (
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
);
CREATE INDEX "main"."tablesnap_run_table" ON "tablesnap_run" ("table_name", "state", "version_made");
CREATE TABLE "main"."tablesnap_audit" (
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
  "finished_at" TEXT,
  PRIMARY KEY ("run_id", "seq")
);
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") VALUES (1, 1);
CREATE TABLE "main"."tablesnap_pin" (
  "table_name" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "actor" TEXT,
  "at" TEXT NOT NULL,
  PRIMARY KEY ("table_name", "version")
);
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") VALUES (2, 1);
ALTER TABLE "main"."tablesnap_audit" ADD COLUMN "details" TEXT;
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") VALUES (3, 1);
COMMIT;
-- #endregion }}}

-- #region the run, and what it is about to do {{{
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, NULL, 'doc_1', '2025-01-31 10:00',
  'people.csv', '800d5fbd15820f38319f795910033f0594a8d83b3067c7e5aa0e27af4b848e51', 2,
  '7b860fdfa4ccae82768e1b857194da671998732d45a362428210926c167abc4c', '', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-table' AS "step", 'create-table' AS "kind", NULL AS "event", '{"table":"people"}' AS
  "details" UNION ALL
  SELECT 2, '02-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
-- must be true: version 0 is the newest of people
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'people' AND "state" = 'done') = 0 THEN '$' ELSE
  'it is not true that version 0 is the newest of people' END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'people');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'people' AND "id"
  NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- #endregion }}}

-- 1. create table: people
--    stops here: people does not exist
CREATE TABLE "main"."people" (
  "code" TEXT NOT NULL,
  "email" TEXT,
  "born" DATE NOT NULL,
  "seen" TIMESTAMP,
  "price" TEXT,
  "active" BOOLEAN,
  "note" TEXT,
  PRIMARY KEY ("code", "born")
);

-- 2. load: people
--    stops here: people does not exist
INSERT INTO "main"."people" ("code", "email", "born", "seen", "price", "active", "note") VALUES
  ('007', 'ada@example.com', '1815-12-10', '2025-01-31 10:00:00.5', '1.50', '1', NULL),
  ('008', 'alan@example.com', '1912-06-23', '2025-01-31 11:30:00.0', '-0.25', NULL, 'x');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 2 THEN '$' ELSE
  'it is not true that people holds 2 rows, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = NULL, "rows_loaded" = (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2), "finished_at"
  = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
