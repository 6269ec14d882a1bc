-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 fab9e29a6acaa238ba3ef0bb1ea77524d04011f539ef902a68d5df0b1b79a7c8
-- database  tidb
-- table     shop.people, strategy swap
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 de5f58c4d04202928a610ce00d8230fcb2911259e04a07158d60ddf5820a2c08
-- rows      3 -> 1 (before: as version 1 left it)
-- backup    people_backup gets 3 rows
-- locks     writers of the table wait while it is renamed; readers do not wait
-- writes    3 rows copied, 3 removed, 1 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. create shadow     people_tablesnap_shadow
--    2   2. load              people_tablesnap_shadow   1 row
--    3   3. swap tables       people
--    4   4. copy to backup    people_backup             3 rows
--    5   5. drop old          people_tablesnap_old
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
    max_execution_time = 0,
    sql_notes = ON,
    tidb_snapshot = '',
    tidb_read_staleness = 0,
    allow_auto_random_explicit_insert = ON,
    tidb_enable_reuse_chunk = OFF;
SET SESSION lock_wait_timeout = 10, innodb_lock_wait_timeout = 10;
-- must be true: hazard SHRINKS is allowed
SET SESSION sql_safe_updates = IF(1 = 0, 'OFF', 'it is not true that hazard SHRINKS is allowed');
-- no other run of tablesnap on this table
SET SESSION sql_safe_updates = IF(GET_LOCK('tablesnap:shop.people', 10) = 1, 'OFF',
  'it is not true that no other run of tablesnap is at work on people');
-- #endregion }}}

-- #region the run, and what it is about to do {{{
BEGIN PESSIMISTIC;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`,
  `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`,
  `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', 'de5f58c4d04202928a610ce00d8230fcb2911259e04a07158d60ddf5820a2c08', 1,
  'fab9e29a6acaa238ba3ef0bb1ea77524d04011f539ef902a68d5df0b1b79a7c8', '', 'started', 'tester', 'v0.0.0',
  concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
-- must be true: no other run has people (tablesnap_lease says which has it, and until when)
INSERT IGNORE INTO `tablesnap_lease` (`table_name`, `run_id`, `token`, `renewals`, `lock_scope`, `held_until`) VALUES
  ('people', 0, 0, 0, '', '');
UPDATE `tablesnap_lease` SET `run_id` = @tablesnap_run, `token` = 1, `renewals` = `renewals` + 1, `lock_scope` = 'tidb',
  `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%T.%f'), 23), 'Z') WHERE
  `table_name` = 'people' AND (`held_until` <= concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') OR `lock_scope` =
  'tidb');
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF',
  'it is not true that no other run has people (tablesnap_lease says which has it, and until when)');
-- must be true: no earlier run on people was cut off (tablesnap recover brings it to its end)
SET SESSION sql_safe_updates = IF(NOT EXISTS (SELECT 1 FROM `tablesnap_run` WHERE `table_name` = 'people' AND `id` <>
  @tablesnap_run AND (`state` = 'started' OR `id` IN (SELECT `run_id` FROM `tablesnap_audit` WHERE `state` =
  'started'))), 'OFF',
  'it is not true that no earlier run on people was cut off (tablesnap recover brings it to its end)');
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 1 AS `seq`, '01-create-shadow' AS `step`, 'create-shadow' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_shadow","from":"people"}' AS `details`
) AS `steps`;
COMMIT;
-- #endregion }}}

-- group 1 of 5: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: version 1 is the newest of people
PREPARE tablesnap_1 FROM 'SET SESSION sql_safe_updates = IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` =
  ''people'' AND `state` = ''done'') = 1, ''OFF'', ''it is not true that version 1 is the newest of people'')';
EXECUTE tablesnap_1;
-- must be true: people has the columns, triggers and references that were reviewed
PREPARE tablesnap_2 FROM 'SET SESSION sql_safe_updates = IF((SELECT sha2(group_concat(concat(column_name, '' '', replace(column_type, ''\\\\'', ''\\\\\\\\''),
  coalesce(concat('' CHARACTER SET '', character_set_name, '' COLLATE '', collation_name), ''''), if(is_nullable = ''NO'',
  '' NOT NULL'', '''')) ORDER BY ordinal_position SEPARATOR '', ''), 256) FROM information_schema.columns WHERE table_schema =
  ''shop'' AND table_name = ''people'') = ''092e1f2c730f75a477414752366ac9079181e49bc4c7e175a7389f0b231eb6ee'' AND NOT EXISTS
  (SELECT 1 FROM information_schema.triggers WHERE event_object_schema = ''shop'' AND event_object_table = ''people'') AND
  NOT EXISTS (SELECT 1 FROM information_schema.referential_constraints WHERE unique_constraint_schema = ''shop'' AND
  referenced_table_name = ''people'' AND constraint_schema NOT IN (''sys'', ''performance_schema'', ''information_schema'') AND
  NOT (constraint_schema = ''shop'' AND table_name = ''people'')), ''OFF'',
  ''it is not true that people has the columns, triggers and references that were reviewed'')';
EXECUTE tablesnap_2;
-- #endregion }}}

-- 1. create shadow: people_tablesnap_shadow
--    stops here: people is unchanged
-- #region what it needs {{{
PREPARE tablesnap_definition FROM
  'SET @tablesnap_found = (SELECT sha2(group_concat(digest ORDER BY digest), 256) FROM (SELECT sha2(json_array(0, engine,
  table_collation, create_options, table_comment), 256) AS digest FROM information_schema.tables WHERE table_schema =
  ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(1, ordinal_position, column_name, column_type,
  collation_name, is_nullable, column_default, extra, generation_expression, column_comment), 256) AS digest FROM
  information_schema.columns WHERE table_schema = ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(2,
  is_visible, expression, index_name, seq_in_index, column_name, non_unique, collation, sub_part, index_type,
  index_comment), 256) AS digest FROM information_schema.statistics WHERE table_schema = ''shop'' AND table_name = ? UNION
  ALL SELECT sha2(json_array(3, partition_ordinal_position, partition_name, partition_method, partition_expression,
  partition_description, partition_comment, subpartition_name, subpartition_method, subpartition_expression), 256) AS
  digest FROM information_schema.partitions WHERE table_schema = ''shop'' AND table_name = ? UNION ALL SELECT
  sha2(json_array(4, constraint_name, constraint_type), 256) AS digest FROM information_schema.table_constraints WHERE
  table_schema = ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(5, constraint_name, check_clause), 256) AS
  digest FROM information_schema.tidb_check_constraints WHERE constraint_schema = ''shop'' AND table_name = ? UNION ALL
  SELECT sha2(json_array(6, key_name, clustered, is_global), 256) AS digest FROM information_schema.tidb_indexes WHERE
  table_schema = ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(7, tidb_placement_policy_name,
  tidb_row_id_sharding_info, tidb_pk_type), 256) AS digest FROM information_schema.tables WHERE table_schema = ''shop''
  AND table_name = ?) AS facts)';
SET @tablesnap_name = 'people';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name, @tablesnap_name, @tablesnap_name;
SET @tablesnap_definition = @tablesnap_found;
SET @tablesnap_altered = (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = 'shop' AND
  table_name = 'people');
-- #endregion }}}
CREATE TABLE `shop`.`people_tablesnap_shadow` LIKE `shop`.`people`;
-- #region what must be true now {{{
-- must be true: the copy has the whole definition of people (what it lacks would be lost in a swap; use the strategy in-place)
SET @tablesnap_name = 'people_tablesnap_shadow';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name, @tablesnap_name, @tablesnap_name;
SET SESSION sql_safe_updates = IF(@tablesnap_found = @tablesnap_definition, 'OFF',
  'it is not true that the copy has the whole definition of people (what it lacks would be lost in a swap; use the strategy in-place)');
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 1;
-- must be true: no other run has taken people over (the lease is renewed)
PREPARE tablesnap_3 FROM 'UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) +
  INTERVAL 60 SECOND, ''%Y-%m-%dT%T.%f''), 23), ''Z'') WHERE `table_name` = ''people'' AND `run_id` = @tablesnap_run AND
  `token` = 1';
PREPARE tablesnap_4 FROM 'SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, ''OFF'',
  ''it is not true that no other run has taken people over (the lease is renewed)'')';
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region what comes next, for the audit {{{
BEGIN PESSIMISTIC;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 2 AS `seq`, '02-load' AS `step`, 'load' AS `kind`, 'TABLE_UPLOAD' AS `event`,
  '{"table":"people_tablesnap_shadow"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 2 of 5: commits together, or not at all
-- #region what must be true before it {{{
BEGIN PESSIMISTIC;
-- #endregion }}}

-- 2. load: people_tablesnap_shadow
--    stops here: people is unchanged, and its shadow is left over; run tablesnap recover
--    apply sends the rows with: LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`people_tablesnap_shadow` CHARACTER SET utf8mb4 FIELDS TERMINATED BY
--        '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (`email`, `name`)
INSERT INTO `shop`.`people_tablesnap_shadow` (`email`, `name`) VALUES
  ('alan@example.com', 'Alan');
UPDATE `tablesnap_audit` SET `row_count` = (SELECT count(*) FROM `shop`.`people_tablesnap_shadow` USE INDEX ()) WHERE
  `run_id` = @tablesnap_run AND `seq` = 2;
-- #region what must be true now {{{
-- must be true: people_tablesnap_shadow holds 1 row, as the source does
SET SESSION sql_safe_updates = IF((SELECT count(*) FROM `shop`.`people_tablesnap_shadow` USE INDEX ()) = 1, 'OFF',
  'it is not true that people_tablesnap_shadow holds 1 row, as the source does');
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 2;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}
COMMIT;

-- #region what comes next, for the audit {{{
BEGIN PESSIMISTIC;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 3 AS `seq`, '03-swap-tables' AS `step`, 'swap-tables' AS `kind`, NULL AS `event`,
  '{"table":"people","from":"people_tablesnap_shadow"}' AS `details` UNION ALL
  SELECT 4, '04-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"people_backup","from":"people_tablesnap_old","columns":["email","name"],"version":1,"doc_i'
'd":"doc_1","upload_timestamp":"2025-01-31 10:00"}'
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 3 of 5: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: version 1 is the newest of people
EXECUTE tablesnap_1;
-- must be true: people has the columns, triggers and references that were reviewed
EXECUTE tablesnap_2;
-- #endregion }}}

-- 3. swap tables: people
--    stops here: people is unchanged, and its shadow is left over; run tablesnap recover
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 1)
SET SESSION sql_safe_updates = IF(1 * 100 >= (SELECT count(*) FROM `shop`.`people` USE INDEX ()) * 50, 'OFF',
  'it is not true that the source has at least 50% of the rows of people (it has 1)');
-- must be true: nobody has changed the definition of people since the new table was made like it (plan again)
SET @tablesnap_name = 'people';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name, @tablesnap_name, @tablesnap_name;
SET SESSION sql_safe_updates = IF(@tablesnap_found = @tablesnap_definition AND (SELECT max(create_time) FROM
  information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people') = @tablesnap_altered, 'OFF',
  'it is not true that nobody has changed the definition of people since the new table was made like it (plan again)');
-- #endregion }}}
-- one statement: others go on with the new table at once; it returns when the transactions that used the old one have ended, whatever the timeouts
RENAME TABLE `shop`.`people` TO `shop`.`people_tablesnap_old`, `shop`.`people_tablesnap_shadow` TO `shop`.`people`;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 3;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- group 4 of 5: commits together, or not at all
-- #region what must be true before it {{{
BEGIN PESSIMISTIC;
-- #endregion }}}

-- 4. copy to backup: people_backup
--    stops here: people holds the new rows, and the old rows are in the old table; run tablesnap recover
--    if it fails, this script stops; apply would keep the old rows in a table of their own (06-keep-old) and go on
--    apply copies 100000 rows at a time, each in a transaction of its own:
--     SET @tablesnap_last_1 = NULL
--     INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `name`)
--     SELECT 'doc_1', '2025-01-31 10:00', 1, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`name` FROM
--       `shop`.`people_tablesnap_old` WHERE (@tablesnap_last_1 IS NULL OR `email` > @tablesnap_last_1) ORDER BY `email` LIMIT
--       100000 FOR UPDATE
--     SET @tablesnap_next_1 = (SELECT `email` FROM `shop`.`people_tablesnap_old` WHERE (@tablesnap_last_1 IS NULL OR `email` >
--       @tablesnap_last_1) ORDER BY `email` LIMIT 1 OFFSET 99999)
--     SET @tablesnap_last_1 = @tablesnap_next_1
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SET SESSION sql_safe_updates = IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_backup` WHERE `snapshot_version` = 1), 'OFF',
  'it is not true that people_backup has no rows yet of the version that is copied to it');
-- #endregion }}}
-- FOR UPDATE: until the COMMIT nobody else changes or deletes these rows; one that is added makes the counts differ
INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `name`)
SELECT 'doc_1', '2025-01-31 10:00', 1, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`name` FROM
  `shop`.`people_tablesnap_old` FOR UPDATE;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 4;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 4;
-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` IN (4, 6)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` = 2), `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), `warnings`
  = CASE WHEN (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` IN (4, 6)) <> 3
  THEN 'CHANGED_SINCE' ELSE '' END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 5 AS `seq`, '05-drop-old' AS `step`, 'drop-old' AS `kind`, NULL AS `event`, '{"table":"people_tablesnap_old"}'
  AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}
COMMIT;

-- group 5 of 5: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- 5. drop old: people_tablesnap_old
--    stops here: people holds the new rows, and the old rows are in the backup and in the old table
-- #region what must be true first {{{
-- must be true: the backup has as many rows of this version as the old table has
SET SESSION sql_safe_updates = IF((SELECT count(*) FROM `shop`.`people_backup` WHERE `snapshot_version` = 1) = (SELECT
  count(*) FROM `shop`.`people_tablesnap_old` USE INDEX ()), 'OFF',
  'it is not true that the backup has as many rows of this version as the old table has');
-- must be true: the old table has only columns that the plan knew
SET SESSION sql_safe_updates = IF((SELECT sha2(group_concat(concat(column_name, ' ', replace(column_type, '\\', '\\\\'),
  coalesce(concat(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name), ''), if(is_nullable = 'NO',
  ' NOT NULL', '')) ORDER BY ordinal_position SEPARATOR ', '), 256) FROM information_schema.columns WHERE table_schema =
  'shop' AND table_name = 'people_tablesnap_old') = '092e1f2c730f75a477414752366ac9079181e49bc4c7e175a7389f0b231eb6ee'
  AND NOT EXISTS (SELECT 1 FROM information_schema.triggers WHERE event_object_schema = 'shop' AND event_object_table =
  'people_tablesnap_old') AND NOT EXISTS (SELECT 1 FROM information_schema.referential_constraints WHERE
  unique_constraint_schema = 'shop' AND referenced_table_name = 'people_tablesnap_old' AND constraint_schema NOT IN
  ('sys', 'performance_schema', 'information_schema') AND NOT (constraint_schema = 'shop' AND table_name =
  'people_tablesnap_old')), 'OFF', 'it is not true that the old table has only columns that the plan knew');
-- must be true: nobody has changed the definition of people while it was swapped (compare it with people_tablesnap_old, which still has the change)
SET @tablesnap_name = 'people_tablesnap_old';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name, @tablesnap_name, @tablesnap_name;
SET SESSION sql_safe_updates = IF(@tablesnap_found = @tablesnap_definition, 'OFF',
  'it is not true that nobody has changed the definition of people while it was swapped (compare it with people_tablesnap_old, which still has the change)');
-- #endregion }}}
DROP TABLE `shop`.`people_tablesnap_old`;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 5;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region other runs may begin {{{
UPDATE `tablesnap_lease` SET `lock_scope` = '', `held_until` = '' WHERE `table_name` = 'people' AND `run_id` =
  @tablesnap_run AND `token` = 1;
DO RELEASE_LOCK('tablesnap:shop.people');
-- #endregion }}}
