-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 3bc96f99f52759a44b78b72593a202573f45ab69c179862da654e8ea630b7a24
-- database  postgres
-- table     public.people, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp now; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 5e44d46ecb754eda072f81cba24f041f20ea557658b1fae621dff2d8afae516f
-- rows      1 -> 1 (before: as version 1 left it)
-- backup    people_backup gets 1 row
-- locks     writers of the table wait until the commit; readers do not wait
-- writes    1 row copied, 1 removed, 1 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. widen backup      people_backup
--    1   2. copy to backup    people_backup             1 row
--    1   3. clear             people                    1 row
--    1   4. load              people                    1 row
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
  '5e44d46ecb754eda072f81cba24f041f20ea557658b1fae621dff2d8afae516f', 1,
  '3bc96f99f52759a44b78b72593a202573f45ab69c179862da654e8ea630b7a24', '', 'started', 'tester', 'test',
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
SELECT set_config('tablesnap.run', lastval()::text, false);
INSERT INTO "tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event", "details")
SELECT current_setting('tablesnap.run')::bigint, '', to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'started', "seq", "step", "kind", "event", ("details")::jsonb FROM (
  SELECT 1 AS "seq", '01-widen-backup' AS "step", 'widen-backup' AS "kind", NULL AS "event", '{"table":"people_backup"}'
  AS "details" UNION ALL
  SELECT 2, '02-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  E'{"table":"people_backup","from":"people","columns":["email","age"],"version":1,"doc_id":"doc_1","upl'
'oad_timestamp":"then"}' UNION ALL
  SELECT 3, '03-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 4, '04-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}'
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
  '3441732eb7d9091f4dfdb9e64419d2e4e2c860ed114051b2e221663e3c4aa0f5' AND NOT EXISTS (SELECT fires FROM (SELECT
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

-- 1. widen backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (05-create-preserved, 06-copy-to-preserved) and go on
ALTER TABLE "public"."people_backup" ADD COLUMN "age" integer;

-- 2. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (05-create-preserved, 06-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people_backup" WHERE "snapshot_version" = 1)) IS NOT TRUE THEN RAISE
  EXCEPTION USING MESSAGE = 'it is not true that people_backup has no rows yet of the version that is copied to it',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
INSERT INTO "public"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "age")
SELECT 'doc_1', 'then', '1', "people"."email", "people"."age" FROM "public"."people";
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 2;

-- 3. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 1)
DO $$BEGIN IF (1 * 100 >= coalesce((SELECT max("row_count") FROM "tablesnap_audit" WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" IN (2, 6)), 0) * 50) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE
  = 'it is not true that the source has at least 50% of the rows of people (it has 1)', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
DELETE FROM "public"."people";
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 3;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
DO $$BEGIN IF ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 3) = (SELECT max("row_count") FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint
  AND "seq" IN (2, 6))) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that clear deleted the rows that were copied, and no others', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: people is empty
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people")) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that people is empty', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 4. load: people
--    stops here: people is unchanged
INSERT INTO "public"."people" ("email", "age") OVERRIDING SYSTEM VALUE VALUES
  ('b', '1');
UPDATE "tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "public"."people") WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: people holds 1 row, as the source does
DO $$BEGIN IF ((SELECT count(*) FROM "public"."people") = 1) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that people holds 1 row, as the source does', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
-- #region the steps are done {{{
UPDATE "tablesnap_audit" SET "state" = 'done', "finished_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (1, 2, 3, 4);
-- the run is done
UPDATE "tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM "tablesnap_audit" WHERE
  "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (2, 6)), "rows_loaded" = (SELECT "row_count" FROM
  "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" = 4), "finished_at" =
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), "warnings" = CASE WHEN (SELECT
  max("row_count") FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (2, 6))
  <> 1 THEN 'CHANGED_SINCE' ELSE '' END WHERE "id" = current_setting('tablesnap.run')::bigint;
-- #endregion }}}
COMMIT;
