package dialect

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/huandu/go-sqlbuilder"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Facts are properties of a family that are the same for every server and table.
type Facts struct {
	Name Name
	// Flavor is the family's flavor of go-sqlbuilder.
	Flavor sqlbuilder.Flavor
	// Strategies are the supported ones, the default first.
	Strategies []Strategy
	// CommitsDefinitions states that the database commits by itself when a table is
	// created, altered or dropped, so this cannot be rolled back.
	CommitsDefinitions bool
	// NameLimit is the longest allowed name.
	NameLimit NameLimit
	// ClientDirectives begin a script. They are commands for the vendor's client, above
	// all to stop at the first error, or comments for the person who runs the script.
	ClientDirectives []string

	// Waits says for each strategy which writers wait for a run, in a few words. A
	// strategy that is missing is like [InPlace].
	Waits map[Strategy]string

	// Commit and Rollback end a transaction. They are empty if the caller owns the
	// transaction.
	Commit, Rollback Stmt
	// LockingRead ends a SELECT in a transaction so that it reads the current rows and
	// not an older snapshot. It is empty if every SELECT reads the current rows.
	LockingRead string
	// WholeTable is a hint after the name of a table whose rows are counted. It is empty
	// if the server picks the fastest way by itself.
	WholeTable string
	// SlowWhereCleared states that a transaction takes long to find a table empty that it has
	// cleared, since it reads each of the rows again.
	SlowWhereCleared bool
	// SelectGroups begins a SELECT that groups the rows of whole, possibly large tables.
	SelectGroups string
	// NullsLast states that ORDER BY sorts NULL after all values, and not before them.
	NullsLast bool
	// NoTruncate says why TRUNCATE is not supported. It is empty for a [Truncater].
	NoTruncate string
	// GivesIdentities follows the column list of an INSERT, so that an identity column
	// accepts explicit numbers. It is empty if such columns always do.
	GivesIdentities string
}

// NameLimit is the longest name that a family allows.
type NameLimit struct {
	// Most is the maximum length, or 0 if there is no limit.
	Most int
	Unit NameUnit
	// Beyond says in messages what the database does with a longer name.
	Beyond string
}

// NameUnit is the unit in which a name's length is counted.
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

// cut returns the longest start of a name that has up to the given length and ends at a
// whole character.
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

// Precision is the precision and scale of a decimal that holds the values of a type, with
// room for larger ones, as SQL has them: "(18,2)".
func Precision(of rowsource.Type) string {
	const room, most = 16, 38
	return fmt.Sprintf("(%d,%d)", min(most, max(of.Digits, room)+of.Scale), of.Scale)
}

// CheckName returns an error if a name is too long for the family.
func CheckName(d Dialect, name string) error {
	l := d.Facts().NameLimit
	if n := l.length(name); l.Most > 0 && n > l.Most {
		return fmt.Errorf("the name %q has %d %s, and %s", name, n, l.Unit, l.Beyond)
	}
	return nil
}

// SuffixedName returns name+suffix. If that is too long, it shortens name and puts a hash
// of the whole name before the suffix, since tables are recognized by their suffix.
func SuffixedName(d Dialect, name, suffix string) string {
	l := d.Facts().NameLimit
	if l.Most == 0 || l.length(name)+l.length(suffix) <= l.Most {
		return name + suffix
	}
	sum := sha256.Sum256([]byte(name))
	hash := "_" + hex.EncodeToString(sum[:4])
	return l.cut(name, l.Most-l.length(suffix)-len(hash)) + hash + suffix
}
