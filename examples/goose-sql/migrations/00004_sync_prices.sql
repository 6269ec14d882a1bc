-- tablesnap: replace all rows of prices with those of prices-12.csv, as a migration of goose
--
-- database  sqlite
-- table     prices, strategy sync
-- upload    kind table, doc_id prices-2026-12, upload_timestamp (the time of the run)
-- source    prices-12.csv: 3 rows, SHA-256 bdb26c943f5f690e1e0dda6f858c981368ef7f7c4532c779ad6520e025efc715
-- plan      SHA-256 48735761642ca9d8c1816725123578ffa54cbb341e313af829602248a99a34e5
--
-- Up uploads, and Down brings back what Up has replaced. Which version that is is looked up where the migration runs.
-- Each assertion ("must be true") stops the migration if it does not hold.

-- +goose Up
-- #region the session {{{
-- takes the write lock, and changes nothing
-- +goose StatementBegin
PRAGMA main.incremental_vacuum(1);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value");
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('session', 1);
-- +goose StatementEnd
-- takes the write lock, and changes nothing
-- +goose StatementBegin
PRAGMA main.incremental_vacuum(1);
-- +goose StatementEnd
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "foreign_keys" FROM pragma_foreign_keys) = 1 THEN '$' ELSE
  'it is not true that this connection keeps foreign keys (open the database with _pragma=foreign_keys(1))' END);
-- +goose StatementEnd
-- +goose StatementBegin
PRAGMA defer_foreign_keys = ON;
-- +goose StatementEnd
-- must be true: prices_backup can hold every column (if it is older than a column, tablesnap backup brings it up to date)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN ((SELECT count(*) FROM pragma_table_xinfo('prices_backup', 'main')) = 0 OR
  (SELECT count(*) FROM pragma_table_xinfo('prices_backup', 'main') WHERE "name" IN ('id', 'doc_id', 'upload_timestamp',
  'snapshot_version', 'item', 'cents')) = 6 AND (SELECT count(*) FROM pragma_table_xinfo('prices_backup', 'main') WHERE
  "name" || ' ' || "type" IN ('item TEXT', 'cents INTEGER')) = 2) THEN '$' ELSE
  'it is not true that prices_backup can hold every column (if it is older than a column, tablesnap backup brings it up to date)'
  END);
-- +goose StatementEnd
-- must be true: prices has the columns, triggers and references that were reviewed
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM pragma_table_xinfo('prices', 'main')) = 2 AND (SELECT
  count(*) FROM pragma_table_xinfo('prices', 'main') WHERE "name" || ' ' || "type" IN ('item TEXT', 'cents INTEGER')) =
  2 AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'prices' COLLATE
  NOCASE) AND (SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.' || f."from" || ' ' || f."on_delete" AS
  "ref" FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND
  f."table" = 'prices' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE ORDER BY 1)) IS 'orders.item RESTRICT'
  THEN '$' ELSE 'it is not true that prices has the columns, triggers and references that were reviewed' END);
-- +goose StatementEnd
-- tablesnap's own tables, where they are missing
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_goose_version" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "version_id" INTEGER NOT NULL,
  "is_applied" INTEGER NOT NULL,
  "tstamp" TIMESTAMP DEFAULT (datetime('now'))
);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 0, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 0);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_run" (
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
-- +goose StatementEnd
-- +goose StatementBegin
CREATE INDEX IF NOT EXISTS "main"."tablesnap_run_table" ON "tablesnap_run" ("table_name", "state", "version_made");
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_audit" (
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
  "details" TEXT,
  PRIMARY KEY ("run_id", "seq")
);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 1);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_pin" (
  "table_name" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "actor" TEXT,
  "at" TEXT NOT NULL,
  PRIMARY KEY ("table_name", "version")
);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 2, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 2);
-- +goose StatementEnd
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM pragma_table_xinfo('tablesnap_audit', 'main') WHERE "name"
  = 'details') = 1 THEN '$' ELSE
  'it is not true that tablesnap''s own tables are not older than this script (tablesnap migrate brings them up to date)'
  END);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 3, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 3);
-- +goose StatementEnd
-- what is there
-- +goose StatementBegin
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value");
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('newest', (SELECT coalesce(max("version_made"), 0) FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done'));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('rows', (SELECT max("rows_loaded") FROM "main"."tablesnap_run"
  WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'newest')));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('doc', nullif((SELECT max("doc_id") FROM "main"."tablesnap_run"
  WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'newest')), ''));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('timestamp', CASE WHEN (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'doc') IS NOT NULL THEN (SELECT max("upload_timestamp") FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'newest')) END);
-- +goose StatementEnd
-- must be true: prices holds another file than prices-12.csv (hazard SAME_FILE; to upload it again, plan it with that hazard allowed)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN coalesce((SELECT max("source_sha256") FROM "main"."tablesnap_run" WHERE
  "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM "temp"."tablesnap_kept" WHERE
  "name" = 'newest')), '') <> 'bdb26c943f5f690e1e0dda6f858c981368ef7f7c4532c779ad6520e025efc715' THEN '$' ELSE
  'it is not true that prices holds another file than prices-12.csv (hazard SAME_FILE; to upload it again, plan it with that hazard allowed)'
  END);
-- +goose StatementEnd
-- #endregion }}}

-- #region the run, and what it is about to do {{{
-- takes the write lock, and changes nothing
-- +goose StatementBegin
PRAGMA main.incremental_vacuum(1);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('prices', 'upload', 'TABLE_UPLOAD', (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'newest') + 1, (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest'), 'prices-2026-12',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'prices-12.csv',
  'bdb26c943f5f690e1e0dda6f858c981368ef7f7c4532c779ad6520e025efc715', 3,
  '48735761642ca9d8c1816725123578ffa54cbb341e313af829602248a99a34e5', 'READERS_WAIT', 'started', NULL, 'example',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
-- +goose StatementEnd
-- +goose StatementBegin
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
-- +goose StatementEnd
-- must be true: this is the session in which the migration began, and its run
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'session') IS NOT
  NULL AND (SELECT "state" FROM "main"."tablesnap_run" WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run")) =
  'started' THEN '$' ELSE 'it is not true that this is the session in which the migration began, and its run' END);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-stage' AS "step", 'create-stage' AS "kind", NULL AS "event",
  '{"table":"prices_tablesnap_stage"}' AS "details" UNION ALL
  SELECT 2, '02-create-stage', 'create-stage', NULL, '{"table":"prices_tablesnap_stage"}' UNION ALL
  SELECT 3, '03-create-stage', 'create-stage', NULL, '{"table":"prices_tablesnap_list"}' UNION ALL
  SELECT 4, '04-load', 'load', 'TABLE_UPLOAD', '{"table":"prices_tablesnap_stage"}' UNION ALL
  SELECT 5, '05-compare', 'compare', NULL, '{"table":"prices_tablesnap_list","from":"prices"}' UNION ALL
  SELECT 6, '06-create-backup', 'create-backup', NULL, '{"table":"prices_backup"}' UNION ALL
  SELECT 7, '07-create-backup', 'create-backup', NULL, '{"table":"prices_backup"}' UNION ALL
  SELECT 8, '08-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"prices_backup","from":"prices","columns":["item","cents"],"version":' || (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'newest') || ',"doc_id":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'doc')) || ',"upload_timestamp":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'timestamp')) || '}' UNION ALL
  SELECT 9, '09-delete', 'delete', NULL, '{"table":"prices"}' UNION ALL
  SELECT 10, '10-update', 'update', NULL, '{"table":"prices"}' UNION ALL
  SELECT 11, '11-insert', 'insert', NULL, '{"table":"prices"}' UNION ALL
  SELECT 12, '12-drop-stage', 'drop-stage', NULL, '{"table":"prices_tablesnap_list"}' UNION ALL
  SELECT 13, '13-drop-stage', 'drop-stage', NULL, '{"table":"prices_tablesnap_stage"}'
) AS "steps";
-- +goose StatementEnd
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
-- earlier runs that were cut off have left nothing behind
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'prices' AND "id"
  NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- +goose StatementEnd
-- #endregion }}}

-- 1. create stage: prices_tablesnap_stage
--    stops here: prices is unchanged
-- #region what it needs {{{
-- +goose StatementBegin
DROP TABLE IF EXISTS "temp"."prices_tablesnap_stage";
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
CREATE TABLE "temp"."prices_tablesnap_stage" (
  "item" TEXT,
  "cents" INTEGER
);
-- +goose StatementEnd

-- 2. create stage: prices_tablesnap_stage
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE UNIQUE INDEX "temp"."prices_tablesnap_stage_key" ON "prices_tablesnap_stage" ("item");
-- +goose StatementEnd

-- 3. create stage: prices_tablesnap_list
--    stops here: prices is unchanged
-- #region what it needs {{{
-- +goose StatementBegin
DROP TABLE IF EXISTS "temp"."prices_tablesnap_list";
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
CREATE TABLE "temp"."prices_tablesnap_list" (
  "item" TEXT,
  "what" TEXT
);
-- +goose StatementEnd

-- 4. load: prices_tablesnap_stage
--    stops here: prices is unchanged
-- +goose StatementBegin
INSERT INTO "temp"."prices_tablesnap_stage" ("item", "cents") VALUES
  ('tea', '275'),
  ('milk', '125'),
  ('rice', '340');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "temp"."prices_tablesnap_stage") WHERE "run_id"
  = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices_tablesnap_stage holds 3 rows, as the source does
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "temp"."prices_tablesnap_stage") = 3 THEN '$' ELSE
  'it is not true that prices_tablesnap_stage holds 3 rows, as the source does' END);
-- +goose StatementEnd
-- #endregion }}}

-- 5. compare: prices_tablesnap_list
--    stops here: prices is unchanged
-- #region what must be true first {{{
-- must be true: no row of prices-12.csv lacks a value in the key (item)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_stage" AS "staged" WHERE
  "staged"."item" IS NULL) THEN '$' ELSE 'it is not true that no row of prices-12.csv lacks a value in the key (item)'
  END);
-- +goose StatementEnd
-- must be true: the source has at least 50% of the rows of prices (it has 3)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN 3 * 100 >= (SELECT count(*) FROM "main"."prices") * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of prices (it has 3)' END);
-- +goose StatementEnd
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
-- +goose StatementBegin
INSERT INTO "temp"."prices_tablesnap_list" ("what", "item")
SELECT CASE WHEN "staged"."item" IS NULL THEN 'delete' ELSE 'update' END, "standing"."item"
FROM "main"."prices" AS "standing" LEFT JOIN "temp"."prices_tablesnap_stage" AS "staged" ON "standing"."item" =
  "staged"."item"
WHERE "staged"."item" IS NULL OR ((+"standing"."item") COLLATE BINARY IS NOT (+"staged"."item") COLLATE BINARY OR
  (+"standing"."cents") COLLATE BINARY IS NOT (+"staged"."cents") COLLATE BINARY)
UNION ALL
SELECT 'insert', "staged"."item"
FROM (SELECT "staged"."item" AS "item" FROM "temp"."prices_tablesnap_stage" AS "staged" EXCEPT SELECT "standing"."item"
  AS "item" FROM "main"."prices" AS "standing" ORDER BY 1) AS "staged";
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: no row of orders (item, ON DELETE RESTRICT) refers to a row of prices that is deleted, since prices-12.csv lacks it
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_list" AS "listed" JOIN
  "main"."prices" AS "standing" ON "standing"."item" = "listed"."item" JOIN "main"."orders" AS "referring" ON
  "standing"."item" = "referring"."item" WHERE "listed"."what" IN ('delete', 'replace')) THEN '$' ELSE
  'it is not true that no row of orders (item, ON DELETE RESTRICT) refers to a row of prices that is deleted, since prices-12.csv lacks it'
  END);
-- +goose StatementEnd
-- must be true: no row of orders (item) refers to a value of prices that is updated
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_list" AS "listed" JOIN
  "main"."prices" AS "standing" ON "standing"."item" = "listed"."item" JOIN "main"."orders" AS "referring" ON
  "standing"."item" = "referring"."item" JOIN "temp"."prices_tablesnap_stage" AS "staged" ON "standing"."item" =
  "staged"."item" WHERE "listed"."what" IN ('update', 'park') AND ((+"standing"."item") COLLATE BINARY IS NOT
  (+"staged"."item") COLLATE BINARY)) THEN '$' ELSE
  'it is not true that no row of orders (item) refers to a value of prices that is updated' END);
-- +goose StatementEnd
-- #endregion }}}

-- 6. create backup: prices_backup
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."prices_backup" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "doc_id" TEXT,
  "upload_timestamp" TEXT,
  "snapshot_version" INTEGER,
  "item" TEXT,
  "cents" INTEGER
);
-- +goose StatementEnd

-- 7. create backup: prices_backup
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE INDEX IF NOT EXISTS "main"."prices_backup_snapshot" ON "prices_backup" ("snapshot_version");
-- +goose StatementEnd

-- 8. copy to backup: prices_backup
--    stops here: prices is unchanged
-- #region what must be true first {{{
-- must be true: prices_backup has no rows yet of the version that is copied to it
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."prices_backup" WHERE "snapshot_version" =
  (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest')) THEN '$' ELSE
  'it is not true that prices_backup has no rows yet of the version that is copied to it' END);
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
INSERT INTO "main"."prices_backup" ("doc_id", "upload_timestamp", "snapshot_version", "item", "cents")
SELECT (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'doc'), (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'timestamp'), (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest'), "prices"."item",
  "prices"."cents" FROM "main"."prices" WHERE EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_list");
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices_backup has the rows that were copied
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest')) = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 8) THEN '$' ELSE
  'it is not true that prices_backup has the rows that were copied' END);
-- +goose StatementEnd
-- #endregion }}}

-- 9. delete: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
DELETE FROM "main"."prices"
WHERE "prices"."item" IN (SELECT "listed"."item" FROM "temp"."prices_tablesnap_list" AS "listed" WHERE "listed"."what"
  IN ('delete', 'replace'));
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 9;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: the rows of prices that were to be deleted are, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 9) = (SELECT count(*) FROM "temp"."prices_tablesnap_list" WHERE "what"
  IN ('delete', 'replace')) THEN '$' ELSE
  'it is not true that the rows of prices that were to be deleted are, and no others' END);
-- +goose StatementEnd
-- must be true: the deleted rows of prices, and those that stay, are those that were copied
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 5) = 0 OR (SELECT count(*) FROM "main"."prices") + (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 9) =
  coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8), 0)) THEN '$' ELSE
  'it is not true that the deleted rows of prices, and those that stay, are those that were copied' END);
-- +goose StatementEnd
-- #endregion }}}

-- 10. update: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
UPDATE "main"."prices" SET "item" = "staged"."item", "cents" = "staged"."cents"
FROM "temp"."prices_tablesnap_list" AS "listed" JOIN "temp"."prices_tablesnap_stage" AS "staged" ON "listed"."item" =
  "staged"."item"
WHERE "prices"."item" = "listed"."item" AND "listed"."what" IN ('update', 'park', 'stuck');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 10;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: the rows of prices that were to be updated are, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 10) = (SELECT count(*) FROM "temp"."prices_tablesnap_list" WHERE "what"
  IN ('update', 'park')) THEN '$' ELSE
  'it is not true that the rows of prices that were to be updated are, and no others' END);
-- +goose StatementEnd
-- #endregion }}}

-- 11. insert: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
INSERT INTO "main"."prices" ("item", "cents")
SELECT "staged"."item", "staged"."cents" FROM "temp"."prices_tablesnap_list" AS "listed" JOIN
  "temp"."prices_tablesnap_stage" AS "staged" ON "listed"."item" = "staged"."item" WHERE "listed"."what" IN ('insert',
  'replace');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 11;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: the rows of prices that were to be inserted are, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 11) = (SELECT count(*) FROM "temp"."prices_tablesnap_list" WHERE "what"
  IN ('insert', 'replace')) THEN '$' ELSE
  'it is not true that the rows of prices that were to be inserted are, and no others' END);
-- +goose StatementEnd
-- must be true: prices holds 3 rows, as the source does
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices") = 3 THEN '$' ELSE
  'it is not true that prices holds 3 rows, as the source does' END);
-- +goose StatementEnd
-- must be true: no row of prices differs from prices-12.csv in the columns that it has
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."prices" AS "standing" LEFT JOIN
  "temp"."prices_tablesnap_stage" AS "staged" ON "standing"."item" = "staged"."item" WHERE "staged"."item" IS NULL OR
  ((+"standing"."item") COLLATE BINARY IS NOT (+"staged"."item") COLLATE BINARY OR (+"standing"."cents") COLLATE BINARY
  IS NOT (+"staged"."cents") COLLATE BINARY)) THEN '$' ELSE
  'it is not true that no row of prices differs from prices-12.csv in the columns that it has' END);
-- +goose StatementEnd
-- #endregion }}}

-- 12. drop stage: prices_tablesnap_list
--    stops here: prices is unchanged
-- +goose StatementBegin
DROP TABLE "temp"."prices_tablesnap_list";
-- +goose StatementEnd

-- 13. drop stage: prices_tablesnap_stage
--    stops here: prices is unchanged
-- +goose StatementBegin
DROP TABLE "temp"."prices_tablesnap_stage";
-- +goose StatementEnd
-- #region the steps are done {{{
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
-- +goose StatementEnd
-- the run is done
-- +goose StatementBegin
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 8), "rows_loaded" = (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4),
  "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN CASE WHEN (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5) = 0 THEN
  (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'rows') ELSE (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 8) END <> (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'rows') THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END,
  "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5) = 0) THEN "version_made" ELSE 0 END, "version_replaced" = CASE WHEN NOT
  ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND
  "seq" = 5) = 0) THEN "version_replaced" END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- +goose StatementEnd
-- #endregion }}}

-- #region the session as it was {{{
-- +goose StatementBegin
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value");
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('session', NULL);
-- +goose StatementEnd
-- #endregion }}}

-- +goose Down
-- #region the session {{{
-- takes the write lock, and changes nothing
-- +goose StatementBegin
PRAGMA main.incremental_vacuum(1);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value");
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('session', 1);
-- +goose StatementEnd
-- takes the write lock, and changes nothing
-- +goose StatementBegin
PRAGMA main.incremental_vacuum(1);
-- +goose StatementEnd
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "foreign_keys" FROM pragma_foreign_keys) = 1 THEN '$' ELSE
  'it is not true that this connection keeps foreign keys (open the database with _pragma=foreign_keys(1))' END);
-- +goose StatementEnd
-- +goose StatementBegin
PRAGMA defer_foreign_keys = ON;
-- +goose StatementEnd
-- must be true: prices_backup has every column
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM pragma_table_xinfo('prices_backup', 'main') WHERE "name"
  IN ('id', 'doc_id', 'upload_timestamp', 'snapshot_version', 'item', 'cents')) = 6 THEN '$' ELSE
  'it is not true that prices_backup has every column' END);
-- +goose StatementEnd
-- must be true: prices has the columns, triggers and references that were reviewed
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM pragma_table_xinfo('prices', 'main')) = 2 AND (SELECT
  count(*) FROM pragma_table_xinfo('prices', 'main') WHERE "name" || ' ' || "type" IN ('item TEXT', 'cents INTEGER')) =
  2 AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'prices' COLLATE
  NOCASE) AND (SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.' || f."from" || ' ' || f."on_delete" AS
  "ref" FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND
  f."table" = 'prices' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE ORDER BY 1)) IS 'orders.item RESTRICT'
  THEN '$' ELSE 'it is not true that prices has the columns, triggers and references that were reviewed' END);
-- +goose StatementEnd
-- tablesnap's own tables, where they are missing
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_goose_version" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "version_id" INTEGER NOT NULL,
  "is_applied" INTEGER NOT NULL,
  "tstamp" TIMESTAMP DEFAULT (datetime('now'))
);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 0, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 0);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_run" (
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
-- +goose StatementEnd
-- +goose StatementBegin
CREATE INDEX IF NOT EXISTS "main"."tablesnap_run_table" ON "tablesnap_run" ("table_name", "state", "version_made");
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_audit" (
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
  "details" TEXT,
  PRIMARY KEY ("run_id", "seq")
);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 1);
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."tablesnap_pin" (
  "table_name" TEXT NOT NULL,
  "version" INTEGER NOT NULL,
  "actor" TEXT,
  "at" TEXT NOT NULL,
  PRIMARY KEY ("table_name", "version")
);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 2, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 2);
-- +goose StatementEnd
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM pragma_table_xinfo('tablesnap_audit', 'main') WHERE "name"
  = 'details') = 1 THEN '$' ELSE
  'it is not true that tablesnap''s own tables are not older than this script (tablesnap migrate brings them up to date)'
  END);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_goose_version" ("version_id", "is_applied") SELECT 3, 1 WHERE NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_goose_version" WHERE "version_id" = 3);
-- +goose StatementEnd
-- what is there
-- +goose StatementBegin
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value");
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('newest', (SELECT coalesce(max("version_made"), 0) FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done'));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('rows', (SELECT max("rows_loaded") FROM "main"."tablesnap_run"
  WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'newest')));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('doc', nullif((SELECT max("doc_id") FROM "main"."tablesnap_run"
  WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'newest')), ''));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('timestamp', CASE WHEN (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'doc') IS NOT NULL THEN (SELECT max("upload_timestamp") FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'newest')) END);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('undone', (SELECT max("own"."id") FROM "main"."tablesnap_run" AS
  "own" WHERE "own"."table_name" = 'prices' AND "own"."state" = 'done' AND "own"."plan_hash" =
  '48735761642ca9d8c1816725123578ffa54cbb341e313af829602248a99a34e5' AND NOT EXISTS (SELECT 1 FROM
  "main"."tablesnap_audit" AS "step" WHERE json_extract("step"."details", '$.undoes') IS NOT NULL AND "step"."state" =
  'done' AND CAST(json_extract("step"."details", '$.undoes') AS DECIMAL(20)) = "own"."id")));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('back', (SELECT "version_replaced" FROM "main"."tablesnap_run"
  WHERE "id" = (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'undone')));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('back_rows', (SELECT "rows_backed_up" FROM "main"."tablesnap_run"
  WHERE "id" = (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'undone')));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('back_sha256', (SELECT max("source_sha256") FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back')));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('back_doc', nullif((SELECT max("doc_id") FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back')), ''));
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('back_timestamp', CASE WHEN (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back_doc') IS NOT NULL THEN (SELECT max("upload_timestamp") FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back')) END);
-- +goose StatementEnd
-- must be true: an upload of this migration that was not taken back has replaced a version here
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'back') IS NOT NULL
  THEN '$' ELSE 'it is not true that an upload of this migration that was not taken back has replaced a version here'
  END);
-- +goose StatementEnd
-- must be true: its rows are in the backup
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'back')) = (SELECT "value" FROM "temp"."tablesnap_kept" WHERE
  "name" = 'back_rows') THEN '$' ELSE 'it is not true that its rows are in the backup' END);
-- +goose StatementEnd
-- #endregion }}}

-- #region the run, and what it is about to do {{{
-- takes the write lock, and changes nothing
-- +goose StatementBegin
PRAGMA main.incremental_vacuum(1);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('prices', 'restore', 'RESTORE', (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'newest') + 1, (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest'), coalesce((SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'back_doc'), ''), coalesce((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back_timestamp'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), 'version ' ||
  (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'back'), coalesce((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back_sha256'), ''), (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name"
  = 'back_rows'), 'bac4603ee085868be40f47761d37720fce9026f85914c0ae521251f4315cc2ce', 'READERS_WAIT', 'started', NULL,
  'example', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
-- +goose StatementEnd
-- +goose StatementBegin
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
-- +goose StatementEnd
-- must be true: this is the session in which the migration began, and its run
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'session') IS NOT
  NULL AND (SELECT "state" FROM "main"."tablesnap_run" WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run")) =
  'started' THEN '$' ELSE 'it is not true that this is the session in which the migration began, and its run' END);
-- +goose StatementEnd
-- +goose StatementBegin
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-stage' AS "step", 'create-stage' AS "kind", NULL AS "event",
  '{"table":"prices_tablesnap_stage"}' AS "details" UNION ALL
  SELECT 2, '02-create-stage', 'create-stage', NULL, '{"table":"prices_tablesnap_stage"}' UNION ALL
  SELECT 3, '03-create-stage', 'create-stage', NULL, '{"table":"prices_tablesnap_list"}' UNION ALL
  SELECT 4, '04-load', 'load', 'RESTORE', '{"table":"prices_tablesnap_stage","undoes":' || (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'undone') || '}' UNION ALL
  SELECT 5, '05-compare', 'compare', NULL, '{"table":"prices_tablesnap_list","from":"prices"}' UNION ALL
  SELECT 6, '06-create-backup', 'create-backup', NULL, '{"table":"prices_backup"}' UNION ALL
  SELECT 7, '07-create-backup', 'create-backup', NULL, '{"table":"prices_backup"}' UNION ALL
  SELECT 8, '08-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"prices_backup","from":"prices","columns":["item","cents"],"version":' || (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'newest') || ',"doc_id":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'doc')) || ',"upload_timestamp":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'timestamp')) || '}' UNION ALL
  SELECT 9, '09-delete', 'delete', NULL, '{"table":"prices"}' UNION ALL
  SELECT 10, '10-update', 'update', NULL, '{"table":"prices"}' UNION ALL
  SELECT 11, '11-insert', 'insert', NULL, '{"table":"prices"}' UNION ALL
  SELECT 12, '12-drop-stage', 'drop-stage', NULL, '{"table":"prices_tablesnap_list"}' UNION ALL
  SELECT 13, '13-drop-stage', 'drop-stage', NULL, '{"table":"prices_tablesnap_stage"}'
) AS "steps";
-- +goose StatementEnd
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
-- earlier runs that were cut off have left nothing behind
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'prices');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'prices' AND "id"
  NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- +goose StatementEnd
-- #endregion }}}

-- 1. create stage: prices_tablesnap_stage
--    stops here: prices is unchanged
-- #region what it needs {{{
-- +goose StatementBegin
DROP TABLE IF EXISTS "temp"."prices_tablesnap_stage";
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
CREATE TABLE "temp"."prices_tablesnap_stage" (
  "item" TEXT,
  "cents" INTEGER
);
-- +goose StatementEnd

-- 2. create stage: prices_tablesnap_stage
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE UNIQUE INDEX "temp"."prices_tablesnap_stage_key" ON "prices_tablesnap_stage" ("item");
-- +goose StatementEnd

-- 3. create stage: prices_tablesnap_list
--    stops here: prices is unchanged
-- #region what it needs {{{
-- +goose StatementBegin
DROP TABLE IF EXISTS "temp"."prices_tablesnap_list";
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
CREATE TABLE "temp"."prices_tablesnap_list" (
  "item" TEXT,
  "what" TEXT
);
-- +goose StatementEnd

-- 4. load: prices_tablesnap_stage
--    stops here: prices is unchanged
-- +goose StatementBegin
INSERT INTO "temp"."prices_tablesnap_stage" ("item", "cents")
SELECT "prices_backup"."item", "prices_backup"."cents" FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'back');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices_tablesnap_stage holds as many rows as were backed up
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "temp"."prices_tablesnap_stage") = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back_rows') THEN '$' ELSE
  'it is not true that prices_tablesnap_stage holds as many rows as were backed up' END);
-- +goose StatementEnd
-- #endregion }}}

-- 5. compare: prices_tablesnap_list
--    stops here: prices is unchanged
-- #region what must be true first {{{
-- must be true: no row of version 0 lacks a value in the key (item)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_stage" AS "staged" WHERE
  "staged"."item" IS NULL) THEN '$' ELSE 'it is not true that no row of version 0 lacks a value in the key (item)' END);
-- +goose StatementEnd
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
-- +goose StatementBegin
INSERT INTO "temp"."prices_tablesnap_list" ("what", "item")
SELECT CASE WHEN "staged"."item" IS NULL THEN 'delete' ELSE 'update' END, "standing"."item"
FROM "main"."prices" AS "standing" LEFT JOIN "temp"."prices_tablesnap_stage" AS "staged" ON "standing"."item" =
  "staged"."item"
WHERE "staged"."item" IS NULL OR ((+"standing"."item") COLLATE BINARY IS NOT (+"staged"."item") COLLATE BINARY OR
  (+"standing"."cents") COLLATE BINARY IS NOT (+"staged"."cents") COLLATE BINARY)
UNION ALL
SELECT 'insert', "staged"."item"
FROM (SELECT "staged"."item" AS "item" FROM "temp"."prices_tablesnap_stage" AS "staged" EXCEPT SELECT "standing"."item"
  AS "item" FROM "main"."prices" AS "standing" ORDER BY 1) AS "staged";
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: no row of orders (item, ON DELETE RESTRICT) refers to a row of prices that is deleted, since version 0 lacks it
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_list" AS "listed" JOIN
  "main"."prices" AS "standing" ON "standing"."item" = "listed"."item" JOIN "main"."orders" AS "referring" ON
  "standing"."item" = "referring"."item" WHERE "listed"."what" IN ('delete', 'replace')) THEN '$' ELSE
  'it is not true that no row of orders (item, ON DELETE RESTRICT) refers to a row of prices that is deleted, since version 0 lacks it'
  END);
-- +goose StatementEnd
-- must be true: no row of orders (item) refers to a value of prices that is updated
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_list" AS "listed" JOIN
  "main"."prices" AS "standing" ON "standing"."item" = "listed"."item" JOIN "main"."orders" AS "referring" ON
  "standing"."item" = "referring"."item" JOIN "temp"."prices_tablesnap_stage" AS "staged" ON "standing"."item" =
  "staged"."item" WHERE "listed"."what" IN ('update', 'park') AND ((+"standing"."item") COLLATE BINARY IS NOT
  (+"staged"."item") COLLATE BINARY)) THEN '$' ELSE
  'it is not true that no row of orders (item) refers to a value of prices that is updated' END);
-- +goose StatementEnd
-- #endregion }}}

-- 6. create backup: prices_backup
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE TABLE IF NOT EXISTS "main"."prices_backup" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "doc_id" TEXT,
  "upload_timestamp" TEXT,
  "snapshot_version" INTEGER,
  "item" TEXT,
  "cents" INTEGER
);
-- +goose StatementEnd

-- 7. create backup: prices_backup
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE INDEX IF NOT EXISTS "main"."prices_backup_snapshot" ON "prices_backup" ("snapshot_version");
-- +goose StatementEnd

-- 8. copy to backup: prices_backup
--    stops here: prices is unchanged
-- #region what must be true first {{{
-- must be true: prices_backup has no rows yet of the version that is copied to it
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."prices_backup" WHERE "snapshot_version" =
  (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest')) THEN '$' ELSE
  'it is not true that prices_backup has no rows yet of the version that is copied to it' END);
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
INSERT INTO "main"."prices_backup" ("doc_id", "upload_timestamp", "snapshot_version", "item", "cents")
SELECT (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'doc'), (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'timestamp'), (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest'), "prices"."item",
  "prices"."cents" FROM "main"."prices" WHERE EXISTS (SELECT 1 FROM "temp"."prices_tablesnap_list");
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices_backup has the rows that were copied
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest')) = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 8) THEN '$' ELSE
  'it is not true that prices_backup has the rows that were copied' END);
-- +goose StatementEnd
-- #endregion }}}

-- 9. delete: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
DELETE FROM "main"."prices"
WHERE "prices"."item" IN (SELECT "listed"."item" FROM "temp"."prices_tablesnap_list" AS "listed" WHERE "listed"."what"
  IN ('delete', 'replace'));
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 9;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: the rows of prices that were to be deleted are, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 9) = (SELECT count(*) FROM "temp"."prices_tablesnap_list" WHERE "what"
  IN ('delete', 'replace')) THEN '$' ELSE
  'it is not true that the rows of prices that were to be deleted are, and no others' END);
-- +goose StatementEnd
-- must be true: the deleted rows of prices, and those that stay, are those that were copied
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 5) = 0 OR (SELECT count(*) FROM "main"."prices") + (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 9) =
  coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8), 0)) THEN '$' ELSE
  'it is not true that the deleted rows of prices, and those that stay, are those that were copied' END);
-- +goose StatementEnd
-- #endregion }}}

-- 10. update: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
UPDATE "main"."prices" SET "item" = "staged"."item", "cents" = "staged"."cents"
FROM "temp"."prices_tablesnap_list" AS "listed" JOIN "temp"."prices_tablesnap_stage" AS "staged" ON "listed"."item" =
  "staged"."item"
WHERE "prices"."item" = "listed"."item" AND "listed"."what" IN ('update', 'park', 'stuck');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 10;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: the rows of prices that were to be updated are, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 10) = (SELECT count(*) FROM "temp"."prices_tablesnap_list" WHERE "what"
  IN ('update', 'park')) THEN '$' ELSE
  'it is not true that the rows of prices that were to be updated are, and no others' END);
-- +goose StatementEnd
-- #endregion }}}

-- 11. insert: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
INSERT INTO "main"."prices" ("item", "cents")
SELECT "staged"."item", "staged"."cents" FROM "temp"."prices_tablesnap_list" AS "listed" JOIN
  "temp"."prices_tablesnap_stage" AS "staged" ON "listed"."item" = "staged"."item" WHERE "listed"."what" IN ('insert',
  'replace');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 11;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: the rows of prices that were to be inserted are, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 11) = (SELECT count(*) FROM "temp"."prices_tablesnap_list" WHERE "what"
  IN ('insert', 'replace')) THEN '$' ELSE
  'it is not true that the rows of prices that were to be inserted are, and no others' END);
-- +goose StatementEnd
-- must be true: prices holds as many rows as were backed up
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices") = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back_rows') THEN '$' ELSE
  'it is not true that prices holds as many rows as were backed up' END);
-- +goose StatementEnd
-- must be true: no row of prices differs from version 0 in the columns that it has
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."prices" AS "standing" LEFT JOIN
  "temp"."prices_tablesnap_stage" AS "staged" ON "standing"."item" = "staged"."item" WHERE "staged"."item" IS NULL OR
  ((+"standing"."item") COLLATE BINARY IS NOT (+"staged"."item") COLLATE BINARY OR (+"standing"."cents") COLLATE BINARY
  IS NOT (+"staged"."cents") COLLATE BINARY)) THEN '$' ELSE
  'it is not true that no row of prices differs from version 0 in the columns that it has' END);
-- +goose StatementEnd
-- #endregion }}}

-- 12. drop stage: prices_tablesnap_list
--    stops here: prices is unchanged
-- +goose StatementBegin
DROP TABLE "temp"."prices_tablesnap_list";
-- +goose StatementEnd

-- 13. drop stage: prices_tablesnap_stage
--    stops here: prices is unchanged
-- +goose StatementBegin
DROP TABLE "temp"."prices_tablesnap_stage";
-- +goose StatementEnd
-- #region the steps are done {{{
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
-- +goose StatementEnd
-- the run is done
-- +goose StatementBegin
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 8), "rows_loaded" = (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4),
  "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN CASE WHEN (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5) = 0 THEN
  (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'rows') ELSE (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 8) END <> (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'rows') THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END,
  "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5) = 0) THEN "version_made" ELSE 0 END, "version_replaced" = CASE WHEN NOT
  ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND
  "seq" = 5) = 0) THEN "version_replaced" END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- +goose StatementEnd
-- #endregion }}}

-- #region the session as it was {{{
-- +goose StatementBegin
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_kept" ("name" TEXT PRIMARY KEY, "value");
-- +goose StatementEnd
-- +goose StatementBegin
INSERT OR REPLACE INTO "temp"."tablesnap_kept" VALUES ('session', NULL);
-- +goose StatementEnd
-- #endregion }}}
