package sqlitetest

import "github.com/tablesnap/tablesnap/internal/conformance"

// odd are values that do not match their column's type, which SQLite does not enforce.
func odd() conformance.Odd {
	column := func(declared string, values ...string) conformance.Column {
		return conformance.Column{Name: "value", Type: declared, Values: values}
	}
	return conformance.Odd{Columns: []conformance.Column{
		column("REAL", "1e300", "9e999", "-9e999", "-0.0", "5e-324"),
		column("REAL", "'text'", "''", "X'31'"),
		column("", "9e999", "-0.0", "1.0"),
		column("INTEGER", "'text'", "'1 2'", "1.5", "9e999", "X'31'"),
		column("NUMERIC", "'text'", "'1e400'", "1e300", "-0.0", "X'00'"),
		column("TEXT", "X'6162'", "X'00FF'", "X''"),
		column("TEXT", "'a' || char(0) || 'b'", "char(0)", "CAST(X'FF41' AS TEXT)"),
		column("VARCHAR(3)", "'longer than that'", "'four'"),
		column("DATE", "12.5", "-1", "'yesterday'", "''"),
		column("BOOLEAN", "2", "'yes'"),
		column("BLOB", "'text'", "1", "1.0"),
		{Name: " name", Type: "TEXT", Values: []string{"'x'"}},
		{Name: "", Type: "TEXT", Values: []string{"'x'"}},
	}}
}
