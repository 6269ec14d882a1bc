-- tablesnap: replace all rows of price_list with those of price_list.tsv
--
-- plan      SHA-256 60e90816d77293f4125444356cb66b5ada1d0d445f8140e49b005a72c88cf3ea
-- database  sqlite
-- table     main.price_list, strategy in-place
-- kind      table
-- version   the next one, doc_id PRICES-31; replaces the newest
-- source    price_list.tsv, SHA-256 7897cb4f549fe11a61ebbba011c26312bf6658f37dbca0f5ae972405fc912a40; reading: NULL is "n/a"
-- rows      not counted -> 3
-- backup    price_list_backup gets the table's rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
--
-- group and step
--    1   1. copy to backup    price_list_backup
--    1   2. clear             price_list
--    1   3. load              price_list                3 rows
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- Each assertion ("must be true") stops the script if it does not hold.
-- This script is for any version of the table: it is for comparing, and fails at its first statement. Its versions are those of a first upload, 0 and 1.

.bail on
-- must be true: this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)
SELECT json_extract('"true"', CASE WHEN 1 = 0 THEN '$' ELSE
  'it is not true that this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)'
  END);
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
  "tool_version", "started_at") VALUES ('price_list', 'upload', 'TABLE_UPLOAD', 1, 0, 'PRICES-31',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'price_list.tsv',
  '7897cb4f549fe11a61ebbba011c26312bf6658f37dbca0f5ae972405fc912a40', 3,
  '60e90816d77293f4125444356cb66b5ada1d0d445f8140e49b005a72c88cf3ea', 'READERS_WAIT', 'started', NULL, '(devel)',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  '{"table":"price_list_backup","from":"price_list","columns":["article","price"],"version":0}' AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"price_list"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"price_list"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
-- must be true: version 0 is the newest of price_list
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'price_list' AND "state" = 'done') = 0 THEN '$' ELSE
  'it is not true that version 0 is the newest of price_list' END);
-- must be true: price_list has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('price_list', 'main')) IS 'article TEXT, price DECIMAL(8,2)'
  AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'price_list' COLLATE
  NOCASE) AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f
  WHERE m."type" = 'table' AND f."table" = 'price_list' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN
  '$' ELSE 'it is not true that price_list has the columns, triggers and references that were reviewed' END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'price_list');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'price_list' AND
  "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- #endregion }}}

-- 1. copy to backup: price_list_backup
--    stops here: price_list is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (04-create-preserved, 05-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: price_list_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."price_list_backup" WHERE "snapshot_version" =
  0) THEN '$' ELSE 'it is not true that price_list_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."price_list_backup" ("doc_id", "upload_timestamp", "snapshot_version", "article", "price")
SELECT NULL, NULL, 0, "price_list"."article", "price_list"."price" FROM "main"."price_list";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;

-- 2. clear: price_list
--    stops here: price_list is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of price_list (it has 3)
SELECT json_extract('"true"', CASE WHEN 3 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of price_list (it has 3)' END);
-- #endregion }}}
DELETE FROM "main"."price_list";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: price_list is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."price_list") THEN '$' ELSE
  'it is not true that price_list is empty' END);
-- #endregion }}}

-- 3. load: price_list
--    stops here: price_list is unchanged
INSERT INTO "main"."price_list" ("article", "price") VALUES
  ('pen', '1.20'),
  ('paper', NULL),
  ('ink', '7.50');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."price_list") WHERE "run_id" = (SELECT
  "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: price_list holds 3 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."price_list") = 3 THEN '$' ELSE
  'it is not true that price_list holds 3 rows, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" =
  'READERS_WAIT' WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
