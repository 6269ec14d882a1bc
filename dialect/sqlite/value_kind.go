package sqlite

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// ValueKind goes by the column's affinity, and by the words that people use in types
// which SQLite does not know.
func (Dialect) ValueKind(t dialect.Table, c dialect.Column) dialect.ValueKind {
	switch affinityOf(t, c.Type) {
	case affinityInteger, affinityReal:
		return dialect.NumberValues
	case affinityNumeric:
		return kindOfNumeric(c.Type)
	default:
	}
	return dialect.TextValues
}

// kindOfNumeric is the kind of a type with numeric affinity.
func kindOfNumeric(declared string) dialect.ValueKind {
	upper := strings.ToUpper(declared)
	switch {
	case numberType.MatchString(declared):
		return dialect.NumberValues
	case strings.HasPrefix(upper, "BOOL"):
		return dialect.BooleanValues
	case upper == "DATE":
		return dialect.DateValues
	case strings.HasPrefix(upper, "DATETIME"), strings.HasPrefix(upper, "TIMESTAMP"):
		return dialect.TimestampValues
	default:
		return dialect.TextValues
	}
}
