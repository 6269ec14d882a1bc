package mysqltest

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/internal/conformance"
)

func (s Server) words() conformance.Words {
	w := conformance.Words{
		Text:     "VARCHAR(255) CHARACTER SET utf8mb4",
		LongText: "LONGTEXT CHARACTER SET utf8mb4",
		JSON:     []string{"JSON"},
		Integer:  "BIGINT",
		// The suite's databases have the character set latin1.
		ScriptBegins: "SET NAMES utf8mb4;\nALTER DATABASE CHARACTER SET utf8mb4;\n",
		Key:          "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
		Tables:       "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name",
		// The type of a column's values is known, so their bytes are enough.
		Exact:        func(column string) string { return "CAST(" + column + " AS BINARY)" },
		Types:        s.traits.types,
		LongTable:    strings.Repeat("long_", 12) + "long",
		HostileNames: s.traits.names,
		Definitions:  s.traits.definitions,
		// The lock that another run holds until it releases it.
		HoldLock: func(table string) []string {
			return []string{"DO GET_LOCK(CONCAT('tablesnap:', DATABASE(), '." + table + "'), 10)"}
		},
		LetGo: func(table string) []string {
			return []string{"DO RELEASE_LOCK(CONCAT('tablesnap:', DATABASE(), '." + table + "'))"}
		},
	}
	w.Settings = []string{"SET SESSION sql_select_limit = 1", "SET SESSION time_zone = '+05:30'", "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'", "SET NAMES latin1"}
	// InnoDB reads the statistics whenever it opens the table again.
	w.Overestimate = []string{"ALTER TABLE people STATS_PERSISTENT = 1, STATS_AUTO_RECALC = 0", "ANALYZE TABLE people",
		"UPDATE mysql.innodb_table_stats SET n_rows = 512 WHERE database_name = DATABASE() AND table_name = 'people'",
		"RENAME TABLE people TO people_aside", "RENAME TABLE people_aside TO people"}
	w.EstimatesSizes = s.Backend.Facts().Name != mysql.NameTiDB
	w.CountFrom = func(table string, n int) []string {
		return []string{fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", table, n)}
	}
	// On Galera a sequence needs INCREMENT BY 0, so that each node has its own numbers.
	if s.Backend.Facts().Name != mysql.New().Facts().Name && s.Name != "galera" {
		w.NextOf = func(sequence string) string { return "NEXTVAL(" + sequence + ")" }
	}
	switch s.Backend.Facts().Name {
	case mysql.NameTiDB:
		w.Overestimate = []string{"ANALYZE TABLE people", "UPDATE mysql.stats_meta SET count = 512 WHERE table_id = (SELECT tidb_table_id FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'people')"}
		w.RandomKeys = []conformance.RandomKey{
			{Definition: "BIGINT AUTO_RANDOM PRIMARY KEY", Counted: "n & ((1 << 58) - 1)"},
			{Definition: "BIGINT UNSIGNED AUTO_RANDOM(4, 54) PRIMARY KEY", Counted: "n & ((1 << 50) - 1)"},
		}
		w.Settings = append(w.Settings, "SET SESSION tidb_read_staleness = -5")
	case mysql.NameMariaDB:
		w.Settings = append(w.Settings, "SET SESSION system_versioning_asof = '2001-01-01 00:00:00'",
			"SET SESSION sql_mode = 'ORACLE,EMPTY_STRING_IS_NULL'") // in this mode, the catalog shows BLOB as blob(65535)
	}
	w.Schemas = []string{"mysql"}
	if s.traits.triggers == withTriggers {
		w.Note, w.Rewrite, w.Schemas = note, rewrite, append(w.Schemas, "mysql_triggers")
	}
	if s.Backend.Facts().Name == mysql.NameTiDB {
		w.CheckedSwap, w.Writers, w.SlowDefinitions = conformance.RefusesChecks, conformance.LetIn, true
	}
	return w
}

func note(trigger, table, event, noted string) []string {
	return []string{"CREATE TRIGGER " + trigger + " AFTER " + event + " ON " + table + " FOR EACH ROW INSERT INTO " + noted + " VALUES ('" + event + "')"}
}

func rewrite(trigger, table, column, text string) []string {
	return []string{"CREATE TRIGGER " + trigger + " BEFORE INSERT ON " + table + " FOR EACH ROW SET NEW." + column + " = '" + text + "'"}
}

// hostileNames are unusual names that all servers of the family allow in quotes: at most
// 64 characters, no blank at the end, and no character above U+FFFF.
func hostileNames() []string {
	return []string{
		"two words", " blank ahead", `double " quote`, `""`, "single ' quote", "back`tick", "``", "[brackets]", "]", "dot.ted", "main.people",
		"select", "Order", "table", "null", "ünïcödé", "$1", "${name}", "$$", "$?", "?", "?1", ":name", "@name", "%s", "%", `back\slash`, `\`, `\q`,
		"semi;colon", "--", "a -- b", "/*", "*/", "#", "new\nline", "\nDELIMITER x", "tab\tin", "1", "1e5", "-", "(", "a,b", strings.Repeat("x", 64),
		"changes()", "x'41'", "\u202eleft", "nul\x01ctrl",
	}
}
