-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 c3081b43adeea58d20580e0339bc112caa7b37d3dd53175032a261286fc28213
-- database  sqlite
-- table     main.people, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 8a7aca569649a4604b0323e8a9d3ea14b147310d036d4dc3fabc0e7db762fc6d
-- rows      4 -> 5 (before: as version 1 left it)
-- backup    people_backup gets 4 rows
-- locks     other writers of the database wait until the commit; readers wait, too (see READERS_WAIT)
-- writes    4 rows copied, 4 removed, 5 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. copy to backup    people_backup             4 rows
--    1   2. clear             people                    4 rows
--    1   3. load              people                    5 rows
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
  'people.csv', '8a7aca569649a4604b0323e8a9d3ea14b147310d036d4dc3fabc0e7db762fc6d', 5,
  'c3081b43adeea58d20580e0339bc112caa7b37d3dd53175032a261286fc28213', 'READERS_WAIT', 'started', 'tester', 'v0.0.0',
  strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
DROP TABLE IF EXISTS "temp"."tablesnap_this_run";
CREATE TEMPORARY TABLE "tablesnap_this_run" AS SELECT last_insert_rowid() AS "id";
INSERT INTO "main"."tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event",
  "details")
SELECT (SELECT "id" FROM "temp"."tablesnap_this_run"), '', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'started', "seq",
  "step", "kind", "event", "details" FROM (
  SELECT 1 AS "seq", '01-copy-to-backup' AS "step", 'copy-to-backup' AS "kind", 'DATA_BACKUP' AS "event",
  ('{"table":"people_backup","from":"people","columns":["email","given_name","family_name","phone","stre' ||
'et","town","postcode","country","born","joined","salary","active","team","manager","note"],"version"' ||
':1,"doc_id":"doc_1","upload_timestamp":"2025-01-31 10:00"}') AS "details" UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}'
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
-- must be true: people has the columns, triggers and references that were reviewed
SELECT json_extract('"true"', CASE WHEN (SELECT group_concat("name" || ' ' || "type" || CASE WHEN "notnull" THEN
  ' NOT NULL' ELSE '' END, ', ') FROM pragma_table_xinfo('people', 'main')) IS
  ('email VARCHAR(120) NOT NULL, given_name VARCHAR(60) NOT NULL, family_name VARCHAR(60) NOT NULL, phon' ||
'e VARCHAR(30), street VARCHAR(120), town VARCHAR(60), postcode VARCHAR(12), country CHAR(2) NOT NULL' ||
', born DATE, joined DATE NOT NULL, salary DECIMAL(10,2) NOT NULL, active SMALLINT NOT NULL, team VAR' ||
'CHAR(40) NOT NULL, manager VARCHAR(120), note VARCHAR(200)') AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" WHERE
  "type" = 'trigger' AND "tbl_name" = 'people' COLLATE NOCASE) AND NOT EXISTS (SELECT 1 FROM "main"."sqlite_master" AS
  m, pragma_foreign_key_list(m."name", 'main') AS f WHERE m."type" = 'table' AND f."table" = 'people' COLLATE NOCASE AND
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
--    if it fails, this script stops; apply would keep the old rows in a table of their own (04-create-preserved, 05-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT json_extract('"true"', CASE WHEN NOT EXISTS (SELECT 1 FROM "main"."people_backup" WHERE "snapshot_version" = 1)
  THEN '$' ELSE 'it is not true that people_backup has no rows yet of the version that is copied to it' END);
-- #endregion }}}
INSERT INTO "main"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "given_name",
  "family_name", "phone", "street", "town", "postcode", "country", "born", "joined", "salary", "active", "team",
  "manager", "note")
SELECT 'doc_1', '2025-01-31 10:00', 1, "people"."email", "people"."given_name", "people"."family_name",
  "people"."phone", "people"."street", "people"."town", "people"."postcode", "people"."country", "people"."born",
  "people"."joined", "people"."salary", "people"."active", "people"."team", "people"."manager", "people"."note" FROM
  "main"."people";
UPDATE "main"."tablesnap_audit" SET "row_count" = changes() WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 1;

-- 2. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 5)
SELECT json_extract('"true"', CASE WHEN 5 * 100 >= coalesce((SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)), 0) * 50 THEN '$' ELSE
  'it is not true that the source has at least 50% of the rows of people (it has 5)' END);
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

-- 3. load: people
--    stops here: people is unchanged
INSERT INTO "main"."people" ("email", "given_name", "family_name", "phone", "street", "town", "postcode", "country",
  "born", "joined", "salary", "active", "team", "manager", "note") VALUES
  ('ada@example.com', 'Ada', 'Lovelace', '+44 20 7946 0001', '12 St James''s Square', 'London', 'SW1Y 4LB', 'GB', '1815-12-10', '2025-01-06', '5200.00', '1', 'engines', 'grace@example.com', 'first'),
  ('alan@example.com', 'Alan', 'Turing', '+44 20 7946 0002', '43 Adlington Road', 'Wilmslow', 'SK9 2BJ', 'GB', '1912-06-23', '2025-01-06', '5100.50', '1', 'machines', 'ada@example.com', NULL),
  ('grace@example.com', 'Grace', 'Hopper', '+1 212 555 0103', '1 Navy Way', 'Arlington', '22201', 'US', '1906-12-09', '2024-11-01', '6100.00', '1', 'compilers', NULL, 'admiral'),
  ('joan@example.com', 'Joan', 'Clarke', '+44 20 7946 0004', '9 Park Road', 'Oxford', 'OX1 3PJ', 'GB', '1917-06-24', '2025-03-01', '4900.00', '1', 'machines', 'alan@example.com', NULL),
  ('kay@example.com', 'Kay', 'McNulty', '+1 215 555 0105', '7 Chestnut Street', 'Philadelphia', '19106', 'US', '1921-02-12', '2025-06-15', '4800.75', '0', 'engines', 'grace@example.com', 'on leave');
UPDATE "main"."tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "main"."people") WHERE "run_id" = (SELECT "id"
  FROM "temp"."tablesnap_this_run") AND "seq" = 3;
-- #region what must be true now {{{
-- must be true: people holds 5 rows, as the source does
SELECT json_extract('"true"', CASE WHEN (SELECT count(*) FROM "main"."people") = 5 THEN '$' ELSE
  'it is not true that people holds 5 rows, as the source does' END);
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "main"."tablesnap_audit" SET "state" = 'done', "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE
  "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 2, 3);
-- the run is done
UPDATE "main"."tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM
  "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM "temp"."tablesnap_this_run") AND "seq" IN (1, 5)),
  "rows_loaded" = (SELECT "row_count" FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" = 3), "finished_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "warnings" = CASE
  WHEN (SELECT max("row_count") FROM "main"."tablesnap_audit" WHERE "run_id" = (SELECT "id" FROM
  "temp"."tablesnap_this_run") AND "seq" IN (1, 5)) <> 4 THEN 'READERS_WAIT CHANGED_SINCE' ELSE 'READERS_WAIT' END WHERE
  "id" = (SELECT "id" FROM "temp"."tablesnap_this_run");
-- #endregion }}}
COMMIT;
