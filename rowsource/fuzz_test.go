package rowsource

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzCSV compares the reader with encoding/csv and with a simple parser of its own.
func FuzzCSV(f *testing.F) {
	for _, content := range []string{
		"a,b\n1,2\n", "a,b\r\n,\"\"\r\n\"\",\r\n", "\uFEFFa\n\"x\r\n\r\r\ny\"\n\n", "a\tb\n\"\t\"\t\"\"\"\"\n",
		"a,b\n1\n", "a,b\n\"1\"2,3\n", "a,b\n1,\"2", "a,b\n1,2\r", "\n\na,b\n\n1,NULL\n\n\"NULL\",NULL", "a\rb\n", "a\n\xE9\n", "\xFF\xFEa",
	} {
		f.Add([]byte(content), "")
		f.Add([]byte(content), "NULL")
	}
	f.Fuzz(func(t *testing.T, content []byte, null string) {
		for _, format := range []Format{FormatCSV, FormatTSV} {
			checkAgainstEncodingCSV(t, content, Options{Name: "t", Format: format, Null: []string{null}, Quote: QuoteRFC4180, Delimiter: string(format.delimiter())})
		}
	})
}

func checkAgainstEncodingCSV(t *testing.T, content []byte, o Options) {
	t.Helper()
	got, err := readAll(Bytes(content, o))
	if readOtherwise(content) {
		return
	}
	byBytes, errByBytes := readAll(chunked(content, o, iotest.OneByteReader))
	if diff := cmp.Diff(got, byBytes, sameValue); diff != "" || message(err) != message(errByBytes) {
		t.Fatalf("read in chunks, it differs: %v, %v\n%s", err, errByBytes, diff)
	}
	want, refusal := expected(content, o)
	if refusal != "" {
		if err == nil {
			t.Fatalf("accepted, but %s", refusal)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameValue); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

// readOtherwise reports whether encoding/csv does not read a file as it stands.
func readOtherwise(content []byte) bool {
	text := bytes.TrimPrefix(content, []byte("\uFEFF"))
	_, _, separator := delimiterLine(text)
	return separator || isPacked(content) || carriageReturns(text, true) || bytes.HasPrefix(text, []byte("\uFEFF")) ||
		somethingElse(content) != nil || markedEncoding(content).from != nil || zerosOf(content) != "" ||
		onTerminal(firstLines(text, true)) != "" || onlyJSON(string(text)) != nil
}

// expected returns what must be read, or why the content must be refused.
func expected(content []byte, o Options) (c contents, refusal string) {
	delimiter := o.Format.delimiter()
	switch {
	case strings.ContainsAny(o.Null[0], "\"\r\n"+string(delimiter)):
		return c, "no field can read NULL"
	case !utf8.Valid(content):
		return c, "it is not UTF-8"
	case bytes.HasPrefix(content, []byte("\x00\x00\xFE\xFF")):
		return c, "it is UTF-32"
	case bytes.HasSuffix(content, []byte{'\r'}):
		return c, "it ends in a carriage return"
	}
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	records, blank := splitStrict(string(content), delimiter)
	std := csv.NewReader(bytes.NewReader(content))
	std.Comma = delimiter
	for i := 0; ; i++ {
		record, err := std.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return c, "encoding/csv: " + err.Error()
		}
		if diff := cmp.Diff(record, records[i].normalized()); diff != "" {
			panic("the test's own parser is wrong: " + diff)
		}
		line, _ := std.FieldPos(0)
		c.add(records[i], line, o.Null[0])
	}
	header := records.header()
	columns, err := columnNames(header, inHeader)
	if err != nil {
		return c, err.Error()
	}
	if len(columns) == 1 && blank {
		return c, "there is a blank line below a header of one column"
	}
	c.Columns = columns
	return c, ""
}

// strictField is a field with whether it was quoted, which encoding/csv does not report.
type strictField struct {
	text   string
	quoted bool
}

type (
	strictRecord  []strictField
	strictRecords []strictRecord
)

func (r strictRecord) normalized() []string {
	texts := make([]string, len(r))
	for i, field := range r {
		texts[i] = strings.ReplaceAll(field.text, "\r\n", "\n")
	}
	return texts
}

func (rs strictRecords) header() []string {
	var names []string
	if len(rs) > 0 {
		for _, field := range rs[0] {
			names = append(names, field.text)
		}
	}
	return names
}

// add adds a record, except the first one, which is the header.
func (c *contents) add(r strictRecord, line int, null string) {
	if c.Columns == nil {
		c.Columns = []string{"to be replaced"}
		return
	}
	var row []Value
	for _, field := range r {
		if !field.quoted && field.text == null {
			row = append(row, Null())
		} else {
			row = append(row, Text(field.text))
		}
	}
	c.Rows, c.Lines = append(c.Rows, row), append(c.Lines, line)
}

// splitStrict parses valid RFC 4180 text. For other text, its result has no meaning.
// blank reports whether there is a blank line after the header.
func splitStrict(s string, delimiter rune) (records strictRecords, blank bool) {
	for s != "" {
		if rest, ok := cutLineEnd(s); ok {
			s, blank = rest, blank || len(records) > 0
			continue
		}
		var record strictRecord
		for more := true; more; {
			var field strictField
			field, s = cutField(s, delimiter)
			record = append(record, field)
			s, more = strings.CutPrefix(s, string(delimiter))
		}
		records = append(records, record)
		s, _ = cutLineEnd(s)
	}
	return records, blank
}

func cutLineEnd(s string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, "\r\n"); ok {
		return rest, true
	}
	return strings.CutPrefix(s, "\n")
}

func cutField(s string, delimiter rune) (strictField, string) {
	if rest, quoted := strings.CutPrefix(s, `"`); quoted {
		text := ""
		for {
			part, behind, _ := strings.Cut(rest, `"`)
			text += part
			if rest, quoted = strings.CutPrefix(behind, `"`); !quoted {
				return strictField{text, true}, behind
			}
			text += `"`
		}
	}
	end := len(s)
	if i := strings.IndexAny(s, "\n"+string(delimiter)); i >= 0 {
		end = i
	}
	text := s[:end]
	if end < len(s) && s[end] == '\n' {
		text = strings.TrimSuffix(text, "\r")
	}
	return strictField{text, false}, s[len(text):]
}

// FuzzRoundTrip writes rows in all the ways that RFC 4180 allows, and reads them.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), "some text, é and \U0001F600", "")
	f.Add(uint64(2), "\r\n\"\x00\t", "NULL")
	f.Add(uint64(3), "", "é")
	f.Fuzz(func(t *testing.T, seed uint64, text, null string) {
		for _, format := range []Format{FormatCSV, FormatTSV} {
			checkRoundTrip(t, newRandomFile(seed, format, text, null), 30)
		}
	})
}

// TestRoundTripOfLargeFiles is FuzzRoundTrip with files of many chunks.
func TestRoundTripOfLargeFiles(t *testing.T) {
	for seed := range uint64(4) {
		checkRoundTrip(t, newRandomFile(seed, FormatCSV, "text, \"é\r\nb", []string{"", "NULL"}[seed%2]), 20_000)
	}
}

func checkRoundTrip(t *testing.T, w *randomFile, rows int) {
	t.Helper()
	want := w.write(rows)
	got, err := readAll(Bytes(w.out.Bytes(), Options{Name: "t", Format: w.format, Null: []string{w.null}}))
	if err != nil {
		t.Fatalf("%v\n%.2000q", err, w.out.String())
	}
	if diff := cmp.Diff(want, got, sameValue); diff != "" {
		t.Fatalf("(-want +got):\n%s\n%.2000q", diff, w.out.String())
	}
}

// randomFile writes a file and keeps the values that must be read from it.
type randomFile struct {
	*rand.Rand
	format Format
	text   []rune
	null   string
	out    bytes.Buffer

	lineFeeds, countedTo int
}

func newRandomFile(seed uint64, format Format, text, null string) *randomFile {
	w := &randomFile{Rand: rand.New(rand.NewPCG(seed, 0)), format: format}
	w.text = []rune(strings.ToValidUTF8(text, "?"))
	w.null = strings.ToValidUTF8(null, "?")
	if w.needsQuotes(w.null) {
		w.null = ""
	}
	return w
}

func (w *randomFile) write(rows int) contents {
	var c contents
	for i := range 1 + w.IntN(5) {
		c.Columns = append(c.Columns, fmt.Sprintf("c%d", i))
	}
	if w.IntN(2) == 0 {
		w.out.WriteString("\uFEFF")
	}
	w.out.WriteString(strings.Join(c.Columns, string(w.format.delimiter())))
	for range rows {
		w.endLine(len(c.Columns) > 1)
		c.Lines = append(c.Lines, w.line())
		c.Rows = append(c.Rows, w.writeRow(len(c.Columns)))
	}
	if w.IntN(2) == 0 {
		w.endLine(len(c.Columns) > 1)
	}
	return c
}

// line returns the number of the last line of out.
func (w *randomFile) line() int {
	w.lineFeeds += bytes.Count(w.out.Bytes()[w.countedTo:], []byte{'\n'})
	w.countedTo = w.out.Len()
	return w.lineFeeds + 1
}

func (w *randomFile) endLine(blanksAllowed bool) {
	w.out.WriteString([]string{"\n", "\r\n"}[w.IntN(2)])
	if blanksAllowed && w.IntN(8) == 0 {
		w.endLine(blanksAllowed)
	}
}

func (w *randomFile) writeRow(width int) []Value {
	row := make([]Value, width)
	for i := range row {
		if i > 0 {
			w.out.WriteRune(w.format.delimiter())
		}
		value := w.value()
		if value.IsNull() && w.null == "" && width == 1 {
			value = Text("") // an unquoted NULL would be a blank line
		}
		row[i] = value
		w.writeValue(value, width)
	}
	return row
}

func (w *randomFile) writeValue(v Value, width int) {
	switch {
	case v.IsNull():
		w.out.WriteString(w.null)
	case v.Str() == w.null, v.Str() == "" && width == 1, w.needsQuotes(v.Str()), w.IntN(2) == 0:
		w.out.WriteString(`"` + strings.ReplaceAll(v.Str(), `"`, `""`) + `"`)
	default:
		w.out.WriteString(v.Str())
	}
}

func (w *randomFile) value() Value {
	special := []string{"", "", "\r\n", "\n", "\r", `"`, `""`, ",", "\t", " ", w.null, w.null + `"`, "\uFEFF", "\x00"}
	switch n := w.IntN(len(special) + 8); {
	case n < len(special):
		return Text(special[n])
	case n < len(special)+3:
		return Null()
	default:
		from := w.IntN(len(w.text) + 1)
		to := from + w.IntN(len(w.text)-from+1)
		return Text(string(w.text[from:to]) + special[w.IntN(len(special))])
	}
}

func (w *randomFile) needsQuotes(s string) bool {
	return strings.ContainsAny(s, "\"\r\n"+string(w.format.delimiter()))
}
