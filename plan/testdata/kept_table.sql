-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 37d9bf1f9018edabaac9f95b4e8704e3941a5e05d693cec16a703992c1165d5e
-- database  sqlite
-- table     main.people, strategy swap
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 692bc22932590d93c5888bfacd5dfb54c30344970e4faa9e799e159232b7a446
-- rows      1 -> 2 (before: as version 1 left it)
-- backup    the old table is kept as people_preserved_v1
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    2 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. keep old          people_preserved_v1
--    1   2. set aside         people
--    1   3. set aside         people
--    1   4. recreate table    people
--    1   5. carry counter     people
--    1   6. create index      people
--    1   7. load              people                    2 rows
--    1   8. create index      people
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
  'people.csv', '692bc22932590d93c5888bfacd5dfb54c30344970e4faa9e799e159232b7a446', 2,
  '37d9bf1f9018edabaac9f95b4e8704e3941a5e05d693cec16a703992c1165d5e', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-keep-old' AS "step", 'keep-old' AS "kind", 'DATA_BACKUP' AS "event",
  '{"table":"people_preserved_v1","from":"people"}' AS "details" UNION ALL
  SELECT 2, '02-set-aside', 'set-aside', NULL, '{"table":"people"}' UNION ALL
  SELECT 3, '03-set-aside', 'set-aside', NULL, '{"table":"people"}' UNION ALL
  SELECT 4, '04-recreate-table', 'recreate-table', NULL, '{"table":"people"}' UNION ALL
  SELECT 5, '05-carry-counter', 'carry-counter', NULL, '{"table":"people"}' UNION ALL
  SELECT 6, '06-create-index', 'create-index', NULL, '{"table":"people"}' UNION ALL
  SELECT 7, '07-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}' UNION ALL
  SELECT 8, '08-create-index', 'create-index', NULL, '{"table":"people"}'
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
-- must be true: people is made as it was when the plan was made, and nothing is tied to it (plan again)
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("sql", ' ') FROM (SELECT "sql" FROM "main"."sqlite_master"
  WHERE "tbl_name" = 'people' COLLATE NOCASE AND "type" IN ('table', 'index') AND "sql" IS NOT NULL ORDER BY "sql"
  COLLATE BINARY)) IS
  ('CREATE INDEX people_by_name ON people (name) CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREME' ||
replace('NT, email TEXT UNIQUE, -- one each\0a;  name TEXT) CREATE UNIQUE INDEX people_by_both ON people (email,',
  '\0a;', char(10)) ||
' name)') AND NOT EXISTS (SELECT "name" FROM "main"."sqlite_master" WHERE "type" IN ('view', 'trigger') AND
  instr(lower("sql"), lower('people')) > 0) THEN '$' ELSE
  'it is not true that people is made as it was when the plan was made, and nothing is tied to it (plan again)' END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS 'id INTEGER, email TEXT, name TEXT' AND
  NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE)
  AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE
  m."type" = 'table' AND f."table" = 'people' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
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

-- 1. keep old: people_preserved_v1
--    stops here: people is unchanged
-- the old table is the snapshot of its version
ALTER TABLE "main"."people" RENAME TO "people_preserved_v1";

-- 2. set aside: people
--    stops here: people is unchanged
DROP INDEX "main"."people_by_both";

-- 3. set aside: people
--    stops here: people is unchanged
DROP INDEX "main"."people_by_name";

-- 4. recreate table: people
--    stops here: people is unchanged
CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE, -- one each
  name TEXT);

-- 5. carry counter: people
--    stops here: people is unchanged
-- the numbers of an AUTOINCREMENT go on where those of the old table end
INSERT INTO "main"."sqlite_sequence" ("name", "seq") SELECT 'people', "seq" FROM "main"."sqlite_sequence" WHERE "name" =
  'people_preserved_v1';

-- 6. create index: people
--    stops here: people is unchanged
CREATE UNIQUE INDEX people_by_both ON people (email, name);

-- 7. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("id", "email", "name") VALUES
  ('1', 'a', 'A'),
  ('2', 'b', 'B');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 7;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 2 THEN '$' ELSE
  'it is not true that people holds 2 rows, as the source does' END);
-- #endregion }}}

-- 8. create index: people
--    stops here: people is unchanged
CREATE INDEX people_by_name ON people (name);
-- #region what must be true now {{{
-- must be true: the new table has the whole definition of people (what it lacks would be lost; plan again, or use the strategy in-place)
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("sql", ' ') FROM (SELECT "sql" FROM "main"."sqlite_master"
  WHERE "tbl_name" = 'people' COLLATE NOCASE AND "type" IN ('table', 'index') AND "sql" IS NOT NULL ORDER BY "sql"
  COLLATE BINARY)) IS
  ('CREATE INDEX people_by_name ON people (name) CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREME' ||
replace('NT, email TEXT UNIQUE, -- one each\0a;  name TEXT) CREATE UNIQUE INDEX people_by_both ON people (email,',
  '\0a;', char(10)) ||
' name)') THEN '$' ELSE
  'it is not true that the new table has the whole definition of people (what it lacks would be lost; plan again, or use the strategy in-place)'
  END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5, 6, 7, 8);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = NULL, "rows_loaded" = (SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7), "finished_at"
  = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
