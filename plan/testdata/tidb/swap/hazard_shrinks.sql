-- tablesnap: replace all rows of people with those of people.csv
--
-- database  tidb
-- table     shop.people, strategy swap
-- upload    version 2, kind table, doc_id doc_2, upload_timestamp 2025-01-31 10:00
-- replaces  version 1, doc_id doc_1, upload_timestamp 2025-01-31 10:00, 3 rows
-- source    people.csv: 1 row, SHA-256 de5f58c4d04202928a610ce00d8230fcb2911259e04a07158d60ddf5820a2c08
-- plan      SHA-256 a3224f08080bf99a2fcf282ccbf22fe72621834a8d188fb325d4ceda62cbf543
--
-- group and step
--    1  01-create-shadow     people_tablesnap_shadow
--    2  02-load              people_tablesnap_shadow
--    3  03-swap-tables       people
--    4  04-copy-to-backup    people_backup
--    5  05-drop-old          people_tablesnap_old
--
-- HAZARD SHRINKS: people.csv has 1 row, less than 50% of the rows of "people": version 1 left 3
--   refused unless the user allows it; this script stops at once
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
SET SESSION sql_safe_updates = IF(GET_LOCK('tablesnap:shop.people', 10) = 1, 'OFF', 'it is not true that no other run of tablesnap is at work on people');

-- must be true: no run has people on another node
SET SESSION sql_safe_updates = IF(NOT EXISTS (SELECT 1 FROM `tablesnap_lease` WHERE `table_name` = 'people' AND `held_until` > concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') AND `lock_scope` <> 'tidb'), 'OFF', 'it is not true that no run has people on another node');
-- must be true: no earlier run on people was cut off (tablesnap recover brings it to its end)
SET SESSION sql_safe_updates = IF(NOT EXISTS (SELECT 1 FROM `tablesnap_run` WHERE `table_name` = 'people' AND (`state` = 'started' OR `id` IN (SELECT `run_id` FROM `tablesnap_audit` WHERE `state` = 'started'))), 'OFF', 'it is not true that no earlier run on people was cut off (tablesnap recover brings it to its end)');

-- the run, and what it is about to do
BEGIN PESSIMISTIC;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`, `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`, `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00', 'people.csv', 'de5f58c4d04202928a610ce00d8230fcb2911259e04a07158d60ddf5820a2c08', 1, 'a3224f08080bf99a2fcf282ccbf22fe72621834a8d188fb325d4ceda62cbf543', '', 'started', 'tester', 'v0.0.0', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
SET @tablesnap_run = LAST_INSERT_ID();
-- must be true: no other run has people (tablesnap_lease says which has it, and until when)
INSERT IGNORE INTO `tablesnap_lease` (`table_name`, `run_id`, `token`, `renewals`, `lock_scope`, `held_until`) VALUES ('people', 0, 0, 0, '', '');
UPDATE `tablesnap_lease` SET `run_id` = @tablesnap_run, `token` = 1, `renewals` = `renewals` + 1, `lock_scope` = 'tidb', `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND (`held_until` <= concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') OR `lock_scope` = 'tidb');
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has people (tablesnap_lease says which has it, and until when)');

-- must be true: no earlier run on people was cut off (tablesnap recover brings it to its end)
SET SESSION sql_safe_updates = IF(NOT EXISTS (SELECT 1 FROM `tablesnap_run` WHERE `table_name` = 'people' AND `id` <> @tablesnap_run AND (`state` = 'started' OR `id` IN (SELECT `run_id` FROM `tablesnap_audit` WHERE `state` = 'started'))), 'OFF', 'it is not true that no earlier run on people was cut off (tablesnap recover brings it to its end)');

INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 1, '01-create-shadow', 'create-shadow', NULL, '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people_tablesnap_shadow","from":"people"}');
COMMIT;

-- group 1 of 5: one statement, which the database commits by itself
-- must be true: version 1 is the newest of people
SET SESSION sql_safe_updates = IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = 'people' AND `state` = 'done') = 1, 'OFF', 'it is not true that version 1 is the newest of people');
-- must be true: people has the columns, triggers and references that were reviewed
SET SESSION sql_safe_updates = IF((SELECT CAST(group_concat(concat(column_name, ' ', replace(column_type, '\\', '\\\\'), coalesce(concat(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name), ''), if(is_nullable = 'NO', ' NOT NULL', '')) ORDER BY ordinal_position SEPARATOR ', ') AS BINARY) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people') = 'email varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, name varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' AND (SELECT CAST(group_concat(trigger_name ORDER BY trigger_name SEPARATOR ', ') AS BINARY) FROM information_schema.triggers WHERE event_object_schema = 'shop' AND event_object_table = 'people') <=> NULL AND (SELECT group_concat(CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY) ORDER BY CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY) SEPARATOR ', ') FROM information_schema.referential_constraints WHERE unique_constraint_schema = 'shop' AND referenced_table_name = 'people' AND constraint_schema NOT IN ('sys', 'performance_schema', 'information_schema') AND NOT (constraint_schema = 'shop' AND table_name = 'people')) <=> NULL, 'OFF', 'it is not true that people has the columns, triggers and references that were reviewed');

-- step 01-create-shadow: people_tablesnap_shadow
--   stops here: people is unchanged
SET @tablesnap_definition = sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(is_visible), quote(expression), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(check_clause)), 256) AS digest FROM information_schema.tidb_check_constraints WHERE constraint_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(key_name), quote(clustered), quote(is_global)), 256) AS digest FROM information_schema.tidb_indexes WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(tidb_placement_policy_name), quote(tidb_row_id_sharding_info), quote(tidb_pk_type)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people') AS facts)), 256);
SET @tablesnap_altered = (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people');
CREATE TABLE `shop`.`people_tablesnap_shadow` LIKE `shop`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 1;
-- must be true: the copy has the whole definition of people (what it lacks would be lost in a swap; use the strategy in-place)
SET SESSION sql_safe_updates = IF(sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(is_visible), quote(expression), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(check_clause)), 256) AS digest FROM information_schema.tidb_check_constraints WHERE constraint_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(key_name), quote(clustered), quote(is_global)), 256) AS digest FROM information_schema.tidb_indexes WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(tidb_placement_policy_name), quote(tidb_row_id_sharding_info), quote(tidb_pk_type)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_shadow') AS facts)), 256) = @tablesnap_definition, 'OFF', 'it is not true that the copy has the whole definition of people (what it lacks would be lost in a swap; use the strategy in-place)');

-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');

-- what comes next, for the audit
BEGIN PESSIMISTIC;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 2, '02-load', 'load', 'TABLE_UPLOAD', '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people_tablesnap_shadow"}');
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');
COMMIT;

-- group 2 of 5: commits together, or not at all
BEGIN PESSIMISTIC;

-- step 02-load: people_tablesnap_shadow
--   stops here: people is unchanged, and its shadow is left over; run tablesnap recover
--   apply sends the rows with: LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`people_tablesnap_shadow` CHARACTER SET utf8mb4 FIELDS TERMINATED BY '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (`email`, `name`)
INSERT INTO `shop`.`people_tablesnap_shadow` (`email`, `name`) VALUES
  ('alan@example.com', 'Alan');
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = (SELECT count(*) FROM `shop`.`people_tablesnap_shadow` USE INDEX ()), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 2;
-- must be true: people_tablesnap_shadow holds 1 row, as the source does
SET SESSION sql_safe_updates = IF((SELECT count(*) FROM `shop`.`people_tablesnap_shadow` USE INDEX ()) = 1, 'OFF', 'it is not true that people_tablesnap_shadow holds 1 row, as the source does');

-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');
COMMIT;

-- what comes next, for the audit
BEGIN PESSIMISTIC;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 3, '03-swap-tables', 'swap-tables', NULL, '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people","from":"people_tablesnap_shadow"}');
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 4, '04-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP', '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people_backup","from":"people_tablesnap_old","columns":["email","name"],"version":1,"doc_id":"doc_1","upload_timestamp":"2025-01-31 10:00"}');
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');
COMMIT;

-- group 3 of 5: one statement, which the database commits by itself
-- must be true: version 1 is the newest of people
SET SESSION sql_safe_updates = IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = 'people' AND `state` = 'done') = 1, 'OFF', 'it is not true that version 1 is the newest of people');
-- must be true: people has the columns, triggers and references that were reviewed
SET SESSION sql_safe_updates = IF((SELECT CAST(group_concat(concat(column_name, ' ', replace(column_type, '\\', '\\\\'), coalesce(concat(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name), ''), if(is_nullable = 'NO', ' NOT NULL', '')) ORDER BY ordinal_position SEPARATOR ', ') AS BINARY) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people') = 'email varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, name varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' AND (SELECT CAST(group_concat(trigger_name ORDER BY trigger_name SEPARATOR ', ') AS BINARY) FROM information_schema.triggers WHERE event_object_schema = 'shop' AND event_object_table = 'people') <=> NULL AND (SELECT group_concat(CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY) ORDER BY CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY) SEPARATOR ', ') FROM information_schema.referential_constraints WHERE unique_constraint_schema = 'shop' AND referenced_table_name = 'people' AND constraint_schema NOT IN ('sys', 'performance_schema', 'information_schema') AND NOT (constraint_schema = 'shop' AND table_name = 'people')) <=> NULL, 'OFF', 'it is not true that people has the columns, triggers and references that were reviewed');

-- step 03-swap-tables: people
--   stops here: people is unchanged, and its shadow is left over; run tablesnap recover
-- must be true: the source has at least 50% of the rows of people (it has 1)
SET SESSION sql_safe_updates = IF(1 * 100 >= (SELECT count(*) FROM `shop`.`people` USE INDEX ()) * 50, 'OFF', 'it is not true that the source has at least 50% of the rows of people (it has 1)');
-- must be true: nobody has changed the definition of people since the new table was made like it (plan again)
SET SESSION sql_safe_updates = IF(sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(is_visible), quote(expression), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(check_clause)), 256) AS digest FROM information_schema.tidb_check_constraints WHERE constraint_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(key_name), quote(clustered), quote(is_global)), 256) AS digest FROM information_schema.tidb_indexes WHERE table_schema = 'shop' AND table_name = 'people') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(tidb_placement_policy_name), quote(tidb_row_id_sharding_info), quote(tidb_pk_type)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people') AS facts)), 256) = @tablesnap_definition AND (SELECT max(create_time) FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people') = @tablesnap_altered, 'OFF', 'it is not true that nobody has changed the definition of people since the new table was made like it (plan again)');
-- one statement: others go on with the new table at once; it returns when the transactions that used the old one have ended, whatever the timeouts
RENAME TABLE `shop`.`people` TO `shop`.`people_tablesnap_old`, `shop`.`people_tablesnap_shadow` TO `shop`.`people`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 3;

-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');

-- group 4 of 5: commits together, or not at all
BEGIN PESSIMISTIC;

-- step 04-copy-to-backup: people_backup
--   if it fails, this script stops; apply would keep the old rows in a table of their own (06-keep-old) and go on
--   apply copies 100000 rows at a time, each in a transaction of its own:
--     SET @tablesnap_last_1 = NULL
--     INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `name`)
--     SELECT 'doc_1', '2025-01-31 10:00', 1, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`name` FROM `shop`.`people_tablesnap_old` WHERE (@tablesnap_last_1 IS NULL OR `email` > @tablesnap_last_1) ORDER BY `email` LIMIT 100000 FOR UPDATE
--     SET @tablesnap_next_1 = (SELECT `email` FROM `shop`.`people_tablesnap_old` WHERE (@tablesnap_last_1 IS NULL OR `email` > @tablesnap_last_1) ORDER BY `email` LIMIT 1 OFFSET 99999)
--     SET @tablesnap_last_1 = @tablesnap_next_1
--   stops here: people holds the new rows, and the old rows are in the old table; run tablesnap recover
-- must be true: people_backup has no rows yet of the version that is copied to it
SET SESSION sql_safe_updates = IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_backup` WHERE `snapshot_version` = 1), 'OFF', 'it is not true that people_backup has no rows yet of the version that is copied to it');
-- FOR UPDATE: until the COMMIT nobody else changes or deletes these rows; one that is added makes the counts differ
INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `name`)
SELECT 'doc_1', '2025-01-31 10:00', 1, `people_tablesnap_old`.`email`, `people_tablesnap_old`.`name` FROM `shop`.`people_tablesnap_old` FOR UPDATE;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = ROW_COUNT(), `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 4;

-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 6)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 2), `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), `warnings` = CASE WHEN coalesce((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4), (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 6)) <> 3 THEN 'CHANGED_SINCE' ELSE '' END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `seq`, `step`, `kind`, `event`, `sql_text`, `state`, `message`, `started_at`, `finished_at`, `details`) VALUES (@tablesnap_run, 5, '05-drop-old', 'drop-old', NULL, '', 'started', NULL, concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'), NULL, '{"table":"people_tablesnap_old"}');
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');
COMMIT;

-- group 5 of 5: one statement, which the database commits by itself
-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');

-- step 05-drop-old: people_tablesnap_old
--   stops here: people holds the new rows, and the old rows are in the backup and in the old table
-- must be true: the backup has as many rows of this version as the old table has
SET SESSION sql_safe_updates = IF((SELECT count(*) FROM `shop`.`people_backup` WHERE `snapshot_version` = 1) = (SELECT count(*) FROM `shop`.`people_tablesnap_old` USE INDEX ()), 'OFF', 'it is not true that the backup has as many rows of this version as the old table has');
-- must be true: the old table has only columns that the plan knew
SET SESSION sql_safe_updates = IF((SELECT CAST(group_concat(concat(column_name, ' ', replace(column_type, '\\', '\\\\'), coalesce(concat(' CHARACTER SET ', character_set_name, ' COLLATE ', collation_name), ''), if(is_nullable = 'NO', ' NOT NULL', '')) ORDER BY ordinal_position SEPARATOR ', ') AS BINARY) FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') = 'email varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, name varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' AND (SELECT CAST(group_concat(trigger_name ORDER BY trigger_name SEPARATOR ', ') AS BINARY) FROM information_schema.triggers WHERE event_object_schema = 'shop' AND event_object_table = 'people_tablesnap_old') <=> NULL AND (SELECT group_concat(CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY) ORDER BY CAST(concat(constraint_schema, '.', table_name, '.', constraint_name, ' ', delete_rule) AS BINARY) SEPARATOR ', ') FROM information_schema.referential_constraints WHERE unique_constraint_schema = 'shop' AND referenced_table_name = 'people_tablesnap_old' AND constraint_schema NOT IN ('sys', 'performance_schema', 'information_schema') AND NOT (constraint_schema = 'shop' AND table_name = 'people_tablesnap_old')) <=> NULL, 'OFF', 'it is not true that the old table has only columns that the plan knew');
-- must be true: nobody has changed the definition of people while it was swapped (compare it with people_tablesnap_old, which still has the change)
SET SESSION sql_safe_updates = IF(sha2(concat_ws('/', (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(engine), quote(table_collation), quote(create_options), quote(table_comment)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(ordinal_position), quote(column_name), quote(column_type), quote(collation_name), quote(is_nullable), quote(column_default), quote(extra), quote(generation_expression), quote(column_comment)), 256) AS digest FROM information_schema.columns WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(is_visible), quote(expression), quote(index_name), quote(seq_in_index), quote(column_name), quote(non_unique), quote(collation), quote(sub_part), quote(index_type), quote(index_comment)), 256) AS digest FROM information_schema.statistics WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(partition_ordinal_position), quote(partition_name), quote(partition_method), quote(partition_expression), quote(partition_description), quote(partition_comment), quote(subpartition_name), quote(subpartition_method), quote(subpartition_expression)), 256) AS digest FROM information_schema.partitions WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(constraint_type)), 256) AS digest FROM information_schema.table_constraints WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(constraint_name), quote(check_clause)), 256) AS digest FROM information_schema.tidb_check_constraints WHERE constraint_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(key_name), quote(clustered), quote(is_global)), 256) AS digest FROM information_schema.tidb_indexes WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts), (SELECT group_concat(digest ORDER BY digest) FROM (SELECT sha2(concat(quote(tidb_placement_policy_name), quote(tidb_row_id_sharding_info), quote(tidb_pk_type)), 256) AS digest FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'people_tablesnap_old') AS facts)), 256) = @tablesnap_definition, 'OFF', 'it is not true that nobody has changed the definition of people while it was swapped (compare it with people_tablesnap_old, which still has the change)');
DROP TABLE `shop`.`people_tablesnap_old`;
UPDATE `tablesnap_audit` SET `state` = 'done', `row_count` = NULL, `duration_ms` = NULL, `message` = NULL, `finished_at` = concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `run_id` = @tablesnap_run AND `seq` = 5;

-- must be true: no other run has taken people over (the lease is renewed)
UPDATE `tablesnap_lease` SET `renewals` = `renewals` + 1, `held_until` = concat(left(date_format(utc_timestamp(3) + INTERVAL 60 SECOND, '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z') WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
SET SESSION sql_safe_updates = IF(ROW_COUNT() = 1, 'OFF', 'it is not true that no other run has taken people over (the lease is renewed)');

-- other runs may begin
UPDATE `tablesnap_lease` SET `lock_scope` = '', `held_until` = '' WHERE `table_name` = 'people' AND `run_id` = @tablesnap_run AND `token` = 1;
DO RELEASE_LOCK('tablesnap:shop.people');
