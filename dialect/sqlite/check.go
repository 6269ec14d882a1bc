package sqlite

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Checker rejects values that SQLite would change, or would accept although the declared
// type does not allow them (https://www.sqlite.org/datatype3.html#type_affinity): '007'
// becomes 7 in a column of numbers, and 'abc' stays text in a column of integers.
func (Dialect) Checker(_ dialect.Server, t dialect.Table, c dialect.Column) func(rowsource.Value) error {
	check := checkerOf(affinityOf(t, c.Type), c)
	if c.Nullable || c.Assigned {
		return check
	}
	return func(v rowsource.Value) error {
		if v.IsNull() {
			return errors.New("the column takes no NULL")
		}
		if check == nil {
			return nil
		}
		return check(v)
	}
}

func checkerOf(a affinity, c dialect.Column) func(rowsource.Value) error {
	switch a {
	case affinityText:
		return textChecker(c)
	case affinityInteger:
		return numbersOf(c, wholeNumbers).check
	case affinityReal:
		return numbersOf(c, floatingPoint).check
	case affinityNumeric:
		switch kindOfNumeric(c.Type) {
		case dialect.NumberValues:
			return numbersOf(c, anyNumber).check
		case dialect.BooleanValues:
			return func(v rowsource.Value) error { return checkBoolean(c, v) }
		case dialect.DateValues:
			return func(v rowsource.Value) error { return checkMoment(c, v, spelling.NoDate) }
		case dialect.TimestampValues:
			return func(v rowsource.Value) error { return checkMoment(c, v, spelling.NoTimestamp) }
		default:
			return numbersOf(c, numberOrText).check
		}
	default:
		return nil
	}
}

var (
	// numberType matches types whose name means a number. Other types of numeric affinity
	// (DATE, BOOLEAN) are also used for text.
	numberType = regexp.MustCompile(`(?i)NUM|DEC|MONEY|FIXED`)
	scaled     = regexp.MustCompile(`\( *[0-9]+ *, *([0-9]+) *\)$`)
	charLength = regexp.MustCompile(`\( *([0-9]+) *\)$`)
)

func textChecker(c dialect.Column) func(rowsource.Value) error {
	limit := math.MaxInt
	if m := charLength.FindStringSubmatch(c.Type); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			limit = n
		}
	}
	return func(v rowsource.Value) error {
		switch v.Kind() {
		case rowsource.KindText:
			if len(v.Str()) > limit && utf8.RuneCountInString(v.Str()) > limit {
				return spelling.Refuse(spelling.TooLong, c.Type)
			}
		case rowsource.KindReal:
			// SQLite converts it to a text with 15 digits.
			if short, _ := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', 15, 64), 64); short != v.Float() {
				return fmt.Errorf("it would lose digits in a column of type %s; hand it over as text", c.Type)
			}
		default:
		}
		return nil
	}
}

// allowance is what a column of numbers accepts.
type allowance int

const (
	wholeNumbers allowance = iota
	floatingPoint
	anyNumber
	numberOrText
)

// exactReals is 2^53. Above it, floating point cannot represent every integer. It always
// preserves realDigits.
const (
	exactReals = 1 << 53
	realDigits = 15
)

// numberCheck checks the values of a column of numbers.
type numberCheck struct {
	dialect.Column
	allow allowance
	// scale is the most decimal places.
	scale int
}

func numbersOf(c dialect.Column, allow allowance) *numberCheck {
	scale := math.MaxInt
	if allow == anyNumber {
		scale = scaleOf(c.Type)
	}
	return &numberCheck{c, allow, scale}
}

func (c *numberCheck) check(v rowsource.Value) error {
	switch v.Kind() {
	case rowsource.KindNull:
		if c.Assigned {
			return fmt.Errorf("NULL would become a number of the database's choice; leave the column out of the file to have the rows numbered")
		}
	case rowsource.KindInteger:
		if n := v.Int(); c.allow == floatingPoint && (n > exactReals || n < -exactReals) {
			return spelling.Refuse(spelling.TooManyDigits, c.Type)
		}
	case rowsource.KindReal:
		if c.allow == wholeNumbers && v.Float() != math.Trunc(v.Float()) {
			return spelling.Refuse(spelling.NoWholeNumber, c.Type)
		}
	case rowsource.KindBlob:
		if c.allow != numberOrText {
			return spelling.Refuse("is binary", c.Type)
		}
	case rowsource.KindText:
		return c.text(v.Str())
	}
	return nil
}

func (c *numberCheck) text(s string) error {
	if len(s) <= realDigits && number.IsPlain(s) {
		return nil
	}
	altered := func(how string) error {
		return fmt.Errorf("it would be altered by a column of type %s (%s)", c.Type, how)
	}
	n, why := spelling.Number(s)
	switch {
	case why != "" && strings.IndexByte(s, 0) >= 0:
		return altered("what follows a NUL byte may be dropped")
	case why != "" && !isNumber(s):
		if c.allow == numberOrText {
			return nil
		}
		return spelling.Refuse(why, c.Type)
	case why != "":
		return spelling.Refuse(why, c.Type)
	case c.allow == wholeNumbers && n.Places() > 0:
		return spelling.Refuse(spelling.NoWholeNumber, c.Type)
	case !keepsDigits(s, n, c.allow) && !isInteger(s, c.allow):
		return spelling.Refuse(spelling.TooManyDigits, c.Type)
	case n.Places() > c.scale:
		return spelling.Refuse(fmt.Sprintf("has %d decimal places", n.Places()), c.Type)
	case c.allow == numberOrText && !isAsShown(s):
		return altered("SQLite keeps it as a number, and shows that otherwise; declare the column as TEXT")
	}
	return nil
}

// isNumber reports whether SQLite converts a text to a number. It ignores blanks around it.
func isNumber(s string) bool {
	_, ok := number.Parse(strings.Trim(s, " \t\n\v\f\r"))
	return ok
}

// checkBoolean accepts 1 and 0. SQLite would keep a word as a text, which is not true.
func checkBoolean(c dialect.Column, v rowsource.Value) error {
	is := ""
	switch v.Kind() {
	case rowsource.KindNull:
		return nil
	case rowsource.KindInteger:
		is = strconv.FormatInt(v.Int(), 10)
	default:
		is = v.Str()
	}
	if is != "0" && is != "1" {
		return spelling.Refuse(spelling.NoBoolean, c.Type)
	}
	return nil
}

// checkMoment accepts the forms in which SQLite's functions read dates: the ISO form, with
// or without a time of day, and numbers (https://www.sqlite.org/lang_datefunc.html).
func checkMoment(c dialect.Column, v rowsource.Value, form string) error {
	if v.Kind() != rowsource.KindText {
		return numbersOf(c, numberOrText).check(v)
	}
	if spelling.IsPlainDay(v.Str()) || spelling.IsPlainMoment(v.Str()) {
		return nil
	}
	m, ok := spelling.ParseMoment(v.Str(), len("YYYY"))
	if ok && (m.Rest == "" || m.HasTime && offset.MatchString(m.Rest)) {
		return spelling.Refuse(m.Missing(), c.Type)
	}
	if _, why := spelling.Number(v.Str()); why != "" {
		return spelling.Refuse(form, c.Type)
	}
	return numbersOf(c, numberOrText).check(v)
}

// offset matches an offset from UTC.
var offset = regexp.MustCompile(`^ ?(?:Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)$`)

// isAsShown reports whether SQLite would return a number in the same spelling. In a
// column whose type is not a number type, 3.10 or 1E5 may be meant as text.
func isAsShown(text string) bool {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.FormatInt(n, 10) == text
	}
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && !strings.ContainsAny(text, "eE") && strconv.FormatFloat(f, 'g', 15, 64) == text
}

// scaleOf is the scale of a type like DECIMAL(10,2), which SQLite does not look at. A type
// without one has any number of decimal places.
func scaleOf(declared string) int {
	if m := scaled.FindStringSubmatch(declared); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			return n
		}
	}
	return math.MaxInt
}

// isInteger reports whether SQLite stores a number directly as a 64-bit integer.
func isInteger(text string, allow allowance) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil && allow != floatingPoint
}

// keepsDigits reports whether a number fits the digits that floating point preserves. An integer that is converted to floating point and back must be exact.
func keepsDigits(text string, n number.Number, allow allowance) bool {
	if n.Significant() > realDigits || n.Magnitude() <= -290 || n.Magnitude() >= 300 {
		return false
	}
	if allow == floatingPoint || n.Magnitude() <= realDigits {
		return true
	}
	f, err := strconv.ParseFloat(text, 64)
	return err == nil && (math.Abs(f) < exactReals || math.Abs(f) > math.MaxInt64)
}

// ColumnLiteral writes the value that a load binds.
func (d Dialect) ColumnLiteral(dialect.Column) func(rowsource.Value) string { return d.Literal }
