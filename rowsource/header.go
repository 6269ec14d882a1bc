package rowsource

import (
	"errors"
	"fmt"
	"strings"
)

// columnNames trims and checks the names in a header. Names that differ only in
// case pass: whether they are the same column is the database's to say.
func columnNames(header []string) ([]string, error) {
	if len(header) == 0 {
		return nil, errors.New("there are no columns: name at least one")
	}
	names := make([]string, len(header))
	positions := make(map[string]int, len(header))
	for i, raw := range header {
		name := strings.TrimSpace(raw)
		if err := checkName(raw, name); err != nil {
			return nil, fmt.Errorf("the header's column %d %w", i+1, err)
		}
		if first, taken := positions[name]; taken {
			return nil, fmt.Errorf("the header names the column %s twice, at %d and at %d: rename one of them", Text(name), first+1, i+1)
		}
		names[i], positions[name] = name, i
	}
	return names, nil
}

// errNoName is about a column.
var errNoName = errors.New("has no name: give it one, or remove the delimiter that makes it")

// checkName takes the untrimmed name too, since a line end that went wrong shows
// in the white space around it.
func checkName(raw, name string) error {
	switch {
	case strings.Contains(strings.ReplaceAll(raw, "\r\n", "\n"), "\r"):
		return fmt.Errorf("(%s) has a bare carriage return in it: lines must end in LF or CRLF, and this file's seem to end in CR or CR CR LF: convert its line ends", Text(raw))
	case strings.Contains(raw, "\x00"):
		return fmt.Errorf("(%s) has a NUL byte in it: if the file is UTF-16, save it as UTF-8", Text(raw))
	case name == "":
		return errNoName
	default:
		return nil
	}
}
