package rowsource

import (
	"errors"
	"fmt"
	"strings"
)

// namePlace is where the names of columns stand, in words for messages.
type namePlace string

const (
	inHeader  namePlace = "the header" // of a text with delimiters
	inRow     namePlace = "the row of names"
	inObject  namePlace = "the object"
	inFile    namePlace = "the file"
	inOptions namePlace = "the list of columns"
	inRows    namePlace = "the source"
)

// item is what has a name there.
func (in namePlace) item() string {
	if in == inObject {
		return "member"
	}
	return "column"
}

// columnNames trims and checks names. Names that differ only in case pass: whether they are
// the same column is the database's to say.
func columnNames(given []string, in namePlace) ([]string, error) {
	if len(given) == 0 {
		return nil, errors.New("there are no columns: name at least one")
	}
	names := make([]string, len(given))
	positions := make(map[string]int, len(given))
	for i, raw := range given {
		name := strings.TrimSpace(raw)
		if err := in.checkName(raw, name); err != nil {
			return nil, fmt.Errorf("%s's %s %d %w", in, in.item(), i+1, err)
		}
		if first, taken := positions[name]; taken {
			return nil, fmt.Errorf("%s has the %s %s twice, at %d and at %d: rename one of them", in, in.item(), Text(name), first+1, i+1)
		}
		names[i], positions[name] = name, i
	}
	return names, nil
}

// errNoName is about a column.
var errNoName = errors.New("has no name: give it one")

// checkName takes the untrimmed name too, since a line end that went wrong shows
// in the white space around it.
func (in namePlace) checkName(raw, name string) error {
	why := ""
	switch {
	case strings.Contains(strings.ReplaceAll(raw, "\r\n", "\n"), "\r"):
		why = "has a bare carriage return in it"
		if in == inHeader {
			why += ": lines must end in LF or CRLF, and this file's seem to end in CR or CR CR LF: convert its line ends"
		}
	case strings.Contains(raw, "\x00"):
		why = "has a NUL byte in it"
		if in == inHeader {
			why += ": if the file is UTF-16, save it as UTF-8"
		}
	case name == "":
		return errNoName
	default:
		return nil
	}
	return fmt.Errorf("(%s) %s", Text(raw), why)
}
