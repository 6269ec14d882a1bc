package mysql

import (
	"fmt"
	"strconv"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Ledger puts the ledger's tables into the current database.
func (d Dialect) Ledger() dialect.LedgerWords {
	return dialect.LedgerWords{
		Migrations: migrations(),
		Now:        "concat(replace(utc_timestamp(3), ' ', 'T'), 'Z')",
		ThisRun:    "@tablesnap_run",
		Changes:    "ROW_COUNT()",
	}
}

// NowPlus uses seconds if the duration is a whole number of seconds, and otherwise
// microseconds, the smallest unit of an interval
// (https://dev.mysql.com/doc/refman/8.4/en/expressions.html#temporal-intervals).
func (Dialect) NowPlus(d time.Duration) string {
	interval := fmt.Sprintf("%d MICROSECOND", d.Microseconds())
	if d%time.Second == 0 {
		interval = fmt.Sprintf("%d SECOND", d/time.Second)
	}
	// The sum has as many digits as the server likes.
	return "concat(left(date_format(utc_timestamp(3) + INTERVAL " + interval + ", '%Y-%m-%dT%T.%f'), 23), 'Z')"
}

// RememberRun stores the run's id in a session variable.
func (d Dialect) RememberRun(id int64) []dialect.Stmt {
	run := "LAST_INSERT_ID()"
	if id != 0 {
		run = d.Literal(rowsource.Integer(id))
	}
	return []dialect.Stmt{{SQL: "SET @tablesnap_run = " + run}}
}

// KeepRun stores the id in one more session variable.
func (d Dialect) KeepRun(n int) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET " + d.KeptRun(n) + " = @tablesnap_run"}}
}

// KeptRun is the variable.
func (Dialect) KeptRun(n int) string { return "@tablesnap_run_" + strconv.Itoa(n) }

// UseRun copies the variable.
func (d Dialect) UseRun(n int) []dialect.Stmt {
	return []dialect.Stmt{{SQL: "SET @tablesnap_run = " + d.KeptRun(n)}}
}

// migrations create the ledger's tables. Texts are compared byte for byte. Each CREATE
// TABLE commits by itself, so a process that was cut off may have created only some of
// them.
func migrations() []dialect.Migration {
	return []dialect.Migration{{Version: 0, Stmts: []dialect.Stmt{ddl(createVersion)}},
		{Version: 1, Stmts: []dialect.Stmt{ddl(createRun), ddl(createAudit)}},
		{Version: dialect.PinMigration, Stmts: []dialect.Stmt{ddl(createPin)}},
		{Version: dialect.DetailsMigration, Stmts: addDetails()},
		{Version: dialect.LeaseMigration, Stmts: []dialect.Stmt{ddl(createLease)}}}
}

// addDetails adds the column unless it exists. MySQL has no ADD COLUMN IF NOT EXISTS, and
// that of MariaDB and TiDB would wait for other sessions' locks on the table even if the
// column exists. TiDB's catalog also shows a column that another session is still adding.
// The statement that reads the column then fails, and the migration is tried again.
func addDetails() []dialect.Stmt {
	there := "EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = " + text(dialect.AuditTable) + " AND column_name = 'details')"
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_details = IF(" + there + ", 'DO (SELECT count(`details`) FROM `" + dialect.AuditTable + "` WHERE 1 = 0)', 'ALTER TABLE `" + dialect.AuditTable + "` ADD COLUMN `details` JSON NULL')", Note: "only where the column is missing"},
		{SQL: "PREPARE tablesnap_details FROM @tablesnap_details"},
		ddl("EXECUTE tablesnap_details"),
	}
}

const (
	// createVersion is goose's own statement, with the engine added.
	createVersion = "CREATE TABLE `" + dialect.VersionTable + "` (\n" +
		"  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,\n" +
		"  `version_id` BIGINT NOT NULL,\n" +
		"  `is_applied` BOOLEAN NOT NULL,\n" +
		"  `tstamp` DATETIME NULL DEFAULT CURRENT_TIMESTAMP,\n" +
		"  PRIMARY KEY (`id`)\n" +
		") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
	createRun = "CREATE TABLE IF NOT EXISTS `tablesnap_run` (\n" +
		"  `id` BIGINT NOT NULL AUTO_INCREMENT,\n" +
		"  `table_name` VARCHAR(64) NOT NULL,\n" +
		"  `operation` VARCHAR(32) NOT NULL,\n" +
		"  `event` VARCHAR(255) NOT NULL,\n" +
		"  `version_made` BIGINT NOT NULL,\n" +
		"  `version_replaced` BIGINT NULL,\n" +
		"  `doc_id` TEXT NOT NULL,\n" +
		"  `upload_timestamp` TEXT NOT NULL,\n" +
		"  `source_name` TEXT NOT NULL,\n" +
		"  `source_sha256` VARCHAR(64) NOT NULL,\n" +
		"  `source_rows` BIGINT NOT NULL,\n" +
		"  `plan_hash` VARCHAR(64) NOT NULL,\n" +
		"  `rows_backed_up` BIGINT NULL,\n" +
		"  `rows_loaded` BIGINT NULL,\n" +
		"  `warnings` TEXT NOT NULL,\n" +
		"  `state` VARCHAR(32) NOT NULL,\n" +
		"  `actor` TEXT NULL,\n" +
		"  `tool_version` VARCHAR(255) NOT NULL,\n" +
		"  `started_at` VARCHAR(32) NOT NULL,\n" +
		"  `finished_at` VARCHAR(32) NULL,\n" +
		"  PRIMARY KEY (`id`),\n" +
		"  KEY `tablesnap_run_table` (`table_name`, `state`, `version_made`)\n" +
		") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
	// There is no foreign key to the run: with one, each row of the audit would lock the
	// run's row until the upload's commit.
	createAudit = "CREATE TABLE IF NOT EXISTS `tablesnap_audit` (\n" +
		"  `run_id` BIGINT NOT NULL,\n" +
		"  `seq` INT NOT NULL,\n" +
		"  `step` VARCHAR(255) NOT NULL,\n" +
		"  `kind` VARCHAR(64) NOT NULL,\n" +
		"  `event` VARCHAR(255) NULL,\n" +
		"  `sql_text` LONGTEXT NOT NULL,\n" +
		"  `state` VARCHAR(32) NOT NULL,\n" +
		"  `row_count` BIGINT NULL,\n" +
		"  `duration_ms` BIGINT NULL,\n" +
		"  `message` MEDIUMTEXT NULL,\n" +
		"  `started_at` VARCHAR(32) NOT NULL,\n" +
		"  `finished_at` VARCHAR(32) NULL,\n" +
		"  PRIMARY KEY (`run_id`, `seq`)\n" +
		") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
	createPin = "CREATE TABLE IF NOT EXISTS `tablesnap_pin` (\n" +
		"  `table_name` VARCHAR(64) NOT NULL,\n" +
		"  `version` BIGINT NOT NULL,\n" +
		"  `actor` TEXT NULL,\n" +
		"  `at` VARCHAR(32) NOT NULL,\n" +
		"  PRIMARY KEY (`table_name`, `version`)\n" +
		") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
	createLease = "CREATE TABLE IF NOT EXISTS `tablesnap_lease` (\n" +
		"  `table_name` VARCHAR(64) NOT NULL,\n" +
		"  `run_id` BIGINT NOT NULL,\n" +
		"  `token` BIGINT NOT NULL,\n" +
		"  `renewals` BIGINT NOT NULL,\n" +
		"  `lock_scope` VARCHAR(255) NOT NULL,\n" +
		"  `held_until` VARCHAR(32) NOT NULL,\n" +
		"  PRIMARY KEY (`table_name`)\n" +
		") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
)
