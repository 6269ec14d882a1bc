-- tablesnap: replace all rows of hr_panel with those of hr_panel.csv
--
-- database  sqlite
-- table     main.hr_panel, strategy in-place
-- upload    the next version, kind panel, doc_id HR-2025-07, upload_timestamp (the time of the run)
-- replaces  the newest version
-- source    hr_panel.csv: 3 rows, SHA-256 4b664e1496cc0e5cdf6e32d86c143dd05a712ea7f3dfcc00653d1851bca131d6
-- reading   "E-Mail" is "email"
-- retention keep 5: which snapshots go at the end depends on those that there are
-- plan      SHA-256 96c55166f66e1447adc177e29548b073e8f1b88a41b3217b1d6ea659fb04c38d
--
-- group and step
--    1  01-copy-to-backup    hr_panel_backup
--    1  02-clear             hr_panel
--    1  03-drop-column       hr_panel
--    1  04-load              hr_panel
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- Each assertion ("must be true") stops the script if it does not hold.
-- This script is for any version of the table: it is for comparing, and fails at its first statement. Its versions are those of a first upload, 0 and 1.

.bail on
-- must be true: this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)
SELECT json_extract('"it is true that this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)"', CASE WHEN 1 = 0 THEN '$' ELSE 'it is not true that this script is for one version of the table (it is for any, to be compared; to run it, plan the upload for this version)' END);
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;

-- the run, and what it is about to do
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('hr_panel', 'upload', 'PANEL_UPLOAD', 1, 0, 'HR-2025-07', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'hr_panel.csv', '4b664e1496cc0e5cdf6e32d86c143dd05a712ea7f3dfcc00653d1851bca131d6', 3, '96c55166f66e1447adc177e29548b073e8f1b88a41b3217b1d6ea659fb04c38d', 'READERS_WAIT', 'started', NULL, '(devel)', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"hr_panel_backup","from":"hr_panel","columns":["email","name","access","final_status"],"version":0}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 2, '02-clear', 'clear', NULL, '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"hr_panel"}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 3, '03-drop-column', 'drop-column', NULL, '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"hr_panel","columns":["final_status"]}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 4, '04-load', 'load', 'PANEL_UPLOAD', '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"hr_panel"}');
COMMIT;

-- group 1 of 1: commits together, or not at all
BEGIN IMMEDIATE;
-- must be true: version 0 is the newest of hr_panel
SELECT json_extract('"it is true that version 0 is the newest of hr_panel"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE "table_name" = 'hr_panel' AND "state" = 'done') = 0 THEN '$' ELSE 'it is not true that version 0 is the newest of hr_panel' END);
-- must be true: hr_panel has the columns, triggers and references that were reviewed
SELECT json_extract('"it is true that hr_panel has the columns, triggers and references that were reviewed"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('hr_panel', 'main')) IS 'email TEXT, name TEXT NOT NULL, access TEXT, final_status TEXT' AND (SELECT group_concat("name", ', ') FROM (SELECT "name" FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'hr_panel' COLLATE NOCASE ORDER BY "name")) IS NULL AND (SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.' || f."from" || ' ' || f."on_delete" AS "ref" FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND f."table" = 'hr_panel' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE ORDER BY 1)) IS NULL THEN '$' ELSE 'it is not true that hr_panel has the columns, triggers and references that were reviewed' END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot' AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM "main"."tablesnap_run" WHERE "table_name" = 'hr_panel');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'hr_panel' AND "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)));

-- step 01-copy-to-backup: hr_panel_backup
--   if it fails, this script stops; apply would keep the old rows in a table of their own (05-create-preserved, 06-copy-to-preserved) and go on
--   stops here: hr_panel is unchanged
-- must be true: hr_panel_backup has no rows yet of the version that is copied to it
SELECT json_extract('"it is true that hr_panel_backup has no rows yet of the version that is copied to it"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."hr_panel_backup" WHERE "snapshot_version" = 0) THEN '$' ELSE 'it is not true that hr_panel_backup has no rows yet of the version that is copied to it' END);
INSERT INTO "main"."hr_panel_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "name", "access", "final_status")
SELECT NULL, NULL, 0, "hr_panel"."email", "hr_panel"."name", "hr_panel"."access", "hr_panel"."final_status" FROM "main"."hr_panel";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;

-- step 02-clear: hr_panel
--   stops here: hr_panel is unchanged
-- must be true: the source has at least 50% of the rows of hr_panel (it has 3)
SELECT json_extract('"it is true that the source has at least 50% of the rows of hr_panel (it has 3)"', CASE WHEN 3 * 100 >= coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6), 0) * 50 THEN '$' ELSE 'it is not true that the source has at least 50% of the rows of hr_panel (it has 3)' END);
DELETE FROM "main"."hr_panel";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"it is true that clear deleted the rows that were copied, and no others"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2) = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6)) THEN '$' ELSE 'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: hr_panel is empty
SELECT json_extract('"it is true that hr_panel is empty"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."hr_panel") THEN '$' ELSE 'it is not true that hr_panel is empty' END);

-- step 03-drop-column: hr_panel
--   if it fails, this script stops; apply would warn and go on without it
--   stops here: hr_panel is unchanged
ALTER TABLE "main"."hr_panel" DROP COLUMN "final_status";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = NULL, "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;

-- step 04-load: hr_panel
--   stops here: hr_panel is unchanged
INSERT INTO "main"."hr_panel" ("email", "name", "access") VALUES
  ('ada@example.com', 'Ada Lovelace', 'admin'),
  ('grace@example.com', 'Hopper, Grace', 'editor'),
  ('alan@example.com', 'Alan Turing', 'viewer');
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = (SELECT count(*) FROM "main"."hr_panel"), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4;
-- must be true: hr_panel holds 3 rows, as the source does
SELECT json_extract('"it is true that hr_panel holds 3 rows, as the source does"', CASE WHEN (SELECT count(*) FROM "main"."hr_panel") = 3 THEN '$' ELSE 'it is not true that hr_panel holds 3 rows, as the source does' END);

-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6)), "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = 'READERS_WAIT' WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
