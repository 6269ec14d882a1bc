package postgres

import (
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// CanStore compares whole types, since an assignment rounds decimals and fractions of a
// second silently. A text stores every type's output exactly, in a session of
// [Dialect.Session].
func (Dialect) CanStore(_, _ dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	given := bareType(want)
	h, w := parseType(have.Type), parseType(given)
	if have.BaseType == "" && (withoutCollation(have.Type) == withoutCollation(given) || h.holds(w)) {
		return true, have
	}
	have.BaseType = ""
	if w.holds(h) {
		have.Type = given
		return false, have
	}
	have.Type = widerType(h, w)
	return false, have
}

func withoutCollation(declared string) string {
	bare, _, _ := strings.Cut(declared, collateWord)
	return bare
}

// Retyped casts values that were stored as text. Other types are converted by the
// assignment (https://www.postgresql.org/docs/current/typeconv-query.html).
func (Dialect) Retyped(expr string, kept, now dialect.Column) string {
	if !keptAsText(kept, now) {
		return expr
	}
	return "CAST(" + expr + " AS " + withoutCollation(now.Type) + ")"
}

// Comparable casts both to text if one of them is text: only number types can be compared
// with each other.
func (Dialect) Comparable(expr string, kept, now dialect.Column) string {
	if !keptAsText(kept, now) {
		return expr
	}
	return "CAST(" + expr + ` AS text) COLLATE "C"`
}

// keptAsText reports whether the backup stores a type's values as text, because its
// column has values of several types.
func keptAsText(kept, now dialect.Column) bool {
	return parseType(kept.Type).base == "text" && parseType(bareType(now)).family() != familyText
}

// holds reports whether a column of type t keeps every value of type w.
func (t columnType) holds(w columnType) bool {
	if t.base == "text" {
		return true
	}
	switch t.family() {
	case familyInteger:
		return w.family() == familyInteger && t.integerBytes() >= w.integerBytes()
	case familyNumeric:
		return t.holdsNumber(w)
	case familyFloat:
		return t.base == w.base || t.base == "double precision" && w.base == "real"
	case familyText:
		return t.base == "character varying" && w.base == "character varying" && (t.length() == 0 || w.length() > 0 && t.length() >= w.length())
	case familyTimestamp, familyTime:
		return t.base == w.base && t.arg(0, maxFraction) >= w.arg(0, maxFraction)
	case familyBits:
		return t.base == "bit varying" && w.family() == familyBits && (len(t.args) == 0 || len(w.args) > 0 && t.arg(0, 0) >= w.arg(0, 0))
	default:
		return false // CanStore has already compared the types' names
	}
}

// holdsNumber reports whether a numeric column keeps every value of type w. A numeric
// without modifiers keeps every digit
// (https://www.postgresql.org/docs/current/datatype-numeric.html).
func (t columnType) holdsNumber(w columnType) bool {
	switch w.family() {
	case familyInteger:
		digits := map[int]int{2: 5, 4: 10, 8: 19}[w.integerBytes()]
		return len(t.args) == 0 || t.wholeDigits() >= digits && t.arg(1, 0) >= 0
	case familyNumeric:
		return len(t.args) == 0 || len(w.args) > 0 && t.wholeDigits() >= w.wholeDigits() && t.arg(1, 0) >= w.arg(1, 0)
	default:
		return false
	}
}

func (t columnType) wholeDigits() int { return t.arg(0, 0) - t.arg(1, 0) }

// widerType is a type that can store the values of both types.
func widerType(a, b columnType) string {
	number := func(t columnType) bool { return t.family() == familyInteger || t.family() == familyNumeric }
	switch {
	case number(a) && number(b):
		return "numeric"
	case a.base == b.base && (a.family() == familyTimestamp || a.family() == familyTime):
		name, zone, _ := strings.Cut(a.base, " ")
		return fmt.Sprintf("%s(%d) %s", name, max(a.arg(0, maxFraction), b.arg(0, maxFraction)), zone)
	case a.family() == familyBits && b.family() == familyBits:
		return "bit varying"
	default:
		return "text"
	}
}
