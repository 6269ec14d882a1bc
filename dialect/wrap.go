package dialect

import "strings"

// wrapAt is the number of bytes from which [Wrap] breaks a line.
const wrapAt = 120

// Wrap writes a statement on lines of up to 120 bytes, as far as it has blanks outside of
// names and texts in quotes. It means the same. A statement in which it cannot tell where a
// text ends stays as it is: whether a backslash escapes a quote depends on the session.
func Wrap(sql string) string {
	if len(sql) <= wrapAt {
		return sql
	}
	var out strings.Builder
	line := 0
	for rest := sql; rest != ""; {
		word, clear := firstWord(rest)
		if !clear {
			return sql
		}
		rest = rest[len(word):]
		if line > 0 && line+len(word) > wrapAt && strings.HasPrefix(word, " ") {
			word = "\n " + word
		}
		out.WriteString(word)
		line += len(word)
		if at := strings.LastIndexByte(word, '\n'); at >= 0 {
			line = len(word) - at - 1
		}
	}
	return out.String()
}

// firstWord is the first word of SQL, with the blanks in front of it. Text in quotes belongs
// to its word, with all its blanks. Clear is false if the word's end cannot be told.
func firstWord(sql string) (word string, clear bool) {
	var quote byte
	start := len(sql) - len(strings.TrimLeft(sql, " \n"))
	for i := start; i < len(sql); i++ {
		switch c := sql[i]; {
		case quote != 0 && c == '\\' && sql[i-1] != '\\' && escapesQuote(sql[i:], quote):
			return sql, false
		case c == quote:
			quote = 0
		case quote != 0:
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == ' ' || c == '\n':
			return sql[:i], true
		case strings.HasPrefix(sql[i:], "--") || strings.HasPrefix(sql[i:], "/*"):
			return sql, false
		}
	}
	return sql, true
}

// escapesQuote reports whether an odd number of backslashes is followed by the quote.
func escapesQuote(sql string, quote byte) bool {
	behind := strings.TrimLeft(sql, `\`)
	return (len(sql)-len(behind))%2 == 1 && behind != "" && behind[0] == quote
}
