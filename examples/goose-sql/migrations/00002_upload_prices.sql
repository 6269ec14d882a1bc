-- tablesnap: replace all rows of prices with those of prices.csv, as a migration of goose
--
-- database  sqlite
-- table     prices, strategy in-place
-- upload    kind table, doc_id prices-2026-11, upload_timestamp (the time of the run)
-- source    prices.csv: 2 rows, SHA-256 0abf4a7d4a2f54082ea894a102d6b01f3366a443c1fdf558af91302bc39bac4c
-- plan      SHA-256 b6b1265f1d760541a42156205aad12fbd313878e410f63d09fd1f5426907535d
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
  NOCASE) AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f
  WHERE m."type" = 'table' AND f."table" = 'prices' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$'
  ELSE 'it is not true that prices has the columns, triggers and references that were reviewed' END);
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
-- must be true: prices holds another file than prices.csv (hazard SAME_FILE; to upload it again, plan it with that hazard allowed)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN coalesce((SELECT max("source_sha256") FROM "main"."tablesnap_run" WHERE
  "table_name" = 'prices' AND "state" = 'done' AND "version_made" = (SELECT "value" FROM "temp"."tablesnap_kept" WHERE
  "name" = 'newest')), '') <> '0abf4a7d4a2f54082ea894a102d6b01f3366a443c1fdf558af91302bc39bac4c' THEN '$' ELSE
  'it is not true that prices holds another file than prices.csv (hazard SAME_FILE; to upload it again, plan it with that hazard allowed)'
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
  WHERE "name" = 'newest') + 1, (SELECT "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest'), 'prices-2026-11',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'prices.csv',
  '0abf4a7d4a2f54082ea894a102d6b01f3366a443c1fdf558af91302bc39bac4c', 2,
  'b6b1265f1d760541a42156205aad12fbd313878e410f63d09fd1f5426907535d', 'READERS_WAIT', 'started', NULL, 'example',
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
  SELECT 1 AS "seq", '01-create-backup' AS "step", 'create-backup' AS "kind", NULL AS "event",
  '{"table":"prices_backup"}' AS "details" UNION ALL
  SELECT 2, '02-create-backup', 'create-backup', NULL, '{"table":"prices_backup"}' UNION ALL
  SELECT 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"prices_backup","from":"prices","columns":["item","cents"],"version":' || (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'newest') || ',"doc_id":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'doc')) || ',"upload_timestamp":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'timestamp')) || '}' UNION ALL
  SELECT 4, '04-clear', 'clear', NULL, '{"table":"prices"}' UNION ALL
  SELECT 5, '05-load', 'load', 'TABLE_UPLOAD', '{"table":"prices"}'
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

-- 1. create backup: prices_backup
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

-- 2. create backup: prices_backup
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE INDEX IF NOT EXISTS "main"."prices_backup_snapshot" ON "prices_backup" ("snapshot_version");
-- +goose StatementEnd

-- 3. copy to backup: prices_backup
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
  "prices"."cents" FROM "main"."prices";
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices_backup has the rows that were copied
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest')) = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) THEN '$' ELSE
  'it is not true that prices_backup has the rows that were copied' END);
-- +goose StatementEnd
-- #endregion }}}

-- 4. clear: prices
--    stops here: prices is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of prices (it has 2)
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of prices (it has 2)' END);
-- +goose StatementEnd
-- #endregion }}}
-- +goose StatementBegin
DELETE FROM "main"."prices";
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- +goose StatementEnd
-- must be true: prices is empty
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."prices") THEN '$' ELSE
  'it is not true that prices is empty' END);
-- +goose StatementEnd
-- #endregion }}}

-- 5. load: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
INSERT INTO "main"."prices" ("item", "cents") VALUES
  ('tea', '275'),
  ('milk', '119');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."prices") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 5;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices holds 2 rows, as the source does
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices") = 2 THEN '$' ELSE
  'it is not true that prices holds 2 rows, as the source does' END);
-- +goose StatementEnd
-- #endregion }}}
-- #region the steps are done {{{
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5);
-- +goose StatementEnd
-- the run is done
-- +goose StatementBegin
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), "rows_loaded" = (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5),
  "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) <> (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'rows') THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END
  WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
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
  NOCASE) AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f
  WHERE m."type" = 'table' AND f."table" = 'prices' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$'
  ELSE 'it is not true that prices has the columns, triggers and references that were reviewed' END);
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
  'b6b1265f1d760541a42156205aad12fbd313878e410f63d09fd1f5426907535d' AND NOT EXISTS (SELECT 1 FROM
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
  = 'back_rows'), '073c36be573f648db67442e2fdba2808055154f1744f161e16d31dae50b7705d', 'READERS_WAIT', 'started', NULL,
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
  SELECT 1 AS "seq", '01-create-backup' AS "step", 'create-backup' AS "kind", NULL AS "event",
  '{"table":"prices_backup"}' AS "details" UNION ALL
  SELECT 2, '02-create-backup', 'create-backup', NULL, '{"table":"prices_backup"}' UNION ALL
  SELECT 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"prices_backup","from":"prices","columns":["item","cents"],"version":' || (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'newest') || ',"doc_id":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'doc')) || ',"upload_timestamp":' || json_quote((SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'timestamp')) || '}' UNION ALL
  SELECT 4, '04-clear', 'clear', NULL, '{"table":"prices"}' UNION ALL
  SELECT 5, '05-load', 'load', 'RESTORE', '{"table":"prices","undoes":' || (SELECT "value" FROM "temp"."tablesnap_kept"
  WHERE "name" = 'undone') || '}'
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

-- 1. create backup: prices_backup
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

-- 2. create backup: prices_backup
--    stops here: prices is unchanged
-- +goose StatementBegin
CREATE INDEX IF NOT EXISTS "main"."prices_backup_snapshot" ON "prices_backup" ("snapshot_version");
-- +goose StatementEnd

-- 3. copy to backup: prices_backup
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
  "prices"."cents" FROM "main"."prices";
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices_backup has the rows that were copied
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'newest')) = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) THEN '$' ELSE
  'it is not true that prices_backup has the rows that were copied' END);
-- +goose StatementEnd
-- #endregion }}}

-- 4. clear: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
DELETE FROM "main"."prices";
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- +goose StatementEnd
-- must be true: prices is empty
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."prices") THEN '$' ELSE
  'it is not true that prices is empty' END);
-- +goose StatementEnd
-- #endregion }}}

-- 5. load: prices
--    stops here: prices is unchanged
-- +goose StatementBegin
INSERT INTO "main"."prices" ("item", "cents")
SELECT "prices_backup"."item", "prices_backup"."cents" FROM "main"."prices_backup" WHERE "snapshot_version" = (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'back');
-- +goose StatementEnd
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- +goose StatementEnd
-- #region what must be true now {{{
-- must be true: prices holds as many rows as were backed up
-- +goose StatementBegin
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."prices") = (SELECT "value" FROM
  "temp"."tablesnap_kept" WHERE "name" = 'back_rows') THEN '$' ELSE
  'it is not true that prices holds as many rows as were backed up' END);
-- +goose StatementEnd
-- #endregion }}}
-- #region the steps are done {{{
-- +goose StatementBegin
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5);
-- +goose StatementEnd
-- the run is done
-- +goose StatementBegin
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), "rows_loaded" = (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5),
  "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) <> (SELECT
  "value" FROM "temp"."tablesnap_kept" WHERE "name" = 'rows') THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END
  WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
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
