package postgres

import "github.com/tablesnap/tablesnap/dialect"

// ValueKind goes by the column's type, or by that of its domain.
func (Dialect) ValueKind(_ dialect.Table, c dialect.Column) dialect.ValueKind {
	switch parseType(bareType(c)).family() {
	case familyText, familyName, familyChar:
		return dialect.TextValues
	case familyInteger, familyNumeric, familyFloat:
		return dialect.NumberValues
	case familyDate:
		return dialect.DateValues
	case familyTimestamp:
		return dialect.TimestampValues
	case familyBoolean:
		return dialect.BooleanValues
	case familyBytes, familyOther: // an empty string is one of their values, or may be
		return dialect.TextValues
	default:
		return dialect.OtherValues
	}
}
