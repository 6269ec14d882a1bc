package mysql

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect/internal/spelling"
	"github.com/tablesnap/tablesnap/rowsource"
)

// member accepts the members of an ENUM as they are declared. The servers also accept 'A'
// for 'a', and '2' for the second member if no member has that name.
func (c typeCheck) member() valueCheck {
	members := c.memberTexts()
	return func(v rowsource.Value) error {
		if memberAt(members, plain(v)) < 0 {
			return c.refuse(spelling.NoMember)
		}
		return nil
	}
}

// set accepts members as they are declared, each once and in that order. The servers
// would sort them, drop duplicates, and accept '3' for the first two members.
func (c typeCheck) set() valueCheck {
	members := c.memberTexts()
	return func(v rowsource.Value) error {
		if plain(v) == "" {
			return nil
		}
		var places []int
		for given := range strings.SplitSeq(plain(v), ",") {
			at := memberAt(members, given)
			if at < 0 {
				return c.refuse(fmt.Sprintf("has %q in it, which is none of the column's values as they are written there", given))
			}
			places = append(places, at)
		}
		for i, at := range places[1:] {
			if at <= places[i] {
				return c.refuse("has its values twice or not in the order of the column's, and would be rewritten")
			}
		}
		return nil
	}
}

func (t columnType) memberTexts() []string {
	texts := make([]string, len(t.members))
	for i, m := range t.members {
		texts[i] = unquoteMember(m)
	}
	return texts
}

func memberAt(members []string, given string) int {
	return slices.IndexFunc(members, func(m string) bool { return isMember(m, given) })
}

// isMember compares a declared member with a value. The catalog shows "?" for a character
// beyond U+FFFF.
func isMember(member, given string) bool {
	if !strings.Contains(member, "?") {
		return member == given
	}
	for _, want := range member {
		got, size := utf8.DecodeRuneInString(given)
		if size == 0 || got != want && !(want == '?' && got > 0xFFFF) {
			return false
		}
		given = given[size:]
	}
	return given == ""
}
