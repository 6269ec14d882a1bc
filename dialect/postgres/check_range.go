package postgres

import (
	"strings"

	"github.com/tablesnap/tablesnap/dialect/internal/number"
	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	noRange      = "is no range of the form [a,b)"
	reverseRange = "is a range whose end is before its beginning"
)

// ofRange checks the form of a range, and its bounds as if each had a column of its own
// (https://www.postgresql.org/docs/current/rangetypes.html#RANGETYPES-IO).
func ofRange(base string) func(typeCheck) valueCheck {
	return func(c typeCheck) valueCheck {
		bound := typeCheck{columnType{base: base}, c.declared, nil}
		check := bound.function()
		return func(v rowsource.Value) error {
			r, ok := parseRange(fieldText(v))
			if !ok {
				return c.refuse(noRange)
			}
			for _, b := range r.bounds {
				if b == "" {
					continue
				}
				if err := bound.within(check, b); err != nil {
					return err
				}
			}
			return c.refuse(bound.ofOrder(r))
		}
	}
}

// rangeText is a range as it is written. A bound that is missing is empty.
type rangeText struct {
	bounds     [2]string
	begin, end byte
}

func parseRange(s string) (r rangeText, ok bool) {
	s = strings.Trim(s, blanks)
	if strings.EqualFold(s, "empty") {
		return r, true
	}
	if len(s) < len("(,)") {
		return r, false
	}
	r.begin, r.end, s = s[0], s[len(s)-1], s[1:len(s)-1]
	if r.begin != '[' && r.begin != '(' || r.end != ']' && r.end != ')' {
		return r, false
	}
	at := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"': // no bound that is checked needs quotes
		case c == ',' && at == 0:
			at++
		case strings.IndexByte(`,()[]\`, c) >= 0:
			return r, false
		default:
			r.bounds[at] += string(c)
		}
	}
	r.bounds[0], r.bounds[1] = strings.Trim(r.bounds[0], blanks), strings.Trim(r.bounds[1], blanks)
	return r, at == 1
}

// ofOrder says whether the end is before the beginning. The server makes [1,2] of integers
// [1,3), so that the greatest integer cannot end a range with it.
func (c typeCheck) ofOrder(r rangeText) string {
	a, b := r.bounds[0], r.bounds[1]
	if c.family() == familyInteger {
		_, greatest := number.Signed(c.integerBytes())
		if a == greatest && r.begin == '(' || b == greatest && r.end == ']' {
			return spelling.Between("the least integer of the type", "the greatest but one")
		}
	}
	x, okX := number.Parse(a)
	y, okY := number.Parse(b)
	if okX && okY && x.Compare(y) > 0 {
		return reverseRange
	}
	from, okFrom := parseMoment(a)
	to, okTo := parseMoment(b)
	if okFrom && okTo && to.before(from) {
		return reverseRange
	}
	return ""
}
