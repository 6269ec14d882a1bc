// Package number reads decimal numbers of any size, exactly and without allocating.
package number

import "strings"

// Number is a decimal number as it is written. Its digits stay where they are in the text.
type Number struct {
	Negative bool
	// Plus states that a plus sign is written.
	Plus bool
	// whole and places are the digits before and after the decimal point.
	whole, places string
	exponent      int
	// leading and trailing count the zeros at the ends of the digits.
	leading, trailing int
}

// maxExponent is the largest exponent that is told apart from larger ones. All numbers that
// a database keeps have smaller ones.
const maxExponent = 1_000_000_000

// Parse reads a number such as "-12.50e3", without blanks around it. Ok is false for
// anything else.
func Parse(s string) (n Number, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		n.Negative, n.Plus, s = s[0] == '-', s[0] == '+', s[1:]
	}
	n.whole, s = digits(s)
	if s != "" && s[0] == '.' {
		n.places, s = digits(s[1:])
	}
	if n.count() == 0 {
		return Number{}, false
	}
	if s != "" {
		if n.exponent, ok = exponent(s); !ok {
			return Number{}, false
		}
	}
	for n.leading < n.count() && n.digit(n.leading) == '0' {
		n.leading++
	}
	for n.trailing < n.count()-n.leading && n.digit(n.count()-1-n.trailing) == '0' {
		n.trailing++
	}
	return n, true
}

// IsDigits reports whether a text is digits and nothing else.
func IsDigits(s string) bool {
	whole, rest := digits(s)
	return whole != "" && rest == ""
}

// IsPlain reports whether a text is digits without leading zeros and nothing else.
func IsPlain(s string) bool { return IsDigits(s) && (s[0] != '0' || len(s) == 1) }

func digits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

func exponent(s string) (exponent int, ok bool) {
	if s[0] != 'e' && s[0] != 'E' {
		return 0, false
	}
	s = s[1:]
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		exponent = min(maxExponent, 10*exponent+int(s[i]-'0'))
	}
	if negative {
		exponent = -exponent
	}
	return exponent, s != ""
}

func (n Number) count() int { return len(n.whole) + len(n.places) }

func (n Number) digit(i int) byte {
	if i < len(n.whole) {
		return n.whole[i]
	}
	return n.places[i-len(n.whole)]
}

// IsZero reports whether the number is 0, with either sign.
func (n Number) IsZero() bool { return n.leading == n.count() }

// LeadingZeros reports whether zeros are written before the first digit that counts.
func (n Number) LeadingZeros() bool { return len(n.whole) > 1 && n.whole[0] == '0' }

// Significant is the number of digits without the zeros at both ends.
func (n Number) Significant() int { return n.count() - n.leading - n.trailing }

// Magnitude is the number of digits before the decimal point, without leading zeros: 3 for
// 123.4, 0 for 0.5, and -1 for 0.05. It is 0 for a zero.
func (n Number) Magnitude() int {
	if n.IsZero() {
		return 0
	}
	return len(n.whole) + n.exponent - n.leading
}

// Places is the number of decimal places, without the zeros at their end. It is negative for
// an integer that ends in zeros: -2 for 100. It is 0 for a zero.
func (n Number) Places() int {
	if n.IsZero() {
		return 0
	}
	return len(n.places) - n.exponent - n.trailing
}

// Compare returns -1 if n is less than o, 1 if it is greater, and 0 if both are the same
// number.
func (n Number) Compare(o Number) int {
	switch {
	case n.IsZero() && o.IsZero():
		return 0
	case n.IsZero():
		return -o.sign()
	case o.IsZero() || n.Negative != o.Negative:
		return n.sign()
	default:
		return n.sign() * n.compareSize(o)
	}
}

func (n Number) sign() int {
	if n.Negative {
		return -1
	}
	return 1
}

// compareSize compares numbers without their signs. None is zero.
func (n Number) compareSize(o Number) int {
	if a, b := n.Magnitude(), o.Magnitude(); a != b {
		return order(a, b)
	}
	for i := range max(n.Significant(), o.Significant()) {
		if a, b := n.significant(i), o.significant(i); a != b {
			return order(int(a), int(b))
		}
	}
	return 0
}

// significant is the i-th significant digit, or '0' if there are fewer.
func (n Number) significant(i int) byte {
	if i >= n.Significant() {
		return '0'
	}
	return n.digit(n.leading + i)
}

func order(a, b int) int {
	if a < b {
		return -1
	}
	return 1
}

// Range are the numbers from a least to a greatest one.
type Range struct{ least, greatest Number }

// Between is the range between two numbers, both included. They must be numbers.
func Between(least, greatest string) Range {
	a, okA := Parse(least)
	b, okB := Parse(greatest)
	if !okA || !okB {
		panic("no range: " + least + " to " + greatest)
	}
	return Range{a, b}
}

// Has reports whether a number is in the range.
func (r Range) Has(n Number) bool {
	return n.Compare(r.least) >= 0 && n.Compare(r.greatest) <= 0
}

// signed and unsigned are the ranges of integers by their size in bytes.
var (
	signed = map[int][2]string{1: {"-128", "127"}, 2: {"-32768", "32767"}, 3: {"-8388608", "8388607"},
		4: {"-2147483648", "2147483647"}, 8: {"-9223372036854775808", "9223372036854775807"}}
	unsigned = map[int][2]string{1: {"0", "255"}, 2: {"0", "65535"}, 3: {"0", "16777215"},
		4: {"0", "4294967295"}, 8: {"0", "18446744073709551615"}}
)

// Signed returns the least and the greatest integer with a sign that a type of some bytes
// holds.
func Signed(bytes int) (least, greatest string) { return signed[bytes][0], signed[bytes][1] }

// Unsigned returns the least and the greatest integer without a sign that a type of some
// bytes holds.
func Unsigned(bytes int) (least, greatest string) { return unsigned[bytes][0], unsigned[bytes][1] }
