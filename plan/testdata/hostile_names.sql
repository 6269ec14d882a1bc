-- tablesnap: replace all rows of people�; DROP TABLE people; -- with those of people.csv
--
-- database  sqlite
-- table     main.people�; DROP TABLE people; --, strategy in-place
-- upload    version 1, kind table, doc_id doc�-- 1, upload_timestamp 2025-01-31 10:00
-- replaces  version 0, what stood there before the first upload
-- source    people.csv: 1 row, SHA-256 31edc85e04b94adeb43404c3cfa00438969f94b55422ca04dc685318d474ea9b
-- plan      SHA-256 e0bd57ce0c50ffa02f424dde821156eadab9e3cb202658d7de2653539dbb4ff4
--
-- group and step
--    1  01-create-backup     people�; DROP TABLE people; --_backup
--    1  02-create-backup     people�; DROP TABLE people; --_backup
--    1  03-copy-to-backup    people�; DROP TABLE people; --_backup
--    1  04-clear             people�; DROP TABLE people; --
--    1  05-load              people�; DROP TABLE people; --
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- Each assertion ("must be true") stops the script if it does not hold.

.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;

-- tablesnap's own tables
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

-- the run, and what it is about to do
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES (replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)), 'upload', 'TABLE_UPLOAD', 1, 0, replace('doc\0a;-- 1', '\0a;', char(10)), '2025-01-31 10:00', 'people.csv', '31edc85e04b94adeb43404c3cfa00438969f94b55422ca04dc685318d474ea9b', 1, 'e0bd57ce0c50ffa02f424dde821156eadab9e3cb202658d7de2653539dbb4ff4', 'READERS_WAIT', 'started', 'tester', 'v0.0.0', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-create-backup', 'create-backup', NULL, '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"people\n; DROP TABLE people; --_backup"}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 2, '02-create-backup', 'create-backup', NULL, '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"people\n; DROP TABLE people; --_backup"}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"people\n; DROP TABLE people; --_backup","from":"people\n; DROP TABLE people; --","columns":["a\"b","semi;colon\nnew line"],"version":0}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 4, '04-clear', 'clear', NULL, '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"people\n; DROP TABLE people; --"}');
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at", "details") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 5, '05-load', 'load', 'TABLE_UPLOAD', '', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL, '{"table":"people\n; DROP TABLE people; --"}');
COMMIT;

-- group 1 of 1: commits together, or not at all
BEGIN IMMEDIATE;
-- must be true: version 0 is the newest of people�; DROP TABLE people; --
SELECT json_extract('"it is true that version 0 is the newest of people\n; DROP TABLE people; --"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE "table_name" = replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)) AND "state" = 'done') = 0 THEN '$' ELSE replace('it is not true that version 0 is the newest of people\0a;; DROP TABLE people; --', '\0a;', char(10)) END);
-- must be true: people�; DROP TABLE people; -- has the columns, triggers and references that were reviewed
SELECT json_extract('"it is true that people\n; DROP TABLE people; -- has the columns, triggers and references that were reviewed"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo(replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)), 'main')) IS replace('a"b TEXT, semi;colon\0a;new line TEXT', '\0a;', char(10)) AND (SELECT group_concat("name", ', ') FROM (SELECT "name" FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)) COLLATE NOCASE ORDER BY "name")) IS NULL AND (SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.' || f."from" || ' ' || f."on_delete" AS "ref" FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND f."table" = replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)) COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE ORDER BY 1)) IS NULL THEN '$' ELSE replace('it is not true that people\0a;; DROP TABLE people; -- has the columns, triggers and references that were reviewed', '\0a;', char(10)) END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot' AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM "main"."tablesnap_run" WHERE "table_name" = replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)));
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = replace('people\0a;; DROP TABLE people; --', '\0a;', char(10)) AND "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)));

-- step 01-create-backup: people�; DROP TABLE people; --_backup
--   if it fails, this script stops; apply would keep the old rows in a table of their own (06-create-preserved, 07-copy-to-preserved) and go on
--   stops here: people ; DROP TABLE people; -- is unchanged
CREATE TABLE "main"."people
; DROP TABLE people; --_backup" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "doc_id" TEXT,
  "upload_timestamp" TEXT,
  "snapshot_version" INTEGER,
  "a""b" TEXT,
  "semi;colon
new line" TEXT
);
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = NULL, "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;

-- step 02-create-backup: people�; DROP TABLE people; --_backup
--   if it fails, this script stops; apply would keep the old rows in a table of their own (06-create-preserved, 07-copy-to-preserved) and go on
--   stops here: people ; DROP TABLE people; -- is unchanged
CREATE INDEX "main"."people
; DROP TABLE people; --_backup_snapshot" ON "people
; DROP TABLE people; --_backup" ("snapshot_version");
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = NULL, "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;

-- step 03-copy-to-backup: people�; DROP TABLE people; --_backup
--   if it fails, this script stops; apply would keep the old rows in a table of their own (06-create-preserved, 07-copy-to-preserved) and go on
--   stops here: people ; DROP TABLE people; -- is unchanged
-- must be true: people�; DROP TABLE people; --_backup has no rows yet of the version that is copied to it
SELECT json_extract('"it is true that people\n; DROP TABLE people; --_backup has no rows yet of the version that is copied to it"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people
; DROP TABLE people; --_backup" WHERE "snapshot_version" = 0) THEN '$' ELSE replace('it is not true that people\0a;; DROP TABLE people; --_backup has no rows yet of the version that is copied to it', '\0a;', char(10)) END);
INSERT INTO "main"."people
; DROP TABLE people; --_backup" ("doc_id", "upload_timestamp", "snapshot_version", "a""b", "semi;colon
new line")
SELECT NULL, NULL, 0, "people
; DROP TABLE people; --"."a""b", "people
; DROP TABLE people; --"."semi;colon
new line" FROM "main"."people
; DROP TABLE people; --";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;

-- step 04-clear: people�; DROP TABLE people; --
--   stops here: people ; DROP TABLE people; -- is unchanged
-- must be true: the source has at least 50% of the rows of people�; DROP TABLE people; -- (it has 1)
SELECT json_extract('"it is true that the source has at least 50% of the rows of people\n; DROP TABLE people; -- (it has 1)"', CASE WHEN 1 * 100 >= coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7), 0) * 50 THEN '$' ELSE replace('it is not true that the source has at least 50% of the rows of people\0a;; DROP TABLE people; -- (it has 1)', '\0a;', char(10)) END);
-- must be true: no row of people�; DROP TABLE people; -- loses a value in "semi;colon\nnew line", which people.csv lacks: each holds the column's default
SELECT json_extract('"it is true that no row of people\n; DROP TABLE people; -- loses a value in \"semi;colon\\nnew line\", which people.csv lacks: each holds the column''s default"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people
; DROP TABLE people; --" WHERE "semi;colon
new line" IS NOT NULL) THEN '$' ELSE replace('it is not true that no row of people\0:0a;; DROP TABLE people; -- loses a value in "semi;colon\nnew line", which people.csv lacks: each holds the column''s default', '\0:0a;', char(10)) END);
DELETE FROM "main"."people
; DROP TABLE people; --";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4;
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"it is true that clear deleted the rows that were copied, and no others"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7)) THEN '$' ELSE 'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: people�; DROP TABLE people; -- is empty
SELECT json_extract('"it is true that people\n; DROP TABLE people; -- is empty"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people
; DROP TABLE people; --") THEN '$' ELSE replace('it is not true that people\0a;; DROP TABLE people; -- is empty', '\0a;', char(10)) END);

-- step 05-load: people�; DROP TABLE people; --
--   stops here: people ; DROP TABLE people; -- is unchanged
INSERT INTO "main"."people
; DROP TABLE people; --" ("a""b") VALUES
  ('x');
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = (SELECT count(*) FROM "main"."people
; DROP TABLE people; --"), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5;
-- must be true: people�; DROP TABLE people; -- holds 1 row, as the source does
SELECT json_extract('"it is true that people\n; DROP TABLE people; -- holds 1 row, as the source does"', CASE WHEN (SELECT count(*) FROM "main"."people
; DROP TABLE people; --") = 1 THEN '$' ELSE replace('it is not true that people\0a;; DROP TABLE people; -- holds 1 row, as the source does', '\0a;', char(10)) END);

-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7)), "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7)) <> 0 THEN 'UNKNOWN_PREVIOUS READERS_WAIT' ELSE 'READERS_WAIT' END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
