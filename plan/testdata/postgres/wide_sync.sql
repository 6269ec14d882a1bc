-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 59e9400e1d95a01ca047c50c1b3c93a55ce2e067d009e6eb7393023222ebb9e7
-- database  postgres
-- table     public.people, strategy sync
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp now; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 8a7aca569649a4604b0323e8a9d3ea14b147310d036d4dc3fabc0e7db762fc6d
-- rows      5 -> 5 (before: as version 1 left it)
-- backup    people_backup gets 5 rows
-- locks     writers of the table wait until the commit; readers do not wait
-- writes    5 rows copied, and only the rows of the table that differ
-- undo      restore version 1
-- key       email: rows are matched by it, and only those that differ are written
--
-- group and step
--    1   1. create stage      people_tablesnap_stage
--    1   2. create stage      people_tablesnap_stage
--    1   3. create stage      people_tablesnap_list
--    1   4. load              people_tablesnap_stage    5 rows
--    1   5. compare           people_tablesnap_list
--    1   6. copy to backup    people_backup             5 rows
--    1   7. delete            people
--    1   8. update            people
--    1   9. insert            people
--    1  10. drop stage        people_tablesnap_list
--    1  11. drop stage        people_tablesnap_stage
--
-- Each assertion ("must be true") stops the script if it does not hold.

\set ON_ERROR_STOP on
\set AUTOCOMMIT on
-- #region the session {{{
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SET xmloption = 'content';
SET array_nulls = on;
SET quote_all_identifiers = off;
-- amounts of money are read and written in one way, but where the database counts no hundredths
SELECT set_config('lc_monetary', 'C', false) WHERE cash_send(CAST(1 AS money)) = '\x0000000000000064';
-- a row that this user may not see is an error then, and not left out
SET row_security = off;
-- who waits for a lock makes others wait behind it
SET lock_timeout = '10000ms';
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SELECT set_config('idle_session_timeout', '0', false) WHERE current_setting('idle_session_timeout', true) <> '0';
SELECT set_config('transaction_timeout', '0', false) WHERE current_setting('transaction_timeout', true) <> '0';
-- the server lets go of the locks soon after this program is gone
SELECT set_config('client_connection_check_interval', '1s', false) WHERE
  current_setting('client_connection_check_interval', true) <> '1s';
-- nothing that was committed is lost in a crash
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit', true) = 'off';
-- a replica would check no foreign key and fire no trigger
SELECT set_config('session_replication_role', 'origin', false) WHERE current_setting('session_replication_role', true)
  <> 'origin';
-- no temporary table stands in front of another of its name
SELECT set_config('search_path', concat_ws(', ', (SELECT string_agg(quote_ident(s), ', ' ORDER BY n) FROM
  unnest(current_schemas(false)) WITH ORDINALITY AS path (s, n)), 'pg_temp'), false);
-- must be true: tablesnap's own tables are in "public", where people is (?search_path=public in the DSN leads there)
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM (VALUES ('"tablesnap_goose_version"'), ('"tablesnap_run"'),
  ('"tablesnap_audit"'), ('"tablesnap_pin"')) AS own (name) WHERE coalesce((SELECT n.nspname FROM pg_class c JOIN
  pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(own.name)), current_schema()) IS DISTINCT FROM
  'public')) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that tablesnap''s own tables are in "public", where people is (?search_path=public in the DSN leads there)',
  ERRCODE = 'TS001'; END IF; END$$;
-- no other run of tablesnap on this table
-- waits for other runs of tablesnap only, and goes with the transaction
SELECT pg_advisory_xact_lock(hashtextextended('tablesnap:public.people', 0));
-- #endregion }}}

-- #region the run, and what it is about to do {{{
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
INSERT INTO "tablesnap_run" ("table_name", "operation", "event", "version_made", "version_replaced", "doc_id",
  "upload_timestamp", "source_name", "source_sha256", "source_rows", "plan_hash", "warnings", "state", "actor",
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', 'now', 'people.csv',
  '8a7aca569649a4604b0323e8a9d3ea14b147310d036d4dc3fabc0e7db762fc6d', 5,
  '59e9400e1d95a01ca047c50c1b3c93a55ce2e067d009e6eb7393023222ebb9e7', '', 'started', 'tester', 'test',
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
SELECT set_config('tablesnap.run', lastval()::text, false);
INSERT INTO "tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event", "details")
SELECT current_setting('tablesnap.run')::bigint, '', to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'started', "seq", "step", "kind", "event", ("details")::jsonb FROM (
  SELECT 1 AS "seq", '01-create-stage' AS "step", 'create-stage' AS "kind", NULL AS "event",
  '{"table":"people_tablesnap_stage"}' AS "details" UNION ALL
  SELECT 2, '02-create-stage', 'create-stage', NULL, '{"table":"people_tablesnap_stage"}' UNION ALL
  SELECT 3, '03-create-stage', 'create-stage', NULL, '{"table":"people_tablesnap_list"}' UNION ALL
  SELECT 4, '04-load', 'load', 'TABLE_UPLOAD', '{"table":"people_tablesnap_stage"}' UNION ALL
  SELECT 5, '05-compare', 'compare', NULL, '{"table":"people_tablesnap_list","from":"people"}' UNION ALL
  SELECT 6, '06-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  E'{"table":"people_backup","from":"people","columns":["email","given_name","family_name","phone","stre'
'et","town","postcode","country","born","joined","salary","active","team","manager","note"],"version"'
':1,"doc_id":"doc_1","upload_timestamp":"then"}' UNION ALL
  SELECT 7, '07-delete', 'delete', NULL, '{"table":"people"}' UNION ALL
  SELECT 8, '08-update', 'update', NULL, '{"table":"people"}' UNION ALL
  SELECT 9, '09-insert', 'insert', NULL, '{"table":"people"}' UNION ALL
  SELECT 10, '10-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_list"}' UNION ALL
  SELECT 11, '11-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_stage"}'
) AS "steps";
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
-- waits for other runs of tablesnap only, and goes with the transaction
SELECT pg_advisory_xact_lock(hashtextextended('tablesnap:public.people', 0));
-- who writes to people waits until the commit; readers go on and see the old rows
LOCK TABLE "public"."people" IN SHARE ROW EXCLUSIVE MODE;
-- must be true: version 1 is the newest of people
DO $$BEGIN IF ((SELECT coalesce(max("version_made"), 0) FROM "tablesnap_run" WHERE "table_name" = 'people' AND "state" =
  'done') = 1) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE = 'it is not true that version 1 is the newest of people',
  ERRCODE = 'TS001'; END IF; END$$;
-- must be true: people has the columns, triggers and references that were reviewed
DO $$BEGIN IF ((SELECT encode(sha256(convert_to(string_agg(a.attname || ' ' || CASE WHEN t.typnamespace =
  'pg_catalog'::regnamespace OR starts_with(format_type(a.atttypid, a.atttypmod), t.typnamespace::regnamespace || '.')
  THEN '' ELSE t.typnamespace::regnamespace || '.' END || format_type(a.atttypid, a.atttypmod) || CASE WHEN
  a.attcollation <> t.typcollation THEN ' COLLATE ' || co.collnamespace::regnamespace || '.' || quote_ident(co.collname)
  ELSE '' END || CASE WHEN a.attgenerated <> '' THEN ' GENERATED' ELSE '' END, ', ' ORDER BY a.attnum), 'UTF8')), 'hex')
  FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid LEFT JOIN pg_collation AS co ON co.oid = a.attcollation
  WHERE a.attrelid = to_regclass('"public"."people"') AND a.attnum > 0 AND NOT a.attisdropped) =
  '0a98eab4b9dda9e2b0a3330b69f5f4599dde070a7371cab22f7eebac4621bded' AND NOT EXISTS (SELECT fires FROM (SELECT
  tgname::text AS fires FROM pg_trigger WHERE tgrelid = to_regclass('"public"."people"') AND NOT tgisinternal AND
  tgenabled IN ('O', 'A') AND tgtype & 60 <> 0 UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class =
  to_regclass('"public"."people"') AND ev_enabled IN ('O', 'A') AND ev_type IN ('2', '3', '4')) AS f) AND NOT EXISTS
  (SELECT 1 FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS cn ON cn.oid =
  c.relnamespace WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = to_regclass('"public"."people"') AND
  k.conrelid <> k.confrelid) AND NOT EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent =
  to_regclass('"public"."people"'))) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that people has the columns, triggers and references that were reviewed', ERRCODE = 'TS001'; END IF;
  END$$;
-- earlier runs that were cut off have left nothing behind
UPDATE "tablesnap_audit" SET "state" = 'rolled_back', "message" = 'cut off before its commit: nothing of it was kept',
  "finished_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "state" =
  'started' AND "run_id" <> current_setting('tablesnap.run')::bigint AND NOT ("kind" = 'delete-snapshot' AND ("details"
  IS NULL OR ("details" #>> '{piece_rows}') IS NOT NULL)) AND "run_id" IN (SELECT "id" FROM "tablesnap_run" WHERE
  "table_name" = 'people');
UPDATE "tablesnap_run" SET "state" = 'rolled_back', "finished_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "state" = 'started' AND "id" <> current_setting('tablesnap.run')::bigint AND
  "table_name" = 'people' AND "id" NOT IN (SELECT "run_id" FROM "tablesnap_audit" WHERE ("kind" = 'delete-snapshot' AND
  ("details" IS NULL OR ("details" #>> '{piece_rows}') IS NOT NULL)));
-- #endregion }}}

-- 1. create stage: people_tablesnap_stage
--    stops here: people is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "pg_temp"."people_tablesnap_stage";
-- #endregion }}}
CREATE TEMPORARY TABLE "pg_temp"."people_tablesnap_stage" (
  "email" character varying(120),
  "given_name" character varying(60),
  "family_name" character varying(60),
  "phone" character varying(30),
  "street" character varying(120),
  "town" character varying(60),
  "postcode" character varying(12),
  "country" character(2),
  "born" date,
  "joined" date,
  "salary" numeric(10,2),
  "active" smallint,
  "team" character varying(40),
  "manager" character varying(120),
  "note" character varying(200)
);

-- 2. create stage: people_tablesnap_stage
--    stops here: people is unchanged
CREATE UNIQUE INDEX ON "pg_temp"."people_tablesnap_stage" ("email");

-- 3. create stage: people_tablesnap_list
--    stops here: people is unchanged
-- #region what it needs {{{
DROP TABLE IF EXISTS "pg_temp"."people_tablesnap_list";
-- #endregion }}}
CREATE TEMPORARY TABLE "pg_temp"."people_tablesnap_list" (
  "email" character varying(120),
  "what" text
);

-- 4. load: people_tablesnap_stage
--    stops here: people is unchanged
INSERT INTO "pg_temp"."people_tablesnap_stage" ("email", "given_name", "family_name", "phone", "street", "town",
  "postcode", "country", "born", "joined", "salary", "active", "team", "manager", "note") OVERRIDING SYSTEM VALUE VALUES
  ('ada@example.com', 'Ada', 'Lovelace', '+44 20 7946 0001', '12 St James''s Square', 'London', 'SW1Y 4LB', 'GB', '1815-12-10', '2025-01-06', '5200.00', '1', 'engines', 'grace@example.com', 'first'),
  ('alan@example.com', 'Alan', 'Turing', '+44 20 7946 0002', '43 Adlington Road', 'Wilmslow', 'SK9 2BJ', 'GB', '1912-06-23', '2025-01-06', '5100.50', '1', 'machines', 'ada@example.com', NULL),
  ('grace@example.com', 'Grace', 'Hopper', '+1 212 555 0103', '1 Navy Way', 'Arlington', '22201', 'US', '1906-12-09', '2024-11-01', '6100.00', '1', 'compilers', NULL, 'admiral'),
  ('joan@example.com', 'Joan', 'Clarke', '+44 20 7946 0004', '9 Park Road', 'Oxford', 'OX1 3PJ', 'GB', '1917-06-24', '2025-03-01', '4900.00', '1', 'machines', 'alan@example.com', NULL),
  ('kay@example.com', 'Kay', 'McNulty', '+1 215 555 0105', '7 Chestnut Street', 'Philadelphia', '19106', 'US', '1921-02-12', '2025-06-15', '4800.75', '0', 'engines', 'grace@example.com', 'on leave');
UPDATE "tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "pg_temp"."people_tablesnap_stage") WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: people_tablesnap_stage holds 5 rows, as the source does
DO $$BEGIN IF ((SELECT count(*) FROM "pg_temp"."people_tablesnap_stage") = 5) IS NOT TRUE THEN RAISE EXCEPTION USING
  MESSAGE = 'it is not true that people_tablesnap_stage holds 5 rows, as the source does', ERRCODE = 'TS001'; END IF;
  END$$;
-- #endregion }}}

-- 5. compare: people_tablesnap_list
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: no row of people.csv lacks a value in the key (email)
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "pg_temp"."people_tablesnap_stage" AS "staged" WHERE "staged"."email" IS NULL))
  IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that no row of people.csv lacks a value in the key (email)', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: the source has at least 50% of the rows of people (it has 5)
DO $$BEGIN IF (5 * 100 >= (SELECT count(*) FROM "public"."people") * 50) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE
  = 'it is not true that the source has at least 50% of the rows of people (it has 5)', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
-- #region what it needs {{{
ANALYZE "pg_temp"."people_tablesnap_stage";
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
INSERT INTO "pg_temp"."people_tablesnap_list" ("what", "email")
SELECT CASE WHEN "staged"."email" IS NULL THEN 'delete' ELSE 'update' END, "standing"."email"
FROM "public"."people" AS "standing" LEFT JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON "standing"."email" =
  "staged"."email"
WHERE "staged"."email" IS NULL OR (CAST("standing"."email" AS text) COLLATE "C" IS DISTINCT FROM CAST("staged"."email"
  AS text) COLLATE "C" OR CAST("standing"."given_name" AS text) COLLATE "C" IS DISTINCT FROM CAST("staged"."given_name"
  AS text) COLLATE "C" OR CAST("standing"."family_name" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."family_name" AS text) COLLATE "C" OR CAST("standing"."phone" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."phone" AS text) COLLATE "C" OR CAST("standing"."street" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."street" AS text) COLLATE "C" OR CAST("standing"."town" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."town" AS text) COLLATE "C" OR CAST("standing"."postcode" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."postcode" AS text) COLLATE "C" OR CAST("standing"."country" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."country" AS text) COLLATE "C" OR CAST("standing"."born" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."born" AS text) COLLATE "C" OR CAST("standing"."joined" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."joined" AS text) COLLATE "C" OR CAST("standing"."salary" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."salary" AS text) COLLATE "C" OR CAST("standing"."active" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."active" AS text) COLLATE "C" OR CAST("standing"."team" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."team" AS text) COLLATE "C" OR CAST("standing"."manager" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."manager" AS text) COLLATE "C" OR CAST("standing"."note" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."note" AS text) COLLATE "C")
UNION ALL
SELECT 'insert', "staged"."email"
FROM "pg_temp"."people_tablesnap_stage" AS "staged" LEFT JOIN "public"."people" AS "standing" ON "standing"."email" =
  "staged"."email"
WHERE "standing"."email" IS NULL;
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 5;

-- 6. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (12-create-preserved, 13-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people_backup" WHERE "snapshot_version" = 1)) IS NOT TRUE THEN RAISE
  EXCEPTION USING MESSAGE = 'it is not true that people_backup has no rows yet of the version that is copied to it',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
INSERT INTO "public"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "given_name",
  "family_name", "phone", "street", "town", "postcode", "country", "born", "joined", "salary", "active", "team",
  "manager", "note") OVERRIDING SYSTEM VALUE
SELECT 'doc_1', 'then', '1', "people"."email", "people"."given_name", "people"."family_name", "people"."phone",
  "people"."street", "people"."town", "people"."postcode", "people"."country", "people"."born", "people"."joined",
  "people"."salary", "people"."active", "people"."team", "people"."manager", "people"."note" FROM "public"."people"
  WHERE EXISTS (SELECT 1 FROM "pg_temp"."people_tablesnap_list");
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 6;

-- 7. delete: people
--    stops here: people is unchanged
DELETE FROM "public"."people" AS "standing"
USING "pg_temp"."people_tablesnap_list" AS "listed"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" IN ('delete', 'replace');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 7;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be deleted are, and no others
DO $$BEGIN IF ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 7) = (SELECT count(*) FROM "pg_temp"."people_tablesnap_list" WHERE "what" IN ('delete', 'replace'))) IS NOT
  TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that the rows of people that were to be deleted are, and no others', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: the deleted rows of people, and those that stay, are those that were copied
DO $$BEGIN IF (((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 5) = 0 OR (SELECT count(*) FROM "public"."people") + (SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id"
  = current_setting('tablesnap.run')::bigint AND "seq" = 7) = coalesce((SELECT max("row_count") FROM "tablesnap_audit"
  WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (6, 13)), 0))) IS NOT TRUE THEN RAISE EXCEPTION
  USING MESSAGE = 'it is not true that the deleted rows of people, and those that stay, are those that were copied',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 8. update: people
--    stops here: people is unchanged
UPDATE "public"."people" AS "standing" SET "email" = "staged"."email", "given_name" = "staged"."given_name",
  "family_name" = "staged"."family_name", "phone" = "staged"."phone", "street" = "staged"."street", "town" =
  "staged"."town", "postcode" = "staged"."postcode", "country" = "staged"."country", "born" = "staged"."born", "joined"
  = "staged"."joined", "salary" = "staged"."salary", "active" = "staged"."active", "team" = "staged"."team", "manager" =
  "staged"."manager", "note" = "staged"."note"
FROM "pg_temp"."people_tablesnap_list" AS "listed" JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON
  "listed"."email" = "staged"."email"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" IN ('update', 'park', 'stuck');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 8;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be updated are, and no others
DO $$BEGIN IF ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 8) = (SELECT count(*) FROM "pg_temp"."people_tablesnap_list" WHERE "what" IN ('update', 'park'))) IS NOT TRUE
  THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that the rows of people that were to be updated are, and no others', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 9. insert: people
--    stops here: people is unchanged
INSERT INTO "public"."people" ("email", "given_name", "family_name", "phone", "street", "town", "postcode", "country",
  "born", "joined", "salary", "active", "team", "manager", "note") OVERRIDING SYSTEM VALUE
SELECT "staged"."email", "staged"."given_name", "staged"."family_name", "staged"."phone", "staged"."street",
  "staged"."town", "staged"."postcode", "staged"."country", "staged"."born", "staged"."joined", "staged"."salary",
  "staged"."active", "staged"."team", "staged"."manager", "staged"."note" FROM "pg_temp"."people_tablesnap_list" AS
  "listed" JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON "listed"."email" = "staged"."email" WHERE
  "listed"."what" IN ('insert', 'replace');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 9;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be inserted are, and no others
DO $$BEGIN IF ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 9) = (SELECT count(*) FROM "pg_temp"."people_tablesnap_list" WHERE "what" IN ('insert', 'replace'))) IS NOT
  TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that the rows of people that were to be inserted are, and no others', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: people holds 5 rows, as the source does
DO $$BEGIN IF ((SELECT count(*) FROM "public"."people") = 5) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that people holds 5 rows, as the source does', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: no row of people differs from people.csv in the columns that it has
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people" AS "standing" LEFT JOIN "pg_temp"."people_tablesnap_stage" AS
  "staged" ON "standing"."email" = "staged"."email" WHERE "staged"."email" IS NULL OR (CAST("standing"."email" AS text)
  COLLATE "C" IS DISTINCT FROM CAST("staged"."email" AS text) COLLATE "C" OR CAST("standing"."given_name" AS text)
  COLLATE "C" IS DISTINCT FROM CAST("staged"."given_name" AS text) COLLATE "C" OR CAST("standing"."family_name" AS text)
  COLLATE "C" IS DISTINCT FROM CAST("staged"."family_name" AS text) COLLATE "C" OR CAST("standing"."phone" AS text)
  COLLATE "C" IS DISTINCT FROM CAST("staged"."phone" AS text) COLLATE "C" OR CAST("standing"."street" AS text) COLLATE
  "C" IS DISTINCT FROM CAST("staged"."street" AS text) COLLATE "C" OR CAST("standing"."town" AS text) COLLATE "C" IS
  DISTINCT FROM CAST("staged"."town" AS text) COLLATE "C" OR CAST("standing"."postcode" AS text) COLLATE "C" IS DISTINCT
  FROM CAST("staged"."postcode" AS text) COLLATE "C" OR CAST("standing"."country" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."country" AS text) COLLATE "C" OR CAST("standing"."born" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."born" AS text) COLLATE "C" OR CAST("standing"."joined" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."joined" AS text) COLLATE "C" OR CAST("standing"."salary" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."salary" AS text) COLLATE "C" OR CAST("standing"."active" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."active" AS text) COLLATE "C" OR CAST("standing"."team" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."team" AS text) COLLATE "C" OR CAST("standing"."manager" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."manager" AS text) COLLATE "C" OR CAST("standing"."note" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."note" AS text) COLLATE "C"))) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that no row of people differs from people.csv in the columns that it has', ERRCODE = 'TS001'; END IF;
  END$$;
-- #endregion }}}

-- 10. drop stage: people_tablesnap_list
--    stops here: people is unchanged
DROP TABLE "pg_temp"."people_tablesnap_list";

-- 11. drop stage: people_tablesnap_stage
--    stops here: people is unchanged
DROP TABLE "pg_temp"."people_tablesnap_stage";
-- #region the steps are done {{{
UPDATE "tablesnap_audit" SET "state" = 'done', "finished_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (1, 2, 3, 4,
  5, 6, 7, 8, 9, 10, 11);
-- the run is done
UPDATE "tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM "tablesnap_audit" WHERE
  "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (6, 13)), "rows_loaded" = (SELECT "row_count" FROM
  "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" = 4), "finished_at" =
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), "warnings" = CASE WHEN CASE WHEN
  (SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" = 5) =
  0 THEN 5 ELSE (SELECT max("row_count") FROM "tablesnap_audit" WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" IN (6, 13)) END <> 5 THEN 'CHANGED_SINCE' ELSE '' END,
  "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" = 5) = 0) THEN "version_made" ELSE 0 END, "version_replaced" = CASE
  WHEN NOT ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 5) = 0) THEN "version_replaced" END WHERE "id" = current_setting('tablesnap.run')::bigint;
-- #endregion }}}
COMMIT;
