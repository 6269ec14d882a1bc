-- tablesnap: the set staff, with the tables people, badges, teams: all of it, or nothing
--
-- plan      SHA-256 1b4369600235b298cd016b9d4e48bd9a07c5b6e90e19106200df9eb7b21f76ae
-- commits   one transaction: all tables change, or none does
--
-- tablesnap: replace all rows of people with those of people.csv
--
-- database  sqlite
-- table     main.people, strategy sync
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 f7f5ae774a4d3de955f87a0d17d4c4a185c2f9f70f47858457cb5886bd5f7b12
-- rows      2 -> 2 (before: as version 1 left it)
-- backup    people_backup gets 2 rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    2 rows copied, and only the rows of the table that differ
-- key       id: rows are matched by it, and only those that differ are written
--
-- group and step
--    1   1. create stage      people_tablesnap_stage
--    1   2. create stage      people_tablesnap_list
--    1   3. load              people_tablesnap_stage    2 rows
--    1   4. compare           people_tablesnap_list
--    1   5. copy to backup    people_backup             2 rows
--    1   6. delete            people
--    1   7. update            people
--    1   8. insert            people
--    1   9. drop stage        people_tablesnap_list
--    1  10. drop stage        people_tablesnap_stage
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- tablesnap: replace all rows of badges with those of badges.csv
--
-- database  sqlite
-- table     main.badges, strategy sync
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    badges.csv, SHA-256 035f8d35b0a9a2365ee17f3ed2c79bd93112059528bc89fc603d73f99158a7ad
-- rows      2 -> 2 (before: as version 1 left it)
-- backup    badges_backup gets 2 rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    2 rows copied, and only the rows of the table that differ
-- key       n: rows are matched by it, and only those that differ are written
--
-- group and step
--    1   1. create stage      badges_tablesnap_stage
--    1   2. create stage      badges_tablesnap_list
--    1   3. load              badges_tablesnap_stage    2 rows
--    1   4. compare           badges_tablesnap_list
--    1   5. copy to backup    badges_backup             2 rows
--    1   6. delete            badges
--    1   7. update            badges
--    1   8. insert            badges
--    1   9. drop stage        badges_tablesnap_list
--    1  10. drop stage        badges_tablesnap_stage
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- tablesnap: replace all rows of teams with those of teams.csv
--
-- database  sqlite
-- table     main.teams, strategy sync
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    teams.csv, SHA-256 804de5c1768bf86f05c85519dd5473779ac45189770ef00796612450b1c66f9b
-- rows      1 -> 1 (before: as version 1 left it)
-- backup    teams_backup gets 1 row
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    1 row copied, and only the rows of the table that differ
-- key       id: rows are matched by it, and only those that differ are written
--
-- group and step
--    1   1. create stage      teams_tablesnap_stage
--    1   2. create stage      teams_tablesnap_list
--    1   3. load              teams_tablesnap_stage     1 row
--    1   4. compare           teams_tablesnap_list
--    1   5. copy to backup    teams_backup              1 row
--    1   6. delete            teams
--    1   7. update            teams
--    1   8. insert            teams
--    1   9. drop stage        teams_tablesnap_list
--    1  10. drop stage        teams_tablesnap_stage
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
  "tool_version", "started_at") VALUES ('badges', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'badges.csv', '035f8d35b0a9a2365ee17f3ed2c79bd93112059528bc89fc603d73f99158a7ad', 2,
  '179556635535300d9ac1337dc507d445efa44c8852267fa907d673fe2569668f', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id");
INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT 2, "id" FROM "temp"."tablesnap_this_run";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-stage' AS "step", 'create-stage' AS "kind", NULL AS "event",
  '{"table":"badges_tablesnap_stage","set":"staff","set_run":' || (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" =
  2) || '}' AS "details" UNION ALL
  SELECT 2, '02-create-stage', 'create-stage', NULL, '{"table":"badges_tablesnap_list"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"badges_tablesnap_stage"}' UNION ALL
  SELECT 4, '04-compare', 'compare', NULL, '{"table":"badges_tablesnap_list","from":"badges"}' UNION ALL
  SELECT 5, '05-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  ('{"table":"badges_backup","from":"badges","columns":["n","person"],"version":1,"doc_id":"doc_1","uplo' ||
'ad_timestamp":"2025-01-31 10:00"}') UNION ALL
  SELECT 6, '06-delete', 'delete', NULL, '{"table":"badges"}' UNION ALL
  SELECT 7, '07-update', 'update', NULL, '{"table":"badges"}' UNION ALL
  SELECT 8, '08-insert', 'insert', NULL, '{"table":"badges"}' UNION ALL
  SELECT 9, '09-drop-stage', 'drop-stage', NULL, '{"table":"badges_tablesnap_list"}' UNION ALL
  SELECT 10, '10-drop-stage', 'drop-stage', NULL, '{"table":"badges_tablesnap_stage"}'
) AS "steps";
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', 'f7f5ae774a4d3de955f87a0d17d4c4a185c2f9f70f47858457cb5886bd5f7b12', 2,
  '90dd8956140ad155dc44c9d7d7e5477470d5d05118c7903abc4c5f93dbacbc1a', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id");
INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT 1, "id" FROM "temp"."tablesnap_this_run";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-stage' AS "step", 'create-stage' AS "kind", NULL AS "event",
  '{"table":"people_tablesnap_stage","set":"staff","set_run":' || (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" =
  2) || '}' AS "details" UNION ALL
  SELECT 2, '02-create-stage', 'create-stage', NULL, '{"table":"people_tablesnap_list"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"people_tablesnap_stage"}' UNION ALL
  SELECT 4, '04-compare', 'compare', NULL, '{"table":"people_tablesnap_list","from":"people"}' UNION ALL
  SELECT 5, '05-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  ('{"table":"people_backup","from":"people","columns":["id","name","team"],"version":1,"doc_id":"doc_1"' ||
',"upload_timestamp":"2025-01-31 10:00"}') UNION ALL
  SELECT 6, '06-delete', 'delete', NULL, '{"table":"people"}' UNION ALL
  SELECT 7, '07-update', 'update', NULL, '{"table":"people"}' UNION ALL
  SELECT 8, '08-insert', 'insert', NULL, '{"table":"people"}' UNION ALL
  SELECT 9, '09-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_list"}' UNION ALL
  SELECT 10, '10-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_stage"}'
) AS "steps";
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('teams', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'teams.csv', '804de5c1768bf86f05c85519dd5473779ac45189770ef00796612450b1c66f9b', 1,
  '6b6488498f220dea89c2310552113a3a70fbff49df1d9132289589e03308bb4a', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id");
INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT 3, "id" FROM "temp"."tablesnap_this_run";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-create-stage' AS "step", 'create-stage' AS "kind", NULL AS "event",
  '{"table":"teams_tablesnap_stage","set":"staff","set_run":' || (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" =
  2) || '}' AS "details" UNION ALL
  SELECT 2, '02-create-stage', 'create-stage', NULL, '{"table":"teams_tablesnap_list"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"teams_tablesnap_stage"}' UNION ALL
  SELECT 4, '04-compare', 'compare', NULL, '{"table":"teams_tablesnap_list","from":"teams"}' UNION ALL
  SELECT 5, '05-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  ('{"table":"teams_backup","from":"teams","columns":["id","name","lead"],"version":1,"doc_id":"doc_1","' ||
'upload_timestamp":"2025-01-31 10:00"}') UNION ALL
  SELECT 6, '06-delete', 'delete', NULL, '{"table":"teams"}' UNION ALL
  SELECT 7, '07-update', 'update', NULL, '{"table":"teams"}' UNION ALL
  SELECT 8, '08-insert', 'insert', NULL, '{"table":"teams"}' UNION ALL
  SELECT 9, '09-drop-stage', 'drop-stage', NULL, '{"table":"teams_tablesnap_list"}' UNION ALL
  SELECT 10, '10-drop-stage', 'drop-stage', NULL, '{"table":"teams_tablesnap_stage"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- #region the run of people {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}
-- #region the run of badges {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}
-- #region the run of teams {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- all tables: commits together, or not at all
-- #region what must be true before it {{{
BEGIN IMMEDIATE;
PRAGMA defer_foreign_keys = ON;
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}
-- must be true: version 1 is the newest of people
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'people' AND "state" = 'done') = 1 THEN '$' ELSE
  'it is not true that version 1 is the newest of people' END);
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS
  'id INTEGER, name TEXT NOT NULL, team INTEGER' AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" =
  'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND (SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.'
  || f."from" || ' ' || f."on_delete" AS "ref" FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name",
  'main') AS f WHERE m."type" = 'table' AND f."table" = 'people' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE
  ORDER BY 1)) IS 'badges.person NO ACTION, teams.lead NO ACTION' THEN '$' ELSE
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
-- #region the run of badges {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}
-- must be true: version 1 is the newest of badges
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'badges' AND "state" = 'done') = 1 THEN '$' ELSE
  'it is not true that version 1 is the newest of badges' END);
-- must be true: badges has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('badges', 'main')) IS 'n INTEGER, person INTEGER NOT NULL' AND
  NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" = 'trigger' AND "tbl_name" = 'badges' COLLATE NOCASE)
  AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name", 'main') AS f WHERE
  m."type" = 'table' AND f."table" = 'badges' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE) THEN '$' ELSE
  'it is not true that badges has the columns, triggers and references that were reviewed' END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'badges');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'badges' AND "id"
  NOT IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- #region the run of teams {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}
-- must be true: version 1 is the newest of teams
SELECT json_extract('"true"', CASE WHEN (SELECT coalesce(max("version_made"), 0) FROM "main"."tablesnap_run" WHERE
  "table_name" = 'teams' AND "state" = 'done') = 1 THEN '$' ELSE 'it is not true that version 1 is the newest of teams'
  END);
-- must be true: teams has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('teams', 'main')) IS
  'id INTEGER, name TEXT NOT NULL, lead INTEGER' AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE "type" =
  'trigger' AND "tbl_name" = 'teams' COLLATE NOCASE) AND (SELECT group_concat("ref", ', ') FROM (SELECT m."name" || '.'
  || f."from" || ' ' || f."on_delete" AS "ref" FROM "main"."sqlite_master" AS m, pragma_foreign_key_list(m."name",
  'main') AS f WHERE m."type" = 'table' AND f."table" = 'teams' COLLATE NOCASE AND m."name" <> f."table" COLLATE NOCASE
  ORDER BY 1)) IS 'people.team NO ACTION' THEN '$' ELSE
  'it is not true that teams has the columns, triggers and references that were reviewed' END);
-- earlier runs that were cut off have left nothing behind
UPDATE "main"."tablesnap_audit" SET "state" = 'rolled_back', "message" =
  'cut off before its commit: nothing of it was kept', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "run_id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND NOT ("kind" = 'delete-snapshot'
  AND ("details" IS NULL OR json_extract("details", '$.piece_rows') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM
  "main"."tablesnap_run" WHERE "table_name" = 'teams');
UPDATE "main"."tablesnap_run" SET "state" = 'rolled_back', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "state" = 'started' AND "id" <> (SELECT "id" FROM "temp"."tablesnap_this_run") AND "table_name" = 'teams' AND "id" NOT
  IN (SELECT "run_id" FROM "main"."tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND ("details" IS NULL OR
  json_extract("details", '$.piece_rows') IS NOT NULL)));
-- #region the run of people {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}

-- 1. create stage: people_tablesnap_stage
--    stops here: people is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "temp"."people_tablesnap_stage";
-- #endregion }}}
CREATE TABLE "temp"."people_tablesnap_stage" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT,
  "team" INTEGER
);

-- 2. create stage: people_tablesnap_list
--    stops here: people is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "temp"."people_tablesnap_list";
-- #endregion }}}
CREATE TABLE "temp"."people_tablesnap_list" (
  "id" INTEGER,
  "what" TEXT
);

-- 3. load: people_tablesnap_stage
--    stops here: people is unchanged
INSERT INTO "temp"."people_tablesnap_stage" ("id", "name", "team") VALUES
  ('1', 'Ada Lovelace', '1'),
  ('2', 'Grace', '1');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "temp"."people_tablesnap_stage") WHERE "run_id"
  = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: people_tablesnap_stage holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "temp"."people_tablesnap_stage") = 2 THEN '$' ELSE
  'it is not true that people_tablesnap_stage holds 2 rows, as the source does' END);
-- #endregion }}}

-- 4. compare: people_tablesnap_list
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: no row of people.csv lacks a value in the key (id)
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."people_tablesnap_stage" AS "staged" WHERE
  "staged"."id" IS NULL) THEN '$' ELSE 'it is not true that no row of people.csv lacks a value in the key (id)' END);
-- must be true: no row of people lacks a value in the key (id)
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people" AS "standing" WHERE "standing"."id" IS
  NULL) THEN '$' ELSE 'it is not true that no row of people lacks a value in the key (id)' END);
-- must be true: the source has at least 50% of the rows of people (it has 2)
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= (SELECT count(*) FROM "main"."people") * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 2)' END);
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
INSERT INTO "temp"."people_tablesnap_list" ("what", "id")
SELECT CASE WHEN "staged"."id" IS NULL THEN 'delete' ELSE 'update' END, "standing"."id"
FROM "main"."people" AS "standing" LEFT JOIN "temp"."people_tablesnap_stage" AS "staged" ON "standing"."id" =
  "staged"."id"
WHERE "staged"."id" IS NULL OR ((+"standing"."id") COLLATE BINARY IS NOT (+"staged"."id") COLLATE BINARY OR
  (+"standing"."name") COLLATE BINARY IS NOT (+"staged"."name") COLLATE BINARY OR (+"standing"."team") COLLATE BINARY IS
  NOT (+"staged"."team") COLLATE BINARY)
UNION ALL
SELECT 'insert', "staged"."id"
FROM (SELECT "staged"."id" AS "id" FROM "temp"."people_tablesnap_stage" AS "staged" EXCEPT SELECT "standing"."id" AS
  "id" FROM "main"."people" AS "standing" ORDER BY 1) AS "staged";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: no row of badges (person) refers to a value of people that is updated
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."people_tablesnap_list" AS "listed" JOIN
  "main"."people" AS "standing" ON "standing"."id" = "listed"."id" JOIN "main"."badges" AS "referring" ON
  "standing"."id" = "referring"."person" JOIN "temp"."people_tablesnap_stage" AS "staged" ON "standing"."id" =
  "staged"."id" WHERE "listed"."what" IN ('update', 'park') AND ((+"standing"."id") COLLATE BINARY IS NOT
  (+"staged"."id") COLLATE BINARY)) THEN '$' ELSE
  'it is not true that no row of badges (person) refers to a value of people that is updated' END);
-- must be true: no row of teams (lead) refers to a value of people that is updated
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."people_tablesnap_list" AS "listed" JOIN
  "main"."people" AS "standing" ON "standing"."id" = "listed"."id" JOIN "main"."teams" AS "referring" ON "standing"."id"
  = "referring"."lead" JOIN "temp"."people_tablesnap_stage" AS "staged" ON "standing"."id" = "staged"."id" WHERE
  "listed"."what" IN ('update', 'park') AND ((+"standing"."id") COLLATE BINARY IS NOT (+"staged"."id") COLLATE BINARY))
  THEN '$' ELSE 'it is not true that no row of teams (lead) refers to a value of people that is updated' END);
-- #endregion }}}

-- 5. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (11-create-preserved, 12-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "id", "name", "team")
SELECT 'doc_1', '2025-01-31 10:00', 1, "people"."id", "people"."name", "people"."team" FROM "main"."people" WHERE EXISTS
  (SELECT 1 FROM "temp"."people_tablesnap_list");
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5);
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 1. create stage: badges_tablesnap_stage
--    stops here: badges is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "temp"."badges_tablesnap_stage";
-- #endregion }}}
CREATE TABLE "temp"."badges_tablesnap_stage" (
  "n" INTEGER PRIMARY KEY,
  "person" INTEGER
);

-- 2. create stage: badges_tablesnap_list
--    stops here: badges is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "temp"."badges_tablesnap_list";
-- #endregion }}}
CREATE TABLE "temp"."badges_tablesnap_list" (
  "n" INTEGER,
  "what" TEXT
);

-- 3. load: badges_tablesnap_stage
--    stops here: badges is unchanged
INSERT INTO "temp"."badges_tablesnap_stage" ("n", "person") VALUES
  ('10', '1'),
  ('20', '2');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "temp"."badges_tablesnap_stage") WHERE "run_id"
  = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: badges_tablesnap_stage holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "temp"."badges_tablesnap_stage") = 2 THEN '$' ELSE
  'it is not true that badges_tablesnap_stage holds 2 rows, as the source does' END);
-- #endregion }}}

-- 4. compare: badges_tablesnap_list
--    stops here: badges is unchanged
-- #region what must be true first {{{
-- must be true: no row of badges.csv lacks a value in the key (n)
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."badges_tablesnap_stage" AS "staged" WHERE
  "staged"."n" IS NULL) THEN '$' ELSE 'it is not true that no row of badges.csv lacks a value in the key (n)' END);
-- must be true: no row of badges lacks a value in the key (n)
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."badges" AS "standing" WHERE "standing"."n" IS
  NULL) THEN '$' ELSE 'it is not true that no row of badges lacks a value in the key (n)' END);
-- must be true: the source has at least 50% of the rows of badges (it has 2)
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= (SELECT count(*) FROM "main"."badges") * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of badges (it has 2)' END);
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
INSERT INTO "temp"."badges_tablesnap_list" ("what", "n")
SELECT CASE WHEN "staged"."n" IS NULL THEN 'delete' ELSE 'update' END, "standing"."n"
FROM "main"."badges" AS "standing" LEFT JOIN "temp"."badges_tablesnap_stage" AS "staged" ON "standing"."n" =
  "staged"."n"
WHERE "staged"."n" IS NULL OR ((+"standing"."n") COLLATE BINARY IS NOT (+"staged"."n") COLLATE BINARY OR
  (+"standing"."person") COLLATE BINARY IS NOT (+"staged"."person") COLLATE BINARY)
UNION ALL
SELECT 'insert', "staged"."n"
FROM (SELECT "staged"."n" AS "n" FROM "temp"."badges_tablesnap_stage" AS "staged" EXCEPT SELECT "standing"."n" AS "n"
  FROM "main"."badges" AS "standing" ORDER BY 1) AS "staged";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;

-- 5. copy to backup: badges_backup
--    stops here: badges is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (11-create-preserved, 12-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: badges_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."badges_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that badges_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."badges_backup" ("doc_id", "upload_timestamp", "snapshot_version", "n", "person")
SELECT 'doc_1', '2025-01-31 10:00', 1, "badges"."n", "badges"."person" FROM "main"."badges" WHERE EXISTS (SELECT 1 FROM
  "temp"."badges_tablesnap_list");
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5);
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 1. create stage: teams_tablesnap_stage
--    stops here: teams is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "temp"."teams_tablesnap_stage";
-- #endregion }}}
CREATE TABLE "temp"."teams_tablesnap_stage" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT,
  "lead" INTEGER
);

-- 2. create stage: teams_tablesnap_list
--    stops here: teams is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "temp"."teams_tablesnap_list";
-- #endregion }}}
CREATE TABLE "temp"."teams_tablesnap_list" (
  "id" INTEGER,
  "what" TEXT
);

-- 3. load: teams_tablesnap_stage
--    stops here: teams is unchanged
INSERT INTO "temp"."teams_tablesnap_stage" ("id", "name", "lead") VALUES
  ('1', 'Core', '1');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "temp"."teams_tablesnap_stage") WHERE "run_id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: teams_tablesnap_stage holds 1 row, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "temp"."teams_tablesnap_stage") = 1 THEN '$' ELSE
  'it is not true that teams_tablesnap_stage holds 1 row, as the source does' END);
-- #endregion }}}

-- 4. compare: teams_tablesnap_list
--    stops here: teams is unchanged
-- #region what must be true first {{{
-- must be true: no row of teams.csv lacks a value in the key (id)
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."teams_tablesnap_stage" AS "staged" WHERE
  "staged"."id" IS NULL) THEN '$' ELSE 'it is not true that no row of teams.csv lacks a value in the key (id)' END);
-- must be true: no row of teams lacks a value in the key (id)
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."teams" AS "standing" WHERE "standing"."id" IS
  NULL) THEN '$' ELSE 'it is not true that no row of teams lacks a value in the key (id)' END);
-- must be true: the source has at least 50% of the rows of teams (it has 1)
SELECT json_extract('"true"', CASE WHEN 1 * 100 >= (SELECT count(*) FROM "main"."teams") * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of teams (it has 1)' END);
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
INSERT INTO "temp"."teams_tablesnap_list" ("what", "id")
SELECT CASE WHEN "staged"."id" IS NULL THEN 'delete' ELSE 'update' END, "standing"."id"
FROM "main"."teams" AS "standing" LEFT JOIN "temp"."teams_tablesnap_stage" AS "staged" ON "standing"."id" =
  "staged"."id"
WHERE "staged"."id" IS NULL OR ((+"standing"."id") COLLATE BINARY IS NOT (+"staged"."id") COLLATE BINARY OR
  (+"standing"."name") COLLATE BINARY IS NOT (+"staged"."name") COLLATE BINARY OR (+"standing"."lead") COLLATE BINARY IS
  NOT (+"staged"."lead") COLLATE BINARY)
UNION ALL
SELECT 'insert', "staged"."id"
FROM (SELECT "staged"."id" AS "id" FROM "temp"."teams_tablesnap_stage" AS "staged" EXCEPT SELECT "standing"."id" AS "id"
  FROM "main"."teams" AS "standing" ORDER BY 1) AS "staged";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: no row of people (team) refers to a value of teams that is updated
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "temp"."teams_tablesnap_list" AS "listed" JOIN
  "main"."teams" AS "standing" ON "standing"."id" = "listed"."id" JOIN "main"."people" AS "referring" ON "standing"."id"
  = "referring"."team" JOIN "temp"."teams_tablesnap_stage" AS "staged" ON "standing"."id" = "staged"."id" WHERE
  "listed"."what" IN ('update', 'park') AND ((+"standing"."id") COLLATE BINARY IS NOT (+"staged"."id") COLLATE BINARY))
  THEN '$' ELSE 'it is not true that no row of people (team) refers to a value of teams that is updated' END);
-- #endregion }}}

-- 5. copy to backup: teams_backup
--    stops here: teams is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (11-create-preserved, 12-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: teams_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."teams_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that teams_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."teams_backup" ("doc_id", "upload_timestamp", "snapshot_version", "id", "name", "lead")
SELECT 'doc_1', '2025-01-31 10:00', 1, "teams"."id", "teams"."name", "teams"."lead" FROM "main"."teams" WHERE EXISTS
  (SELECT 1 FROM "temp"."teams_tablesnap_list");
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 5;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3, 4, 5);
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 6. delete: teams
--    stops here: teams is unchanged
DELETE FROM "main"."teams"
WHERE "teams"."id" IN (SELECT "listed"."id" FROM "temp"."teams_tablesnap_list" AS "listed" WHERE "listed"."what" IN
  ('delete', 'replace'));
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 6;
-- #region what must be true now {{{
-- must be true: the rows of teams that were to be deleted are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 6) = (SELECT count(*) FROM "temp"."teams_tablesnap_list" WHERE "what" IN
  ('delete', 'replace')) THEN '$' ELSE
  'it is not true that the rows of teams that were to be deleted are, and no others' END);
-- must be true: the deleted rows of teams, and those that stay, are those that were copied
SELECT json_extract('"true"', CASE WHEN ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0 OR (SELECT count(*) FROM "main"."teams") + (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6) =
  coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (5, 12)), 0)) THEN '$' ELSE
  'it is not true that the deleted rows of teams, and those that stay, are those that were copied' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6;
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 6. delete: badges
--    stops here: badges is unchanged
DELETE FROM "main"."badges"
WHERE "badges"."n" IN (SELECT "listed"."n" FROM "temp"."badges_tablesnap_list" AS "listed" WHERE "listed"."what" IN
  ('delete', 'replace'));
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 6;
-- #region what must be true now {{{
-- must be true: the rows of badges that were to be deleted are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 6) = (SELECT count(*) FROM "temp"."badges_tablesnap_list" WHERE "what"
  IN ('delete', 'replace')) THEN '$' ELSE
  'it is not true that the rows of badges that were to be deleted are, and no others' END);
-- must be true: the deleted rows of badges, and those that stay, are those that were copied
SELECT json_extract('"true"', CASE WHEN ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0 OR (SELECT count(*) FROM "main"."badges") + (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6) =
  coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (5, 12)), 0)) THEN '$' ELSE
  'it is not true that the deleted rows of badges, and those that stay, are those that were copied' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6;
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}

-- 6. delete: people
--    stops here: people is unchanged
DELETE FROM "main"."people"
WHERE "people"."id" IN (SELECT "listed"."id" FROM "temp"."people_tablesnap_list" AS "listed" WHERE "listed"."what" IN
  ('delete', 'replace'));
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 6;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be deleted are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 6) = (SELECT count(*) FROM "temp"."people_tablesnap_list" WHERE "what"
  IN ('delete', 'replace')) THEN '$' ELSE
  'it is not true that the rows of people that were to be deleted are, and no others' END);
-- must be true: the deleted rows of people, and those that stay, are those that were copied
SELECT json_extract('"true"', CASE WHEN ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0 OR (SELECT count(*) FROM "main"."people") + (SELECT "row_count"
  FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6) =
  coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (5, 12)), 0)) THEN '$' ELSE
  'it is not true that the deleted rows of people, and those that stay, are those that were copied' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 6;
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}

-- 7. update: people
--    stops here: people is unchanged
UPDATE "main"."people" SET "name" = "staged"."name", "team" = "staged"."team"
FROM "temp"."people_tablesnap_list" AS "listed" JOIN "temp"."people_tablesnap_stage" AS "staged" ON "listed"."id" =
  "staged"."id"
WHERE "people"."id" = "listed"."id" AND "listed"."what" IN ('update', 'park', 'stuck');
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 7;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be updated are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 7) = (SELECT count(*) FROM "temp"."people_tablesnap_list" WHERE "what"
  IN ('update', 'park')) THEN '$' ELSE
  'it is not true that the rows of people that were to be updated are, and no others' END);
-- #endregion }}}

-- 8. insert: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("id", "name", "team")
SELECT "staged"."id", "staged"."name", "staged"."team" FROM "temp"."people_tablesnap_list" AS "listed" JOIN
  "temp"."people_tablesnap_stage" AS "staged" ON "listed"."id" = "staged"."id" WHERE "listed"."what" IN ('insert',
  'replace');
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be inserted are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 8) = (SELECT count(*) FROM "temp"."people_tablesnap_list" WHERE "what"
  IN ('insert', 'replace')) THEN '$' ELSE
  'it is not true that the rows of people that were to be inserted are, and no others' END);
-- must be true: people holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 2 THEN '$' ELSE
  'it is not true that people holds 2 rows, as the source does' END);
-- must be true: no row of people differs from people.csv in the columns that it has
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people" AS "standing" LEFT JOIN
  "temp"."people_tablesnap_stage" AS "staged" ON "standing"."id" = "staged"."id" WHERE "staged"."id" IS NULL OR
  ((+"standing"."id") COLLATE BINARY IS NOT (+"staged"."id") COLLATE BINARY OR (+"standing"."name") COLLATE BINARY IS
  NOT (+"staged"."name") COLLATE BINARY OR (+"standing"."team") COLLATE BINARY IS NOT (+"staged"."team") COLLATE
  BINARY)) THEN '$' ELSE 'it is not true that no row of people differs from people.csv in the columns that it has' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (7, 8);
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 7. update: badges
--    stops here: badges is unchanged
UPDATE "main"."badges" SET "person" = "staged"."person"
FROM "temp"."badges_tablesnap_list" AS "listed" JOIN "temp"."badges_tablesnap_stage" AS "staged" ON "listed"."n" =
  "staged"."n"
WHERE "badges"."n" = "listed"."n" AND "listed"."what" IN ('update', 'park', 'stuck');
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 7;
-- #region what must be true now {{{
-- must be true: the rows of badges that were to be updated are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 7) = (SELECT count(*) FROM "temp"."badges_tablesnap_list" WHERE "what"
  IN ('update', 'park')) THEN '$' ELSE
  'it is not true that the rows of badges that were to be updated are, and no others' END);
-- #endregion }}}

-- 8. insert: badges
--    stops here: badges is unchanged
INSERT INTO "main"."badges" ("n", "person")
SELECT "staged"."n", "staged"."person" FROM "temp"."badges_tablesnap_list" AS "listed" JOIN
  "temp"."badges_tablesnap_stage" AS "staged" ON "listed"."n" = "staged"."n" WHERE "listed"."what" IN ('insert',
  'replace');
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8;
-- #region what must be true now {{{
-- must be true: the rows of badges that were to be inserted are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 8) = (SELECT count(*) FROM "temp"."badges_tablesnap_list" WHERE "what"
  IN ('insert', 'replace')) THEN '$' ELSE
  'it is not true that the rows of badges that were to be inserted are, and no others' END);
-- must be true: badges holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."badges") = 2 THEN '$' ELSE
  'it is not true that badges holds 2 rows, as the source does' END);
-- must be true: no row of badges differs from badges.csv in the columns that it has
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."badges" AS "standing" LEFT JOIN
  "temp"."badges_tablesnap_stage" AS "staged" ON "standing"."n" = "staged"."n" WHERE "staged"."n" IS NULL OR
  ((+"standing"."n") COLLATE BINARY IS NOT (+"staged"."n") COLLATE BINARY OR (+"standing"."person") COLLATE BINARY IS
  NOT (+"staged"."person") COLLATE BINARY)) THEN '$' ELSE
  'it is not true that no row of badges differs from badges.csv in the columns that it has' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (7, 8);
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 7. update: teams
--    stops here: teams is unchanged
UPDATE "main"."teams" SET "name" = "staged"."name", "lead" = "staged"."lead"
FROM "temp"."teams_tablesnap_list" AS "listed" JOIN "temp"."teams_tablesnap_stage" AS "staged" ON "listed"."id" =
  "staged"."id"
WHERE "teams"."id" = "listed"."id" AND "listed"."what" IN ('update', 'park', 'stuck');
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 7;
-- #region what must be true now {{{
-- must be true: the rows of teams that were to be updated are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 7) = (SELECT count(*) FROM "temp"."teams_tablesnap_list" WHERE "what" IN
  ('update', 'park')) THEN '$' ELSE 'it is not true that the rows of teams that were to be updated are, and no others'
  END);
-- #endregion }}}

-- 8. insert: teams
--    stops here: teams is unchanged
INSERT INTO "main"."teams" ("id", "name", "lead")
SELECT "staged"."id", "staged"."name", "staged"."lead" FROM "temp"."teams_tablesnap_list" AS "listed" JOIN
  "temp"."teams_tablesnap_stage" AS "staged" ON "listed"."id" = "staged"."id" WHERE "listed"."what" IN ('insert',
  'replace');
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 8;
-- #region what must be true now {{{
-- must be true: the rows of teams that were to be inserted are, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 8) = (SELECT count(*) FROM "temp"."teams_tablesnap_list" WHERE "what" IN
  ('insert', 'replace')) THEN '$' ELSE
  'it is not true that the rows of teams that were to be inserted are, and no others' END);
-- must be true: teams holds 1 row, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."teams") = 1 THEN '$' ELSE
  'it is not true that teams holds 1 row, as the source does' END);
-- must be true: no row of teams differs from teams.csv in the columns that it has
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."teams" AS "standing" LEFT JOIN
  "temp"."teams_tablesnap_stage" AS "staged" ON "standing"."id" = "staged"."id" WHERE "staged"."id" IS NULL OR
  ((+"standing"."id") COLLATE BINARY IS NOT (+"staged"."id") COLLATE BINARY OR (+"standing"."name") COLLATE BINARY IS
  NOT (+"staged"."name") COLLATE BINARY OR (+"standing"."lead") COLLATE BINARY IS NOT (+"staged"."lead") COLLATE
  BINARY)) THEN '$' ELSE 'it is not true that no row of teams differs from teams.csv in the columns that it has' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (7, 8);
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}

-- 9. drop stage: people_tablesnap_list
--    stops here: people is unchanged
DROP TABLE "temp"."people_tablesnap_list";

-- 10. drop stage: people_tablesnap_stage
--    stops here: people is unchanged
DROP TABLE "temp"."people_tablesnap_stage";
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (9, 10);
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 9. drop stage: badges_tablesnap_list
--    stops here: badges is unchanged
DROP TABLE "temp"."badges_tablesnap_list";

-- 10. drop stage: badges_tablesnap_stage
--    stops here: badges is unchanged
DROP TABLE "temp"."badges_tablesnap_stage";
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (9, 10);
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 9. drop stage: teams_tablesnap_list
--    stops here: teams is unchanged
DROP TABLE "temp"."teams_tablesnap_list";

-- 10. drop stage: teams_tablesnap_stage
--    stops here: teams is unchanged
DROP TABLE "temp"."teams_tablesnap_stage";
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (9, 10);
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}
-- #region the run is done {{{
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (5, 12)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4) = 0 THEN 2 ELSE (SELECT max("row_count") FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (5, 12)) END <> 2 THEN
  'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END, "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0) THEN
  "version_made" ELSE 0 END, "version_replaced" = CASE WHEN NOT ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0) THEN "version_replaced" END WHERE "id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run");
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}
-- #region the run is done {{{
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (5, 12)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4) = 0 THEN 2 ELSE (SELECT max("row_count") FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (5, 12)) END <> 2 THEN
  'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END, "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0) THEN
  "version_made" ELSE 0 END, "version_replaced" = CASE WHEN NOT ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0) THEN "version_replaced" END WHERE "id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run");
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}
-- #region the run is done {{{
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (5, 12)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 4) = 0 THEN 1 ELSE (SELECT max("row_count") FROM "main"."tablesnap_audit"
  WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (5, 12)) END <> 1 THEN
  'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END, "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0) THEN
  "version_made" ELSE 0 END, "version_replaced" = CASE WHEN NOT ((SELECT "row_count" FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 4) = 0) THEN "version_replaced" END WHERE "id" =
  (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;

-- #region the run of people {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}
-- #region the run of badges {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}
-- #region the run of teams {{{
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}
