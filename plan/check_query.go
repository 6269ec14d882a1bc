package plan

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands for a table in a query and in a statement of the user.
const (
	placeTable = "{table}"
	placeOld   = "{old}"
)

// oneQuery is a query without the semicolon at its end. The error begins with what it has or
// is: it is about the query.
//
// Databases do not agree whether a backslash escapes a quote. So what ends a statement by one
// of the two ways to read it does so.
func oneQuery(query string) (string, error) {
	query = strings.TrimSpace(strings.ReplaceAll(query, "\r\n", "\n"))
	query = strings.TrimSpace(strings.TrimSuffix(query, ";"))
	switch first, _, _ := strings.Cut(strings.ToLower(strings.TrimLeft(query, "( \t\r\n"))+" ", " "); {
	case query == "":
		return "", errors.New("is empty")
	case !strings.HasPrefix(first, "select") && !strings.HasPrefix(first, "with") && !strings.HasPrefix(first, "values") &&
		!strings.HasPrefix(first, "--") && !strings.HasPrefix(first, "/*"):
		return "", errors.New("is no SELECT")
	}
	return query, isOne(query)
}

// isOne returns an error if a text has more than one statement.
func isOne(sql string) error {
	if strings.ContainsFunc(sql, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) || !utf8.ValidString(sql) {
		return errors.New("has a control character, or is not UTF-8")
	}
	for _, how := range []reading{standardReading, escapingReading} {
		if err := how.scan(sql); err != nil {
			return err
		}
	}
	return nil
}

// reading is a way in which a database may read quotes and comments.
type reading string

// In the standard's reading a backslash is a letter. In MySQL's it escapes the next one, and
// # begins a comment.
const (
	standardReading reading = "standard"
	escapingReading reading = "escaping"
)

// scan returns an error if a query has more than one statement, or leaves the parentheses in
// which it is put.
func (how reading) scan(query string) error {
	depth := 0
	for rest := query; rest != ""; rest = rest[1:] {
		for rest != "" {
			skipped := how.quotedLength(rest)
			if skipped < 0 {
				return errors.New("has a quote or a comment without an end")
			}
			if skipped == 0 {
				break
			}
			rest = rest[skipped:]
		}
		if rest == "" {
			break
		}
		if err := how.outside(rest[0], &depth); err != nil {
			return err
		}
	}
	if depth > 0 && how == standardReading {
		return errors.New("opens a parenthesis that it does not close")
	}
	return nil
}

// outside looks at a character outside of quotes and comments.
func (how reading) outside(c byte, depth *int) error {
	switch c {
	case ';':
		return errors.New("has more than one statement, or a semicolon beside a backslash; write one")
	case '(':
		*depth++
	case ')':
		*depth--
	}
	switch {
	case how != standardReading:
		return nil
	case c == '\\':
		return errors.New("has a backslash outside of a text, which a client may take for a command")
	case *depth < 0:
		return errors.New("closes a parenthesis that it does not open")
	default:
		return nil
	}
}

// quotedLength is the length of the quoted text or the comment with which sql begins, 0 if
// it begins with neither, and -1 if that has no end.
func (how reading) quotedLength(sql string) int {
	switch {
	case strings.HasPrefix(sql, "--"), sql[0] == '#' && how == escapingReading:
		if end := strings.IndexByte(sql, '\n'); end >= 0 {
			return end + 1
		}
		return len(sql)
	case strings.HasPrefix(sql, "/*"):
		end := strings.Index(sql[2:], "*/")
		if end < 0 {
			return -1
		}
		return end + 4
	case !strings.ContainsRune("'\"`", rune(sql[0])):
		return 0
	}
	for i := 1; i < len(sql); i++ {
		switch {
		case sql[i] == '\\' && how == escapingReading:
			i++
		case sql[i] == sql[0] && i+1 < len(sql) && sql[i+1] == sql[0]:
			i++
		case sql[i] == sql[0]:
			return i + 1
		}
	}
	return -1
}
