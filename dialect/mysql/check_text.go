package mysql

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// char rejects blanks at the end, all of which a CHAR cuts.
func (c typeCheck) char() valueCheck {
	rest := c.varchar()
	return func(v rowsource.Value) error {
		if strings.HasSuffix(v.Str(), " ") {
			return c.refuse("ends in a blank, which would be dropped")
		}
		return rest(v)
	}
}

// varchar rejects a text with too many characters. If only blanks are too many, the server
// would cut them.
func (c typeCheck) varchar() valueCheck {
	return c.limited(utf8.RuneCountInString)
}

// text rejects a text with too many bytes in the column's character set. If only blanks are
// too many, the server would cut them.
func (c typeCheck) text() valueCheck {
	return c.limited(c.textBytes)
}

func (c typeCheck) limited(size func(string) int) valueCheck {
	limit, lacks := c.capacity(), c.limits.lacks(c.charset)
	surely := limit / c.charBytes()
	return func(v rowsource.Value) error {
		s := plain(v)
		if len(s) > surely && size(s) > limit {
			return c.tooLong(strings.TrimRight(s, " "), size)
		}
		if lacks != nil {
			return c.refuse(lacks(s))
		}
		return nil
	}
}

// tooLong tells whether a text would be too long without the blanks at its end, too.
func (c typeCheck) tooLong(trimmed string, size func(string) int) error {
	if size(trimmed) > c.capacity() {
		return c.refuse(spelling.TooLong)
	}
	return c.refuse("ends in a blank, which would be cut")
}

// textBytes is the size of a text in the column's character set. If a set has characters of
// several sizes that only the server knows, it takes the smallest for all of them.
func (c typeCheck) textBytes(s string) int {
	switch c.charset {
	case "utf8mb4", "utf8mb3", "utf8":
		return len(s)
	case "ucs2", "utf16", "utf16le":
		size := 0
		for _, r := range s {
			size += 2
			if r > 0xFFFF {
				size += 2
			}
		}
		return size
	case "utf32":
		return 4 * utf8.RuneCountInString(s)
	default:
		return utf8.RuneCountInString(s)
	}
}

// lacking returns a function that says which character of a text a character set lacks. It
// is nil if the set has all of them, or if only the server knows
// (https://dev.mysql.com/doc/refman/8.4/en/charset-charsets.html).
func lacking(charset string) func(string) string {
	switch charset {
	case "ascii":
		return lacks(charset, func(r rune) bool { return r >= utf8.RuneSelf })
	case "latin1": // Windows' code page 1252 (https://dev.mysql.com/doc/refman/8.4/en/charset-we-sets.html)
		return lacks(charset, func(r rune) bool {
			_, ok := charmap.Windows1252.EncodeRune(r)
			return !ok
		})
	case "utf8mb3", "utf8", "ucs2":
		return lacks(charset, func(r rune) bool { return r > 0xFFFF })
	default:
		return nil
	}
}

func lacks(charset string, is func(rune) bool) func(string) string {
	return func(s string) string {
		if i := strings.IndexFunc(s, is); i >= 0 {
			r, _ := utf8.DecodeRuneInString(s[i:])
			return fmt.Sprintf("has the character %U in it, which the character set %s lacks", r, charset)
		}
		return ""
	}
}

// binary rejects values that a BINARY would pad with NUL bytes, and longer ones.
func (c typeCheck) binary() valueCheck {
	limit := c.capacity()
	return func(v rowsource.Value) error {
		switch length := len(plain(v)); {
		case length > limit:
			return c.refuse(spelling.TooLong)
		case length < limit:
			return c.refuse(fmt.Sprintf("has %d bytes, and would be filled up to %d with NUL bytes", length, limit))
		}
		return nil
	}
}

func (c typeCheck) bytes() valueCheck {
	limit := c.capacity()
	return func(v rowsource.Value) error {
		if len(plain(v)) > limit {
			return c.refuse(spelling.TooLong)
		}
		return nil
	}
}

// encoded accepts only the bytes that the servers return for a GEOMETRY or VECTOR. The
// servers would accept a text of the right length as such bytes.
func (c typeCheck) encoded() valueCheck {
	if c.form != asHex {
		return nil
	}
	return func(v rowsource.Value) error {
		if v.Kind() != rowsource.KindBlob {
			return c.refuse("is text")
		}
		return nil
	}
}

// uuid accepts 32 hexadecimal digits, with hyphens in between
// (https://mariadb.com/docs/server/reference/data-types/string-data-types/uuid-data-type).
func (c typeCheck) uuid() valueCheck {
	return func(v rowsource.Value) error {
		digits := 0
		for _, b := range []byte(plain(v)) {
			switch {
			case '0' <= b && b <= '9', 'a' <= b && b <= 'f', 'A' <= b && b <= 'F':
				digits++
			case b != '-':
				return c.refuse(spelling.NoUUID)
			}
		}
		if digits != 32 {
			return c.refuse(spelling.NoUUID)
		}
		return nil
	}
}

// inet4 accepts four numbers
// (https://mariadb.com/docs/server/reference/data-types/string-data-types/inet4).
func (c typeCheck) inet4() valueCheck {
	return func(v rowsource.Value) error {
		numbers := strings.Split(plain(v), ".")
		if len(numbers) != 4 {
			return c.refuse(spelling.NoAddress)
		}
		for _, n := range numbers {
			if n = strings.TrimLeft(n, "0"); len(n) > 3 || n != "" && (!number.IsDigits(n) || len(n) == 3 && n > "255") {
				return c.refuse(spelling.NoAddress)
			}
		}
		return nil
	}
}

// inet6 leaves an address that ends in the form of IPv4 to the server
// (https://mariadb.com/docs/server/reference/data-types/string-data-types/inet6).
func (c typeCheck) inet6() valueCheck {
	return func(v rowsource.Value) error {
		s := plain(v)
		address, err := netip.ParseAddr(s)
		undecided := strings.Contains(s, ":") && strings.Contains(s, ".")
		if (err != nil || address.Is4() || address.Zone() != "") && !undecided {
			return c.refuse(spelling.NoAddress)
		}
		return nil
	}
}
