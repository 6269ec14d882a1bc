-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 c10d4890f9f7db6a62d3dd0ec70a84867766a1b8bccee32e7f4b6e904106390c
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      panel
-- version   3, doc_id doc_3, upload_timestamp 2025-01-31 10:00; replaces 2, doc_id doc_2
-- source    people.csv, SHA-256 fa0b2f496d3640cf8ef4eedf2c72d81ab3b5453e5413e11c3fb7a7e82f7dd464
-- rows      1 -> 1 (before: as version 2 left it)
-- columns   initial_status is dropped; final_status is dropped; the old values are kept in the backup
-- backup    people_backup gets 1 row
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    1 row copied, 1 removed, 1 loaded
-- undo      restore version 2
--
-- group and step
--    1   1. copy to backup    people_backup             1 row
--    1   2. clear             people                    1 row
--    1   3. drop column       people
--    1   4. drop column       people
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
  "tool_version", "started_at") VALUES ('people', 'upload', 'PANEL_UPLOAD', 3, 2, 'doc_3', '2025-01-31 10:00',
  'people.csv', 'fa0b2f496d3640cf8ef4eedf2c72d81ab3b5453e5413e11c3fb7a7e82f7dd464', 1,
  'c10d4890f9f7db6a62d3dd0ec70a84867766a1b8bccee32e7f4b6e904106390c', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  ('{"table":"people_backup","from":"people","columns":["email","initial_status","final_status"],"versio' ||
'n":2,"doc_id":"doc_2","upload_timestamp":"2025-01-31 10:00"}') AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 3, '03-drop-column', 'drop-column', NULL, '{"table":"people","columns":["initial_status"]}' UNION ALL
  SELECT 4, '04-drop-column', 'drop-column', NULL, '{"table":"people","columns":["final_status"]}' UNION ALL
  SELECT 5, '05-load', 'load', 'PANEL_UPLOAD', '{"table":"people"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
-- must be true: version 2 is the newest of people
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'people' AND "state" = 'done') = 2 THEN '$' ELSE
  'it is not true that version 2 is the newest of people' END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS
  'email TEXT, initial_status TEXT, final_status TEXT' AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type"
  = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m,
  pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND f."table" = 'people' COLLATE NOCASE AND
  m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
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

-- 1. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (06-create-preserved, 07-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 2)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "initial_status",
  "final_status")
SELECT 'doc_2', '2025-01-31 10:00', 2, "people"."email", "people"."initial_status", "people"."final_status" FROM
  "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;

-- 2. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 1)
SELECT json_extract('"true"', CASE WHEN 1 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 7)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 1)' END);
-- #endregion }}}
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 7)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: people is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people") THEN '$' ELSE
  'it is not true that people is empty' END);
-- #endregion }}}

-- 3. drop column: people
--    stops here: people is unchanged
--    if it fails, this script stops; apply would warn and go on without it
ALTER TABLE "main"."people" DROP COLUMN "initial_status";

-- 4. drop column: people
--    stops here: people is unchanged
--    if it fails, this script stops; apply would warn and go on without it
ALTER TABLE "main"."people" DROP COLUMN "final_status";

-- 5. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("email") VALUES
  ('c');
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
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 7)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (1, 7)) <> 1 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE
  "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
