-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 909b78d3957453fd9b3afde96870a8992c1fe5dfca28effcefe36ab504eeecfe
-- database  mysql
-- table     shop.people, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 de5f58c4d04202928a610ce00d8230fcb2911259e04a07158d60ddf5820a2c08
-- rows      3 -> 1 (before: as version 1 left it)
-- backup    people_backup gets 3 rows
-- locks     writers of the table wait until the commit; readers do not wait
-- writes    3 rows copied, 3 removed, 1 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. copy to backup    people_backup             3 rows
--    1   2. clear             people                    3 rows
--    1   3. load              people                    1 row
--
-- HAZARD SHRINKS: people.csv has 1 row, less than 50% of the rows of "people": version 1 left 3
--   refused unless the user allows it; this script stops at once
--
-- Each assertion ("must be true") stops the script if it does not hold.
-- If the script ends midway, run "tablesnap recover": it finishes the run, or rolls it back.

-- Pipe it into the client program, which then stops at the first error; what is open is rolled back.
-- With --force, or by the command source, the client would go on: never run it so.
-- #region the session {{{
USE `shop`;
SET NAMES utf8mb4;
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE;
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',
    time_zone = '+00:00',
    autocommit = ON,
    foreign_key_checks = ON,
    unique_checks = ON,
    sql_safe_updates = OFF,
    sql_select_limit = 18446744073709551615,
    sql_auto_is_null = OFF,
    group_concat_max_len = 1048576,
    explicit_defaults_for_timestamp = ON,
    max_execution_time = 0,
    sql_notes = ON,
    information_schema_stats_expiry = 0;
SET SESSION lock_wait_timeout = 10, innodb_lock_wait_timeout = 10;
-- must be true: hazard SHRINKS is allowed
SELECT IF(1 = 0, 'true', ~0 + char_length('it is not true that hazard SHRINKS is allowed')) AS `assertion`;
-- no other run of tablesnap on this table
SELECT IF(GET_LOCK('tablesnap:shop.people', 10) = 1, 'true', ~0 +
  char_length('it is not true that no other run of tablesnap is at work on people')) AS `assertion`;
-- #endregion }}}

-- #region the run, and what it is about to do {{{
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`,
  `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`,
  `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', 'de5f58c4d04202928a610ce00d8230fcb2911259e04a07158d60ddf5820a2c08', 1,
  '909b78d3957453fd9b3afde96870a8992c1fe5dfca28effcefe36ab504eeecfe', '', 'started', 'tester', 'v0.0.0',
  concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
-- must be true: no other run has people (tablesnap_lease says which has it, and until when)
INSERT IGNORE INTO `tablesnap_lease` (`table_name`, `run_id`, `token`, `renewals`, `lock_scope`, `held_until`) VALUES
  ('people', 0, 0, 0, '', '');
UPDATE `tablesnap_lease` SET `run_id` = @tablesnap_run, `token` = 1, `renewals` = `renewals` + 1, `lock_scope` =
  @@server_uuid, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%T.%f'), 23),
  'Z') WHERE `table_name` = 'people' AND (`held_until` <= concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') OR
  `lock_scope` = @@server_uuid);
SELECT IF(ROW_COUNT() = 1, 'true', ~0 +
  char_length('it is not true that no other run has people (tablesnap_lease says which has it, and until when)')) AS
  `assertion`;
-- must be true: no earlier run on people was cut off (tablesnap recover brings it to its end)
SELECT IF(NOT EXISTS (SELECT 1 FROM `tablesnap_run` WHERE `table_name` = 'people' AND `id` <> @tablesnap_run AND
  (`state` = 'started' OR `id` IN (SELECT `run_id` FROM `tablesnap_audit` WHERE `state` = 'started'))), 'true', ~0 +
  char_length('it is not true that no earlier run on people was cut off (tablesnap recover brings it to its end)')) AS
  `assertion`;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 1 AS `seq`, '01-copy-to-backup' AS `step`, 'copy-to-backup' AS `kind`, 'DATA_BACKUP' AS `event`,
  '{"table":"people_backup","from":"people","columns":["email","name"],"version":1,"doc_id":"doc_1","up'
'load_timestamp":"2025-01-31 10:00"}' AS `details` UNION ALL
  SELECT 2, '02-clear', 'clear', NULL, '{"table":"people"}' UNION ALL
  SELECT 3, '03-load', 'load', 'TABLE_UPLOAD', '{"table":"people"}'
) AS `steps`;
COMMIT;
-- #endregion }}}

-- group 1 of 1: commits together, or not at all
-- #region what must be true before it {{{
START TRANSACTION;
-- reads no row, but keeps every ALTER TABLE out until the COMMIT
SELECT 1 FROM `shop`.`people` LIMIT 0 FOR UPDATE;
-- must be true: version 1 is the newest of people
SELECT IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = 'people' AND `state` =
  'done') = 1, 'true', ~0 + char_length('it is not true that version 1 is the newest of people')) AS `assertion`;
-- must be true: people has the columns, triggers and references that were reviewed
SELECT IF((SELECT sha2(group_concat(concat(column_name, ' ', column_type, coalesce(concat(' CHARACTER SET ',
  character_set_name, ' COLLATE ', collation_name), ''), if(is_nullable = 'NO', ' NOT NULL', '')) ORDER BY
  ordinal_position SEPARATOR ', '), 256) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name =
  'people') = '20ff08fe912e6e66dffed2c0067d3e491bba60ec58b64ae154be22f37cea9010' AND NOT EXISTS (SELECT 1 FROM
  information_schema.triggers WHERE event_object_schema = 'shop' AND event_object_table = 'people') AND NOT EXISTS
  (SELECT 1 FROM information_schema.referential_constraints WHERE unique_constraint_schema = 'shop' AND
  referenced_table_name = 'people' AND constraint_schema NOT IN ('sys', 'performance_schema', 'information_schema') AND
  NOT (constraint_schema = 'shop' AND table_name = 'people')), 'true', ~0 +
  char_length('it is not true that people has the columns, triggers and references that were reviewed')) AS `assertion`;
-- #endregion }}}

-- 1. copy to backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (04-create-preserved, 05-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_backup` WHERE `snapshot_version` = 1), 'true', ~0 +
  char_length('it is not true that people_backup has no rows yet of the version that is copied to it')) AS `assertion`;
-- #endregion }}}
-- FOR UPDATE: until the COMMIT nobody else changes, adds or deletes a row of people
INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `name`)
SELECT 'doc_1', '2025-01-31 10:00', 1, `people`.`email`, `people`.`name` FROM `shop`.`people` FOR UPDATE;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 1;

-- 2. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 1)
SELECT IF(1 * 100 >= coalesce((SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq`
  IN (1, 5)), 0) * 50, 'true', ~0 +
  char_length('it is not true that the source has at least 50% of the rows of people (it has 1)')) AS `assertion`;
-- #endregion }}}
DELETE FROM `shop`.`people`;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 2;
-- #region what must be true now {{{
-- must be true: clear deleted the rows that were copied, and no others
SELECT IF((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 2) = (SELECT
  max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` IN (1, 5)), 'true', ~0 +
  char_length('it is not true that clear deleted the rows that were copied, and no others')) AS `assertion`;
-- must be true: people is empty
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people` USE INDEX ()), 'true', ~0 +
  char_length('it is not true that people is empty')) AS `assertion`;
-- #endregion }}}

-- 3. load: people
--    stops here: people is unchanged
--    apply sends the rows with: LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`people` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ENCLOSED BY
--        '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (`email`, `name`)
INSERT INTO `shop`.`people` (`email`, `name`) VALUES
  ('alan@example.com', 'Alan');
UPDATE `tablesnap_audit` SET `row_count` = (SELECT count(*) FROM `shop`.`people` USE INDEX ()) WHERE `run_id` =
  @tablesnap_run AND `seq` = 3;
-- #region what must be true now {{{
-- must be true: people holds 1 row, as the source does
SELECT IF((SELECT count(*) FROM `shop`.`people` USE INDEX ()) = 1, 'true', ~0 +
  char_length('it is not true that people holds 1 row, as the source does')) AS `assertion`;
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` IN (1, 2, 3);
-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` IN (1, 5)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` = 3), `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), `warnings`
  = CASE WHEN (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` IN (1, 5)) <> 3
  THEN 'CHANGED_SINCE' ELSE '' END WHERE `id` = @tablesnap_run;
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) +
  INTERVAL 60 SECOND, '%Y-%m-%dT%T.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND
  `token` = 1;
SELECT IF(ROW_COUNT() = 1, 'true', ~0 +
  char_length('it is not true that no other run has taken people over (the lease is renewed)')) AS `assertion`;
-- #endregion }}}
COMMIT;

-- #region other runs may begin {{{
UPDATE `tablesnap_lease` SET `lock_scope` = '', `held_until` = '' WHERE `table_name` = 'people' AND `run_id` =
  @tablesnap_run AND `token` = 1;
DO RELEASE_LOCK('tablesnap:shop.people');
-- #endregion }}}
