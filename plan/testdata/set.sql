-- tablesnap: the set staff, with the tables people, badges, teams: all of it, or nothing
--
-- plan      SHA-256 1a55eed14801252b2715519b03fe28635ca2b18bbb5e579a654488f9ab14d832
-- commits   one transaction: all tables change, or none does
--
-- tablesnap: replace all rows of people with those of people.csv
--
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 f7f5ae774a4d3de955f87a0d17d4c4a185c2f9f70f47858457cb5886bd5f7b12
-- rows      2 -> 2 (before: as version 1 left it)
-- backup    people_backup gets 2 rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    2 rows copied, 2 removed, 2 loaded
--
-- group and step
--    1   1. copy to backup    people_backup             2 rows
--    1   2. clear             people                    2 rows
--    1   3. load              people                    2 rows
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- tablesnap: replace all rows of badges with those of badges.csv
--
-- database  sqlite
-- table     main.badges, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    badges.csv, SHA-256 035f8d35b0a9a2365ee17f3ed2c79bd93112059528bc89fc603d73f99158a7ad
-- rows      2 -> 2 (before: as version 1 left it)
-- backup    badges_backup gets 2 rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    2 rows copied, 2 removed, 2 loaded
--
-- group and step
--    1   1. copy to backup    badges_backup             2 rows
--    1   2. clear             badges                    2 rows
--    1   3. load              badges                    2 rows
--
-- warning READERS_WAIT: the database keeps a rollback journal, so readers wait while a large upload writes; in journal mode WAL they go on
--
-- tablesnap: replace all rows of teams with those of teams.csv
--
-- database  sqlite
-- table     main.teams, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    teams.csv, SHA-256 804de5c1768bf86f05c85519dd5473779ac45189770ef00796612450b1c66f9b
-- rows      1 -> 1 (before: as version 1 left it)
-- backup    teams_backup gets 1 row
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    1 row copied, 1 removed, 1 loaded
--
-- group and step
--    1   1. copy to backup    teams_backup              1 row
--    1   2. clear             teams                     1 row
--    1   3. load              teams                     1 row
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
  '62d9e6c6307398aa7dcd9144cd11a36bb0e39d92c580eda709bf28f1772a43f2', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id");
INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT 2, "id" FROM "temp"."tablesnap_this_run";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  ('{"table":"badges_backup","from":"badges","columns":["n","person"],"version":1,"doc_id":"doc_1","uplo' ||
'ad_timestamp":"2025-01-31 10:00","set":"staff","set_run":') || (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2)
  || '}' AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"badges"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"badges"}'
) AS "steps";
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', 'f7f5ae774a4d3de955f87a0d17d4c4a185c2f9f70f47858457cb5886bd5f7b12', 2,
  '045c658b74245dcf4918a4e3fbd3616b03829ba4b22e3db819f9da154635e480', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id");
INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT 1, "id" FROM "temp"."tablesnap_this_run";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  ('{"table":"people_backup","from":"people","columns":["id","name","team"],"version":1,"doc_id":"doc_1"' ||
',"upload_timestamp":"2025-01-31 10:00","set":"staff","set_run":') || (SELECT "id" FROM "temp"."tablesnap_runs" WHERE
  "n" = 2) || '}' AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}'
) AS "steps";
INSERT INTO "main"."tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('teams', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'teams.csv', '804de5c1768bf86f05c85519dd5473779ac45189770ef00796612450b1c66f9b', 1,
  '61cdd35c7e02f732f461f764374a255ebd301bf48064c03c02c1312a39cf5c33', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
CREATE TEMPORARY TABLE IF NOT EXISTS "tablesnap_runs" ("n" INTEGER PRIMARY KEY, "id");
INSERT OR REPLACE INTO "temp"."tablesnap_runs" SELECT 3, "id" FROM "temp"."tablesnap_this_run";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  ('{"table":"teams_backup","from":"teams","columns":["id","name","lead"],"version":1,"doc_id":"doc_1","' ||
'upload_timestamp":"2025-01-31 10:00","set":"staff","set_run":') || (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n"
  = 2) || '}' AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"teams"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"teams"}'
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

-- 1. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (04-create-preserved, 05-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "id", "name", "team")
SELECT 'doc_1', '2025-01-31 10:00', 1, "people"."id", "people"."name", "people"."team" FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 1. copy to backup: badges_backup
--    stops here: badges is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (04-create-preserved, 05-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: badges_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."badges_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that badges_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."badges_backup" ("doc_id", "upload_timestamp", "snapshot_version", "n", "person")
SELECT 'doc_1', '2025-01-31 10:00', 1, "badges"."n", "badges"."person" FROM "main"."badges";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 1. copy to backup: teams_backup
--    stops here: teams is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (04-create-preserved, 05-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: teams_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."teams_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that teams_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."teams_backup" ("doc_id", "upload_timestamp", "snapshot_version", "id", "name", "lead")
SELECT 'doc_1', '2025-01-31 10:00', 1, "teams"."id", "teams"."name", "teams"."lead" FROM "main"."teams";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 1;
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 2. clear: teams
--    stops here: teams is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of teams (it has 1)
SELECT json_extract('"true"', CASE WHEN 1 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of teams (it has 1)' END);
-- #endregion }}}
DELETE FROM "main"."teams";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: teams is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."teams") THEN '$' ELSE
  'it is not true that teams is empty' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 2. clear: badges
--    stops here: badges is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of badges (it has 2)
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of badges (it has 2)' END);
-- #endregion }}}
DELETE FROM "main"."badges";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: badges is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."badges") THEN '$' ELSE
  'it is not true that badges is empty' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}

-- 2. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 2)
SELECT json_extract('"true"', CASE WHEN 2 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 2)' END);
-- #endregion }}}
DELETE FROM "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT json_extract('"true"', CASE WHEN (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 2) = (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) THEN '$' ELSE
  'it is not true that clear deleted the rows that were copied, and no others' END);
-- must be true: people is empty
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people") THEN '$' ELSE
  'it is not true that people is empty' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 2;
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}

-- 3. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("id", "name", "team") VALUES
  ('1', 'Ada Lovelace', '1'),
  ('2', 'Grace', '1');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 2 THEN '$' ELSE
  'it is not true that people holds 2 rows, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}

-- 3. load: badges
--    stops here: badges is unchanged
INSERT INTO "main"."badges" ("n", "person") VALUES
  ('10', '1'),
  ('20', '2');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."badges") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: badges holds 2 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."badges") = 2 THEN '$' ELSE
  'it is not true that badges holds 2 rows, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}

-- 3. load: teams
--    stops here: teams is unchanged
INSERT INTO "main"."teams" ("id", "name", "lead") VALUES
  ('1', 'Core', '1');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."teams") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: teams holds 1 row, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."teams") = 1 THEN '$' ELSE
  'it is not true that teams holds 1 row, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- the run of people
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 1);
-- #endregion }}}
-- #region the run is done {{{
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) <> 2 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE
  "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- the run of badges
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 2);
-- #endregion }}}
-- #region the run is done {{{
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) <> 2 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE
  "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- the run of teams
UPDATE "temp"."tablesnap_this_run" SET "id" = (SELECT "id" FROM "temp"."tablesnap_runs" WHERE "n" = 3);
-- #endregion }}}
-- #region the run is done {{{
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) <> 1 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE
  "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
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
