package postgres

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect/internal/jsontext"
	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// text rejects a text with too many characters. If only blanks are too many, the server
// would cut them.
func (c typeCheck) text() valueCheck {
	limit := c.length()
	if limit == 0 {
		return nil
	}
	return func(v rowsource.Value) error {
		s := fieldText(v)
		switch {
		case len(s) <= limit || utf8.RuneCountInString(s) <= limit:
			return nil
		case utf8.RuneCountInString(strings.TrimRight(s, " ")) <= limit:
			return c.refuse("ends in blanks that would be cut")
		}
		return c.refuse(spelling.TooLong)
	}
}

func (c typeCheck) name() valueCheck { return c.atMost(maxName, "would be cut to 63 bytes") }

func (c typeCheck) char() valueCheck { return c.atMost(1, "would be cut to one byte") }

// atMost rejects a text that the type would cut without an error.
func (c typeCheck) atMost(bytes int, why string) valueCheck {
	return func(v rowsource.Value) error {
		if len(fieldText(v)) > bytes {
			return c.refuse(why)
		}
		return nil
	}
}

func (c typeCheck) member() valueCheck {
	return func(v rowsource.Value) error {
		if !slices.Contains(c.members, fieldText(v)) {
			return c.refuse(spelling.NoMember)
		}
		return nil
	}
}

// hexBytes and escapedBytes are the two forms of bytea
// (https://www.postgresql.org/docs/current/datatype-binary.html).
var (
	hexBytes     = regexp.MustCompile(`^\\x(?:\s*[0-9a-fA-F]{2})*\s*$`)
	escapedBytes = regexp.MustCompile(`^(?:[^\\]|\\\\|\\[0-3][0-7]{2})*$`)
)

func (c typeCheck) bytes() valueCheck {
	return func(v rowsource.Value) error {
		s := v.Str()
		if v.Kind() != rowsource.KindText || !strings.Contains(s, `\`) || hexBytes.MatchString(s) || !strings.HasPrefix(s, `\x`) && escapedBytes.MatchString(s) {
			return nil
		}
		return c.refuse(`is neither \x with pairs of hexadecimal digits nor text with escapes such as \000`)
	}
}

// uuidText is what the server takes for a UUID
// (https://www.postgresql.org/docs/current/datatype-uuid.html).
var uuidText = regexp.MustCompile(`^(?:(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}|\{(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}\})$`)

func (c typeCheck) uuid() valueCheck {
	return func(v rowsource.Value) error {
		if !uuidText.MatchString(fieldText(v)) {
			return c.refuse(spelling.NoUUID)
		}
		return nil
	}
}

// inet accepts addresses, alone or with the number of bits of their network
// (https://www.postgresql.org/docs/current/datatype-net-types.html).
func (c typeCheck) inet() valueCheck {
	return func(v rowsource.Value) error {
		return c.refuse(address(fieldText(v)).why)
	}
}

// cidr also takes a part of an address, or one in hexadecimal digits, and no bits outside
// the network.
func (c typeCheck) cidr() valueCheck {
	return func(v rowsource.Value) error {
		s := fieldText(v)
		if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") {
			return nil // the server knows
		}
		a := address(s)
		switch {
		case a.why == shortAddress:
			return nil
		case a.why != "":
			return c.refuse(a.why)
		case a.network.IsValid() && a.network.Masked() != a.network:
			return c.refuse("has bits outside of its network")
		}
		return nil
	}
}

// shortAddress is what is wrong with a part of an address in an inet.
const shortAddress = "is only a part of an IP address"

// networkAddress is an address that was read. Its network is not valid if only the server
// knows it.
type networkAddress struct {
	network netip.Prefix
	why     string
}

func address(s string) networkAddress {
	bare, bits, hasBits := strings.Cut(s, "/")
	wrong := networkAddress{why: spelling.NoAddress}
	if strings.Contains(bare, ":") {
		return addressOfSix(bare, bits, hasBits)
	}
	parts := strings.Split(bare, ".")
	var bytes [4]byte
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || !number.IsDigits(p) || i >= len(bytes) {
			return wrong
		}
		bytes[i] = byte(n)
	}
	width := 8 * len(bytes)
	if hasBits {
		n, err := strconv.ParseUint(bits, 10, 8)
		if err != nil || !number.IsDigits(bits) || int(n) > width {
			return wrong
		}
		width = int(n)
	}
	switch {
	case len(parts) < len(bytes) && !hasBits:
		return networkAddress{why: shortAddress}
	case len(parts) < len(bytes):
		return networkAddress{} // the server knows how many parts it needs
	}
	return networkAddress{network: netip.PrefixFrom(netip.AddrFrom4(bytes), width)}
}

// addressOfSix leaves an address that ends in the form of IPv4 to the server.
func addressOfSix(bare, bits string, hasBits bool) networkAddress {
	const most = 128
	width := most
	if hasBits {
		n, err := strconv.ParseUint(bits, 10, 8)
		if err != nil || strconv.FormatUint(n, 10) != bits || n > most {
			return networkAddress{why: spelling.NoAddress}
		}
		width = int(n)
	}
	switch a, err := netip.ParseAddr(bare); {
	case err == nil && a.Zone() == "":
		return networkAddress{network: netip.PrefixFrom(a, width)}
	case err != nil && strings.Contains(bare, "."):
		return networkAddress{}
	default:
		return networkAddress{why: spelling.NoAddress}
	}
}

func (c typeCheck) json() valueCheck {
	return func(v rowsource.Value) error { return c.refuse(jsontext.Invalid(fieldText(v))) }
}

// jsonb also rejects what a jsonb cannot hold: a NUL character, half of a surrogate pair, an
// object with duplicate keys, of which it keeps only the last one, and a negative zero
// (https://www.postgresql.org/docs/current/datatype-json.html).
func (c typeCheck) jsonb() valueCheck {
	return func(v rowsource.Value) error {
		s := fieldText(v)
		why := jsontext.Invalid(s)
		switch {
		case why != "":
		case jsontext.HasNUL(s):
			why = "has a NUL character in it, which PostgreSQL does not keep"
		case jsontext.HasHalfPair(s):
			why = jsontext.HalfPair
		case strings.ContainsAny(s, "{-eE") || len(s) > maxPlaces:
			if err := jsontext.Keeps(s, keepsNumber); err != nil {
				why = err.Error()
			}
		}
		return c.refuse(why)
	}
}

// keepsNumber is about the numbers in a jsonb, each of which is a numeric.
func keepsNumber(s string) error {
	n, ok := number.Parse(s)
	switch {
	case ok && n.IsZero() && n.Negative:
		return errors.New("has a -0 in it, which the server keeps as 0")
	case !ok || n.Magnitude() > maxDigits || n.Places() > maxPlaces:
		return errors.New("has a number in it that is too large for the server, or has too many decimal places")
	}
	return nil
}
