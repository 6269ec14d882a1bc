package mysqltest

import "github.com/tablesnap/tablesnap/internal/conformance"

// table is a table people that one statement creates and that can be swapped.
func table(statement string, file ...string) conformance.Definition {
	return conformance.Definition{Statements: []string{statement}, File: file}
}

// refused is a table that a swap refuses, because it would lose the property that says
// names.
func refused(says string, statements ...string) conformance.Definition {
	return conformance.Definition{Statements: statements, File: []string{"n,age", "1,1"}, Refused: says}
}

func commonDefinitions() []conformance.Definition {
	return []conformance.Definition{
		table("CREATE TABLE people (n BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'it''s the key', "+
			"email VARCHAR(80) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s', age INT DEFAULT 7 COMMENT 'in years', "+
			"at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), twice INT AS (age * 2) VIRTUAL, "+
			"UNIQUE KEY both_of (email(10), age) COMMENT 'unique', KEY by_age (age) COMMENT 'plain') "+
			"AUTO_INCREMENT=31000 COMMENT='the people' DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci", "email,age", "a,1", "b,2"),
		table("CREATE TABLE people (n BIGINT NOT NULL, age INT, PRIMARY KEY (n)) PARTITION BY RANGE (n) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE)",
			"n,age", "1,1", "100,2"),
	}
}

// lateIndexes are indexes that a swap adds after the rows, or leaves where they are.
func lateIndexes() []conformance.Definition {
	const columns = "CREATE TABLE people (n BIGINT AUTO_INCREMENT, email VARCHAR(80) DEFAULT 'a\n  KEY `zz` (', age INT, twice INT AS (age * 2) VIRTUAL, UNIQUE KEY u (age), "
	const zz, aa = "KEY zz (email(10), age DESC) COMMENT 'it''s\n  KEY `aa` (', ", "KEY `a``a, (` (age) USING BTREE, KEY blocks (age) KEY_BLOCK_SIZE=4, "
	return []conformance.Definition{
		table(columns+zz+aa+"KEY twice (twice), PRIMARY KEY (n))", "n,age", "5,1"),
		table(columns+zz+"KEY by_n (n))", "n,age", "5,1"), // the numbers need the index
		table(columns+zz+"FULLTEXT KEY words (email), "+aa+"PRIMARY KEY (n))", "n,age", "5,1"),
		table("CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, KEY by_n (n), KEY late (age)) PARTITION BY HASH (n) PARTITIONS 2", "n,age", "5,1"),
	}
}

func mysqlDefinitions() []conformance.Definition {
	return append(append(commonDefinitions(), lateIndexes()...),
		table("CREATE TABLE people (n BIGINT PRIMARY KEY, age INT CHECK (age > 0), kept INT DEFAULT (1 + 1) INVISIBLE, CHECK (n > age) NOT ENFORCED, "+
			"KEY hidden (age DESC) INVISIBLE, KEY computed ((age + 1))) ROW_FORMAT=DYNAMIC STATS_PERSISTENT=0 KEY_BLOCK_SIZE=0", "n,age", "5,1"),
		refused("by_hand", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, CONSTRAINT by_hand CHECK (age > 0))"),
		refused("people_chk_2", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, CHECK (age > 0), CHECK (n > 0))", "ALTER TABLE people DROP CHECK people_chk_1"),
		refused("people_chk_10", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, CHECK (n > 1), CHECK (n > 2), CHECK (n > 3), CHECK (n > 4), CHECK (n > 5), "+
			"CHECK (n > 6), CHECK (n > 7), CHECK (n > 8), CHECK (n > 9), CHECK (n > 10))"),
		refused("histogram", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT)", "INSERT INTO people VALUES (1, 1)", "ANALYZE TABLE people UPDATE HISTOGRAM ON age"),
	)
}

func mariadbDefinitions() []conformance.Definition {
	return append(append(commonDefinitions(), lateIndexes()...),
		table("CREATE TABLE people (n BIGINT PRIMARY KEY, age INT CHECK (age > 0), kept INT INVISIBLE DEFAULT (1 + 1), word TEXT COMPRESSED, "+
			"CONSTRAINT by_hand CHECK (n > age), KEY other (age DESC)) ROW_FORMAT=DYNAMIC STATS_PERSISTENT=0", "n,age", "5,1"),
		refused("whole definition", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT) PAGE_CHECKSUM=1"), // CREATE TABLE ... LIKE does not copy it
		refused("statistics", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT)", "INSERT INTO people VALUES (1, 1)", "ANALYZE TABLE people PERSISTENT FOR ALL"),
		refused("ignored", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, KEY hidden (age) IGNORED)"),
	)
}

func tidbDefinitions() []conformance.Definition {
	return append(commonDefinitions(),
		table("CREATE TABLE people (n BIGINT AUTO_INCREMENT, age INT, PRIMARY KEY (n) NONCLUSTERED, KEY hidden (age) INVISIBLE, KEY computed ((age + 1))) "+
			"SHARD_ROW_ID_BITS=4 AUTO_ID_CACHE=1 AUTO_INCREMENT=500", "age", "1"),
		table("CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, at DATETIME) TTL = at + INTERVAL 1 YEAR TTL_ENABLE='OFF'", "n,age", "5,1"),
		table("CREATE TABLE people (n BIGINT AUTO_RANDOM PRIMARY KEY, age INT)", "n,age", "5,1"),
		refused("CHECK", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT, CONSTRAINT by_hand CHECK (age > 0))"),
		// This is the last one, because a cached table cannot be dropped.
		refused("cached table", "CREATE TABLE people (n BIGINT PRIMARY KEY, age INT)", "ALTER TABLE people CACHE"),
	)
}
