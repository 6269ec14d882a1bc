-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 1edfff6367cd2b08b0c2559f5d75d20b0b17523c2a6a316d0d4922a5f630ae14
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      table
-- version   1, doc_id doc_1, upload_timestamp 2025-01-31 10:00; replaces 0, what stood there before the first upload
-- source    people.csv, SHA-256 d4df7b80e80406f749c7f8b70af70f17ead644c34c56aa6faf97fc151a9f9329
-- rows      not counted -> 2
-- backup    people_backup gets the table's rows
-- checks    max_change 20%, references codes.code (code), it's "odd"�-- or so, nobody is gone (warns); met by people.csv: not_null (email), unique (email, code),
--           values (code), matches (email), min_rows 1
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- undo      restore version 0
--
-- group and step
--    1   1. before            people
--    2   2. create backup     people_backup
--    2   3. create backup     people_backup
--    2   4. copy to backup    people_backup
--    2   5. clear             people
--    2   6. load              people                    2 rows
--    2   7. check             people
--    2   8. check             people
--    2   9. check             people
--    2  10. check             people
--    3  11. after             people
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
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, 0, 'doc_1', '2025-01-31 10:00',
  'people.csv', 'd4df7b80e80406f749c7f8b70af70f17ead644c34c56aa6faf97fc151a9f9329', 2,
  '1edfff6367cd2b08b0c2559f5d75d20b0b17523c2a6a316d0d4922a5f630ae14', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "seq", "step", "kind", "event", "state",
  "finished_at", "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "seq", "step", "kind",
  "event", "state", "finished_at", "details" FROM (
  SELECT 1 AS "seq", '01-before' AS "step", 'before' AS "kind", NULL AS "event", 'unknown' AS "state",
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS "finished_at", '{"table":"people"}' AS "details"
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 3: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: version 0 is the newest of people
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'people' AND "state" = 'done') = 0 THEN '$' ELSE
  'it is not true that version 0 is the newest of people' END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS 'email TEXT, code TEXT' AND NOT EXISTS
  (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND NOT
  EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" =
  'table' AND f."table" = 'people' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
  'it is not true that people has the columns, triggers and references that were reviewed' END);
-- #endregion }}}

-- 1. before: people
--    stops here: people is unchanged
DELETE FROM staging;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
-- #endregion }}}

-- #region what comes next, for the audit {{{
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "message", "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "message", "details" FROM (
  SELECT 2 AS "seq", '02-create-backup' AS "step", 'create-backup' AS "kind", NULL AS "event", NULL AS "message",
  '{"table":"people_backup"}' AS "details" UNION ALL
  SELECT 3, '03-create-backup', 'create-backup', NULL, NULL, '{"table":"people_backup"}' UNION ALL
  SELECT 4, '04-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', NULL,
  '{"table":"people_backup","from":"people","columns":["email","code"],"version":0}' UNION ALL
  SELECT 5, '05-clear', 'clear', NULL, NULL, '{"table":"people"}' UNION ALL
  SELECT 6, '06-load', 'load', 'TABLE_UPLOAD', NULL, '{"table":"people"}' UNION ALL
  SELECT 7, '07-check', 'check', NULL, 'max_change 20%', '{"table":"people","check":"max_change 20%"}' UNION ALL
  SELECT 8, '08-check', 'check', NULL, 'references codes.code (code)',
  '{"table":"people","check":"references codes.code (code)"}' UNION ALL
  SELECT 9, '09-check', 'check', NULL, replace('it''s "odd"\0a;-- or so', '\0a;', char(10)),
  '{"table":"people","check":"it''s \"odd\"\n-- or so"}' UNION ALL
  SELECT 10, '10-check', 'check', NULL, 'nobody is gone', '{"table":"people","check":"nobody is gone"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 2 of 3: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
-- must be true: version 0 is the newest of people
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'people' AND "state" = 'done') = 0 THEN '$' ELSE
  'it is not true that version 0 is the newest of people' END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS 'email TEXT, code TEXT' AND NOT EXISTS
  (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND NOT
  EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" =
  'table' AND f."table" = 'people' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
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

-- 2. create backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (12-create-preserved, 13-copy-to-preserved) and go on
CREATE TABLE "main"."people_backup" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "doc_id" TEXT,
  "upload_timestamp" TEXT,
  "snapshot_version" INTEGER,
  "email" TEXT,
  "code" TEXT
);

-- 3. create backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (12-create-preserved, 13-copy-to-preserved) and go on
CREATE INDEX "main"."people_backup_snapshot" ON "people_backup" ("snapshot_version");

-- 4. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (12-create-preserved, 13-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 0)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "code")
SELECT NULL, NULL, 0, "people"."email", "people"."code" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;

-- 5. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 2)
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (4, 13)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 2)' END);
-- #endregion }}}
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 5) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (4, 13)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: people is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people") THEN '$' ELSE
  'it is not true that people is empty' END);
-- #endregion }}}

-- 6. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("email", "code") VALUES
  ('a', 'x'),
  ('b', NULL);
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 6;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 2 THEN '$' ELSE
  'it is not true that people holds 2 rows, as the source does' END);
-- #endregion }}}

-- 7. check: people
--    stops here: people is unchanged
--    check max_change 20%: must find no row
SELECT * FROM (
SELECT "rows_changed", "rows_before" FROM (SELECT (SELECT count(*) FROM (SELECT "email", "code" FROM
  "main"."people_backup" WHERE "snapshot_version" = 0) AS "standing" LEFT JOIN "main"."people" AS "staged" ON
  "standing"."email" = "staged"."email" WHERE "staged"."email" IS NULL OR ((+"standing"."email") COLLATE BINARY IS NOT
  (+"staged"."email") COLLATE BINARY OR (+"standing"."code") COLLATE BINARY IS NOT (+"staged"."code") COLLATE BINARY))
  AS "rows_changed", (SELECT count(*) FROM (SELECT "email", "code" FROM "main"."people_backup" WHERE "snapshot_version"
  = 0) AS "standing") AS "rows_before") AS "shares" WHERE "rows_changed" * 100 > "rows_before" * 20
) AS "found" LIMIT 10;
-- #region what must be true now {{{
-- must be true: the check "max_change 20%" finds no row
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM (
SELECT "rows_changed", "rows_before" FROM (SELECT (SELECT count(*) FROM (SELECT "email", "code" FROM
  "main"."people_backup" WHERE "snapshot_version" = 0) AS "standing" LEFT JOIN "main"."people" AS "staged" ON
  "standing"."email" = "staged"."email" WHERE "staged"."email" IS NULL OR ((+"standing"."email") COLLATE BINARY IS NOT
  (+"staged"."email") COLLATE BINARY OR (+"standing"."code") COLLATE BINARY IS NOT (+"staged"."code") COLLATE BINARY))
  AS "rows_changed", (SELECT count(*) FROM (SELECT "email", "code" FROM "main"."people_backup" WHERE "snapshot_version"
  = 0) AS "standing") AS "rows_before") AS "shares" WHERE "rows_changed" * 100 > "rows_before" * 20
) AS "found") THEN '$' ELSE 'it is not true that the check "max_change 20%" finds no row' END);
UPDATE "main"."tablesnap_audit" SET "row_count" = 0 WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND
  "seq" = 7;
-- #endregion }}}

-- 8. check: people
--    stops here: people is unchanged
--    check references codes.code (code): must find no row
SELECT * FROM (
SELECT * FROM "main"."people" AS "refers" WHERE "refers"."code" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "main"."codes"
  AS "referred" WHERE "referred"."code" = "refers"."code")
) AS "found" LIMIT 10;
-- #region what must be true now {{{
-- must be true: the check "references codes.code (code)" finds no row
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM (
SELECT * FROM "main"."people" AS "refers" WHERE "refers"."code" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "main"."codes"
  AS "referred" WHERE "referred"."code" = "refers"."code")
) AS "found") THEN '$' ELSE 'it is not true that the check "references codes.code (code)" finds no row' END);
UPDATE "main"."tablesnap_audit" SET "row_count" = 0 WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND
  "seq" = 8;
-- #endregion }}}

-- 9. check: people
--    stops here: people is unchanged
--    check it's "odd"�-- or so: must find no row
SELECT * FROM (
SELECT email -- why
FROM "main"."people" WHERE code = '--'
) AS "found" LIMIT 10;
-- #region what must be true now {{{
-- must be true: the check "it's \"odd\"\n-- or so" finds no row
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM (
SELECT email -- why
FROM "main"."people" WHERE code = '--'
) AS "found") THEN '$' ELSE 'it is not true that the check "it''s \"odd\"\n-- or so" finds no row' END);
UPDATE "main"."tablesnap_audit" SET "row_count" = 0 WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND
  "seq" = 9;
-- #endregion }}}

-- 10. check: people
--    stops here: people is unchanged
--    check nobody is gone: must find no row
--    if it finds rows, the run goes on with a warning
SELECT * FROM (
SELECT o.email FROM (SELECT "email", "code" FROM "main"."people_backup" WHERE "snapshot_version" = 0) o WHERE o.email NOT IN (SELECT email FROM "main"."people")
) AS "found" LIMIT 10;
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM (
SELECT o.email FROM (SELECT "email", "code" FROM "main"."people_backup" WHERE "snapshot_version" = 0) o WHERE o.email
  NOT IN (SELECT email FROM "main"."people")
) AS "found") WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 10;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (2, 3, 4, 5, 6, 7, 8, 9, 10);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (4, 13)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 6), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run")
  AND "seq" = 10) > 0 THEN CASE WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT
  "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (4, 13)) <> 0 THEN
  'UNKNOWN_PREVIOUS READERS_WAIT CHECK_FOUND_ROWS' ELSE 'READERS_WAIT CHECK_FOUND_ROWS' END ELSE CASE WHEN (SELECT
  max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND
  "seq" IN (4, 13)) <> 0 THEN 'UNKNOWN_PREVIOUS READERS_WAIT' ELSE 'READERS_WAIT' END END WHERE "id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run");
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "seq", "step", "kind", "event", "state",
  "finished_at", "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "seq", "step", "kind",
  "event", "state", "finished_at", "details" FROM (
  SELECT 11 AS "seq", '11-after' AS "step", 'after' AS "kind", NULL AS "event", 'unknown' AS "state",
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now') AS "finished_at", '{"table":"people"}' AS "details"
) AS "steps";
-- #endregion }}}
COMMIT;

-- group 3 of 3: one statement, which the database commits by itself

-- 11. after: people
--    stops here: people holds the new rows, and the upload is done
--    if it fails, this script stops; apply would warn
ANALYZE "main"."people";
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 11;
-- #endregion }}}
