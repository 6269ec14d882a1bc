package sqlite

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// ValueKind goes by the column's affinity, and by the words that people use in types
// which SQLite does not know.
func (Dialect) ValueKind(t dialect.Table, c dialect.Column) dialect.ValueKind {
	declared := strings.ToUpper(c.Type)
	switch affinityOf(t, c.Type) {
	case affinityInteger, affinityReal:
		return dialect.NumberValues
	case affinityNumeric:
		switch {
		case numberType.MatchString(c.Type):
			return dialect.NumberValues
		case strings.HasPrefix(declared, "BOOL"):
			return dialect.BooleanValues
		case declared == "DATE":
			return dialect.DateValues
		case strings.HasPrefix(declared, "DATETIME"), strings.HasPrefix(declared, "TIMESTAMP"):
			return dialect.TimestampValues
		}
	default:
	}
	return dialect.TextValues
}
