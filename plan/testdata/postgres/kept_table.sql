-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 9f8b6e8cc6a2bd919179eb60b3cdb08cfb0c8da2dea0f224b2f6fd2fc9453dd0
-- database  postgres
-- table     public.people, strategy swap
-- kind      table
-- version   1, doc_id doc_2, upload_timestamp now; replaces 0, what stood there before the first upload
-- source    people.csv, SHA-256 54cf6f60e24ddd1d51d88a3971d5d60f40857a3ea93ee4ca761943c94d972ec9
-- rows      not counted -> 2
-- backup    the old table is kept as people_preserved_v0
-- locks     writers of the table wait until the commit; readers do not wait
-- undo      restore version 0
--
-- group and step
--    1   1. set aside         people
--    1   2. set aside         people
--    1   3. set aside         people
--    1   4. create shadow     people_tablesnap_shadow
--    1   5. create shadow     people_tablesnap_shadow
--    1   6. create shadow     people_tablesnap_shadow
--    1   7. create shadow     people_tablesnap_shadow
--    1   8. carry counter     people_tablesnap_shadow
--    1   9. create index      people_tablesnap_shadow
--    1  10. create index      people_tablesnap_shadow
--    1  11. load              people_tablesnap_shadow   2 rows
--    1  12. carry counter     people_tablesnap_shadow
--    1  13. create index      people_tablesnap_shadow
--    1  14. keep old          people_preserved_v0
--    1  15. swap tables       people
--
-- warning UNKNOWN_PREVIOUS: whose rows stand in "people" is not known: no run of tablesnap put them there; their backup has no doc_id and is version 0
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
  "tool_version", "started_at") VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, 0, 'doc_2', 'now', 'people.csv',
  '54cf6f60e24ddd1d51d88a3971d5d60f40857a3ea93ee4ca761943c94d972ec9', 2,
  '9f8b6e8cc6a2bd919179eb60b3cdb08cfb0c8da2dea0f224b2f6fd2fc9453dd0', 'UNKNOWN_PREVIOUS', 'started', 'tester', 'test',
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
SELECT set_config('tablesnap.run', lastval()::text, false);
INSERT INTO "tablesnap_audit" ("run_id", "sql_text", "started_at", "state", "seq", "step", "kind", "event", "details")
SELECT current_setting('tablesnap.run')::bigint, '', to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'started', "seq", "step", "kind", "event", ("details")::jsonb FROM (
  SELECT 1 AS "seq", '01-set-aside' AS "step", 'set-aside' AS "kind", NULL AS "event", '{"table":"people"}' AS "details"
  UNION ALL
  SELECT 2, '02-set-aside', 'set-aside', NULL, '{"table":"people"}' UNION ALL
  SELECT 3, '03-set-aside', 'set-aside', NULL, '{"table":"people"}' UNION ALL
  SELECT 4, '04-create-shadow', 'create-shadow', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 5, '05-create-shadow', 'create-shadow', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 6, '06-create-shadow', 'create-shadow', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 7, '07-create-shadow', 'create-shadow', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 8, '08-carry-counter', 'carry-counter', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 9, '09-create-index', 'create-index', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 10, '10-create-index', 'create-index', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 11, '11-load', 'load', 'TABLE_UPLOAD', '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 12, '12-carry-counter', 'carry-counter', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 13, '13-create-index', 'create-index', NULL, '{"table":"people_tablesnap_shadow"}' UNION ALL
  SELECT 14, '14-keep-old', 'keep-old', 'DATA_BACKUP', '{"table":"people_preserved_v0","from":"people"}' UNION ALL
  SELECT 15, '15-swap-tables', 'swap-tables', NULL, '{"table":"people","from":"people_tablesnap_shadow"}'
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
-- must be true: version 0 is the newest of people
DO $$BEGIN IF ((SELECT coalesce(max("version_made"), 0) FROM "tablesnap_run" WHERE "table_name" = 'people' AND "state" =
  'done') = 0) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE = 'it is not true that version 0 is the newest of people',
  ERRCODE = 'TS001'; END IF; END$$;
-- must be true: people is made as it was when the plan was made, and nothing is tied to it (plan again)
DO $$BEGIN IF (NOT EXISTS (SELECT what FROM pg_class AS c CROSS JOIN LATERAL ( SELECT coalesce((SELECT
  format('foreign key %s of %s to %s', conname, conrelid::regclass, confrelid::regclass) FROM pg_constraint WHERE
  d.classid = 'pg_constraint'::regclass AND oid = d.objid AND contype = 'f'),
  regexp_replace(pg_describe_object(d.classid, d.objid, d.objsubid), '^rule .* on (?=(materialized )?view)', '')) AS
  what FROM pg_depend AS d WHERE (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid OR d.refclassid =
  'pg_type'::regclass AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))) AND NOT CASE
  d.classid WHEN 'pg_type'::regclass THEN d.objid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))
  WHEN 'pg_class'::regclass THEN d.objid IN (c.oid, c.reltoastrelid) OR d.deptype = 'i' OR EXISTS (SELECT 1 FROM
  pg_index WHERE indexrelid = d.objid AND indrelid = c.oid) WHEN 'pg_attrdef'::regclass THEN EXISTS (SELECT 1 FROM
  pg_attrdef WHERE oid = d.objid AND adrelid = c.oid) WHEN 'pg_constraint'::regclass THEN EXISTS (SELECT 1 FROM
  pg_constraint WHERE oid = d.objid AND conrelid = c.oid AND contype <> 'f') WHEN 'pg_trigger'::regclass THEN EXISTS
  (SELECT 1 FROM pg_trigger WHERE oid = d.objid AND tgisinternal) ELSE d.classid = 'pg_publication_rel'::regclass END
  UNION SELECT 'the table ' || inhparent::regclass || ', whose child it is' FROM pg_inherits WHERE inhrelid = c.oid
  UNION SELECT 'its partitions' WHERE c.relkind = 'p' UNION SELECT 'the type ' || c.reloftype::regtype ||
  ', which it is made of' WHERE c.reloftype <> 0 UNION SELECT 'its row-level security' WHERE c.relrowsecurity OR
  c.relforcerowsecurity UNION SELECT 'publication ' || pubname FROM pg_publication AS p WHERE EXISTS (SELECT 1 FROM
  pg_get_publication_tables(p.pubname::text) AS pt WHERE pt.relid = c.oid) UNION SELECT 'subscription ' || s.subname
  FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid WHERE r.srrelid = c.oid UNION SELECT
  'extension ' || e.extname FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND
  e.oid = d.refobjid WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'x') UNION SELECT
  'a security label of ' || provider FROM pg_seclabel WHERE classoid = 'pg_class'::regclass AND objoid = c.oid UNION
  SELECT 'constraint ' || conname || ', which is not validated' FROM pg_constraint WHERE conrelid = c.oid AND NOT
  convalidated UNION SELECT 'index ' || indexrelid::regclass || ', which is not valid' FROM pg_index WHERE indrelid =
  c.oid AND NOT (indisvalid AND indisready AND indislive) UNION SELECT 'a grant by ' || grantor::regrole ||
  ', who is not its owner' FROM (SELECT (aclexplode(relacl)).grantor FROM pg_class WHERE oid = c.oid UNION SELECT
  (aclexplode(attacl)).grantor FROM pg_attribute WHERE attrelid = c.oid AND NOT attisdropped) AS g WHERE grantor <>
  c.relowner ) AS t WHERE c.oid = to_regclass('"public"."people"')) AND (SELECT string_agg(p.relname, ', ' ORDER BY
  p.relname COLLATE "C") FROM (SELECT c.relname FROM pg_class AS c JOIN pg_depend AS d ON d.classid =
  'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = d.classid AND d.refobjid =
  to_regclass('"public"."people"') AND d.deptype = 'i' AND c.relkind = 'S' UNION SELECT c.relname FROM pg_class AS c
  JOIN pg_index AS i ON i.indexrelid = c.oid WHERE i.indrelid = to_regclass('"public"."people"')) AS p) =
  'people_by_email, people_id_seq, people_pkey') IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE =
  'it is not true that people is made as it was when the plan was made, and nothing is tied to it (plan again)', ERRCODE
  = 'TS001'; END IF; END$$;
-- must be true: people has the columns, triggers and references that were reviewed
DO $$BEGIN IF ((SELECT encode(sha256(convert_to(string_agg(a.attname || ' ' || CASE WHEN t.typnamespace =
  'pg_catalog'::regnamespace OR starts_with(format_type(a.atttypid, a.atttypmod), t.typnamespace::regnamespace || '.')
  THEN '' ELSE t.typnamespace::regnamespace || '.' END || format_type(a.atttypid, a.atttypmod) || CASE WHEN
  a.attcollation <> t.typcollation THEN ' COLLATE ' || co.collnamespace::regnamespace || '.' || quote_ident(co.collname)
  ELSE '' END || CASE WHEN a.attgenerated <> '' THEN ' GENERATED' ELSE '' END, ', ' ORDER BY a.attnum), 'UTF8')), 'hex')
  FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid LEFT JOIN pg_collation AS co ON co.oid = a.attcollation
  WHERE a.attrelid = to_regclass('"public"."people"') AND a.attnum > 0 AND NOT a.attisdropped) =
  '6a5c9ac08b95ad980e66df7dfbc76607dd353952c9ed2c45f409bbc8d72bbc76' AND NOT EXISTS (SELECT fires FROM (SELECT
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

-- 1. set aside: people
--    stops here: people is unchanged
ALTER SEQUENCE "public"."people_id_seq" RENAME TO "people_id_seq_preserved_v0";

-- 2. set aside: people
--    stops here: people is unchanged
ALTER INDEX "public"."people_pkey" RENAME TO "people_pkey_preserved_v0";

-- 3. set aside: people
--    stops here: people is unchanged
ALTER INDEX "public"."people_by_email" RENAME TO "people_by_email_preserved_v0";

-- 4. create shadow: people_tablesnap_shadow
--    stops here: people is unchanged
CREATE TABLE public.people_tablesnap_shadow (LIKE public.people INCLUDING ALL EXCLUDING INDEXES EXCLUDING IDENTITY
  EXCLUDING STATISTICS);

-- 5. create shadow: people_tablesnap_shadow
--    stops here: people is unchanged
ALTER TABLE public.people_tablesnap_shadow OWNER TO staff;

-- 6. create shadow: people_tablesnap_shadow
--    stops here: people is unchanged
GRANT SELECT ON public.people_tablesnap_shadow TO reader;

-- 7. create shadow: people_tablesnap_shadow
--    stops here: people is unchanged
ALTER TABLE public.people_tablesnap_shadow ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME
  public.people_id_seq START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 NO CYCLE);

-- 8. carry counter: people_tablesnap_shadow
--    stops here: people is unchanged
-- the numbers go on where those of the old table end
SELECT setval('"public"."people_id_seq"', last_value, is_called) FROM "public"."people_id_seq_preserved_v0";

-- 9. create index: people_tablesnap_shadow
--    stops here: people is unchanged
CREATE UNIQUE INDEX people_pkey ON public.people_tablesnap_shadow USING btree (id);

-- 10. create index: people_tablesnap_shadow
--    stops here: people is unchanged
ALTER TABLE public.people_tablesnap_shadow ADD CONSTRAINT people_pkey PRIMARY KEY USING INDEX people_pkey;

-- 11. load: people_tablesnap_shadow
--    stops here: people is unchanged
INSERT INTO "public"."people_tablesnap_shadow" ("id", "email") OVERRIDING SYSTEM VALUE VALUES
  ('1', 'a'),
  ('2', 'b');
UPDATE "tablesnap_audit" SET "row_count" = (SELECT count(*) FROM "public"."people_tablesnap_shadow") WHERE "run_id" =
  current_setting('tablesnap.run')::bigint AND "seq" = 11;
-- #region what must be true now {{{
-- must be true: people_tablesnap_shadow holds 2 rows, as the source does
DO $$BEGIN IF ((SELECT count(*) FROM "public"."people_tablesnap_shadow") = 2) IS NOT TRUE THEN RAISE EXCEPTION USING
  MESSAGE = 'it is not true that people_tablesnap_shadow holds 2 rows, as the source does', ERRCODE = 'TS001'; END IF;
  END$$;
-- #endregion }}}

-- 12. carry counter: people_tablesnap_shadow
--    stops here: people is unchanged
-- the next new row gets a number behind those that were loaded
SELECT CASE WHEN s.seqincrement > 0 AND rows.last > coalesce(pg_sequence_last_value(s.seqrelid),
  nextval(s.seqrelid::regclass)) THEN setval(s.seqrelid::regclass, least(rows.last, s.seqmax)) WHEN s.seqincrement < 0
  AND rows.first < coalesce(pg_sequence_last_value(s.seqrelid), nextval(s.seqrelid::regclass)) THEN
  setval(s.seqrelid::regclass, greatest(rows.first, s.seqmin)) END FROM pg_sequence AS s, (SELECT
  floor(max("id"))::bigint AS last, ceil(min("id"))::bigint AS first FROM "public"."people_tablesnap_shadow") AS rows
  WHERE (s.seqrelid = pg_get_serial_sequence('"public"."people_tablesnap_shadow"', 'id')::regclass OR EXISTS (SELECT 1
  FROM pg_attribute AS a JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid =
  to_regclass('"public"."people_tablesnap_shadow"') AND a.attname = 'id' AND (s.seqrelid IN (SELECT refobjid FROM
  pg_depend WHERE classid = 'pg_attrdef'::regclass AND objid = d.oid AND refclassid = 'pg_class'::regclass) OR
  s.seqrelid = to_regclass(replace(substring(pg_get_expr(d.adbin, d.adrelid) FROM
  'nextval[(]+''((?:[^'']|'''')+)''::text[)]'), '''''', ''''))))) AND has_sequence_privilege(s.seqrelid, 'UPDATE') AND
  has_sequence_privilege(s.seqrelid, 'USAGE,SELECT') AND CASE WHEN s.seqincrement > 0 THEN rows.last >= s.seqmin ELSE
  rows.first <= s.seqmax END;

-- 13. create index: people_tablesnap_shadow
--    stops here: people is unchanged
CREATE INDEX people_by_email ON public.people_tablesnap_shadow USING btree (email);
-- #region what must be true now {{{
-- must be true: the new table has the whole definition of people (what it lacks would be lost; plan again, or use the strategy in-place)
DO $$BEGIN IF ((SELECT count(*) = 2 AND count(DISTINCT lines) = 1 FROM (SELECT string_agg(line, E'\n' ORDER BY line
  COLLATE "C") AS lines FROM pg_class AS c CROSS JOIN LATERAL ( SELECT concat_ws(' ', 'table', c.relpersistence,
  c.relam, c.reltablespace, c.relowner, c.relreplident, c.reloptions::text, (SELECT reloptions::text FROM pg_class WHERE
  oid = c.reltoastrelid), quote_nullable(obj_description(c.oid, 'pg_class'))) AS line UNION ALL SELECT concat_ws(' ',
  'column', row_number() OVER (ORDER BY a.attnum), a.attname, CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace OR
  starts_with(format_type(a.atttypid, a.atttypmod), t.typnamespace::regnamespace || '.') THEN '' ELSE
  t.typnamespace::regnamespace || '.' END || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <>
  t.typcollation THEN ' COLLATE ' || co.collnamespace::regnamespace || '.' || quote_ident(co.collname) ELSE '' END,
  a.attnotnull, a.attidentity, a.attgenerated, a.attstorage, a.attcompression, nullif(a.attstattarget, -1),
  a.attoptions::text, pg_get_expr(d.adbin, d.adrelid), quote_nullable(col_description(a.attrelid, a.attnum))) FROM
  pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid LEFT JOIN pg_collation AS co ON co.oid = a.attcollation LEFT
  JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attrelid = c.oid AND a.attnum > 0 AND
  NOT a.attisdropped UNION ALL SELECT concat_ws(' ', 'sequence', a.attname, s.seqstart, s.seqincrement, s.seqmax,
  s.seqmin, s.seqcache, s.seqcycle, quote_nullable(obj_description(s.seqrelid, 'pg_class')), (SELECT string_agg(g::text,
  ',' ORDER BY g::text) FROM aclexplode(coalesce(q.relacl, acldefault('s', q.relowner))) AS g)) FROM pg_attribute AS a
  JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
  AND d.classid = d.refclassid AND d.deptype = 'i' JOIN pg_sequence AS s ON s.seqrelid = d.objid JOIN pg_class AS q ON
  q.oid = s.seqrelid WHERE a.attrelid = c.oid UNION ALL SELECT concat_ws(' ', 'constraint', CASE WHEN k.conindid = 0
  THEN k.conname END, pg_get_constraintdef(k.oid), quote_nullable(obj_description(k.oid, 'pg_constraint'))) FROM
  pg_constraint AS k WHERE k.conrelid = c.oid UNION ALL SELECT concat_ws(' ', 'index',
  substr(pg_get_indexdef(i.indexrelid), length(format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN i.indisunique THEN
  'UNIQUE ' END, x.relname, c.relnamespace::regnamespace::name, c.relname))), i.indisunique, i.indisclustered,
  i.indisreplident, x.reltablespace, quote_nullable(obj_description(x.oid, 'pg_class')), (SELECT string_agg(attnum ||
  ':' || attstattarget, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = x.oid AND attstattarget >= 0)) FROM
  pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid ) AS l WHERE c.oid IN
  (to_regclass('"public"."people"'), to_regclass('"public"."people_tablesnap_shadow"')) GROUP BY c.oid) AS d) AND
  (SELECT coalesce(string_agg(concat_ws(' ', of, grantee, privilege_type, is_grantable), E'\n' ORDER BY of COLLATE "C",
  grantee, privilege_type), '') FROM (SELECT ' ' AS of, (aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))).*
  FROM pg_class AS c WHERE c.oid = to_regclass('"public"."people_tablesnap_shadow"') UNION ALL SELECT a.attname,
  (aclexplode(a.attacl)).* FROM pg_attribute AS a JOIN pg_attribute AS n ON n.attrelid =
  to_regclass('"public"."people_tablesnap_shadow"') AND n.attname = a.attname WHERE a.attrelid =
  to_regclass('"public"."people_tablesnap_shadow"') AND a.attnum > 0) AS g) = (SELECT coalesce(string_agg(concat_ws(' ',
  of, grantee, privilege_type, is_grantable), E'\n' ORDER BY of COLLATE "C", grantee, privilege_type), '') FROM (SELECT
  ' ' AS of, (aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))).* FROM pg_class AS c WHERE c.oid =
  to_regclass('"public"."people"') UNION ALL SELECT a.attname, (aclexplode(a.attacl)).* FROM pg_attribute AS a JOIN
  pg_attribute AS n ON n.attrelid = to_regclass('"public"."people_tablesnap_shadow"') AND n.attname = a.attname WHERE
  a.attrelid = to_regclass('"public"."people"') AND a.attnum > 0) AS g)) IS NOT TRUE THEN RAISE EXCEPTION USING MESSAGE
  =
  'it is not true that the new table has the whole definition of people (what it lacks would be lost; plan again, or use the strategy in-place)',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}

-- 14. keep old: people_preserved_v0
--    stops here: people is unchanged
-- the old table is the snapshot of its version
ALTER TABLE "public"."people" RENAME TO "people_preserved_v0";

-- 15. swap tables: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: nobody has tied anything to people or granted anything on it while the new table was loaded (plan again)
DO $$BEGIN IF (NOT EXISTS (SELECT what FROM pg_class AS c CROSS JOIN LATERAL ( SELECT coalesce((SELECT
  format('foreign key %s of %s to %s', conname, conrelid::regclass, confrelid::regclass) FROM pg_constraint WHERE
  d.classid = 'pg_constraint'::regclass AND oid = d.objid AND contype = 'f'),
  regexp_replace(pg_describe_object(d.classid, d.objid, d.objsubid), '^rule .* on (?=(materialized )?view)', '')) AS
  what FROM pg_depend AS d WHERE (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid OR d.refclassid =
  'pg_type'::regclass AND d.refobjid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))) AND NOT CASE
  d.classid WHEN 'pg_type'::regclass THEN d.objid IN (c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype))
  WHEN 'pg_class'::regclass THEN d.objid IN (c.oid, c.reltoastrelid) OR d.deptype = 'i' OR EXISTS (SELECT 1 FROM
  pg_index WHERE indexrelid = d.objid AND indrelid = c.oid) WHEN 'pg_attrdef'::regclass THEN EXISTS (SELECT 1 FROM
  pg_attrdef WHERE oid = d.objid AND adrelid = c.oid) WHEN 'pg_constraint'::regclass THEN EXISTS (SELECT 1 FROM
  pg_constraint WHERE oid = d.objid AND conrelid = c.oid AND contype <> 'f') WHEN 'pg_trigger'::regclass THEN EXISTS
  (SELECT 1 FROM pg_trigger WHERE oid = d.objid AND tgisinternal) ELSE d.classid = 'pg_publication_rel'::regclass END
  UNION SELECT 'the table ' || inhparent::regclass || ', whose child it is' FROM pg_inherits WHERE inhrelid = c.oid
  UNION SELECT 'its partitions' WHERE c.relkind = 'p' UNION SELECT 'the type ' || c.reloftype::regtype ||
  ', which it is made of' WHERE c.reloftype <> 0 UNION SELECT 'its row-level security' WHERE c.relrowsecurity OR
  c.relforcerowsecurity UNION SELECT 'publication ' || pubname FROM pg_publication AS p WHERE EXISTS (SELECT 1 FROM
  pg_get_publication_tables(p.pubname::text) AS pt WHERE pt.relid = c.oid) UNION SELECT 'subscription ' || s.subname
  FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid WHERE r.srrelid = c.oid UNION SELECT
  'extension ' || e.extname FROM pg_depend AS d JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND
  e.oid = d.refobjid WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('e', 'x') UNION SELECT
  'a security label of ' || provider FROM pg_seclabel WHERE classoid = 'pg_class'::regclass AND objoid = c.oid UNION
  SELECT 'constraint ' || conname || ', which is not validated' FROM pg_constraint WHERE conrelid = c.oid AND NOT
  convalidated UNION SELECT 'index ' || indexrelid::regclass || ', which is not valid' FROM pg_index WHERE indrelid =
  c.oid AND NOT (indisvalid AND indisready AND indislive) UNION SELECT 'a grant by ' || grantor::regrole ||
  ', who is not its owner' FROM (SELECT (aclexplode(relacl)).grantor FROM pg_class WHERE oid = c.oid UNION SELECT
  (aclexplode(attacl)).grantor FROM pg_attribute WHERE attrelid = c.oid AND NOT attisdropped) AS g WHERE grantor <>
  c.relowner ) AS t WHERE c.oid = to_regclass('"public"."people_preserved_v0"')) AND (SELECT
  coalesce(string_agg(concat_ws(' ', of, grantee, privilege_type, is_grantable), E'\n' ORDER BY of COLLATE "C", grantee,
  privilege_type), '') FROM (SELECT ' ' AS of, (aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))).* FROM
  pg_class AS c WHERE c.oid = to_regclass('"public"."people_tablesnap_shadow"') UNION ALL SELECT a.attname,
  (aclexplode(a.attacl)).* FROM pg_attribute AS a JOIN pg_attribute AS n ON n.attrelid =
  to_regclass('"public"."people_tablesnap_shadow"') AND n.attname = a.attname WHERE a.attrelid =
  to_regclass('"public"."people_tablesnap_shadow"') AND a.attnum > 0) AS g) = (SELECT coalesce(string_agg(concat_ws(' ',
  of, grantee, privilege_type, is_grantable), E'\n' ORDER BY of COLLATE "C", grantee, privilege_type), '') FROM (SELECT
  ' ' AS of, (aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))).* FROM pg_class AS c WHERE c.oid =
  to_regclass('"public"."people_preserved_v0"') UNION ALL SELECT a.attname, (aclexplode(a.attacl)).* FROM pg_attribute
  AS a JOIN pg_attribute AS n ON n.attrelid = to_regclass('"public"."people_tablesnap_shadow"') AND n.attname =
  a.attname WHERE a.attrelid = to_regclass('"public"."people_preserved_v0"') AND a.attnum > 0) AS g)) IS NOT TRUE THEN
  RAISE EXCEPTION USING MESSAGE =
  'it is not true that nobody has tied anything to people or granted anything on it while the new table was loaded (plan again)',
  ERRCODE = 'TS001'; END IF; END$$;
-- #endregion }}}
ALTER TABLE "public"."people_tablesnap_shadow" RENAME TO "people";
-- #region the steps are done {{{
UPDATE "tablesnap_audit" SET "state" = 'done', "finished_at" = to_char(clock_timestamp() AT TIME ZONE 'UTC',
  'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" IN (1, 2, 3, 4,
  5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
-- the run is done
UPDATE "tablesnap_run" SET "state" = 'done', "rows_backed_up" = NULL, "rows_loaded" = (SELECT "row_count" FROM
  "tablesnap_audit" WHERE "run_id" = current_setting('tablesnap.run')::bigint AND "seq" = 11), "finished_at" =
  to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') WHERE "id" =
  current_setting('tablesnap.run')::bigint;
-- #endregion }}}
COMMIT;
