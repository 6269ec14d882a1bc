package postgres

import (
	"regexp"
	"strconv"
	"strings"
)

// collateWord is between a type and its collation.
const collateWord = " COLLATE "

// columnType is a parsed type in the form of format_type.
type columnType struct {
	// base is the type without its modifiers: "character varying".
	base string
	// args are the modifiers in parentheses.
	args []int
}

// typeWords splits a type into its name, its modifiers, and what follows them ("without
// time zone").
var typeWords = regexp.MustCompile(`^([^(]+?)(?:\((-?[0-9]+)(?:,(-?[0-9]+))?\))?((?: [a-z ]+)?(?:\[\])?)$`)

func parseType(declared string) columnType {
	bare, _, _ := strings.Cut(declared, collateWord)
	m := typeWords.FindStringSubmatch(bare)
	if m == nil {
		return columnType{base: bare}
	}
	t := columnType{base: m[1] + m[4]}
	for _, arg := range m[2:4] {
		if n, err := strconv.Atoi(arg); err == nil {
			t.args = append(t.args, n)
		}
	}
	return t
}

// arg is the nth modifier, or otherwise if there is none.
func (t columnType) arg(n, otherwise int) int {
	if n < len(t.args) {
		return t.args[n]
	}
	return otherwise
}

// family groups types that store the same kind of value.
type family string

const (
	familyInteger   family = "integer"
	familyNumeric   family = "numeric"
	familyFloat     family = "float"
	familyText      family = "text"
	familyBytes     family = "bytes"
	familyDate      family = "date"
	familyTimestamp family = "timestamp"
	familyTime      family = "time"
	familyBoolean   family = "boolean"
	familyBits      family = "bits"
	familyInterval  family = "interval"
	familyMoney     family = "money"
	familyName      family = "name"
	familyChar      family = "char"
	familyJSON      family = "json"
	familyJSONB     family = "jsonb"
	familyOther     family = ""
)

func (t columnType) family() family {
	switch t.base {
	case "smallint", "integer", "bigint":
		return familyInteger
	case "numeric":
		return familyNumeric
	case "real", "double precision":
		return familyFloat
	case "text", "character varying", "character":
		return familyText
	case "bytea":
		return familyBytes
	case "date":
		return familyDate
	case "timestamp without time zone", "timestamp with time zone":
		return familyTimestamp
	case "time without time zone", "time with time zone":
		return familyTime
	case "boolean":
		return familyBoolean
	case "bit", "bit varying":
		return familyBits
	case "interval":
		return familyInterval
	case "money":
		return familyMoney
	case "name":
		return familyName
	case "json", "jsonb":
		return family(t.base)
	case `"char"`:
		return familyChar
	default:
		return familyOther
	}
}

// integerBytes is the size of an integer type in bytes.
func (t columnType) integerBytes() int {
	return map[string]int{"smallint": 2, "integer": 4, "bigint": 8}[t.base]
}

// maxFraction is the maximum number of digits in a fraction of a second.
const maxFraction = 6

// length is the maximum length of a text in characters, or 0 if there is none.
func (t columnType) length() int {
	if t.base == "character" {
		return t.arg(0, 1)
	}
	return t.arg(0, 0)
}
