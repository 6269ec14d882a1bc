.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
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
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, NULL, 'doc_1', 'time of doc_1', 'people.csv', '92a191c6e3c4be49eb0e0899df49e600714145a7c85c4af9b068761d8126c692', 2, 'f41436434f29536e2ca99ec7d67886da9bdf0b118114de2ccb73b0821d83819e', '', 'started', 'tester', 'conformance', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-create-table', 'create-table', NULL, replace('CREATE TABLE "main"."people" (\0a;  "email" TEXT\0a;)', '\0a;', char(10)), 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 2, '02-load', 'load', 'TABLE_UPLOAD', 'INSERT INTO "main"."people" ("email") VALUES (?)', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
COMMIT;
BEGIN IMMEDIATE;
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND ("message" IS NULL OR "message" NOT LIKE '%, in pieces') AND "run_id" IN (SELECT "id" FROM "main"."tablesnap_run" WHERE "table_name" = 'people');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'people' AND "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE "message" LIKE '%, in pieces');
CREATE TABLE "main"."people" (
  "email" TEXT
);
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = NULL, "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
INSERT INTO "main"."people" ("email") VALUES
  ('doc_1_a'),
  ('doc_1_b');
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = (SELECT count(*) FROM "main"."people"), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = NULL, "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', 'time of doc_2', 'people.csv', '00fc555cd0d8203a371fd58ad6d6c2045e6c03c0a4f90077799edb28cabccc09', 2, '5797311607976b05478eac7935b554b04d508dc17a537562aeb9826e894e5327', 'READERS_WAIT', 'started', 'tester', 'conformance', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-create-backup', 'create-backup', NULL, replace('CREATE TABLE "main"."people_backup" (\0a;  "id" INTEGER PRIMARY KEY AUTOINCREMENT,\0a;  "doc_id" TEXT,\0a;  "upload_timestamp" TEXT,\0a;  "snapshot_version" INTEGER,\0a;  "email" TEXT\0a;)', '\0a;', char(10)), 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 2, '02-create-backup', 'create-backup', NULL, 'CREATE INDEX "main"."people_backup_snapshot" ON "people_backup" ("snapshot_version")', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', replace('INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")\0a;SELECT ''doc_1'', ''time of doc_1'', 1, "people"."email" FROM "main"."people"', '\0a;', char(10)), 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 4, '04-clear', 'clear', NULL, 'DELETE FROM "main"."people"', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 5, '05-load', 'load', 'TABLE_UPLOAD', 'INSERT INTO "main"."people" ("email") VALUES (?)', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
COMMIT;
BEGIN IMMEDIATE;
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND ("message" IS NULL OR "message" NOT LIKE '%, in pieces') AND "run_id" IN (SELECT "id" FROM "main"."tablesnap_run" WHERE "table_name" = 'people');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'people' AND "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE "message" LIKE '%, in pieces');
CREATE TABLE "main"."people_backup" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "doc_id" TEXT,
  "upload_timestamp" TEXT,
  "snapshot_version" INTEGER,
  "email" TEXT
);
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = NULL, "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
CREATE INDEX "main"."people_backup_snapshot" ON "people_backup" ("snapshot_version");
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = NULL, "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")
SELECT 'doc_1', 'time of doc_1', 1, "people"."email" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4;
INSERT INTO "main"."people" ("email") VALUES
  ('doc_2_a'),
  ('doc_2_b');
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = (SELECT count(*) FROM "main"."people"), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5;
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7)), "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 7)) <> 2 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 3, 2, 'doc_3', 'time of doc_3', 'people.csv', 'ac8b7586d1e5db0de2b064ad7f08c3d075d3dc9f92e1ebd9cecd9e2c50ce0a5e', 2, '4215e07801836e6f3767e43c7065b5ee2670aaba0ad747235711cde4fbf49f15', 'READERS_WAIT', 'started', 'tester', 'conformance', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', replace('INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")\0a;SELECT ''doc_2'', ''time of doc_2'', 2, "people"."email" FROM "main"."people"', '\0a;', char(10)), 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 2, '02-clear', 'clear', NULL, 'DELETE FROM "main"."people"', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 3, '03-load', 'load', 'TABLE_UPLOAD', 'INSERT INTO "main"."people" ("email") VALUES (?)', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
COMMIT;
BEGIN IMMEDIATE;
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND ("message" IS NULL OR "message" NOT LIKE '%, in pieces') AND "run_id" IN (SELECT "id" FROM "main"."tablesnap_run" WHERE "table_name" = 'people');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'people' AND "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE "message" LIKE '%, in pieces');
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")
SELECT 'doc_2', 'time of doc_2', 2, "people"."email" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
INSERT INTO "main"."people" ("email") VALUES
  ('doc_3_a'),
  ('doc_3_b');
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = (SELECT count(*) FROM "main"."people"), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5)), "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5)) <> 2 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 4, 3, 'doc_4', 'time of doc_4', 'people.csv', '07fa1c82b802df4043365930a2f8f03509c7370cb8fb8dfd046a05f9d3e1ce87', 2, 'ee37a0eab432a18d5473d605f7768ee845ebac019e29219948177ca2c3934a42', 'READERS_WAIT', 'started', 'tester', 'conformance', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', replace('INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")\0a;SELECT ''doc_3'', ''time of doc_3'', 3, "people"."email" FROM "main"."people"', '\0a;', char(10)), 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 2, '02-clear', 'clear', NULL, 'DELETE FROM "main"."people"', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 3, '03-load', 'load', 'TABLE_UPLOAD', 'INSERT INTO "main"."people" ("email") VALUES (?)', 'started', NULL, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
COMMIT;
BEGIN IMMEDIATE;
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND ("message" IS NULL OR "message" NOT LIKE '%, in pieces') AND "run_id" IN (SELECT "id" FROM "main"."tablesnap_run" WHERE "table_name" = 'people');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'people' AND "id" NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE "message" LIKE '%, in pieces');
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email")
SELECT 'doc_3', 'time of doc_3', 3, "people"."email" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
INSERT INTO "main"."people" ("email") VALUES
  ('doc_4_a'),
  ('doc_4_b');
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = (SELECT count(*) FROM "main"."people"), "duration_ms" = NULL, "message" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5)), "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE WHEN coalesce((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1), (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 5)) <> 2 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('people', 'prune', 'PRUNE', 0, NULL, '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'version 1', '', 0, '4810619d6a396f84b3418c9902a9cba5b0c16994c460498192786e9d8138d80b', 'READERS_WAIT', 'started', 'tester', 'conformance', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-delete-snapshot', 'delete-snapshot', 'PRUNE', 'DELETE FROM "main"."people_backup" WHERE "snapshot_version" = 1', 'started', 'version 1, in pieces', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
COMMIT;
BEGIN IMMEDIATE;
DELETE FROM "main"."people_backup" WHERE "snapshot_version" = 1;
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "row_count" = changes(), "duration_ms" = NULL, "message" = 'version 1, in pieces', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = NULL, "rows_loaded" = NULL, "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
COMMIT;
.bail on
PRAGMA busy_timeout = 10000;
PRAGMA foreign_keys = ON;
PRAGMA ignore_check_constraints = OFF;
PRAGMA read_uncommitted = OFF;
PRAGMA reverse_unordered_selects = OFF;
BEGIN IMMEDIATE;
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id", "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor", "tool_version", "started_at") VALUES ('people', 'prune', 'PRUNE', 0, NULL, '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'version 2', '', 0, 'bcb2014aa99b5b06e58664dc2bc2d1e3cb8ad835fa4f53e5e75e5082bd43d5b5', 'READERS_WAIT', 'started', 'tester', 'conformance', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "seq", "step", "kind", "event", "sql_text", "state", "message", "started_at", "finished_at") VALUES ((SELECT "id" FROM "temp"."tablesnap_this_run"), 1, '01-delete-snapshot', 'delete-snapshot', 'PRUNE', 'DELETE FROM "main"."people_backup" WHERE "snapshot_version" = 2', 'started', 'version 2, in pieces', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL);
COMMIT;
