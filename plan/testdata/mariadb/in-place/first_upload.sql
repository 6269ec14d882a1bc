-- tablesnap: replace all rows of people with those of people.csv
--
-- database  mariadb
-- table     shop.people, strategy in-place
-- upload    version 1, kind table, doc_id doc_1, upload_timestamp 2025-01-31 10:00
-- replaces  nothing: the table does not exist yet
-- source    people.csv: 2 rows, SHA-256 451c94e65692537809fcfbcb4affe3a51d9de371f20593410997470ad4f0455b
-- plan      SHA-256 a63c1ae38a10d3a22be61e9b9493813286793b1d02e3d5d57a76e2262bdfb143
--
-- group and step
--    1  01-create-table      people
--    2  02-load              people
--
-- Each assertion ("must be true") stops the script if it does not hold.
-- If the script ends midway, run "tablesnap recover": it finishes the run, or rolls it back.

-- Pipe it into the client program, which then stops at the first error; what is open is rolled back.
-- With --force, or by the command source, the client would go on: never run it so.
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
SELECT IF(GET_LOCK('tablesnap:shop.people', 10) = 1, 'it is true that no other run of tablesnap is at work on people', 9223372036854775807 + char_length('it is not true that no other run of tablesnap is at work on people')) AS `assertion`;

-- tablesnap's own tables
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
SET @tablesnap_details = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'tablesnap_audit' AND column_name = 'details'), 'DO (SELECT count(`details`) FROM `tablesnap_audit` WHERE 1 = 0)', 'ALTER TABLE `tablesnap_audit` ADD COLUMN `details` JSON NULL');
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

-- must be true: no run has people on another node
SELECT IF(NOT EXISTS (SELECT 1 FROM `tablesnap_lease` WHERE `table_name` = 'people' AND `held_until` > concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') AND `lock_scope` <> left(concat_ws(' ', @@hostname, @@port, @@server_id, @@datadir), 255)), 'it is true that no run has people on another node', 9223372036854775807 + char_length('it is not true that no run has people on another node')) AS `assertion`;
-- must be true: no earlier run on people was cut off (tablesnap recover brings it to its end)
SELECT IF(NOT EXISTS (SELECT 1 FROM `tablesnap_run` WHERE `table_name` = 'people' AND (`state` = 'started' OR `id` IN (SELECT `run_id` FROM `tablesnap_audit` WHERE `state` = 'started'))), 'it is true that no earlier run on people was cut off (tablesnap recover brings it to its end)', 9223372036854775807 + char_length('it is not true that no earlier run on people was cut off (tablesnap recover brings it to its end)')) AS `assertion`;

-- the run, and what it is about to do
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`, `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`, `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, NULL, 'doc_1', '2025-01-31 10:00', 'people.csv', '451c94e65692537809fcfbcb4affe3a51d9de371f20593410997470ad4f0455b', 2, 'a63c1ae38a10d3a22be61e9b9493813286793b1d02e3d5d57a76e2262bdfb143', '', 'started', 'tester', 'v0.0.0', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
-- must be true: no other run has people (tablesnap_lease says which has it, and until when)
INSERT IGNORE INTO `tablesnap_lease` (`table_name`, `run_id`, `token`, `renewals`, `lock_scope`, `held_until`) VALUES ('people', 0, 0, 0, '', '');
UPDATE `tablesnap_lease` SET `run_id` = @tablesnap_run, `token` = 1, `renewals` = `renewals` + 1, `lock_scope` = left(concat_ws(' ', @@hostname, @@port, @@server_id, @@datadir), 255), `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND (`held_until` <= concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') OR `lock_scope` = left(concat_ws(' ', @@hostname, @@port, @@server_id, @@datadir), 255));
SELECT IF(ROW_COUNT() = 1, 'it is true that no other run has people (tablesnap_lease says which has it, and until when)', 9223372036854775807 + char_length('it is not true that no other run has people (tablesnap_lease says which has it, and until when)')) AS `assertion`;

-- must be true: no earlier run on people was cut off (tablesnap recover brings it to its end)
SELECT IF(NOT EXISTS (SELECT 1 FROM `tablesnap_run` WHERE `table_name` = 'people' AND `id` <> @tablesnap_run AND (`state` = 'started' OR `id` IN (SELECT `run_id` FROM `tablesnap_audit` WHERE `state` = 'started'))), 'it is true that no earlier run on people was cut off (tablesnap recover brings it to its end)', 9223372036854775807 + char_length('it is not true that no earlier run on people was cut off (tablesnap recover brings it to its end)')) AS `assertion`;

INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 1, '01-create-table', 'create-table', NULL, '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people"}');
COMMIT;

-- group 1 of 2: one statement, which the database commits by itself
-- must be true: version 0 is the newest of people
SELECT IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = 'people' AND `state` = 'done') = 0, 'it is true that version 0 is the newest of people', 9223372036854775807 + char_length('it is not true that version 0 is the newest of people')) AS `assertion`;

-- step 01-create-table: people
--   stops here: people does not exist
CREATE TABLE `shop`.`people` (
  `email` longtext CHARACTER SET utf8mb4 NULL,
  `name` longtext CHARACTER SET utf8mb4 NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 1;

-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SELECT IF(ROW_COUNT() = 1, 'it is true that no other run has taken people over (the lease is renewed)', 9223372036854775807 + char_length('it is not true that no other run has taken people over (the lease is renewed)')) AS `assertion`;

-- what comes next, for the audit
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 2, '02-load', 'load', 'TABLE_UPLOAD', '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people"}');
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SELECT IF(ROW_COUNT() = 1, 'it is true that no other run has taken people over (the lease is renewed)', 9223372036854775807 + char_length('it is not true that no other run has taken people over (the lease is renewed)')) AS `assertion`;
COMMIT;

-- group 2 of 2: commits together, or not at all
START TRANSACTION;
-- must be true: version 0 is the newest of people
SELECT IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = 'people' AND `state` = 'done') = 0, 'it is true that version 0 is the newest of people', 9223372036854775807 + char_length('it is not true that version 0 is the newest of people')) AS `assertion`;

-- step 02-load: people
--   stops here: people exists and is empty
--   apply sends the rows with: LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`people` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (`email`, `name`)
INSERT INTO `shop`.`people` (`email`, `name`) VALUES
  ('ada@example.com', 'Ada'),
  ('alan@example.com', NULL);
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = (SELECT count(*) FROM `shop`.`people` USE INDEX ()), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 2;
-- must be true: people holds 2 rows, as the source does
SELECT IF((SELECT count(*) FROM `shop`.`people` USE INDEX ()) = 2, 'it is true that people holds 2 rows, as the source does', 9223372036854775807 + char_length('it is not true that people holds 2 rows, as the source does')) AS `assertion`;

-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = NULL, `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 2), `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `id` = @tablesnap_run;
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SELECT IF(ROW_COUNT() = 1, 'it is true that no other run has taken people over (the lease is renewed)', 9223372036854775807 + char_length('it is not true that no other run has taken people over (the lease is renewed)')) AS `assertion`;
COMMIT;

-- other runs may begin
UPDATE `tablesnap_lease` SET `lock_scope` = '', `held_until` = '' WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
DO RELEASE_LOCK('tablesnap:shop.people');
