CREATE TABLE people (email VARCHAR(255) CHARACTER SET utf8mb4, initial_status BIGINT, final_status BIGINT);
USE `{schema}`;
SET NAMES utf8mb4;
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO';
SET SESSION time_zone = '+00:00';
SET SESSION autocommit = ON;
SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
SET SESSION TRANSACTION READ WRITE;
SET SESSION lock_wait_timeout = 10;
SET SESSION innodb_lock_wait_timeout = 10;
SET SESSION foreign_key_checks = ON;
SET SESSION unique_checks = ON;
SET SESSION sql_safe_updates = OFF;
SET SESSION sql_select_limit = 18446744073709551615;
SET SESSION sql_auto_is_null = OFF;
SET SESSION group_concat_max_len = 1048576;
SET SESSION explicit_defaults_for_timestamp = ON;
SET SESSION max_execution_time = 0;
SET SESSION sql_notes = ON;
SET SESSION information_schema_stats_expiry = 0;
SELECT IF(GET_LOCK('tablesnap:{schema}.people', 10) = 1, 'it is true that no other run of tablesnap is at work on people', 9223372036854775807 + char_length('it is not true that no other run of tablesnap is at work on people')) AS `assertion`;
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
SET @tablesnap_details = IF(EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'tablesnap_audit' AND column_name = 'details'), 'DO 0', 'ALTER TABLE `tablesnap_audit` ADD COLUMN `details` JSON NULL');
PREPARE tablesnap_details FROM @tablesnap_details;
EXECUTE tablesnap_details;
INSERT INTO `tablesnap_goose_version` (`version_id`, `is_applied`) VALUES (3, 1);
COMMIT;
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`, `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`, `tool_version`, `started_at`) VALUES ('people', 'upload', 'PANEL_UPLOAD', 1, 0, 'doc_1', 'time of doc_1', 'people.csv', 'af644825f2dd30435b9ce2d27863e62587df0837acd5644f2a22fceedb5d0a7f', 2, '96e35d6ad4eb04980b97a9ecc3236d27fe04e4bcea5e08e64133578d6643b1de', '', 'started', 'tester', 'conformance', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 1, '01-create-backup', 'create-backup', NULL, 'CREATE TABLE `{schema}`.`people_backup` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n  `doc_id` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,\n  `upload_timestamp` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,\n  `snapshot_version` bigint NULL,\n  `email` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NULL,\n  `initial_status` bigint NULL,\n  `final_status` bigint NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
CREATE TABLE `{schema}`.`people_backup` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `doc_id` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `upload_timestamp` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `snapshot_version` bigint NULL,
  `email` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NULL,
  `initial_status` bigint NULL,
  `final_status` bigint NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 1;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 2, '02-create-backup', 'create-backup', NULL, 'CREATE INDEX `people_backup_snapshot` ON `{schema}`.`people_backup` (`snapshot_version`)', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
CREATE INDEX `people_backup_snapshot` ON `{schema}`.`people_backup` (`snapshot_version`);
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 2;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 3, '03-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', 'INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `initial_status`, `final_status`)\nSELECT NULL, NULL, 0, `people`.`email`, `people`.`initial_status`, `people`.`final_status` FROM `{schema}`.`people` FOR UPDATE', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 4, '04-clear', 'clear', NULL, 'DELETE FROM `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 5, '05-load', 'load', 'PANEL_UPLOAD', 'LOAD DATA LOCAL INFILE ''the source'' INTO TABLE `{schema}`.`people` CHARACTER SET utf8mb4 FIELDS TERMINATED BY ''\\t'' ENCLOSED BY '''' ESCAPED BY ''\\\\'' LINES STARTING BY '''' TERMINATED BY ''\\n'' (`email`)', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
START TRANSACTION;
SELECT 1 FROM `{schema}`.`people` LIMIT 0 FOR UPDATE;
INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `initial_status`, `final_status`)
SELECT NULL, NULL, 0, `people`.`email`, `people`.`initial_status`, `people`.`final_status` FROM `{schema}`.`people` FOR UPDATE;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = ROW_COUNT(), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 3;
DELETE FROM `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = ROW_COUNT(), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 4;
INSERT INTO `{schema}`.`people` (`email`) VALUES
  ('a'),
  ('b');
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = (SELECT count(*) FROM `{schema}`.`people` USE INDEX ()), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 5;
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 3), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 9)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 5), `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), `warnings` = CASE WHEN coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 3), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 9)) <> 0 THEN 'UNKNOWN_PREVIOUS' ELSE '' END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 6, '06-drop-column', 'drop-column', NULL, 'ALTER TABLE `{schema}`.`people` DROP COLUMN `initial_status`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 7, '07-drop-column', 'drop-column', NULL, 'ALTER TABLE `{schema}`.`people` DROP COLUMN `final_status`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
