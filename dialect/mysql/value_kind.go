package mysql

import "github.com/tablesnap/tablesnap/dialect"

// ValueKind goes by the column's type. A BOOLEAN is a number here.
func (Dialect) ValueKind(_ dialect.Table, c dialect.Column) dialect.ValueKind {
	t := parseType(c.Type)
	switch t.family() {
	case familyInteger, familyDecimal, familyFloat, familyYear:
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
