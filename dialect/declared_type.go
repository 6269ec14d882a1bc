package dialect

import (
	"regexp"
	"strconv"

	"github.com/tablesnap/tablesnap/rowsource"
)

// precise matches the precision and the scale of a decimal, as all databases write them.
var precise = regexp.MustCompile(`(?i)^(?:decimal|dec|numeric|number)\s*\(\s*([0-9]{1,4})\s*(?:,\s*([0-9]{1,4})\s*)?\)`)

// DeclaredType is what a column is declared to hold, for a file that has types. It is text
// for whatever such a file has no type for.
func DeclaredType(d Dialect, t Table, c Column) rowsource.Type {
	switch KindOfValues(d, t, c) {
	case DateValues:
		return rowsource.Type{Kind: rowsource.TypeDate}
	case TimestampValues:
		return rowsource.Type{Kind: rowsource.TypeTimestamp}
	case BooleanValues:
		return rowsource.Type{Kind: rowsource.TypeBoolean}
	case NumberValues:
		return declaredDecimal(c)
	default:
		return rowsource.Type{}
	}
}

// declaredDecimal has neither digits nor a scale if the type names none.
func declaredDecimal(c Column) rowsource.Type {
	of := rowsource.Type{Kind: rowsource.TypeDecimal}
	declared := c.Type
	if c.BaseType != "" {
		declared = c.BaseType
	}
	m := precise.FindStringSubmatch(declared)
	if m == nil {
		return of
	}
	precision, _ := strconv.Atoi(m[1])
	scale, _ := strconv.Atoi(m[2]) // without one, it is 0
	if scale <= precision {
		of.Digits, of.Scale = precision-scale, scale
	}
	return of
}
