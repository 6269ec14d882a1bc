package plan

import (
	"errors"
	"io"
	"regexp"
)

// hashLine is a line that has the hash of a plan, and beside it only what makes the line a
// comment. Each format but JSON has such a line, and has it before the first value of a row.
// No other line before it can look like it: a name or a value never begins a line.
var hashLine = regexp.MustCompile(`(?m)^[^\w\n]*plan[ \t]+SHA-256[ \t]+([0-9a-f]{64})[^\w\n]*$`)

// hashWithin is the number of bytes in which the hash of a plan is looked for.
const hashWithin = 4 << 20

// ErrNoHash is the error of [FindHash] for text that was not written for a plan.
var ErrNoHash = errors.New("there is no line in it that has a plan's SHA-256")

// FindHash returns the hash of the plan for which a text was written, such as a script. It
// is for all formats but JSON; see [Decode]. Of a text with several plans, such as a script
// with its undo, it is the hash of the first.
func FindHash(r io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(r, hashWithin))
	if err != nil {
		return "", err
	}
	found := hashLine.FindSubmatch(text)
	if found == nil {
		return "", ErrNoHash
	}
	return string(found[1]), nil
}
