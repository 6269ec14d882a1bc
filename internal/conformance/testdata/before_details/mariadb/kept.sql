CREATE TABLE people (email VARCHAR(255) CHARACTER SET utf8mb4 NOT NULL PRIMARY KEY, age BIGINT);
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
SET SESSION check_constraint_checks = ON;
SET SESSION max_statement_time = 0 /*M!110602 , SESSION innodb_snapshot_isolation = OFF */;
SET SESSION system_versioning_asof = DEFAULT;
SET SESSION sql_notes = ON /*M!101106 , SESSION note_verbosity = 'basic' */;
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
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`, `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`, `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 1, 0, 'doc_1', 'time of doc_1', 'people.csv', '67c86812a81e67ff3bbe17a480037a576f3d053fb2880661ffb6cbba46e82638', 2, '717d11b9fcbc19a00fe8b5a3ac3e86947a667d536c3390e2b85c73212437e13a', '', 'started', 'tester', 'conformance', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 1, '01-create-backup', 'create-backup', NULL, 'CREATE TABLE `{schema}`.`people_backup` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n  `doc_id` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,\n  `upload_timestamp` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,\n  `snapshot_version` bigint NULL,\n  `email` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL,\n  `age` bigint(20) NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
CREATE TABLE `{schema}`.`people_backup` (
  `id` bigint NOT NULL AUTO_INCREMENT,
  `doc_id` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `upload_timestamp` text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `snapshot_version` bigint NULL,
  `email` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL,
  `age` bigint(20) NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 1;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 2, '02-create-backup', 'create-backup', NULL, 'CREATE INDEX `people_backup_snapshot` ON `{schema}`.`people_backup` (`snapshot_version`)', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
CREATE INDEX `people_backup_snapshot` ON `{schema}`.`people_backup` (`snapshot_version`);
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 2;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 3, '03-create-shadow', 'create-shadow', NULL, 'CREATE TABLE `{schema}`.`people_tablesnap_shadow` LIKE `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
SELECT sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ignored), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(level), quote(check_clause)), 256) AS digest FROM information_schema.check_constraints WHERE constraint_schema = '{schema}' AND table_name = 'people') AS facts)), 256) INTO @tablesnap_definition;
SELECT (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'people') INTO @tablesnap_altered;
CREATE TABLE `{schema}`.`people_tablesnap_shadow` LIKE `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 3;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 4, '04-load', 'load', 'TABLE_UPLOAD', 'LOAD DATA LOCAL INFILE ''the source'' INTO TABLE `{schema}`.`people_tablesnap_shadow` CHARACTER SET utf8mb4 FIELDS TERMINATED BY ''\\t'' ENCLOSED BY '''' ESCAPED BY ''\\\\'' LINES STARTING BY '''' TERMINATED BY ''\\n'' (`email`, `age`)', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
START TRANSACTION;
INSERT INTO `{schema}`.`people_tablesnap_shadow` (`email`, `age`) VALUES
  ('a', '1'),
  ('b', '2');
COMMIT;
START TRANSACTION;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = (SELECT count(*) FROM `{schema}`.`people_tablesnap_shadow` USE INDEX ()), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 4;
COMMIT;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 5, '05-swap-tables', 'swap-tables', NULL, 'RENAME TABLE `{schema}`.`people` TO `{schema}`.`people_tablesnap_old`, `{schema}`.`people_tablesnap_shadow` TO `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 6, '06-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', 'INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `age`)\nSELECT NULL, NULL, 0, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`age` FROM `{schema}`.`people_tablesnap_old` FOR UPDATE', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
RENAME TABLE `{schema}`.`people` TO `{schema}`.`people_tablesnap_old`, `{schema}`.`people_tablesnap_shadow` TO `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 5;
START TRANSACTION;
INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `age`)
SELECT NULL, NULL, 0, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`age` FROM `{schema}`.`people_tablesnap_old` FOR UPDATE;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = ROW_COUNT(), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 6;
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 6), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 8)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4), `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), `warnings` = CASE WHEN coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 6), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 8)) <> 0 THEN 'UNKNOWN_PREVIOUS' ELSE '' END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 7, '07-drop-old', 'drop-old', NULL, 'DROP TABLE `{schema}`.`people_tablesnap_old`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
DROP TABLE `{schema}`.`people_tablesnap_old`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 7;
DO RELEASE_LOCK('tablesnap:{schema}.people');
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
SET SESSION check_constraint_checks = ON;
SET SESSION max_statement_time = 0 /*M!110602 , SESSION innodb_snapshot_isolation = OFF */;
SET SESSION system_versioning_asof = DEFAULT;
SET SESSION sql_notes = ON /*M!101106 , SESSION note_verbosity = 'basic' */;
SELECT IF(GET_LOCK('tablesnap:{schema}.people', 10) = 1, 'it is true that no other run of tablesnap is at work on people', 9223372036854775807 + char_length('it is not true that no other run of tablesnap is at work on people')) AS `assertion`;
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`, `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`, `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'it''s doc_2', 'time of it''s doc_2', 'people.csv', '59a8f57d82db0871d9accfce18546c4fca3cd1c91167850e24ad890497e037d7', 3, '14d56369a8f79c392a61b7981a04885150531ad1e77ba5ed00cffc2ee3f55b64', '', 'started', 'tester', 'conformance', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 1, '01-create-shadow', 'create-shadow', NULL, 'CREATE TABLE `{schema}`.`people_tablesnap_shadow` LIKE `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
SELECT sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ignored), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(level), quote(check_clause)), 256) AS digest FROM information_schema.check_constraints WHERE constraint_schema = '{schema}' AND table_name = 'people') AS facts)), 256) INTO @tablesnap_definition;
SELECT (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'people') INTO @tablesnap_altered;
CREATE TABLE `{schema}`.`people_tablesnap_shadow` LIKE `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 1;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 2, '02-load', 'load', 'TABLE_UPLOAD', 'LOAD DATA LOCAL INFILE ''the source'' INTO TABLE `{schema}`.`people_tablesnap_shadow` CHARACTER SET utf8mb4 FIELDS TERMINATED BY ''\\t'' ENCLOSED BY '''' ESCAPED BY ''\\\\'' LINES STARTING BY '''' TERMINATED BY ''\\n'' (`email`, `age`)', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
START TRANSACTION;
INSERT INTO `{schema}`.`people_tablesnap_shadow` (`email`, `age`) VALUES
  ('c', '1'),
  ('d', '2');
COMMIT;
START TRANSACTION;
INSERT INTO `{schema}`.`people_tablesnap_shadow` (`email`, `age`) VALUES
  ('e', '3');
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = (SELECT count(*) FROM `{schema}`.`people_tablesnap_shadow` USE INDEX ()), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 2;
COMMIT;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 3, '03-swap-tables', 'swap-tables', NULL, 'RENAME TABLE `{schema}`.`people` TO `{schema}`.`people_tablesnap_old`, `{schema}`.`people_tablesnap_shadow` TO `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 4, '04-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', 'INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `age`)\nSELECT ''doc_1'', ''time of doc_1'', 1, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`age` FROM `{schema}`.`people_tablesnap_old` FOR UPDATE', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
RENAME TABLE `{schema}`.`people` TO `{schema}`.`people_tablesnap_old`, `{schema}`.`people_tablesnap_shadow` TO `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 3;
START TRANSACTION;
INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `age`)
SELECT 'doc_1', 'time of doc_1', 1, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`age` FROM `{schema}`.`people_tablesnap_old` FOR UPDATE;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = ROW_COUNT(), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 4;
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 6)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 2), `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), `warnings` = CASE WHEN coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 6)) <> 2 THEN 'CHANGED_SINCE' ELSE '' END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 5, '05-drop-old', 'drop-old', NULL, 'DROP TABLE `{schema}`.`people_tablesnap_old`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
DROP TABLE `{schema}`.`people_tablesnap_old`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 5;
DO RELEASE_LOCK('tablesnap:{schema}.people');
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
SET SESSION check_constraint_checks = ON;
SET SESSION max_statement_time = 0 /*M!110602 , SESSION innodb_snapshot_isolation = OFF */;
SET SESSION system_versioning_asof = DEFAULT;
SET SESSION sql_notes = ON /*M!101106 , SESSION note_verbosity = 'basic' */;
SELECT IF(GET_LOCK('tablesnap:{schema}.people', 10) = 1, 'it is true that no other run of tablesnap is at work on people', 9223372036854775807 + char_length('it is not true that no other run of tablesnap is at work on people')) AS `assertion`;
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`, `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`, `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 3, 2, 'doc_3', 'time of doc_3', 'people.csv', 'cf048f55231047de01141d96d46ad4701cba9d6b4dbfd995d0e9f02447e9081a', 2, '282607918742f2aa4fcd64d3ce603b47b3434bff0be6718daf105c74ea9adb7c', '', 'started', 'tester', 'conformance', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 1, '01-create-shadow', 'create-shadow', NULL, 'CREATE TABLE `{schema}`.`people_tablesnap_shadow` LIKE `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
SELECT sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ignored), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = '{schema}' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(level), quote(check_clause)), 256) AS digest FROM information_schema.check_constraints WHERE constraint_schema = '{schema}' AND table_name = 'people') AS facts)), 256) INTO @tablesnap_definition;
SELECT (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = '{schema}' AND table_name = 'people') INTO @tablesnap_altered;
CREATE TABLE `{schema}`.`people_tablesnap_shadow` LIKE `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 1;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 2, '02-load', 'load', 'TABLE_UPLOAD', 'LOAD DATA LOCAL INFILE ''the source'' INTO TABLE `{schema}`.`people_tablesnap_shadow` CHARACTER SET utf8mb4 FIELDS TERMINATED BY ''\\t'' ENCLOSED BY '''' ESCAPED BY ''\\\\'' LINES STARTING BY '''' TERMINATED BY ''\\n'' (`email`, `age`)', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
START TRANSACTION;
INSERT INTO `{schema}`.`people_tablesnap_shadow` (`email`, `age`) VALUES
  ('f', '1'),
  ('g', '2');
COMMIT;
START TRANSACTION;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = (SELECT count(*) FROM `{schema}`.`people_tablesnap_shadow` USE INDEX ()), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 2;
COMMIT;
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 3, '03-swap-tables', 'swap-tables', NULL, 'RENAME TABLE `{schema}`.`people` TO `{schema}`.`people_tablesnap_old`, `{schema}`.`people_tablesnap_shadow` TO `{schema}`.`people`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES (@tablesnap_run, 4, '04-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', 'INSERT INTO `{schema}`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `age`)\nSELECT ''it''''s doc_2'', ''time of it''''s doc_2'', 2, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`age` FROM `{schema}`.`people_tablesnap_old` FOR UPDATE', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
COMMIT;
RENAME TABLE `{schema}`.`people` TO `{schema}`.`people_tablesnap_old`, `{schema}`.`people_tablesnap_shadow` TO `{schema}`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 3;
USE `{schema}`;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`) VALUES ((SELECT * FROM (SELECT max(id) FROM tablesnap_run) AS r), 6, '06-keep-old', 'keep-old', 'DATA_BACKUP', 'RENAME TABLE `{schema}`.`people_tablesnap_old` TO `{schema}`.`people_preserved_v2`', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL);
RENAME TABLE `{schema}`.`people_tablesnap_old` TO `{schema}`.`people_preserved_v2`;
