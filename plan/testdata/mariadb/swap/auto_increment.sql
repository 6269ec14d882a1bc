-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 2fe610ca3f451ccd4e921b453757a0475b58e49aa14f81b8e33a7e09aacf5ccf
-- database  mariadb
-- table     shop.people, strategy swap
-- kind      table
-- version   1, doc_id doc_1, upload_timestamp 2025-01-31 10:00; replaces 0, what stood there before the first upload
-- source    people.csv, SHA-256 d97848f18affdf172738a6aeb0084761637bd9d86758f511bf172572753ed111
-- rows      not counted -> 2
-- backup    people_backup gets the table's rows
-- locks     writers of the table wait while it is renamed; readers do not wait
-- undo      restore version 0
--
-- group and step
--    1   1. create backup     people_backup
--    2   2. create backup     people_backup
--    3   3. create shadow     people_tablesnap_shadow
--    4   4. carry counter     people_tablesnap_shadow
--    5   5. load              people_tablesnap_shadow   2 rows
--    6   6. swap tables       people
--    7   7. carry counter     people
--    8   8. copy to backup    people_backup
--    9   9. drop old          people_tablesnap_old
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
    check_constraint_checks = ON,
    max_statement_time = 0 /*M!110602 , innodb_snapshot_isolation = OFF */,
    system_versioning_asof = DEFAULT,
    sql_notes = ON /*M!101106 , note_verbosity = 'basic' */;
SET SESSION lock_wait_timeout = 10, innodb_lock_wait_timeout = 10;
-- no other run of tablesnap on this table
SELECT IF(GET_LOCK('tablesnap:shop.people', 10) = 1, 'true', ~0 +
  char_length('it is not true that no other run of tablesnap is at work on people')) AS `assertion`;
-- #endregion }}}

-- #region tablesnap's own tables {{{
START TRANSACTION;
CREATE TABLE `tablesnap_goose_version` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `version_id` BIGINT NOT NULL,
  `is_applied` BOOLEAN NOT NULL,
  `tstamp` DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `tablesnap_goose_version` (`version_id`, `is_applied`) VALUES (0, 1);
CREATE TABLE IF NOT EXISTS `tablesnap_run` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `table_name` VARCHAR(64) NOT NULL,
  `operation` VARCHAR(32) NOT NULL,
  `event` VARCHAR(255) NOT NULL,
  `version_made` BIGINT NOT NULL,
  `version_replaced` BIGINT NULL,
  `doc_id` TEXT NOT NULL,
  `upload_timestamp` TEXT NOT NULL,
  `source_name` TEXT NOT NULL,
  `source_sha256` VARCHAR(64) NOT NULL,
  `source_rows` BIGINT NOT NULL,
  `plan_hash` VARCHAR(64) NOT NULL,
  `rows_backed_up` BIGINT NULL,
  `rows_loaded` BIGINT NULL,
  `warnings` TEXT NOT NULL,
  `state` VARCHAR(32) NOT NULL,
  `actor` TEXT NULL,
  `tool_version` VARCHAR(255) NOT NULL,
  `started_at` VARCHAR(32) NOT NULL,
  `finished_at` VARCHAR(32) NULL,
  PRIMARY KEY (`id`),
  KEY `tablesnap_run_table` (`table_name`, `state`, `version_made`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TABLE IF NOT EXISTS `tablesnap_audit` (
  `run_id` BIGINT NOT NULL,
  `seq` INT NOT NULL,
  `step` VARCHAR(255) NOT NULL,
  `kind` VARCHAR(64) NOT NULL,
  `event` VARCHAR(255) NULL,
  `sql_text` LONGTEXT NOT NULL,
  `state` VARCHAR(32) NOT NULL,
  `row_count` BIGINT NULL,
  `duration_ms` BIGINT NULL,
  `message` MEDIUMTEXT NULL,
  `started_at` VARCHAR(32) NOT NULL,
  `finished_at` VARCHAR(32) NULL,
  PRIMARY KEY (`run_id`, `seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT INTO `tablesnap_goose_version` (`version_id`, `is_applied`) VALUES (1, 1);
CREATE TABLE IF NOT EXISTS `tablesnap_pin` (
  `table_name` VARCHAR(64) NOT NULL,
  `version` BIGINT NOT NULL,
  `actor` TEXT NULL,
  `at` VARCHAR(32) NOT NULL,
  PRIMARY KEY (`table_name`, `version`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT INTO `tablesnap_goose_version` (`version_id`, `is_applied`) VALUES (2, 1);
-- only where the column is missing
SET @tablesnap_details = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND
  table_name = 'tablesnap_audit' AND column_name = 'details'),
  'DO (SELECT count(`details`) FROM `tablesnap_audit` WHERE 1 = 0)',
  'ALTER TABLE `tablesnap_audit` ADD COLUMN `details` JSON NULL');
PREPARE tablesnap_details FROM @tablesnap_details;
EXECUTE tablesnap_details;
INSERT INTO `tablesnap_goose_version` (`version_id`, `is_applied`) VALUES (3, 1);
CREATE TABLE IF NOT EXISTS `tablesnap_lease` (
  `table_name` VARCHAR(64) NOT NULL,
  `run_id` BIGINT NOT NULL,
  `token` BIGINT NOT NULL,
  `renewals` BIGINT NOT NULL,
  `lock_scope` VARCHAR(255) NOT NULL,
  `held_until` VARCHAR(32) NOT NULL,
  PRIMARY KEY (`table_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT INTO `tablesnap_goose_version` (`version_id`, `is_applied`) VALUES (4, 1);
COMMIT;
-- #endregion }}}

-- #region the run, and what it is about to do {{{
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`,
  `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`,
  `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, 0, 'doc_1', '2025-01-31 10:00',
  'people.csv', 'd97848f18affdf172738a6aeb0084761637bd9d86758f511bf172572753ed111', 2,
  '2fe610ca3f451ccd4e921b453757a0475b58e49aa14f81b8e33a7e09aacf5ccf', '', 'started', 'tester', 'v0.0.0',
  concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
-- must be true: no other run has people (tablesnap_lease says which has it, and until when)
INSERT IGNORE INTO `tablesnap_lease` (`table_name`, `run_id`, `token`, `renewals`, `lock_scope`, `held_until`) VALUES
  ('people', 0, 0, 0, '', '');
UPDATE `tablesnap_lease` SET `run_id` = @tablesnap_run, `token` = 1, `renewals` = `renewals` + 1, `lock_scope` =
  left(concat_ws(' ', @@hostname, @@port, @@server_id, @@datadir), 255), `held_until` =
  concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%T.%f'), 23), 'Z') WHERE `table_name` =
  'people' AND (`held_until` <= concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') OR `lock_scope` = left(concat_ws(' ',
  @@hostname, @@port, @@server_id, @@datadir), 255));
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
  SELECT 1 AS `seq`, '01-create-backup' AS `step`, 'create-backup' AS `kind`, NULL AS `event`,
  '{"table":"people_backup"}' AS `details`
) AS `steps`;
COMMIT;
-- #endregion }}}

-- group 1 of 9: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: version 0 is the newest of people
PREPARE tablesnap_1 FROM 'SELECT IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = ''people'' AND `state` =
  ''done'') = 0, ''true'', ~0 + char_length(''it is not true that version 0 is the newest of people'')) AS `assertion`';
EXECUTE tablesnap_1;
-- must be true: people has the columns, triggers and references that were reviewed
PREPARE tablesnap_2 FROM 'SELECT IF((SELECT sha2(group_concat(concat(column_name, '' '', column_type, coalesce(concat('' CHARACTER SET '',
  character_set_name, '' COLLATE '', collation_name), ''''), if(is_nullable = ''NO'', '' NOT NULL'', '''')) ORDER BY
  ordinal_position SEPARATOR '', ''), 256) FROM information_schema.columns WHERE table_schema = ''shop'' AND table_name =
  ''people'') = ''9d0b42a0ab482b8e6164506afcd88d100c259785f8a1b1a9134d5052191eda6b'' AND NOT EXISTS (SELECT 1 FROM
  information_schema.triggers WHERE event_object_schema = ''shop'' AND event_object_table = ''people'') AND NOT EXISTS
  (SELECT 1 FROM information_schema.referential_constraints WHERE unique_constraint_schema = ''shop'' AND
  referenced_table_name = ''people'' AND constraint_schema NOT IN (''sys'', ''performance_schema'', ''information_schema'') AND
  NOT (constraint_schema = ''shop'' AND table_name = ''people'')), ''true'', ~0 +
  char_length(''it is not true that people has the columns, triggers and references that were reviewed'')) AS `assertion`';
EXECUTE tablesnap_2;
-- #endregion }}}

-- 1. create backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (10-keep-old) and go on
CREATE TABLE `shop`.`people_backup` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `doc_id` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `upload_timestamp` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `snapshot_version` bigint NULL,
  `n` int(11) NULL,
  `email` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 1;
-- must be true: no other run has taken people over (the lease is renewed)
PREPARE tablesnap_3 FROM 'UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) +
  INTERVAL 60 SECOND, ''%Y-%m-%dT%T.%f''), 23), ''Z'') WHERE `table_name` = ''people'' AND `run_id` = @tablesnap_run AND
  `token` = 1';
PREPARE tablesnap_4 FROM 'SELECT IF(ROW_COUNT() = 1, ''true'', ~0 +
  char_length(''it is not true that no other run has taken people over (the lease is renewed)'')) AS `assertion`';
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region what comes next, for the audit {{{
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 2 AS `seq`, '02-create-backup' AS `step`, 'create-backup' AS `kind`, NULL AS `event`,
  '{"table":"people_backup"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 2 of 9: one statement, which the database commits by itself

-- 2. create backup: people_backup
--    stops here: people is unchanged
--    if it fails, this script stops; apply would keep the old rows in a table of their own (10-keep-old) and go on
CREATE INDEX `people_backup_snapshot` ON `shop`.`people_backup` (`snapshot_version`);
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 2;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region what comes next, for the audit {{{
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 3 AS `seq`, '03-create-shadow' AS `step`, 'create-shadow' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_shadow","from":"people"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 3 of 9: one statement, which the database commits by itself

-- 3. create shadow: people_tablesnap_shadow
--    stops here: people is unchanged
-- #region what it needs {{{
PREPARE tablesnap_definition FROM
  'SELECT (SELECT sha2(group_concat(digest ORDER BY digest), 256) FROM (SELECT sha2(json_array(0, engine, table_collation,
  create_options, table_comment), 256) AS digest FROM information_schema.tables WHERE table_schema = ''shop'' AND
  table_name = ? UNION ALL SELECT sha2(json_array(1, ordinal_position, column_name, column_type, collation_name,
  is_nullable, column_default, extra, generation_expression, column_comment), 256) AS digest FROM
  information_schema.columns WHERE table_schema = ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(2, ignored,
  index_name, seq_in_index, column_name, non_unique, collation, sub_part, index_type, index_comment), 256) AS digest
  FROM information_schema.statistics WHERE table_schema = ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(3,
  partition_ordinal_position, partition_name, partition_method, partition_expression, partition_description,
  partition_comment, subpartition_name, subpartition_method, subpartition_expression), 256) AS digest FROM
  information_schema.partitions WHERE table_schema = ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(4,
  constraint_name, constraint_type), 256) AS digest FROM information_schema.table_constraints WHERE table_schema =
  ''shop'' AND table_name = ? UNION ALL SELECT sha2(json_array(5, constraint_name, level, check_clause), 256) AS digest
  FROM information_schema.check_constraints WHERE constraint_schema = ''shop'' AND table_name = ?) AS facts) INTO
  @tablesnap_found';
SET @tablesnap_name = 'people';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name;
SELECT @tablesnap_found INTO @tablesnap_definition;
SELECT (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people')
  INTO @tablesnap_altered;
-- #endregion }}}
CREATE TABLE `shop`.`people_tablesnap_shadow` LIKE `shop`.`people`;
-- #region what must be true now {{{
-- must be true: the copy has the whole definition of people (what it lacks would be lost in a swap; use the strategy in-place)
SET @tablesnap_name = 'people_tablesnap_shadow';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name;
SELECT IF(@tablesnap_found = @tablesnap_definition, 'true', ~0 +
  char_length('it is not true that the copy has the whole definition of people (what it lacks would be lost in a swap; use the strategy in-place)'))
  AS `assertion`;
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 3;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region what comes next, for the audit {{{
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 4 AS `seq`, '04-carry-counter' AS `step`, 'carry-counter' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_shadow"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 4 of 9: one statement, which the database commits by itself

-- 4. carry counter: people_tablesnap_shadow
--    stops here: people is unchanged, and its shadow is left over; run tablesnap recover
-- #region what it needs {{{
SELECT (SELECT COALESCE(MAX(`AUTO_INCREMENT`), 1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND
  TABLE_NAME = 'people') INTO @tablesnap_counter;
-- the number is known only now, and ALTER TABLE takes no expression: the statement is put together here
SET @tablesnap_carry = CONCAT('ALTER TABLE `shop`.`people_tablesnap_shadow` AUTO_INCREMENT = ', @tablesnap_counter);
PREPARE tablesnap_carry FROM @tablesnap_carry;
-- #endregion }}}
EXECUTE tablesnap_carry;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 4;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region what comes next, for the audit {{{
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 5 AS `seq`, '05-load' AS `step`, 'load' AS `kind`, 'TABLE_UPLOAD' AS `event`,
  '{"table":"people_tablesnap_shadow"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 5 of 9: commits together, or not at all
-- #region what must be true before it {{{
START TRANSACTION;
-- #endregion }}}

-- 5. load: people_tablesnap_shadow
--    stops here: people is unchanged, and its shadow is left over; run tablesnap recover
--    apply sends the rows with: LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`people_tablesnap_shadow` CHARACTER SET utf8mb4 FIELDS TERMINATED BY
--        '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (@tablesnap_0, `email`) SET `n` = @tablesnap_0
INSERT INTO `shop`.`people_tablesnap_shadow` (`n`, `email`) VALUES
  ('7', 'ada@example.com'),
  ('0', 'alan@example.com');
UPDATE `tablesnap_audit` SET `row_count` = (SELECT count(*) FROM `shop`.`people_tablesnap_shadow` USE INDEX ()) WHERE
  `run_id` = @tablesnap_run AND `seq` = 5;
-- #region what must be true now {{{
-- must be true: people_tablesnap_shadow holds 2 rows, as the source does
SELECT IF((SELECT count(*) FROM `shop`.`people_tablesnap_shadow` USE INDEX ()) = 2, 'true', ~0 +
  char_length('it is not true that people_tablesnap_shadow holds 2 rows, as the source does')) AS `assertion`;
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 5;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}
COMMIT;

-- #region what comes next, for the audit {{{
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 6 AS `seq`, '06-swap-tables' AS `step`, 'swap-tables' AS `kind`, NULL AS `event`,
  '{"table":"people","from":"people_tablesnap_shadow"}' AS `details` UNION ALL
  SELECT 7, '07-carry-counter', 'carry-counter', NULL, '{"table":"people"}' UNION ALL
  SELECT 8, '08-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"people_backup","from":"people_tablesnap_old","columns":["n","email"],"version":0}'
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 6 of 9: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: version 0 is the newest of people
EXECUTE tablesnap_1;
-- must be true: people has the columns, triggers and references that were reviewed
EXECUTE tablesnap_2;
-- #endregion }}}

-- 6. swap tables: people
--    stops here: people is unchanged, and its shadow is left over; run tablesnap recover
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 2)
SELECT IF(2 * 100 >= (SELECT count(*) FROM `shop`.`people` USE INDEX ()) * 50, 'true', ~0 +
  char_length('it is not true that the source has at least 50% of the rows of people (it has 2)')) AS `assertion`;
-- must be true: nobody has changed the definition of people since the new table was made like it (plan again)
SET @tablesnap_name = 'people';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name;
SELECT IF(@tablesnap_found = @tablesnap_definition AND (SELECT max(create_time) FROM information_schema.tables WHERE
  table_schema = 'shop' AND table_name = 'people') = @tablesnap_altered, 'true', ~0 +
  char_length('it is not true that nobody has changed the definition of people since the new table was made like it (plan again)'))
  AS `assertion`;
-- #endregion }}}
-- one statement: who waits for the table goes on with the new one
RENAME TABLE `shop`.`people` TO `shop`.`people_tablesnap_old`, `shop`.`people_tablesnap_shadow` TO `shop`.`people`;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 6;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- group 7 of 9: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- 7. carry counter: people
--    stops here: people holds the new rows, and the old rows are in the old table; run tablesnap recover
-- #region what it needs {{{
-- the number is known only now, and ALTER TABLE takes no expression: the statement is put together here
SET @tablesnap_carry = CONCAT('ALTER TABLE `shop`.`people` AUTO_INCREMENT = ', (SELECT COALESCE(MAX(`AUTO_INCREMENT`),
  1) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'people_tablesnap_old'));
PREPARE tablesnap_carry FROM @tablesnap_carry;
-- #endregion }}}
EXECUTE tablesnap_carry;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 7;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- group 8 of 9: commits together, or not at all
-- #region what must be true before it {{{
START TRANSACTION;
-- #endregion }}}

-- 8. copy to backup: people_backup
--    stops here: people holds the new rows, and the old rows are in the old table; run tablesnap recover
--    if it fails, this script stops; apply would keep the old rows in a table of their own (10-keep-old) and go on
--    apply copies 100000 rows at a time, each in a transaction of its own:
--     SET @tablesnap_last_1 = NULL
--     INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `n`, `email`)
--     SELECT NULL, NULL, 0, `people_tablesnap_old`.`n`, `people_tablesnap_old`.`email` FROM `shop`.`people_tablesnap_old`
--       WHERE (@tablesnap_last_1 IS NULL OR `n` > @tablesnap_last_1) ORDER BY `n` LIMIT 100000 FOR UPDATE
--     SET @tablesnap_next_1 = (SELECT `n` FROM `shop`.`people_tablesnap_old` WHERE (@tablesnap_last_1 IS NULL OR `n` >
--       @tablesnap_last_1) ORDER BY `n` LIMIT 1 OFFSET 99999)
--     SET @tablesnap_last_1 = @tablesnap_next_1
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_backup` WHERE `snapshot_version` = 0), 'true', ~0 +
  char_length('it is not true that people_backup has no rows yet of the version that is copied to it')) AS `assertion`;
-- #endregion }}}
-- FOR UPDATE: until the COMMIT nobody else changes, adds or deletes a row of people_tablesnap_old
INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `n`, `email`)
SELECT NULL, NULL, 0, `people_tablesnap_old`.`n`, `people_tablesnap_old`.`email` FROM `shop`.`people_tablesnap_old` FOR
  UPDATE;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 8;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 8;
-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` IN (8, 10)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` = 5), `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), `warnings`
  = CASE WHEN (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` IN (8, 10)) <> 0
  THEN 'UNKNOWN_PREVIOUS' ELSE '' END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 9 AS `seq`, '09-drop-old' AS `step`, 'drop-old' AS `kind`, NULL AS `event`, '{"table":"people_tablesnap_old"}'
  AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}
COMMIT;

-- group 9 of 9: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- 9. drop old: people_tablesnap_old
--    stops here: people holds the new rows, and the old rows are in the backup and in the old table
-- #region what must be true first {{{
-- must be true: the backup has as many rows of this version as the old table has
SELECT IF((SELECT count(*) FROM `shop`.`people_backup` WHERE `snapshot_version` = 0) = (SELECT count(*) FROM
  `shop`.`people_tablesnap_old` USE INDEX ()), 'true', ~0 +
  char_length('it is not true that the backup has as many rows of this version as the old table has')) AS `assertion`;
-- must be true: the old table has only columns that the plan knew
SELECT IF((SELECT sha2(group_concat(concat(column_name, ' ', column_type, coalesce(concat(' CHARACTER SET ',
  character_set_name, ' COLLATE ', collation_name), ''), if(is_nullable = 'NO', ' NOT NULL', '')) ORDER BY
  ordinal_position SEPARATOR ', '), 256) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name =
  'people_tablesnap_old') = '9d0b42a0ab482b8e6164506afcd88d100c259785f8a1b1a9134d5052191eda6b' AND NOT EXISTS (SELECT 1
  FROM information_schema.triggers WHERE event_object_schema = 'shop' AND event_object_table = 'people_tablesnap_old')
  AND NOT EXISTS (SELECT 1 FROM information_schema.referential_constraints WHERE unique_constraint_schema = 'shop' AND
  referenced_table_name = 'people_tablesnap_old' AND constraint_schema NOT IN ('sys', 'performance_schema',
  'information_schema') AND NOT (constraint_schema = 'shop' AND table_name = 'people_tablesnap_old')), 'true', ~0 +
  char_length('it is not true that the old table has only columns that the plan knew')) AS `assertion`;
-- must be true: nobody has changed the definition of people while it was swapped (compare it with people_tablesnap_old, which still has the change)
SET @tablesnap_name = 'people_tablesnap_old';
EXECUTE tablesnap_definition USING @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name, @tablesnap_name,
  @tablesnap_name;
SELECT IF(@tablesnap_found = @tablesnap_definition, 'true', ~0 +
  char_length('it is not true that nobody has changed the definition of people while it was swapped (compare it with people_tablesnap_old, which still has the change)'))
  AS `assertion`;
-- #endregion }}}
DROP TABLE `shop`.`people_tablesnap_old`;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 9;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region other runs may begin {{{
UPDATE `tablesnap_lease` SET `lock_scope` = '', `held_until` = '' WHERE `table_name` = 'people' AND `run_id` =
  @tablesnap_run AND `token` = 1;
DO RELEASE_LOCK('tablesnap:shop.people');
-- #endregion }}}
