-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 a081831a607e05042765df4195ddd570a7b5560f0aaab708886209966a50eeeb
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 de47d033b38c969d1276deb32f963b4261bc3d2da48c2aa5725e41153da3cf12
-- rows      1 -> 1 (before: as version 1 left it)
-- backup    people_backup gets 1 row
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    1 row copied, 1 removed, 1 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. create backup     people_backup
--    1   2. create backup     people_backup
--    1   3. copy to backup    people_backup             1 row
--    1   4. clear             people                    1 row
--    1   5. load              people                    1 row
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
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

-- #region the run, and what it is about to do {{{
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', 'de47d033b38c969d1276deb32f963b4261bc3d2da48c2aa5725e41153da3cf12', 1,
  'a081831a607e05042765df4195ddd570a7b5560f0aaab708886209966a50eeeb', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-backup' AS "step", 'create-backup' AS "kind", NULL AS "event",
  '{"table":"people_backup"}' AS "details" UNION ALL
  SELECT 2, '02-create-backup', 'create-backup', NULL, '{"table":"people_backup"}' UNION ALL
  SELECT 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  ('{"table":"people_backup","from":"people","columns":["email"],"version":1,"doc_id":"doc_1","upload_ti' ||
'mestamp":"2025-01-31 10:00"}') UNION ALL
  SELECT 4, '04-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 5, '05-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
-- must be true: version 1 is the newest of people
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'people' AND "state" = 'done') = 1 THEN '$' ELSE
  'it is not true that version 1 is the newest of people' END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS 'email TEXT' AND NOT EXISTS (SELECT 1
  FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND NOT EXISTS (SELECT
  1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND
  f."table" = 'people' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
  'it is not true that people has the columns, triggers and references that were reviewed' END);
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

-- 1. create backup: people_backup
--    stops here: people is unchanged
CREATE TABLE "main"."people_backup" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "doc_id" TEXT,
  "upload_timestamp" TEXT,
  "snapshot_version" INTEGER,
  "email" TEXT
);

-- 2. create backup: people_backup
--    stops here: people is unchanged
CREATE INDEX "main"."people_backup_snapshot" ON "people_backup" ("snapshot_version");

-- 3. copy to backup: people_backup
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")
SELECT 'doc_1', '2025-01-31 10:00', 1, "people"."email" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3;

-- 4. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 1)
SELECT json_extract('"true"', CASE WHEN 1 * 100 >= coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 1)' END);
-- #endregion }}}
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: people is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people") THEN '$' ELSE
  'it is not true that people is empty' END);
-- #endregion }}}

-- 5. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("email") VALUES
  ('b');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 5;
-- #region what must be true now {{{
-- must be true: people holds 1 row, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 1 THEN '$' ELSE
  'it is not true that people holds 1 row, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT "row_count" FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), "rows_loaded" = (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5),
  "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3) <> 1 THEN
  'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
