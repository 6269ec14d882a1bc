package sqlitetest

import "github.com/tablesnap/tablesnap/internal/conformance"

// bounds are few: SQLite takes almost any value in any column, and a plan refuses those that
// do not fit the declared type.
func bounds() conformance.Bounds {
	return conformance.Bounds{Types: []conformance.BoundsOf{
		{Type: "INTEGER", Kept: []string{"9223372036854775807", "-9223372036854775808"}, Altered: []string{"9223372036854775808", "-9223372036854775809", "1.5", "x"}},
		{Type: "DECIMAL(10,2)", Kept: []string{"12345678.25", "-0.5"}, Altered: []string{"0.125", "1234567890123456.5"}},
		{Type: "REAL", Kept: []string{"1e298", "0.1"}, Altered: []string{"1e400", "0.1234567890123456789"}},
		{Type: "VARCHAR(3)", Kept: []string{"abc", "äöü", "😀😀😀"}, Altered: []string{"abcd", "äöüx", "abc "}},
		{Type: "BOOLEAN", Kept: []string{"0", "1"}, Altered: []string{"2", "maybe"}},
		{Type: "DATE", Kept: []string{"0000-01-01", "9999-12-31"}, Altered: []string{"2023-02-29", "29.02.2024"}},
	}}
}
