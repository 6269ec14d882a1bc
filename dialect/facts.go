package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/huandu/go-sqlbuilder"
)

// Facts are what is always true of a family, whatever the server or the table.
type Facts struct {
	Name Name
	// Flavor is the family's flavor of go-sqlbuilder.
	Flavor sqlbuilder.Flavor
	// Strategies are those that the family knows, the default first.
	Strategies []Strategy
	// CommitsDefinitions states that the database commits by itself when a table is
	// made, altered or dropped, so that nothing can roll that back.
	CommitsDefinitions bool
	// NameLimit is how long a name may be.
	NameLimit NameLimit
	// ClientDirectives are lines for the vendor's client, or comments for whoever
	// calls it. They begin a script, and above all have it stop at the first error.
	ClientDirectives []string

	// Commit and Rollback end a transaction. They are empty if the caller owns it.
	Commit, Rollback Stmt
	// LockingRead ends a SELECT in a transaction, so that it reads the rows as they
	// are now. It is empty if every SELECT does.
	LockingRead string
	// WholeTable follows the name of a table whose rows are counted. It is empty if
	// the server finds the quickest way by itself.
	WholeTable string
	// SelectGroups begins a SELECT that groups as many rows as tables have.
	SelectGroups string
	// NoTruncate says why a table cannot be truncated. It is empty for a [Truncater].
	NoTruncate string
	// GivesIdentities follows the columns of an INSERT, so that a column that numbers
	// rows takes the numbers that are given. It is empty if it always does.
	GivesIdentities string
}

// NameLimit is how long a name may be.
type NameLimit struct {
	// Most is the length of the longest name, 0 if there is no limit.
	Most int
	Unit NameUnit
	// Beyond says what becomes of a longer name, for messages.
	Beyond string
}

// NameUnit is what the length of a name is counted in.
type NameUnit string

// The units.
const (
	Characters NameUnit = "characters"
	Bytes      NameUnit = "bytes"
)

func (l NameLimit) length(name string) int {
	if l.Unit == Bytes {
		return len(name)
	}
	return utf8.RuneCountInString(name)
}

// cut returns as much of the start of a name as has a length, and no part of a
// character.
func (l NameLimit) cut(name string, length int) string {
	end := 0
	for end < len(name) {
		_, width := utf8.DecodeRuneInString(name[end:])
		if l.length(name[:end+width]) > length {
			break
		}
		end += width
	}
	return name[:end]
}

// CheckName says why the family cannot have a name as it is, nil if it can.
func CheckName(d Dialect, name string) error {
	l := d.Facts().NameLimit
	if n := l.length(name); l.Most > 0 && n > l.Most {
		return fmt.Errorf("the name %q has %d %s, and %s", name, n, l.Unit, l.Beyond)
	}
	return nil
}

// SuffixedName returns name+suffix. If that is too long, it keeps the suffix, by
// which the table is known, and cuts the name, with a hash of all of it at the cut.
func SuffixedName(d Dialect, name, suffix string) string {
	l := d.Facts().NameLimit
	if l.Most == 0 || l.length(name)+l.length(suffix) <= l.Most {
		return name + suffix
	}
	sum := sha256.Sum256([]byte(name))
	hash := "_" + hex.EncodeToString(sum[:4])
	return l.cut(name, l.Most-l.length(suffix)-len(hash)) + hash + suffix
}
