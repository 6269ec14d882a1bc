package mysql

import "github.com/tablesnap/tablesnap/dialect"

// ValueKind goes by the column's type. A BOOLEAN is a tinyint(1), which holds other numbers
// as well.
func (Dialect) ValueKind(_ dialect.Table, c dialect.Column) dialect.ValueKind {
	t := parseType(c.Type)
	switch t.family() {
	case familyInteger, familyDecimal, familyFloat, familyYear:
		if t.isBoolean() {
			return dialect.BooleanValues
		}
		return dialect.NumberValues
	case familyDate:
		if t.base == "date" {
			return dialect.DateValues
		}
		return dialect.TimestampValues
	case familyTime, familyBit, familyJSON, familyGeometry:
		return dialect.OtherValues
	default:
		return dialect.TextValues
	}
}
