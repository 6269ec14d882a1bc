package mysqltest

import "github.com/tablesnap/tablesnap/internal/conformance"

// odd are values that a session without strict mode stores, and values whose text form is
// not exact.
func odd() conformance.Odd {
	plain := func(declared string, values ...string) conformance.Column {
		return conformance.Column{Name: "value", Type: declared, Values: values}
	}
	ordinal := func(c conformance.Column) conformance.Column { return shownBy("CONCAT(%s, ' ', %[1]s + 0)", c) }
	return conformance.Odd{
		Session: []string{"SET SESSION sql_mode = ''"},
		Columns: []conformance.Column{
			ordinal(plain("ENUM('a','b')", "'nosuch'", "'b'")),
			plain("ENUM('a','') NOT NULL", "'nosuch'", "''"), // both are an empty text, also for the server
			ordinal(plain("SET('a','b')", "''", "'nosuch'", "'b,a'")),
			plain("JSON", "JSON_OBJECT('n', CAST(1.25 AS DECIMAL(5,2)))", "JSON_OBJECT('n', CAST('12345678901234567890.12' AS DECIMAL(30,2)))",
				"JSON_ARRAY(1.5e0, -0.0e0, CAST('2020-01-02' AS DATE), 18446744073709551615)"),
			plain("DATE", "'2020-00-00'", "'0000-00-00'", "'2020-02-00'", "'nosuch'"),
			plain("DATETIME", "'2020-00-00 00:00:00'", "'0000-00-00 00:00:00'"),
			plain("TIMESTAMP NULL", "'0000-00-00 00:00:00'"),
			plain("YEAR", "0", "'nosuch'"),
			plain("BIT(1)", "b'0'", "b'1'"),
			plain("BIT(9)", "b'110001'", "b'100000000'"),
			plain("BIT(64)", "X'FFFFFFFFFFFFFFFF'", "b'0'"),
			plain("DOUBLE", "-0.0e0", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308"),
			float(plain("FLOAT", "-0.0e0", "3.4028234663852886e38", "1.17549435e-38", "1.4e-45", "16777217")),
			plain("DECIMAL(5,2)", "-0.00", "12345"),
			plain("BINARY(4)", "X'61620000'", "X'00000000'", "X'61'", "''"),
			plain("VARBINARY(4)", "X'6100'", "X'00'", "''"),
			plain("BLOB", "X'610000'", "''"),
			plain("CHAR(4) CHARACTER SET utf8mb4", "'a '", "''"),
			plain("VARCHAR(4) CHARACTER SET latin1", "'a '", "X'80'", "' '"),
			plain("TIME", "'-838:59:59'", "'900:00:00'", "'-00:00:01'"),
			{Name: " name", Type: "VARCHAR(4)", Values: []string{"'x'"}},
		},
	}
}
