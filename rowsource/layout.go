package rowsource

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// body is a text with delimiters from its header on.
type body struct {
	io.Reader
	skipped    int // lines before it
	delimiter  rune
	delimiters int // in its first line
}

// shownLines are the lines that show what delimiter a file has.
const shownLines = 10

// layout skips the lines before the header and finds out what the first lines show.
func (f file) layout(c *content) (body, error) {
	head, src, _ := peek(c, chunkSize) // an error is in src too, and is found when it is read
	quotes := f.options.Quote != QuoteNone
	if carriageReturns(head, quotes) {
		src = &carriageReader{src: src, quotes: quotes}
	}
	t := body{Reader: src, delimiter: f.delimiter()}
	var err error
	skip := max(f.options.Skip, f.options.HeaderRow-1)
	if t.Reader, err = skipLines(t.Reader, skip); err != nil {
		return t, fmt.Errorf("read %s: skip its first %d lines: %w", f.name, skip, err)
	}
	t.skipped = skip
	head, t.Reader, _ = peek(t.Reader, chunkSize)
	if line, named, ok := delimiterLine(head); ok {
		if f.options.Delimiter == "" {
			t.delimiter = named
		}
		if t.Reader, err = skipLines(t.Reader, 1); err != nil {
			return t, fmt.Errorf("read %s: %w", f.name, err)
		}
		head, t.skipped = head[line:], t.skipped+1
	}
	lines := firstLines(head, quotes)
	if len(lines) > 0 {
		t.delimiters = strings.Count(outsideQuotes(lines[0], quotes), string(t.delimiter))
	}
	return t, f.checkLines(t, lines, quotes)
}

// checkLines refuses first lines that show something else than the file is read as.
func (f file) checkLines(t body, lines []string, quotes bool) error {
	if what := onTerminal(lines); what != "" && t.delimiters == 0 {
		return fmt.Errorf("read %s: %s", f.name, what)
	}
	if err := onlyJSON(strings.Join(lines, "\n")); err != nil && quotes { // no header has a quote there
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	for i, l := range lines {
		lines[i] = outsideQuotes(l, quotes)
	}
	if err := otherDelimiter(lines, t.delimiter); err != nil && f.options.Delimiter == "" {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	if err := f.titleLines(t, lines); err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	return nil
}

// delimitersOfPeople are those that people take, the likeliest first.
var delimitersOfPeople = []rune{';', '\t', '|', ','}

// otherDelimiter is an error if the first line has no delimiter, and all lines have another
// one, each as many of them.
func otherDelimiter(lines []string, delimiter rune) error {
	if len(lines) == 0 || strings.ContainsRune(lines[0], delimiter) {
		return nil
	}
	for _, other := range delimitersOfPeople {
		n := countInEach(lines, other)
		if n == 0 || other == delimiter {
			continue
		}
		says := fmt.Sprintf("%d of %d lines have %s, and the first has no %s", len(lines), len(lines), plural(n, delimiterName(other)), delimiterName(delimiter))
		if !strings.ContainsRune(strings.Join(lines, ""), delimiter) {
			says = fmt.Sprintf("%d of %d lines have %s and no %s", len(lines), len(lines), plural(n, delimiterName(other)), delimiterName(delimiter))
		}
		return &RemedyError{Remedies: []Remedy{Suggest("delimiter", writtenDelimiter(other))}, Err: fmt.Errorf("%s: name the delimiter", says)}
	}
	return nil
}

// countInEach is how often each of the lines has a character, or 0 if it is not the same
// number in all of them.
func countInEach(lines []string, r rune) int {
	n := strings.Count(lines[0], string(r))
	for _, l := range lines[1:] {
		if strings.Count(l, string(r)) != n {
			return 0
		}
	}
	return n
}

func delimiterName(r rune) string {
	switch r {
	case ',':
		return "comma"
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "pipe"
	default:
		return fmt.Sprintf("%q", r)
	}
}

// writtenDelimiter is how a person writes it.
func writtenDelimiter(r rune) string {
	if r == '\t' {
		return "tab"
	}
	return string(r)
}

// titleLines is an error if the first lines have no delimiter and all others have the same
// number of them. They may have another delimiter than the file is read with.
func (f file) titleLines(t body, lines []string) error {
	if f.options.NoHeader {
		return nil
	}
	title, n := titleBefore(lines, t.delimiter)
	for _, other := range delimitersOfPeople {
		before, found := titleBefore(lines, other)
		if found > 0 && f.options.Delimiter == "" && (n == 0 || before < title) && !strings.ContainsRune(lines[before], t.delimiter) {
			return &RemedyError{Remedies: []Remedy{Suggest("delimiter", writtenDelimiter(other)), Suggest("skip", fmt.Sprint(t.skipped+before))}, Err: fmt.Errorf(
				"%s, and those after them have %s: name the delimiter, and skip the lines before the header", haveOneValue(before), plural(found, delimiterName(other)))}
		}
	}
	if n == 0 {
		return nil
	}
	return &RemedyError{Remedies: []Remedy{Suggest("skip", fmt.Sprint(t.skipped+title))}, Err: fmt.Errorf(
		"%s, and those after them have %d: skip the lines before the header", haveOneValue(title), n+1)}
}

// titleBefore is how many lines a title has, if all others have the same number of the
// delimiter. The number is 0 if there is no title.
func titleBefore(lines []string, delimiter rune) (title, delimiters int) {
	for title < len(lines) && hasOneValue(lines[title], delimiter) {
		title++
	}
	if rest := lines[title:]; title > 0 && len(rest) > 1 {
		return title, countInEach(rest, delimiter)
	}
	return title, 0
}

// hasOneValue reports whether a line has no delimiter, or several at its end alone, as
// spreadsheets write a title.
func hasOneValue(line string, delimiter rune) bool {
	value := strings.TrimRight(line, string(delimiter))
	return !strings.ContainsRune(value, delimiter) && (value == line || len(line)-len(value) > 1)
}

func haveOneValue(lines int) string {
	if lines == 1 {
		return "line 1 has 1 value"
	}
	return fmt.Sprintf("lines 1 to %d have 1 value", lines)
}

// delimiterLine finds the line "sep=;", by which Excel is told the delimiter.
func delimiterLine(head []byte) (size int, delimiter rune, ok bool) {
	end := bytes.IndexByte(head, '\n')
	if end < 0 || end > 12 {
		return 0, 0, false
	}
	line := strings.Trim(strings.TrimRight(string(head[:end]), "\r"), `"`)
	if len(line) < 5 || !strings.EqualFold(line[:4], "sep=") {
		return 0, 0, false
	}
	r, n := utf8.DecodeRuneInString(line[4:])
	return end + 1, r, n == len(line)-4
}

// firstLines are the first few records of a text, whole ones only, or all that there is.
func firstLines(head []byte, quotes bool) (lines []string) {
	quoted, start := false, 0
	for i, b := range head {
		switch {
		case b == '"' && quotes:
			quoted = !quoted
		case b == '\n' && !quoted:
			if line := strings.TrimRight(string(head[start:i]), "\r"); line != "" {
				lines = append(lines, line)
			}
			start = i + 1
			if len(lines) == shownLines {
				return lines
			}
		}
	}
	if start < len(head) && len(head) < chunkSize && !quoted {
		lines = append(lines, string(head[start:]))
	}
	return lines
}

// outsideQuotes is a line without what is quoted in it, whose quotes stay.
func outsideQuotes(line string, quotes bool) string {
	if !quotes || !strings.Contains(line, `"`) {
		return line
	}
	var b strings.Builder
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 0 {
			b.WriteString(part)
		} else {
			b.WriteString(`""`)
		}
	}
	return b.String()
}

// skipLines reads past lines, however they are quoted.
func skipLines(src io.Reader, n int) (io.Reader, error) {
	for n > 0 {
		head, rest, err := peek(src, headSize)
		if err != nil {
			return nil, err
		}
		if len(head) == 0 {
			return nil, errors.New("it ends there")
		}
		skip := len(head)
		for at := 0; n > 0; n-- {
			i := bytes.IndexByte(head[at:], '\n')
			if i < 0 {
				break
			}
			at += i + 1
			skip = at
		}
		if n > 0 {
			skip = len(head)
		}
		if _, err := io.CopyN(io.Discard, rest, int64(skip)); err != nil {
			return nil, err
		}
		src = rest
	}
	return src, nil
}

// carriageReturns reports whether the first lines end in a carriage return alone.
func carriageReturns(head []byte, quotes bool) bool {
	quoted := false
	for i, b := range head {
		switch {
		case b == '"' && quotes:
			quoted = !quoted
		case b == '\n' && !quoted:
			return false
		case b == '\r' && !quoted:
			// One at the very end of a short text is a file that is cut off.
			return i+1 < len(head) && head[i+1] != '\n' && !bytes.Contains(head, []byte("\n"))
		}
	}
	return false
}

// carriageReader makes a line feed of a carriage return that ends a line by itself.
type carriageReader struct {
	src    io.Reader
	quotes bool
	quoted bool
	after  bool // a carriage return, which has become a line feed
}

func (l *carriageReader) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	kept := 0
	for _, b := range p[:n] {
		after := l.after
		l.after = false
		switch {
		case b == '"' && l.quotes:
			l.quoted = !l.quoted
		case b == '\r' && !l.quoted:
			b, l.after = '\n', true
		case b == '\n' && after:
			continue // of CRLF
		}
		p[kept] = b
		kept++
	}
	if kept == 0 && n > 0 && err == nil {
		return l.Read(p)
	}
	return kept, err
}
