-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 a24ea3004efc2519e8f19d41fb4959eb1876a7ebb533ceb0c6e5fea44faa1f9f
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      panel
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 692bc22932590d93c5888bfacd5dfb54c30344970e4faa9e799e159232b7a446
-- rows      1 -> 2 (before: as version 1 left it)
-- columns   initial_status is dropped; final_status is dropped; the old values are kept in the backup
-- backup    people_backup gets 1 row
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    1 row copied, 1 removed, 2 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. widen backup      people_backup
--    1   2. widen backup      people_backup
--    1   3. copy to backup    people_backup             1 row
--    1   4. clear             people                    1 row
--    1   5. drop column       people
--    1   6. drop column       people
--    1   7. drop index        people
--    1   8. drop index        people
--    1   9. drop index        people
--    1  10. drop index        people
--    1  11. load              people                    2 rows
--    1  12. create index      people
--    1  13. create index      people
--    1  14. create index      people
--    1  15. create index      people
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
  "tool_version", "started_at") VALUES ('people', 'upload', 'PANEL_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', '692bc22932590d93c5888bfacd5dfb54c30344970e4faa9e799e159232b7a446', 2,
  'a24ea3004efc2519e8f19d41fb4959eb1876a7ebb533ceb0c6e5fea44faa1f9f', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-widen-backup' AS "step", 'widen-backup' AS "kind", NULL AS "event", '{"table":"people_backup"}'
  AS "details" UNION ALL
  SELECT 2, '02-widen-backup', 'widen-backup', NULL, '{"table":"people_backup"}' UNION ALL
  SELECT 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  ('{"table":"people_backup","from":"people","columns":["id","email","name","initial_status","final_stat' ||
'us"],"version":1,"doc_id":"doc_1","upload_timestamp":"2025-01-31 10:00"}') UNION ALL
  SELECT 4, '04-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 5, '05-drop-column', 'drop-column', NULL, '{"table":"people","columns":["initial_status"]}' UNION ALL
  SELECT 6, '06-drop-column', 'drop-column', NULL, '{"table":"people","columns":["final_status"]}' UNION ALL
  SELECT 7, '07-drop-index', 'drop-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 8, '08-drop-index', 'drop-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 9, '09-drop-index', 'drop-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 10, '10-drop-index', 'drop-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 11, '11-load', 'load', 'PANEL_UPLOAD', '{"table":"people"}' UNION ALL
  SELECT 12, '12-create-index', 'create-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 13, '13-create-index', 'create-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 14, '14-create-index', 'create-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 15, '15-create-index', 'create-index', NULL, '{"table":"people"}'
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
-- must be true: the indexes of people that are dropped and made again are as they were when the plan was made (plan again)
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("sql", ' ') FROM (SELECT "sql" FROM "main"."sqlite_master"
  WHERE "type" = 'index' AND "tbl_name" = 'people' COLLATE NOCASE AND "name" IN ('it''s "new"', 'people_by_name') ORDER
  BY "name" COLLATE BINARY)) IS
  ('CREATE INDEX "it''s ""new""" ON people (email) CREATE INDEX people_by_name ON people (name COLLATE NO' ||
'CASE DESC, email)') AND (SELECT group_concat("name", ', ') FROM (SELECT "name" FROM "main"."sqlite_master" WHERE "type"
  = 'table' AND "name" GLOB 'sqlite_stat[0-9]' ORDER BY "name")) IS 'sqlite_stat1, sqlite_stat4' THEN '$' ELSE
  'it is not true that the indexes of people that are dropped and made again are as they were when the plan was made (plan again)'
  END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS
  'id INTEGER, email TEXT, name TEXT, initial_status TEXT, final_status TEXT' AND NOT EXISTS (SELECT 1 FROM
  "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND NOT EXISTS (SELECT 1
  FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND
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

-- 1. widen backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (16-create-preserved, 17-copy-to-preserved) and go on
ALTER TABLE "main"."people_backup" ADD COLUMN "initial_status" TEXT;

-- 2. widen backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (16-create-preserved, 17-copy-to-preserved) and go on
ALTER TABLE "main"."people_backup" ADD COLUMN "final_status" TEXT;

-- 3. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (16-create-preserved, 17-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "id", "email", "name",
  "initial_status", "final_status")
SELECT 'doc_1', '2025-01-31 10:00', 1, "people"."id", "people"."email", "people"."name", "people"."initial_status",
  "people"."final_status" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3;

-- 4. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 2)
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (3, 17)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 2)' END);
-- #endregion }}}
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (3, 17)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: people is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people") THEN '$' ELSE
  'it is not true that people is empty' END);
-- #endregion }}}

-- 5. drop column: people
--    stops here: people is unchanged
--    if it fails, this script stops; apply would warn and go on without it
ALTER TABLE "main"."people" DROP COLUMN "initial_status";

-- 6. drop column: people
--    stops here: people is unchanged
--    if it fails, this script stops; apply would warn and go on without it
ALTER TABLE "main"."people" DROP COLUMN "final_status";

-- 7. drop index: people
--    stops here: people is unchanged
-- DROP INDEX would delete what ANALYZE knows of the indexes
UPDATE "main"."sqlite_stat1" SET "idx" = 'sqlite_tablesnap ' || "idx" WHERE "idx" IN ('it''s "new"', 'people_by_name');

-- 8. drop index: people
--    stops here: people is unchanged
-- DROP INDEX would delete what ANALYZE knows of the indexes
UPDATE "main"."sqlite_stat4" SET "idx" = 'sqlite_tablesnap ' || "idx" WHERE "idx" IN ('it''s "new"', 'people_by_name');

-- 9. drop index: people
--    stops here: people is unchanged
-- it is made after the rows, which takes less time than to keep it up to date
DROP INDEX "main"."it's ""new""";

-- 10. drop index: people
--    stops here: people is unchanged
DROP INDEX "main"."people_by_name";

-- 11. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("id", "email", "name") VALUES
  ('1', 'a', 'A'),
  ('2', 'b', 'B');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 11;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 2 THEN '$' ELSE
  'it is not true that people holds 2 rows, as the source does' END);
-- #endregion }}}

-- 12. create index: people
--    stops here: people is unchanged
CREATE INDEX "main"."it's ""new""" ON people (email);

-- 13. create index: people
--    stops here: people is unchanged
CREATE INDEX "main".people_by_name ON people (name COLLATE NOCASE DESC, email);

-- 14. create index: people
--    stops here: people is unchanged
-- what ANALYZE knows of the indexes is theirs again
UPDATE "main"."sqlite_stat1" SET "idx" = substr("idx", 18) WHERE "idx" IN ('sqlite_tablesnap it''s "new"',
  'sqlite_tablesnap people_by_name');

-- 15. create index: people
--    stops here: people is unchanged
-- what ANALYZE knows of the indexes is theirs again
UPDATE "main"."sqlite_stat4" SET "idx" = substr("idx", 18) WHERE "idx" IN ('sqlite_tablesnap it''s "new"',
  'sqlite_tablesnap people_by_name');
-- #region what must be true now {{{
-- must be true: people has its indexes again
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("sql", ' ') FROM (SELECT "sql" FROM "main"."sqlite_master"
  WHERE "type" = 'index' AND "tbl_name" = 'people' COLLATE NOCASE AND "name" IN ('it''s "new"', 'people_by_name') ORDER
  BY "name" COLLATE BINARY)) IS
  ('CREATE INDEX "it''s ""new""" ON people (email) CREATE INDEX people_by_name ON people (name COLLATE NO' ||
'CASE DESC, email)') AND (SELECT group_concat("name", ', ') FROM (SELECT "name" FROM "main"."sqlite_master" WHERE "type"
  = 'table' AND "name" GLOB 'sqlite_stat[0-9]' ORDER BY "name")) IS 'sqlite_stat1, sqlite_stat4' THEN '$' ELSE
  'it is not true that people has its indexes again' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  15);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (3, 17)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 11), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (3, 17)) <> 1 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END
  WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
