-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 02c09febd53c1e8420b91541771ddd17c86387e04703329dcc5dd51318729e1a
-- database  mariadb
-- table     shop.people, strategy sync
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 8e2b95cce51d045d66253c7e79d9e616e1346c14d523e71b89f847e36cdc0b6c
-- rows      2 -> 2 (before: as version 1 left it)
-- columns   note is not in the file: rows that stay keep their values
-- backup    people_backup gets 2 rows
-- locks     writers of the table wait until the commit; readers do not wait
-- writes    2 rows copied, and only the rows of the table that differ
-- undo      restore version 1
-- key       email: rows are matched by it, and only those that differ are written
--
-- group and step
--    1   1. create stage      people_tablesnap_stage
--    2   2. load              people_tablesnap_stage    2 rows
--    3   3. create stage      people_tablesnap_list
--    4   4. compare           people_tablesnap_list
--    4   5. copy to backup    people_backup             2 rows
--    4   6. detach            people
--    4   7. delete            people
--    4   8. park              people
--    4   9. update            people
--    4  10. insert            people
--    4  11. attach            people
--    5  12. drop stage        people_tablesnap_list
--    6  13. drop stage        people_tablesnap_stage
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

-- #region the run, and what it is about to do {{{
START TRANSACTION;
INSERT INTO `tablesnap_run` (`table_name`, `operation`, `event`, `version_made`, `version_replaced`, `doc_id`,
  `upload_timestamp`, `source_name`, `source_sha256`, `source_rows`, `plan_hash`, `warnings`, `state`, `actor`,
  `tool_version`, `started_at`) VALUES ('people', 'upload', 'TABLE_UPLOAD', 2, 1, 'doc_2', '2025-01-31 10:00',
  'people.csv', '8e2b95cce51d045d66253c7e79d9e616e1346c14d523e71b89f847e36cdc0b6c', 2,
  '02c09febd53c1e8420b91541771ddd17c86387e04703329dcc5dd51318729e1a', '', 'started', 'tester', 'v0.0.0',
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
  SELECT 1 AS `seq`, '01-create-stage' AS `step`, 'create-stage' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_stage"}' AS `details`
) AS `steps`;
COMMIT;
-- #endregion }}}

-- group 1 of 6: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: version 1 is the newest of people
PREPARE tablesnap_1 FROM 'SELECT IF((SELECT coalesce(max(`version_made`), 0) FROM `tablesnap_run` WHERE `table_name` = ''people'' AND `state` =
  ''done'') = 1, ''true'', ~0 + char_length(''it is not true that version 1 is the newest of people'')) AS `assertion`';
EXECUTE tablesnap_1;
-- must be true: people has the columns, triggers and references that were reviewed
PREPARE tablesnap_2 FROM 'SELECT IF((SELECT sha2(group_concat(concat(column_name, '' '', column_type, coalesce(concat('' CHARACTER SET '',
  character_set_name, '' COLLATE '', collation_name), ''''), if(is_nullable = ''NO'', '' NOT NULL'', '''')) ORDER BY
  ordinal_position SEPARATOR '', ''), 256) FROM information_schema.columns WHERE table_schema = ''shop'' AND table_name =
  ''people'') = ''56200ba47aacab1efe807f3ff417b94d95b25bc1e80bba0a6335703937ad8762'' AND NOT EXISTS (SELECT 1 FROM
  information_schema.triggers WHERE event_object_schema = ''shop'' AND event_object_table = ''people'') AND (SELECT
  group_concat(CAST(concat(constraint_schema, ''.'', table_name, ''.'', constraint_name, '' '', delete_rule) AS BINARY) ORDER
  BY CAST(concat(constraint_schema, ''.'', table_name, ''.'', constraint_name, '' '', delete_rule) AS BINARY) SEPARATOR '', '')
  FROM information_schema.referential_constraints WHERE unique_constraint_schema = ''shop'' AND referenced_table_name =
  ''people'' AND constraint_schema NOT IN (''sys'', ''performance_schema'', ''information_schema'') AND NOT (constraint_schema =
  ''shop'' AND table_name = ''people'')) = ''shop.notes.written CASCADE'', ''true'', ~0 +
  char_length(''it is not true that people has the columns, triggers and references that were reviewed'')) AS `assertion`';
EXECUTE tablesnap_2;
-- #endregion }}}

-- 1. create stage: people_tablesnap_stage
--    stops here: people is unchanged
CREATE TABLE `shop`.`people_tablesnap_stage` (
  `email` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,
  `name` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL,
  `badge` int(11) NULL,
  `boss` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL,
  PRIMARY KEY (`email`)
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
  SELECT 2 AS `seq`, '02-load' AS `step`, 'load' AS `kind`, 'TABLE_UPLOAD' AS `event`,
  '{"table":"people_tablesnap_stage"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 2 of 6: commits together, or not at all
-- #region what must be true before it {{{
START TRANSACTION;
-- #endregion }}}

-- 2. load: people_tablesnap_stage
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
--    apply sends the rows with: LOAD DATA LOCAL INFILE 'the source' INTO TABLE `shop`.`people_tablesnap_stage` CHARACTER SET utf8mb4 FIELDS TERMINATED BY
--        '\t' ENCLOSED BY '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (`email`, `name`, `badge`, `boss`)
INSERT INTO `shop`.`people_tablesnap_stage` (`email`, `name`, `badge`, `boss`) VALUES
  ('alan@example.com', 'Alan', '2', 'grace@example.com'),
  ('grace@example.com', 'Grace', '1', NULL);
UPDATE `tablesnap_audit` SET `row_count` = (SELECT count(*) FROM `shop`.`people_tablesnap_stage` USE INDEX ()) WHERE
  `run_id` = @tablesnap_run AND `seq` = 2;
-- #region what must be true now {{{
-- must be true: people_tablesnap_stage holds 2 rows, as the source does
SELECT IF((SELECT count(*) FROM `shop`.`people_tablesnap_stage` USE INDEX ()) = 2, 'true', ~0 +
  char_length('it is not true that people_tablesnap_stage holds 2 rows, as the source does')) AS `assertion`;
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
START TRANSACTION;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 3 AS `seq`, '03-create-stage' AS `step`, 'create-stage' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_list"}' AS `details`
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 3 of 6: one statement, which the database commits by itself

-- 3. create stage: people_tablesnap_list
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
CREATE TABLE `shop`.`people_tablesnap_list` (
  `email` varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL,
  `what` varchar(255) CHARACTER SET utf8mb4 NULL,
  PRIMARY KEY (`email`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
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
  SELECT 4 AS `seq`, '04-compare' AS `step`, 'compare' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_list","from":"people"}' AS `details` UNION ALL
  SELECT 5, '05-copy-to-backup', 'copy-to-backup', 'DATA_BACKUP',
  '{"table":"people_backup","from":"people","columns":["email","name","badge","boss","note"],"version":'
'1,"doc_id":"doc_1","upload_timestamp":"2025-01-31 10:00"}' UNION ALL
  SELECT 6, '06-detach', 'detach', NULL, '{"table":"people"}' UNION ALL
  SELECT 7, '07-delete', 'delete', NULL, '{"table":"people"}' UNION ALL
  SELECT 8, '08-park', 'park', NULL, '{"table":"people"}' UNION ALL
  SELECT 9, '09-update', 'update', NULL, '{"table":"people"}' UNION ALL
  SELECT 10, '10-insert', 'insert', NULL, '{"table":"people"}' UNION ALL
  SELECT 11, '11-attach', 'attach', NULL, '{"table":"people"}'
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
COMMIT;
-- #endregion }}}

-- group 4 of 6: commits together, or not at all
-- #region what must be true before it {{{
START TRANSACTION;
-- reads no row, but keeps every ALTER TABLE out until the COMMIT
SELECT 1 FROM `shop`.`people` LIMIT 0 FOR UPDATE;
-- until the COMMIT nobody else changes, adds or deletes a row of people
SELECT count(*) FROM `shop`.`people` USE INDEX () FOR UPDATE;
-- must be true: version 1 is the newest of people
EXECUTE tablesnap_1;
-- must be true: people has the columns, triggers and references that were reviewed
EXECUTE tablesnap_2;
-- #endregion }}}

-- 4. compare: people_tablesnap_list
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
-- #region what must be true first {{{
-- must be true: no row of people.csv lacks a value in the key (email)
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_tablesnap_stage` AS `staged` WHERE `staged`.`email` IS NULL), 'true',
  ~0 + char_length('it is not true that no row of people.csv lacks a value in the key (email)')) AS `assertion`;
-- must be true: the source has at least 50% of the rows of people (it has 2)
SELECT IF(2 * 100 >= (SELECT count(*) FROM `shop`.`people` USE INDEX ()) * 50, 'true', ~0 +
  char_length('it is not true that the source has at least 50% of the rows of people (it has 2)')) AS `assertion`;
-- #endregion }}}
-- the keys of the rows that differ, and what is to be done about them
INSERT INTO `shop`.`people_tablesnap_list` (`what`, `email`)
SELECT CASE WHEN `staged`.`email` IS NULL THEN 'delete'
  WHEN (NOT (CAST(`standing`.`badge` AS BINARY) <=> CAST(`staged`.`badge` AS BINARY))) AND EXISTS (SELECT 1 FROM
  `shop`.`people` AS `holder` JOIN `shop`.`people_tablesnap_stage` AS `holder_staged` ON `holder`.`email` =
  `holder_staged`.`email` WHERE `holder`.`badge` = `staged`.`badge` AND NOT (`holder`.`email` = `standing`.`email`))
  THEN 'park' ELSE 'update' END, `standing`.`email`
FROM `shop`.`people` AS `standing` LEFT JOIN `shop`.`people_tablesnap_stage` AS `staged` ON `standing`.`email` =
  `staged`.`email`
WHERE `staged`.`email` IS NULL OR (NOT (CAST(`standing`.`email` AS BINARY) <=> CAST(`staged`.`email` AS BINARY)) OR NOT
  (CAST(`standing`.`name` AS BINARY) <=> CAST(`staged`.`name` AS BINARY)) OR NOT (CAST(`standing`.`badge` AS BINARY) <=>
  CAST(`staged`.`badge` AS BINARY)) OR NOT (CAST(`standing`.`boss` AS BINARY) <=> CAST(`staged`.`boss` AS BINARY)))
UNION ALL
SELECT 'insert', `staged`.`email`
FROM `shop`.`people_tablesnap_stage` AS `staged` LEFT JOIN `shop`.`people` AS `standing` ON `standing`.`email` =
  `staged`.`email`
WHERE `standing`.`email` IS NULL;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 4;
-- #region what must be true now {{{
-- must be true: no row of notes (author, ON DELETE CASCADE) refers to a row of people that is deleted, since people.csv lacks it
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON
  `standing`.`email` = `listed`.`email` JOIN `shop`.`notes` AS `referring` ON `standing`.`email` = `referring`.`author`
  WHERE `listed`.`what` IN ('delete', 'replace')), 'true', ~0 +
  char_length('it is not true that no row of notes (author, ON DELETE CASCADE) refers to a row of people that is deleted, since people.csv lacks it'))
  AS `assertion`;
-- must be true: no row of notes (author) refers to a value of people that is updated
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON
  `standing`.`email` = `listed`.`email` JOIN `shop`.`notes` AS `referring` ON `standing`.`email` = `referring`.`author`
  JOIN `shop`.`people_tablesnap_stage` AS `staged` ON `standing`.`email` = `staged`.`email` WHERE `listed`.`what` IN
  ('update', 'park') AND (NOT (CAST(`standing`.`email` AS BINARY) <=> CAST(`staged`.`email` AS BINARY)))), 'true', ~0 +
  char_length('it is not true that no row of notes (author) refers to a value of people that is updated')) AS
  `assertion`;
-- #endregion }}}

-- 5. copy to backup: people_backup
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
--    if it fails, this script stops; apply would keep the old rows in a table of their own (14-create-preserved, 15-copy-to-preserved) and go on
-- #region what must be true first {{{
-- must be true: people_backup has no rows yet of the version that is copied to it
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people_backup` WHERE `snapshot_version` = 1), 'true', ~0 +
  char_length('it is not true that people_backup has no rows yet of the version that is copied to it')) AS `assertion`;
-- #endregion }}}
-- FOR UPDATE: until the COMMIT nobody else changes, adds or deletes a row of people
INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `name`, `badge`, `boss`,
  `note`)
SELECT 'doc_1', '2025-01-31 10:00', 1, `people`.`email`, `people`.`name`, `people`.`badge`, `people`.`boss`,
  `people`.`note` FROM `shop`.`people` WHERE EXISTS (SELECT 1 FROM `shop`.`people_tablesnap_list`) FOR UPDATE;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 5;

-- 6. detach: people
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
UPDATE `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON `standing`.`email` =
  `listed`.`email`
SET `standing`.`boss` = NULL WHERE `listed`.`what` IN ('delete', 'update', 'park', 'replace');
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 6;

-- 7. delete: people
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
DELETE `standing` FROM `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON
  `standing`.`email` = `listed`.`email` WHERE `listed`.`what` IN ('delete', 'replace');
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 7;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be deleted are, and no others
SELECT IF((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 7) = (SELECT count(*)
  FROM `shop`.`people_tablesnap_list` WHERE `what` IN ('delete', 'replace')), 'true', ~0 +
  char_length('it is not true that the rows of people that were to be deleted are, and no others')) AS `assertion`;
-- must be true: the deleted rows of people, and those that stay, are those that were copied
SELECT IF(((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4) = 0 OR (SELECT
  count(*) FROM `shop`.`people` USE INDEX ()) + (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` =
  @tablesnap_run AND `seq` = 7) = coalesce((SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` =
  @tablesnap_run AND `seq` IN (5, 15)), 0)), 'true', ~0 +
  char_length('it is not true that the deleted rows of people, and those that stay, are those that were copied')) AS
  `assertion`;
-- #endregion }}}

-- 8. park: people
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
UPDATE `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON `standing`.`email` =
  `listed`.`email`
SET `standing`.`badge` = NULL WHERE `listed`.`what` = 'park';
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 8;

-- 9. update: people
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
UPDATE `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON `standing`.`email` =
  `listed`.`email` JOIN `shop`.`people_tablesnap_stage` AS `staged` ON `listed`.`email` = `staged`.`email`
SET `standing`.`email` = `staged`.`email`, `standing`.`name` = `staged`.`name`, `standing`.`badge` = `staged`.`badge`
  WHERE `listed`.`what` IN ('update', 'park', 'stuck');
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 9;

-- 10. insert: people
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
INSERT INTO `shop`.`people` (`email`, `name`, `badge`, `boss`)
SELECT `staged`.`email`, `staged`.`name`, `staged`.`badge`, NULL FROM `shop`.`people_tablesnap_list` AS `listed` JOIN
  `shop`.`people_tablesnap_stage` AS `staged` ON `listed`.`email` = `staged`.`email` WHERE `listed`.`what` IN ('insert',
  'replace');
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 10;
-- #region what must be true now {{{
-- must be true: the rows of people that were to be inserted are, and no others
SELECT IF((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 10) = (SELECT count(*)
  FROM `shop`.`people_tablesnap_list` WHERE `what` IN ('insert', 'replace')), 'true', ~0 +
  char_length('it is not true that the rows of people that were to be inserted are, and no others')) AS `assertion`;
-- #endregion }}}

-- 11. attach: people
--    stops here: people is unchanged, and its stage is left over; run tablesnap recover
UPDATE `shop`.`people_tablesnap_list` AS `listed` JOIN `shop`.`people` AS `standing` ON `standing`.`email` =
  `listed`.`email` JOIN `shop`.`people_tablesnap_stage` AS `staged` ON `listed`.`email` = `staged`.`email`
SET `standing`.`boss` = `staged`.`boss` WHERE `listed`.`what` IN ('insert', 'update', 'park', 'replace');
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 11;
-- #region what must be true now {{{
-- must be true: people holds 2 rows, as the source does
SELECT IF((SELECT count(*) FROM `shop`.`people` USE INDEX ()) = 2, 'true', ~0 +
  char_length('it is not true that people holds 2 rows, as the source does')) AS `assertion`;
-- must be true: no row of people differs from people.csv in the columns that it has
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people` AS `standing` LEFT JOIN `shop`.`people_tablesnap_stage` AS `staged`
  ON `standing`.`email` = `staged`.`email` WHERE `staged`.`email` IS NULL OR (NOT (CAST(`standing`.`email` AS BINARY)
  <=> CAST(`staged`.`email` AS BINARY)) OR NOT (CAST(`standing`.`name` AS BINARY) <=> CAST(`staged`.`name` AS BINARY))
  OR NOT (CAST(`standing`.`badge` AS BINARY) <=> CAST(`staged`.`badge` AS BINARY)) OR NOT (CAST(`standing`.`boss` AS
  BINARY) <=> CAST(`staged`.`boss` AS BINARY)))), 'true', ~0 +
  char_length('it is not true that no row of people differs from people.csv in the columns that it has')) AS `assertion`;
-- must be true: each row of people refers to a row that is there (boss)
SELECT IF(NOT EXISTS (SELECT 1 FROM `shop`.`people` AS `standing` WHERE `standing`.`boss` IS NOT NULL AND NOT EXISTS
  (SELECT 1 FROM `shop`.`people` AS `parent` WHERE `parent`.`email` = `standing`.`boss`)), 'true', ~0 +
  char_length('it is not true that each row of people refers to a row that is there (boss)')) AS `assertion`;
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` IN (4, 5, 6, 7, 8, 9, 10, 11);
-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` IN (5, 15)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` = 2), `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), `warnings`
  = CASE WHEN CASE WHEN (SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4) = 0
  THEN 2 ELSE (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` IN (5, 15)) END
  <> 2 THEN 'CHANGED_SINCE' ELSE '' END, `version_made` = CASE WHEN NOT ((SELECT `row_count` FROM `tablesnap_audit`
  WHERE `run_id` = @tablesnap_run AND `seq` = 4) = 0) THEN `version_made` ELSE 0 END, `version_replaced` = CASE WHEN NOT
  ((SELECT `row_count` FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` = 4) = 0) THEN
  `version_replaced` END WHERE `id` = @tablesnap_run;
INSERT INTO `tablesnap_audit` (`run_id`, `sql_text`, `started_at`, `state`, `seq`, `step`, `kind`, `event`, `details`)
SELECT @tablesnap_run, '', concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), 'started', `seq`, `step`, `kind`, `event`,
  `details` FROM (
  SELECT 12 AS `seq`, '12-drop-stage' AS `step`, 'drop-stage' AS `kind`, NULL AS `event`,
  '{"table":"people_tablesnap_list"}' AS `details` UNION ALL
  SELECT 13, '13-drop-stage', 'drop-stage', NULL, '{"table":"people_tablesnap_stage"}'
) AS `steps`;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}
COMMIT;

-- group 5 of 6: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- 12. drop stage: people_tablesnap_list
--    stops here: people holds the new rows, and the old rows are in the backup; what is left to drop is still there: run tablesnap recover
DROP TABLE `shop`.`people_tablesnap_list`;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 12;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- group 6 of 6: one statement, which the database commits by itself
-- #region what must be true before it {{{
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- 13. drop stage: people_tablesnap_stage
--    stops here: people holds the new rows, and the old rows are in the backup; what is left to drop is still there: run tablesnap recover
DROP TABLE `shop`.`people_tablesnap_stage`;
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` = 13;
-- must be true: no other run has taken people over (the lease is renewed)
EXECUTE tablesnap_3;
EXECUTE tablesnap_4;
-- #endregion }}}

-- #region other runs may begin {{{
UPDATE `tablesnap_lease` SET `lock_scope` = '', `held_until` = '' WHERE `table_name` = 'people' AND `run_id` =
  @tablesnap_run AND `token` = 1;
DO RELEASE_LOCK('tablesnap:shop.people');
-- #endregion }}}
