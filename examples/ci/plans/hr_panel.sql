-- tablesnap: replace all rows of hr_panel with those of hr_panel.csv
--
-- plan      SHA-256 d2897f7d8ecca0a141ef32e7545c640223afa0459100e7b62bac18d8a4d22dd9
-- database  sqlite
-- table     main.hr_panel, strategy in-place
-- kind      panel
-- version   the next one, doc_id HR-2025-07; replaces the newest
-- source    hr_panel.csv, SHA-256 4b664e1496cc0e5cdf6e32d86c143dd05a712ea7f3dfcc00653d1851bca131d6; reading: "E-Mail" is "email"
-- rows      not counted -> 3
-- columns   final_status is dropped; the old values are kept in the backup
-- backup    hr_panel_backup gets the table's rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- retention keep 5: which snapshots go at the end depends on those that there are
--
-- group and step
--    1   1. copy to backup    hr_panel_backup
--    1   2. clear             hr_panel
--    1   3. drop column       hr_panel
--    1   4. load              hr_panel                  3 rows
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
  "tool_version", "started_at") VALUES ('hr_panel', 'upload', 'PANEL_UPLOAD', 1, 0, 'HR-2025-07',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'hr_panel.csv',
  '4b664e1496cc0e5cdf6e32d86c143dd05a712ea7f3dfcc00653d1851bca131d6', 3,
  'd2897f7d8ecca0a141ef32e7545c640223afa0459100e7b62bac18d8a4d22dd9', 'READERS_WAIT', 'started', NULL, '(devel)',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  ('{"table":"hr_panel_backup","from":"hr_panel","columns":["email","name","access","final_status"],"ver' ||
'sion":0}') AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"hr_panel"}' UNION ALL
  SELECT 3, '03-drop-column', 'drop-column', NULL, '{"table":"hr_panel","columns":["final_status"]}' UNION ALL
  SELECT 4, '04-load', 'load', 'PANEL_UPLOAD', '{"table":"hr_panel"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
-- must be true: version 0 is the newest of hr_panel
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'hr_panel' AND "state" = 'done') = 0 THEN '$' ELSE
  'it is not true that version 0 is the newest of hr_panel' END);
-- must be true: hr_panel has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('hr_panel', 'main')) IS
  'email TEXT, name TEXT NOT NULL, access TEXT, final_status TEXT' AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master"
  WHERE "type" = 'trigger' AND "tbl_name" = 'hr_panel' COLLATE NOCASE) AND NOT EXISTS (SELECT 1 FROM
  "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND f."table" =
  'hr_panel' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
  'it is not true that hr_panel has the columns, triggers and references that were reviewed' END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'hr_panel');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'hr_panel' AND "id"
  NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- #endregion }}}

-- 1. copy to backup: hr_panel_backup
--    stops here: hr_panel is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (05-create-preserved, 06-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: hr_panel_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."hr_panel_backup" WHERE "snapshot_version" = 0)
  THEN '$' ELSE 'it is not true that hr_panel_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."hr_panel_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "name", "access",
  "final_status")
SELECT NULL, NULL, 0, "hr_panel"."email", "hr_panel"."name", "hr_panel"."access", "hr_panel"."final_status" FROM
  "main"."hr_panel";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;

-- 2. clear: hr_panel
--    stops here: hr_panel is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of hr_panel (it has 3)
SELECT json_extract('"true"', CASE WHEN 3 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 6)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of hr_panel (it has 3)' END);
-- #endregion }}}
DELETE FROM "main"."hr_panel";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 6)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: hr_panel is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."hr_panel") THEN '$' ELSE
  'it is not true that hr_panel is empty' END);
-- #endregion }}}

-- 3. drop column: hr_panel
--    stops here: hr_panel is unchanged
--    if it fails, this script stops; apply would warn and go on without it
ALTER TABLE "main"."hr_panel" DROP COLUMN "final_status";

-- 4. load: hr_panel
--    stops here: hr_panel is unchanged
INSERT INTO "main"."hr_panel" ("email", "name", "access") VALUES
  ('ada@example.com', 'Ada Lovelace', 'admin'),
  ('grace@example.com', 'Hopper, Grace', 'editor'),
  ('alan@example.com', 'Alan Turing', 'viewer');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."hr_panel") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: hr_panel holds 3 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."hr_panel") = 3 THEN '$' ELSE
  'it is not true that hr_panel holds 3 rows, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 6)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" =
  'READERS_WAIT' WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
