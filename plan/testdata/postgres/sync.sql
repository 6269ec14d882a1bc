-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 0fec9c6b95b0a795170cf126bfa6714951f64a6b7c66f3f2c0cda236e6083e9a
-- database  postgres
-- table     public.people, strategy sync
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp now; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 d597c8125b5b4bb7b4aa4768be9f709f2f73d92808fa7d21b64c5612777ff8d0
-- rows      1 -> 2 (before: as version 1 left it)
-- columns   note is not in the file: rows that stay keep their values
-- backup    people_backup gets 1 row
-- locks     writers of the table wait until the commit; readers do not wait
-- writes    1 row copied, and only the rows of the table that differ
-- undo      restore version 1
-- key       email: rows are matched by it, and only those that differ are written
--
-- group and step
--    1   1. create stage      people_tablesnap_stage
--    1   2. create stage      people_tablesnap_stage
--    1   3. create stage      people_tablesnap_list
--    1   4. load              people_tablesnap_stage    2 rows
--    1   5. compare           people_tablesnap_list
--    1   6. copy to backup    people_backup             1 row
--    1   7. detach            people
--    1   8. delete            people
--    1   9. park              people
--    1  10. update            people
--    1  11. insert            people
--    1  12. attach            people
--    1  13. drop stage        people_tablesnap_list
--    1  14. drop stage        people_tablesnap_stage
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
  'd597c8125b5b4bb7b4aa4768be9f709f2f73d92808fa7d21b64c5612777ff8d0', 2,
  '0fec9c6b95b0a795170cf126bfa6714951f64a6b7c66f3f2c0cda236e6083e9a', '', 'started', 'tester', 'test',
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
  E'{"table":"people_backup","from":"people","columns":["email","badge","boss","note"],"version":1,"doc_'
'id":"doc_1","upload_timestamp":"then"}' UNION ALL
  SELECT 7, '07-detach', 'detach', NULL, '{"table":"people"}' UNION ALL
  SELECT 8, '08-delete', 'delete', NULL, '{"table":"people"}' UNION ALL
  SELECT 9, '09-park', 'park', NULL, '{"table":"people"}' UNION ALL
  SELECT 10, '10-update', 'update', NULL, '{"table":"people"}' UNION ALL
  SELECT 11, '11-insert', 'insert', NULL, '{"table":"people"}' UNION ALL
  SELECT 12, '12-attach', 'attach', NULL, '{"table":"people"}' UNION ALL
  SELECT 13, '13-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_list"}' UNION ALL
  SELECT 14, '14-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_stage"}'
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
  'f6ed2f91659e8574a4e7c5b0c78fb4ed26d50896913891d741331e01900badc3' AND NOT EXISTS (SELECT fires FROM (SELECT
  tgname::text AS fires FROM pg_trigger WHERE tgrelid = to_regclass('"public"."people"') AND NOT tgisinternal AND
  tgenabled IN ('O', 'A') AND tgtype & 60 <> 0 UNION ALL SELECT 'rule ' || rulename FROM pg_rewrite WHERE ev_class =
  to_regclass('"public"."people"') AND ev_enabled IN ('O', 'A') AND ev_type IN ('2', '3', '4')) AS f) AND (SELECT
  string_agg(refs, ', ' ORDER BY refs COLLATE "C") FROM (SELECT cn.nspname || '.' || c.relname || ' ' || k.conname ||
  ' ' || k.confdeltype::text AS refs FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace
  AS cn ON cn.oid = c.relnamespace WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid =
  to_regclass('"public"."people"') AND k.conrelid <> k.confrelid) AS r) = 'public.notes notes_author_fkey c' AND NOT
  EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = to_regclass('"public"."people"'))) IS NOT TRUE THEN RAISE
  EXCEPTION USING MESSAGE = 'it is not true that people has the columns, triggers and references that were reviewed',
  ERRCODE = 'TS001'; END IF; END$$;
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
  "email" text,
  "badge" integer,
  "boss" text
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
  "email" text,
  "what" text
);

-- 4. load: people_tablesnap_stage
--    stops here: people is unchanged
INSERT INTO "pg_temp"."people_tablesnap_stage" ("email", "badge", "boss") OVERRIDING SYSTEM VALUE VALUES
  ('a', '2', 'b'),
  ('b', '1', NULL);
UPDATE "tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "pg_temp"."people_tablesnap_stage") WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" = 4;
-- #region what must be true now {{{
-- must be true: people_tablesnap_stage holds 2 rows, as the source does
DO $$BEGIN IF ((SELECT count(*) FROM "pg_temp"."people_tablesnap_stage") = 2) IS NOT TRUE THEN RAISE EXCEPTION USING
  MESSAGE = 'it is not true that people_tablesnap_stage holds 2 rows, as the source does', ERRCODE = 'TS001'; END IF;
  END$$;
-- #endregion }}}

-- 5. compare: people_tablesnap_list
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: no row of people.csv lacks a value in the key (email)
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "pg_temp"."people_tablesnap_stage" AS "staged" WHERE "staged"."email" IS NULL))
  IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that no row of people.csv lacks a value in the key (email)', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: the source has at least 50% of the rows of people (it has 2)
DO $$BEGIN IF (2 * 100 >= (SELECT count(*) FROM "public"."people") * 50) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE
  = 'it is not true that the source has at least 50% of the rows of people (it has 2)', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
-- #region what it needs {{{
ANALYZE "pg_temp"."people_tablesnap_stage";
-- who writes to notes waits until the commit: no row of it may begin to refer to a row that is deleted
LOCK TABLE "public"."notes" IN EXCLUSIVE MODE;
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
INSERT INTO "pg_temp"."people_tablesnap_list" ("what", "email")
SELECT CASE WHEN "staged"."email" IS NULL THEN 'delete'
  WHEN (CAST("standing"."badge" AS text) COLLATE "C" IS DISTINCT FROM CAST("staged"."badge" AS text) COLLATE "C") AND
  EXISTS (SELECT 1 FROM "public"."people" AS "holder" JOIN "pg_temp"."people_tablesnap_stage" AS "holder_staged" ON
  "holder"."email" = "holder_staged"."email" WHERE "holder"."badge" = "staged"."badge" AND NOT ("holder"."email" =
  "standing"."email")) THEN 'park' ELSE 'update' END, "standing"."email"
FROM "public"."people" AS "standing" LEFT JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON "standing"."email" =
  "staged"."email"
WHERE "staged"."email" IS NULL OR (CAST("standing"."email" AS text) COLLATE "C" IS DISTINCT FROM CAST("staged"."email"
  AS text) COLLATE "C" OR CAST("standing"."badge" AS text) COLLATE "C" IS DISTINCT FROM CAST("staged"."badge" AS text)
  COLLATE "C" OR CAST("standing"."boss" AS text) COLLATE "C" IS DISTINCT FROM CAST("staged"."boss" AS text) COLLATE "C")
UNION ALL
SELECT 'insert', "staged"."email"
FROM "pg_temp"."people_tablesnap_stage" AS "staged" LEFT JOIN "public"."people" AS "standing" ON "standing"."email" =
  "staged"."email"
WHERE "standing"."email" IS NULL;
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 5;
-- #region what must be true now {{{
-- must be true: no row of notes (author, ON DELETE CASCADE) refers to a row of people that is deleted, since people.csv lacks it
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "pg_temp"."people_tablesnap_list" AS "listed" JOIN "public"."people" AS
  "standing" ON "standing"."email" = "listed"."email" JOIN "public"."notes" AS "referring" ON "standing"."email" =
  "referring"."author" WHERE "listed"."what" IN ('delete', 'replace'))) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that no row of notes (author, ON DELETE CASCADE) refers to a row of people that is deleted, since people.csv lacks it',
  ERRCODE = 'TS001'; END IF; END$$;
-- must be true: no row of notes (author) refers to a value of people that is updated
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "pg_temp"."people_tablesnap_list" AS "listed" JOIN "public"."people" AS
  "standing" ON "standing"."email" = "listed"."email" JOIN "public"."notes" AS "referring" ON "standing"."email" =
  "referring"."author" JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON "standing"."email" = "staged"."email"
  WHERE "listed"."what" IN ('update', 'park') AND (CAST("standing"."email" AS text) COLLATE "C" IS DISTINCT FROM
  CAST("staged"."email" AS text) COLLATE "C"))) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that no row of notes (author) refers to a value of people that is updated', ERRCODE = 'TS001'; END IF;
  END$$;
-- #endregion }}}

-- 6. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (15-create-preserved, 16-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people_backup" WHERE "snapshot_version" = 1)) IS NOT TRUE THEN RAISE
  EXCEPTION USING MESSAGE = 'it is not true that people_backup has no rows yet of the version that is copied to it',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
INSERT INTO "public"."people_backup" ("doc_id", "upload_timestamp", "snapshot_version", "email", "badge", "boss",
  "note") OVERRIDING SYSTEM VALUE
SELECT 'doc_1', 'then', '1', "people"."email", "people"."badge", "people"."boss", "people"."note" FROM "public"."people"
  WHERE EXISTS (SELECT 1 FROM "pg_temp"."people_tablesnap_list");
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 6;

-- 7. detach: people
--    stops here: people is unchanged
UPDATE "public"."people" AS "standing" SET "boss" = NULL
FROM "pg_temp"."people_tablesnap_list" AS "listed"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" IN ('delete', 'update', 'park', 'replace');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 7;

-- 8. delete: people
--    stops here: people is unchanged
DELETE FROM "public"."people" AS "standing"
USING "pg_temp"."people_tablesnap_list" AS "listed"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" IN ('delete', 'replace');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 8;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be deleted are, and no others
DO $$BEGIN IF ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 8) = (SELECT count(*) FROM "pg_temp"."people_tablesnap_list" WHERE "what" IN ('delete', 'replace'))) IS NOT
  TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that the rows of people that were to be deleted are, and no others', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: the deleted rows of people, and those that stay, are those that were copied
DO $$BEGIN IF (((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 5) = 0 OR (SELECT count(*) FROM "public"."people") + (SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id"
  = current_setting('tablesnap.run')::bigint AND "seq" = 8) = coalesce((SELECT max("row_count") FROM "tablesnap_audit"
  WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (6, 16)), 0))) IS NOT TRUE THEN RAISE EXCEPTION
  USING MESSAGE = 'it is not true that the deleted rows of people, and those that stay, are those that were copied',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 9. park: people
--    stops here: people is unchanged
UPDATE "public"."people" AS "standing" SET "badge" = NULL
FROM "pg_temp"."people_tablesnap_list" AS "listed"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" = 'park';
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 9;

-- 10. update: people
--    stops here: people is unchanged
UPDATE "public"."people" AS "standing" SET "email" = "staged"."email", "badge" = "staged"."badge"
FROM "pg_temp"."people_tablesnap_list" AS "listed" JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON
  "listed"."email" = "staged"."email"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" IN ('update', 'park', 'stuck');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 10;

-- 11. insert: people
--    stops here: people is unchanged
INSERT INTO "public"."people" ("email", "badge", "boss") OVERRIDING SYSTEM VALUE
SELECT "staged"."email", "staged"."badge", NULL FROM "pg_temp"."people_tablesnap_list" AS "listed" JOIN
  "pg_temp"."people_tablesnap_stage" AS "staged" ON "listed"."email" = "staged"."email" WHERE "listed"."what" IN
  ('insert', 'replace');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 11;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be inserted are, and no others
DO $$BEGIN IF ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 11) = (SELECT count(*) FROM "pg_temp"."people_tablesnap_list" WHERE "what" IN ('insert', 'replace'))) IS NOT
  TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that the rows of people that were to be inserted are, and no others', ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 12. attach: people
--    stops here: people is unchanged
UPDATE "public"."people" AS "standing" SET "boss" = "staged"."boss"
FROM "pg_temp"."people_tablesnap_list" AS "listed" JOIN "pg_temp"."people_tablesnap_stage" AS "staged" ON
  "listed"."email" = "staged"."email"
WHERE "standing"."email" = "listed"."email" AND "listed"."what" IN ('insert', 'update', 'park', 'replace');
UPDATE "tablesnap_audit" SET "row_count" = :ROW_COUNT WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 12;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
DO $$BEGIN IF ((SELECT count(*) FROM "public"."people") = 2) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that people holds 2 rows, as the source does', ERRCODE = 'TS001'; END IF; END$$;
-- must be true: no row of people differs from people.csv in the columns that it has
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people" AS "standing" LEFT JOIN "pg_temp"."people_tablesnap_stage" AS
  "staged" ON "standing"."email" = "staged"."email" WHERE "staged"."email" IS NULL OR (CAST("standing"."email" AS text)
  COLLATE "C" IS DISTINCT FROM CAST("staged"."email" AS text) COLLATE "C" OR CAST("standing"."badge" AS text) COLLATE
  "C" IS DISTINCT FROM CAST("staged"."badge" AS text) COLLATE "C" OR CAST("standing"."boss" AS text) COLLATE "C" IS
  DISTINCT FROM CAST("staged"."boss" AS text) COLLATE "C"))) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that no row of people differs from people.csv in the columns that it has', ERRCODE = 'TS001'; END IF;
  END$$;
-- must be true: each row of people refers to a row that is there (boss)
DO $$BEGIN IF (NOT EXISTS (SELECT 1 FROM "public"."people" AS "standing" WHERE "standing"."boss" IS NOT NULL AND NOT
  EXISTS (SELECT 1 FROM "public"."people" AS "parent" WHERE "parent"."email" = "standing"."boss"))) IS NOT TRUE THEN
  RAISE EXCEPTION USING MESSAGE = 'it is not true that each row of people refers to a row that is there (boss)', ERRCODE
  = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 13. drop stage: people_tablesnap_list
--    stops here: people is unchanged
DROP TABLE "pg_temp"."people_tablesnap_list";

-- 14. drop stage: people_tablesnap_stage
--    stops here: people is unchanged
DROP TABLE "pg_temp"."people_tablesnap_stage";
-- #region the steps are done {{{
UPDATE "tablesnap_audit" SET "state" = 'done', "finished_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (1, 2, 3, 4,
  5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
-- the run is done
UPDATE "tablesnap_run" SET "state" = 'done', "rows_backed_up" = (SELECT max("row_count") FROM "tablesnap_audit" WHERE
  "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (6, 16)), "rows_loaded" = (SELECT "row_count" FROM
  "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" = 4), "finished_at" =
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), "warnings" = CASE WHEN CASE WHEN
  (SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" = 5) =
  0 THEN 1 ELSE (SELECT max("row_count") FROM "tablesnap_audit" WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" IN (6, 16)) END <> 1 THEN 'CHANGED_SINCE' ELSE '' END,
  "version_made" = CASE WHEN NOT ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" = 5) = 0) THEN "version_made" ELSE 0 END, "version_replaced" = CASE
  WHEN NOT ((SELECT "row_count" FROM "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND
  "seq" = 5) = 0) THEN "version_replaced" END WHERE "id" = current_setting('tablesnap.run')::bigint;
-- #endregion }}}
COMMIT;
