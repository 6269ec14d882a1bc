package sqlite_test

import (
	"context"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/sqlite"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestTextInColumnsOfNumericAffinity: a column whose type is not a number type may hold
// text. It must return every value that it accepts in the same spelling.
func TestTextInColumnsOfNumericAffinity(t *testing.T) {
	c := openChecked(t, `CREATE TABLE t (c1 STRING, c2 "my type", c3 PHONE)`)
	taken := map[string]bool{"1": true, "-5": true, "3.1": true, "abc": true, "2024-02-29": true, "0.5": true, "1.2.3": true, "": true, "0": true, "123456.789": true, "9223372036854775807": true}
	for _, text := range []string{
		"1E5", "1e5", "3.10", "-0", "0.0", "-0.0", "100.0", ".5", "5.", "0.00001", "1e-5", "1.0e-05", "123456789012345.5", "1000000000000000.5", "007", "+1", " 1",
		"9223372036854775808", "18446744073709551616", "1", "-5", "3.1", "abc", "2024-02-29", "0.5", "1.2.3", "", "0", "123456.789", "9223372036854775807",
	} {
		for _, column := range c.table.Columns {
			err := sqlite.New().Checker(dialect.Server{}, c.table, column)(rowsource.Text(text))
			if (err == nil) != taken[text] {
				t.Errorf("%q in a column of type %s: %v", text, column.Type, err)
			}
			if err != nil {
				continue
			}
			var got string
			row := c.db.QueryRowContext(context.Background(), `INSERT INTO t ("`+column.Name+`") VALUES (?) RETURNING CAST("`+column.Name+`" AS TEXT)`, text)
			if err := row.Scan(&got); err != nil || got != text {
				t.Errorf("%q in a column of type %s came back as %q (%v)", text, column.Type, got, err)
			}
		}
	}
}
