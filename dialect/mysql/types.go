package mysql

import (
	"regexp"
	"strconv"
	"strings"
)

// columnType is a parsed type. The text of a type is the catalog's column_type, followed
// by the text of [charsetText].
type columnType struct {
	base     string // in lower case: "varchar", "int"
	args     []int
	members  []string // of ENUM and SET, quoted
	unsigned sign
	zerofill bool
	charset  string // in lower case, empty if the type has none
}

// sign says whether a number type is unsigned.
type sign string

const unsigned sign = "unsigned"

var (
	typeHead    = regexp.MustCompile(`(?i)^\s*([a-z][a-z0-9_]*)\s*(?:\(([0-9 ,]*)\))?`)
	charsetWord = regexp.MustCompile(`(?i)\bCHARACTER SET ([a-z0-9_]+)`)
	memberText  = regexp.MustCompile(`'(?:[^']|'')*'`)
)

func parseType(declared string) columnType {
	var t columnType
	m := typeHead.FindStringSubmatch(declared)
	if m == nil {
		return t
	}
	t.base = strings.ToLower(m[1])
	for arg := range strings.SplitSeq(m[2], ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(arg)); err == nil {
			t.args = append(t.args, n)
		}
	}
	rest := declared[len(m[0]):]
	if t.base == "enum" || t.base == "set" {
		t.members = memberText.FindAllString(rest, -1)
		rest = memberText.ReplaceAllString(rest, "")
	}
	if strings.Contains(strings.ToLower(rest), "unsigned") {
		t.unsigned = unsigned
	}
	t.zerofill = strings.Contains(strings.ToLower(rest), "zerofill")
	if m := charsetWord.FindStringSubmatch(rest); m != nil {
		t.charset = strings.ToLower(m[1])
	}
	return t
}

// charsetText follows a type. Without it, a new column would have the character set of
// its table, which may lack some of the characters.
func charsetText(charset, collation string) string {
	return " CHARACTER SET " + charset + " COLLATE " + collation
}

func (t columnType) arg(i, otherwise int) int {
	if i < len(t.args) {
		return t.args[i]
	}
	return otherwise
}

// family groups types between which values can be converted.
type family string

const (
	familyInteger  family = "integer"
	familyDecimal  family = "decimal"
	familyFloat    family = "float"
	familyText     family = "text"
	familyBinary   family = "binary"
	familyDate     family = "date" // DATE, DATETIME, TIMESTAMP
	familyTime     family = "time"
	familyYear     family = "year"
	familyEnum     family = "enum" // ENUM, SET
	familyBit      family = "bit"
	familyJSON     family = "json"
	familyGeometry family = "geometry"
	familyOther    family = "other"
)

func (t columnType) family() family {
	switch t.base {
	case "tinyint", "smallint", "mediumint", "int", "bigint":
		return familyInteger
	case "decimal":
		return familyDecimal
	case "float", "double":
		return familyFloat
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		return familyText
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return familyBinary
	case "date", "datetime", "timestamp":
		return familyDate
	case "time", "year", "bit", "json":
		return family(t.base)
	case "enum", "set":
		return familyEnum
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
		"geometrycollection", "geomcollection":
		return familyGeometry
	default:
		return familyOther
	}
}

// isBoolean reports whether a column of the type was declared as BOOLEAN, or might have been.
func (t columnType) isBoolean() bool {
	return t.base == "tinyint" && len(t.args) == 1 && t.args[0] == 1 && t.unsigned == ""
}

// integerBytes is the size of an integer type in bytes.
func (t columnType) integerBytes() int {
	switch t.base {
	case "tinyint":
		return 1
	case "smallint":
		return 2
	case "mediumint":
		return 3
	case "int":
		return 4
	default:
		return 8
	}
}

// charBytes is the maximum number of bytes of a character
// (https://dev.mysql.com/doc/refman/8.4/en/charset-charsets.html).
func (t columnType) charBytes() int {
	switch t.charset {
	case "utf8mb4", "utf16", "utf16le", "utf32", "gb18030":
		return 4
	case "utf8", "utf8mb3", "eucjpms", "ujis":
		return 3
	case "ucs2", "big5", "cp932", "euckr", "gb2312", "gbk", "sjis":
		return 2
	default:
		return 1
	}
}

// capacity is the maximum length of a text or binary type in bytes, or in characters for
// CHAR and VARCHAR.
func (t columnType) capacity() int {
	switch t.base {
	case "char", "varchar", "binary", "varbinary":
		return t.arg(0, 1)
	case "tinytext", "tinyblob":
		return 1<<8 - 1
	case "text", "blob":
		return 1<<16 - 1
	case "mediumtext", "mediumblob":
		return 1<<24 - 1
	default:
		return 1<<32 - 1
	}
}

// countsCharacters reports whether a text type's limit is in characters.
func (t columnType) countsCharacters() bool { return t.base == "char" || t.base == "varchar" }
