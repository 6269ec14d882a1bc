package mysql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// CanStore compares whole types, since strict mode rounds decimals and fractions of a
// second silently. If no type can store both the backup's values and the original's,
// wider has an empty type.
func (Dialect) CanStore(_, _ dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	h, w := parseType(have.Type), parseType(want.Type)
	if h.holds(w) || sameButCollation(have.Type, want.Type) {
		return true, have
	}
	if w.holds(h) {
		have.Type = want.Type
		return false, have
	}
	wider := widerType(h, w)
	ok := wider == have.Type // it was widened before
	have.Type = wider
	return ok, have
}

func sameButCollation(a, b string) bool {
	a, _, _ = strings.Cut(a, " COLLATE ")
	b, _, _ = strings.Cut(b, " COLLATE ")
	return a == b
}

// holds reports whether a column of type t keeps every value of type w.
func (t columnType) holds(w columnType) bool {
	if t.family() != w.family() {
		return false
	}
	switch t.family() {
	case familyInteger:
		return t.integerBytes() >= w.integerBytes() && t.unsigned == w.unsigned ||
			t.unsigned != unsigned && t.integerBytes() > w.integerBytes()
	case familyDecimal:
		return t.scale() >= w.scale() && t.wholeDigits() >= w.wholeDigits() && (t.unsigned == w.unsigned || t.unsigned != unsigned)
	case familyFloat:
		return len(t.args) == 0 && (t.base == "double" || w.base == "float") && (t.unsigned == w.unsigned || t.unsigned != unsigned)
	case familyText:
		return t.holdsText(w)
	case familyBinary:
		return t.base != "binary" && t.capacity() >= w.capacity()
	case familyDate:
		return t.holdsDate(w)
	case familyTime:
		return t.arg(0, 0) >= w.arg(0, 0)
	case familyEnum:
		return t.base == w.base && t.charset == w.charset && containsAll(t.members, w.members)
	case familyBit:
		return t.arg(0, 1) >= w.arg(0, 1)
	case familyGeometry:
		return t.base == "geometry"
	case familyYear, familyJSON:
		return true
	default:
		return false // for other types, only sameButCollation says that they are the same
	}
}

// https://dev.mysql.com/doc/refman/8.4/en/fixed-point-types.html
func (t columnType) scale() int       { return t.arg(1, 0) }
func (t columnType) wholeDigits() int { return t.arg(0, 10) - t.scale() }

// holdsText treats CHAR separately, since a CHAR drops trailing blanks.
func (t columnType) holdsText(w columnType) bool {
	if t.base == "char" && w.base != "char" || t.charset != w.charset && t.charset != "utf8mb4" {
		return false
	}
	if t.countsCharacters() {
		return t.capacity() >= w.capacity() // a text has no more characters than bytes
	}
	most := w.capacity()
	if w.countsCharacters() || t.charset != w.charset {
		most *= t.charBytes()
	}
	return t.capacity() >= most || t.base == "longtext"
}

func (t columnType) holdsDate(w columnType) bool {
	switch t.base {
	case "datetime":
		return t.arg(0, 0) >= w.arg(0, 0)
	case "timestamp":
		return w.base == "timestamp" && t.arg(0, 0) >= w.arg(0, 0)
	default:
		return w.base == "date"
	}
}

func containsAll(have, want []string) bool {
	return !slices.ContainsFunc(want, func(m string) bool { return !slices.Contains(have, m) })
}

// widerType is a type that can store the values of both types, or empty.
func widerType(a, b columnType) string {
	if a.family() == b.family() {
		if t := widerInFamily(a, b); t != "" {
			return t
		}
	}
	switch {
	case a.isExactNumber() && b.isExactNumber():
		return widerNumber(a, b)
	case a.writesText() && b.writesText():
		return "longtext" + charsetText("utf8mb4", "utf8mb4_bin")
	case a.isBytes() && b.isBytes():
		return "longblob"
	}
	return ""
}

func widerInFamily(a, b columnType) string {
	switch a.family() {
	case familyInteger: // one of them is unsigned, and the other not
		if size := max(a.integerBytes(), b.integerBytes()); size < 8 {
			return "bigint"
		}
		return "decimal(20,0)"
	case familyFloat:
		return "double"
	case familyBinary:
		return "longblob"
	case familyDate:
		return fmt.Sprintf("datetime(%d)", max(a.arg(0, 0), b.arg(0, 0)))
	case familyEnum:
		if a.base == b.base && a.charset == b.charset {
			return a.union(b)
		}
	case familyGeometry:
		return "geometry"
	default:
	}
	return ""
}

// union has the members of both types, those of t first.
func (t columnType) union(b columnType) string {
	members := slices.Clone(t.members)
	for _, m := range b.members {
		if !slices.Contains(members, m) {
			members = append(members, m)
		}
	}
	return t.base + "(" + strings.Join(members, ",") + ") CHARACTER SET " + t.charset
}

func (t columnType) isExactNumber() bool {
	return t.family() == familyInteger || t.family() == familyDecimal || t.family() == familyYear
}

// widerNumber is a DECIMAL, which has up to 65 digits, or a text if that is too few.
func widerNumber(a, b columnType) string {
	scale := max(a.decimalScale(), b.decimalScale())
	whole := max(a.decimalDigits(), b.decimalDigits())
	if whole+scale > 65 {
		return "longtext" + charsetText("utf8mb4", "utf8mb4_bin")
	}
	return fmt.Sprintf("decimal(%d,%d)", whole+scale, scale)
}

func (t columnType) decimalScale() int {
	if t.family() == familyDecimal {
		return t.scale()
	}
	return 0
}

func (t columnType) decimalDigits() int {
	if t.family() == familyDecimal {
		return t.wholeDigits()
	}
	return 20 // of a BIGINT UNSIGNED
}

// writesText reports whether a value is the same after a conversion to text and back. The
// servers write a FLOAT with too few digits, a BIT as bytes, and a TIMESTAMP in the
// session's time zone.
func (t columnType) writesText() bool {
	switch t.family() {
	case familyInteger, familyDecimal, familyText, familyTime, familyYear, familyEnum, familyJSON:
		return true
	case familyDate:
		return t.base != "timestamp"
	case familyFloat:
		return t.base == "double"
	default:
		return false
	}
}

// isBytes reports whether the values can be stored as bytes. A text in utf8mb4 can be
// read back from its bytes.
func (t columnType) isBytes() bool {
	return t.family() == familyBinary || t.family() == familyText && t.charset == "utf8mb4" && t.base != "char"
}
