-- tablesnap: replace all rows of people with those of people.csv
--
-- plan      SHA-256 466a08c849feeb916f85978bb381296a42e7f3d0a757ab6c5809c3c7500cb78d
-- database  mariadb
-- table     shop.people, strategy in-place
-- kind      table
-- version   2, doc_id doc_2, upload_timestamp 2025-01-31 10:00; replaces 1, doc_id doc_1
-- source    people.csv, SHA-256 8a7aca569649a4604b0323e8a9d3ea14b147310d036d4dc3fabc0e7db762fc6d
-- rows      4 -> 5 (before: as version 1 left it)
-- backup    people_backup gets 4 rows
-- locks     writers of the table wait until the commit; readers do not wait
-- writes    4 rows copied, 4 removed, 5 loaded
-- undo      restore version 1
--
-- group and step
--    1   1. copy to backup    people_backup             4 rows
--    1   2. clear             people                    4 rows
--    1   3. load              people                    5 rows
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
  'people.csv', '8a7aca569649a4604b0323e8a9d3ea14b147310d036d4dc3fabc0e7db762fc6d', 5,
  '466a08c849feeb916f85978bb381296a42e7f3d0a757ab6c5809c3c7500cb78d', '', 'started', 'tester', 'v0.0.0',
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
  SELECT 1 AS `seq`, '01-copy-to-backup' AS `step`, 'copy-to-backup' AS `kind`, 'DATA_BACKUP' AS `event`,
  '{"table":"people_backup","from":"people","columns":["email","given_name","family_name","phone","stre'
'et","town","postcode","country","born","joined","salary","active","team","manager","note"],"version"'
':1,"doc_id":"doc_1","upload_timestamp":"2025-01-31 10:00"}' AS `details` UNION ALL
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
  'people') = 'ea4de3e0d9738d3587bfcf8967e30eb9ccdd49383dc72d5bfefa563444bbc17d' AND NOT EXISTS (SELECT 1 FROM
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
INSERT INTO `shop`.`people_backup` (`doc_id`, `upload_timestamp`, `snapshot_version`, `email`, `given_name`,
  `family_name`, `phone`, `street`, `town`, `postcode`, `country`, `born`, `joined`, `salary`, `active`, `team`,
  `manager`, `note`)
SELECT 'doc_1', '2025-01-31 10:00', 1, `people`.`email`, `people`.`given_name`, `people`.`family_name`,
  `people`.`phone`, `people`.`street`, `people`.`town`, `people`.`postcode`, `people`.`country`, `people`.`born`,
  `people`.`joined`, `people`.`salary`, `people`.`active`, `people`.`team`, `people`.`manager`, `people`.`note` FROM
  `shop`.`people` FOR UPDATE;
UPDATE `tablesnap_audit` SET `row_count` = ROW_COUNT() WHERE `run_id` = @tablesnap_run AND `seq` = 1;

-- 2. clear: people
--    stops here: people is unchanged
-- #region what must be true first {{{
-- must be true: the source has at least 50% of the rows of people (it has 5)
SELECT IF(5 * 100 >= coalesce((SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq`
  IN (1, 5)), 0) * 50, 'true', ~0 +
  char_length('it is not true that the source has at least 50% of the rows of people (it has 5)')) AS `assertion`;
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
--        '' ESCAPED BY '\\' LINES STARTING BY '' TERMINATED BY '\n' (`email`, `given_name`, `family_name`, `phone`, `street`, `town`, `postcode`, `country`,
--        `born`, `joined`, `salary`, `active`, `team`, `manager`, `note`)
INSERT INTO `shop`.`people` (`email`, `given_name`, `family_name`, `phone`, `street`, `town`, `postcode`, `country`,
  `born`, `joined`, `salary`, `active`, `team`, `manager`, `note`) VALUES
  ('ada@example.com', 'Ada', 'Lovelace', '+44 20 7946 0001', '12 St James''s Square', 'London', 'SW1Y 4LB', 'GB', '1815-12-10', '2025-01-06', '5200.00', '1', 'engines', 'grace@example.com', 'first'),
  ('alan@example.com', 'Alan', 'Turing', '+44 20 7946 0002', '43 Adlington Road', 'Wilmslow', 'SK9 2BJ', 'GB', '1912-06-23', '2025-01-06', '5100.50', '1', 'machines', 'ada@example.com', NULL),
  ('grace@example.com', 'Grace', 'Hopper', '+1 212 555 0103', '1 Navy Way', 'Arlington', '22201', 'US', '1906-12-09', '2024-11-01', '6100.00', '1', 'compilers', NULL, 'admiral'),
  ('joan@example.com', 'Joan', 'Clarke', '+44 20 7946 0004', '9 Park Road', 'Oxford', 'OX1 3PJ', 'GB', '1917-06-24', '2025-03-01', '4900.00', '1', 'machines', 'alan@example.com', NULL),
  ('kay@example.com', 'Kay', 'McNulty', '+1 215 555 0105', '7 Chestnut Street', 'Philadelphia', '19106', 'US', '1921-02-12', '2025-06-15', '4800.75', '0', 'engines', 'grace@example.com', 'on leave');
UPDATE `tablesnap_audit` SET `row_count` = (SELECT count(*) FROM `shop`.`people` USE INDEX ()) WHERE `run_id` =
  @tablesnap_run AND `seq` = 3;
-- #region what must be true now {{{
-- must be true: people holds 5 rows, as the source does
SELECT IF((SELECT count(*) FROM `shop`.`people` USE INDEX ()) = 5, 'true', ~0 +
  char_length('it is not true that people holds 5 rows, as the source does')) AS `assertion`;
-- #endregion }}}
-- #region the steps are done {{{
UPDATE `tablesnap_audit` SET `state` = 'done', `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z') WHERE
  `run_id` = @tablesnap_run AND `seq` IN (1, 2, 3);
-- the run is done
UPDATE `tablesnap_run` SET `state` = 'done', `rows_backed_up` = (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` IN (1, 5)), `rows_loaded` = (SELECT `row_count` FROM `tablesnap_audit` WHERE
  `run_id` = @tablesnap_run AND `seq` = 3), `finished_at` = concat(replace(utc_timestamp(3), ' ', 'T'), 'Z'), `warnings`
  = CASE WHEN (SELECT max(`row_count`) FROM `tablesnap_audit` WHERE `run_id` = @tablesnap_run AND `seq` IN (1, 5)) <> 4
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
