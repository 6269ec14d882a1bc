package mysqltest

import (
	"fmt"
	"slices"

	"github.com/tablesnap/tablesnap/internal/conformance"
)

// column is a nullable column. NULL is one of its values.
func column(declared string, values ...string) conformance.Column {
	return conformance.Column{Name: "value", Type: declared, Values: append(values, "NULL")}
}

// shownBy is a column whose values are shown by an expression, because CAST does not show
// them exactly.
func shownBy(expr string, c conformance.Column) conformance.Column {
	c.Exact = func(column string) string { return fmt.Sprintf(expr, column) }
	return c
}

// float shows all digits of a FLOAT. By default, the servers show six.
func float(c conformance.Column) conformance.Column { return shownBy("CONCAT(%s + 0e0)", c) }

// hexed shows values that are not text.
func hexed(c conformance.Column) conformance.Column { return shownBy("HEX(%s)", c) }

func commonColumns() []conformance.Column {
	return slices.Concat(numberColumns(), timeColumns(), textColumns(), byteColumns(), otherColumns(), keyColumns())
}

func numberColumns() []conformance.Column {
	return []conformance.Column{
		column("TINYINT", "-128", "127", "0"),
		column("TINYINT UNSIGNED", "255", "0"),
		column("SMALLINT", "-32768", "32767"),
		column("MEDIUMINT", "-8388608", "8388607"),
		column("INT", "-2147483648", "2147483647"),
		column("INT UNSIGNED", "4294967295"),
		column("INT(6) UNSIGNED ZEROFILL", "7", "1234567"),
		column("BIGINT", "-9223372036854775808", "9223372036854775807", "9007199254740993"),
		column("BIGINT UNSIGNED", "18446744073709551615", "0"),
		column("BOOLEAN", "TRUE", "FALSE"),
		column("DECIMAL(10,2)", "0.01", "-99999999.99", "1.10"),
		column("DECIMAL(65,30)", "-12345678901234567890123456789012345.123456789012345678901234567890", "0.000000000000000000000000000001"),
		column("DECIMAL(10)", "1234567890"),
		float(column("FLOAT", "16777216", "123456.789", "1.17549e-38", "-0.1", "3.40282e38")),
		float(column("FLOAT(7,2)", "12345.67")),
		column("DOUBLE", "1.7976931348623157e308", "-5e-324", "0.1", "123456789012345678", "-0.0"),
		column("DOUBLE(12,3)", "123456789.125"),
	}
}

func timeColumns() []conformance.Column {
	return []conformance.Column{
		column("DATE", "'1000-01-01'", "'9999-12-31'", "'0000-00-00'", "'2024-00-00'", "'2024-02-29'"),
		column("DATETIME", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'2024-03-31 02:30:00'"),
		column("DATETIME(6)", "'2024-12-31 23:59:59.999999'", "'2024-01-01 00:00:00.000001'"),
		column("TIMESTAMP NULL", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'0000-00-00 00:00:00'", "'2024-10-27 00:30:00'", "'2024-10-27 01:30:00'"),
		column("TIMESTAMP(6) NULL", "'2024-10-27 01:30:00.123456'"),
		{Name: "value", Type: "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP", Values: []string{"'2001-02-03 04:05:06'"}},
		{Name: "value", Type: "DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00'", Values: []string{"'2001-02-03 04:05:06'", "DEFAULT"}},
		{Name: "value", Type: "DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3)", Values: []string{"'2001-02-03 04:05:06.789'", "NULL"}},
		column("TIME", "'-838:59:59'", "'838:59:59'", "'00:00:00'"),
		column("TIME(6)", "'23:59:59.999999'", "'-00:00:00.000001'"),
		column("YEAR", "1901", "2155", "0"),
	}
}

// texts are values that a wrong character set, a trim or a truncation would change.
var texts = []string{"''", "' '", "'  padded  '", "'NULL'", `'\\N'`, `'back\\slash'`, `'line\nend\r\n'`, `'\0'`, `'a\0b'`, "'it''s'", "'007'"}

func textColumns() []conformance.Column {
	wide := append(slices.Clone(texts), "'ünï'", "'😀'", "'e\u0301'")
	latin := append(slices.Clone(texts), "'ünï'", "_latin1 X'80FF'")
	return []conformance.Column{
		column("VARCHAR(20) CHARACTER SET utf8mb4", wide...),
		column("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", wide...),
		column("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", wide...),
		column("VARCHAR(20) CHARACTER SET latin1", latin...),
		column("VARCHAR(20) CHARACTER SET ascii", texts...),
		column("VARCHAR(20) CHARACTER SET utf8mb3", append(slices.Clone(texts), "'ünï'")...),
		column("VARCHAR(20) CHARACTER SET binary", append(slices.Clone(texts), "X'00FF80'")...),
		column("CHAR(10) CHARACTER SET utf8mb4", "''", "'a'", "'😀'", "'ten letter'"),
		column("VARCHAR(8000) CHARACTER SET utf8mb4", "REPEAT('😀', 8000)"),
		column("TINYTEXT CHARACTER SET utf8mb4", append(slices.Clone(wide), "REPEAT('x', 255)")...),
		column("TEXT CHARACTER SET utf8mb4", append(slices.Clone(wide), "REPEAT('x', 65535)")...),
		column("MEDIUMTEXT CHARACTER SET latin1", append(slices.Clone(latin), "REPEAT('x', 100000)")...),
		column("LONGTEXT CHARACTER SET utf8mb4", wide...),
		column("VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT 'it''s \\\\'", "DEFAULT", "'x'"),
		column("VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT 'NULL'", "DEFAULT"),
		column("VARCHAR(20) CHARACTER SET utf8mb4 COMMENT 'a ''comment'' -- with\nlines'", "'x'"),
	}
}

func byteColumns() []conformance.Column {
	return []conformance.Column{
		column("BINARY(4)", "X'00FF0000'", "X'20202020'", "X'01'"),
		column("VARBINARY(20)", "X''", "X'00'", "X'FF00'", "X'2020'", "X'E9'"),
		column("TINYBLOB", "X'00FF'"),
		column("BLOB", "X'00FF'", "REPEAT(X'00', 65535)"),
		column("MEDIUMBLOB", "X'00FF'"),
		column("LONGBLOB", "X''", "X'5C4E'"),
		column("BIT(1)", "b'1'", "b'0'"),
		column("BIT(9)", "b'100000001'", "b'110101'"),
		column("BIT(64)", "X'FFFFFFFFFFFFFFFF'", "b'0'"),
	}
}

func otherColumns() []conformance.Column {
	return []conformance.Column{
		column("ENUM('a','b','2','it''s','') CHARACTER SET utf8mb4", "'a'", "'2'", "'it''s'", "''"),
		column("ENUM('ä','😀') CHARACTER SET utf8mb4 DEFAULT 'ä'", "'😀'", "DEFAULT"),
		column("SET('a','b','c') CHARACTER SET utf8mb4", "'a,c'", "''", "'b'"),
		column("JSON", `'{"b": [1, 2.5, null], "a": "it''s 😀"}'`, "'null'", `'"text"'`, "'[]'"),
		{Name: "value", Type: "BIGINT AS (n + 1) STORED", Values: []string{"DEFAULT"}},
		{Name: "value", Type: "BIGINT AS (n * 2) VIRTUAL", Values: []string{"DEFAULT"}},
		{Name: "value", Type: "BIGINT DEFAULT -5", Values: []string{"DEFAULT", "1"}},
	}
}

// keyColumns have keys and constraints that a backup table must not copy. They would
// refuse a second backup of the same rows, or the first one's metadata.
func keyColumns() []conformance.Column {
	return []conformance.Column{
		column("BIGINT UNIQUE", "1", "2"),
		column("VARCHAR(20) CHARACTER SET utf8mb4 UNIQUE", "'a'", "'b'"),
		column("BIGINT CHECK (value > 0)", "1"),
		column("VARCHAR(20) CHARACTER SET utf8mb4 DEFAULT 'x', KEY (value(3))", "'a'", "'a'"),
		column("BIGINT, KEY (n), KEY both_of (value, n)", "5"),
		{Name: "value", Type: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", Values: []string{"0", "-7", "7", "9223372036854775000"}},
		{Name: "value", Type: "BIGINT NOT NULL AUTO_INCREMENT, KEY (value)", Values: []string{"0", "7"}},
		{Name: "Doc_ID", Type: "BIGINT DEFAULT 0", Values: []string{"1", "NULL"}},
		{Name: "ID", Type: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", Values: []string{"0", "3"}},
		{Name: "my_row_id", Type: "BIGINT", Values: []string{"1"}},
		{Name: "_tidb_rowid_", Type: "BIGINT", Values: []string{"1"}},
	}
}

// innodbColumns are columns that TiDB does not support.
func innodbColumns() []conformance.Column {
	return []conformance.Column{
		column("VARCHAR(20) CHARACTER SET utf16", "'ünï'", "'😀'", "' '"),
		column("VARCHAR(20) CHARACTER SET gbk", "'中文'"),
		column("VARCHAR(20) CHARACTER SET sjis", "'日本'"),
		hexed(column("GEOMETRY", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 1 1))')")),
		hexed(column("POINT", "ST_GeomFromText('POINT(-1.5 2e300)', 0)")),
		hexed(column("POLYGON", "ST_GeomFromText('POLYGON((0 0, 0 1, 1 1, 0 0))')")),
		column("VARCHAR(40) CHARACTER SET utf8mb4 DEFAULT (CONCAT('x', 'y'))", "DEFAULT", "'a'"),
		column("VARCHAR(20) CHARACTER SET utf8mb4, FULLTEXT KEY (value)", "'some words'"),
		column("BIGINT) PARTITION BY HASH (n) PARTITIONS 3 -- ", "1", "2"),
	}
}

func mysqlColumns() []conformance.Column {
	return slices.Concat(commonColumns(), innodbColumns(), []conformance.Column{
		hexed(column("VECTOR(3)", "STRING_TO_VECTOR('[1, 2.5, -3]')")),
		hexed(column("POINT SRID 4326", "ST_GeomFromText('POINT(10 20)', 4326)")),
		column("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs", "'a'", "'A'", "'a '"),
		column("BIGINT, KEY ((n + 1))", "1"),
	})
}

func mariadbColumns() []conformance.Column {
	return slices.Concat(commonColumns(), innodbColumns(), []conformance.Column{
		column("UUID", "'123e4567-e89b-12d3-a456-426655440000'"),
		column("INET6", "'2001:db8::ff00:42:8329'", "'::ffff:192.0.2.1'"),
		column("INET4", "'192.0.2.1'"),
		column("TEXT COMPRESSED CHARACTER SET utf8mb4", "REPEAT('x', 1000)", "'ünï'"),
		column("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", "'a'", "'a '"),
	})
}

func mariadb11Columns() []conformance.Column {
	return append(mariadbColumns(),
		hexed(column("VECTOR(3)", "VEC_FromText('[1, 2.5, -3]')")),
		column("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_as_cs", "'a'", "'A'"),
	)
}

func commonTypes() []string {
	return []string{
		"TINYINT", "INT UNSIGNED", "BIGINT", "DECIMAL(10,2)", "FLOAT", "DOUBLE", "BIT(9)", "BOOLEAN", "DATE", "DATETIME(6)", "TIMESTAMP", "TIME", "YEAR",
		"CHAR(3)", "VARCHAR(1)", "TEXT", "BINARY(4)", "VARBINARY(1)", "BLOB", "ENUM('x','y')", "SET('x','y')", "JSON",
	}
}

func mysqlTypes() []string { return append(commonTypes(), "GEOMETRY", "POINT") }

func mariadbTypes() []string { return append(mysqlTypes(), "UUID", "INET6", "INET4") }
