package rowsource

import (
	"bufio"
	"encoding/csv"
	"errors"
	"slices"
	"unicode/utf8"
)

// csvRecords are records as RFC 4180 has them, read by encoding/csv.
type csvRecords struct {
	source  string
	quotes  *quoteReader
	csv     *csv.Reader
	skipped int
	record  []string
	// failedAt is the line of a record of another width.
	failedAt int
	want     int
	comma    int // the delimiter's bytes
}

func newCSVRecords(f file, t body) *csvRecords {
	quotes := newQuoteReader(t, f.name, f.recordLimit)
	quotes.lines, quotes.recordLine = t.skipped, t.skipped+1
	if f.options.Quote == QuoteByFormat {
		quotes.delimiter, quotes.delimiters = []byte(string(t.delimiter)), t.delimiters
		quotes.inner.want = t.delimiters
	}
	r := csv.NewReader(bufio.NewReaderSize(quotes, chunkSize))
	r.Comma, r.ReuseRecord = t.delimiter, true
	return &csvRecords{source: f.name, quotes: quotes, csv: r, skipped: t.skipped, comma: utf8.RuneLen(t.delimiter)}
}

func (s *csvRecords) read() (record []string, err error) {
	s.failedAt = 0
	if s.record, err = s.csv.Read(); err == nil {
		if s.want == 0 {
			s.want = len(s.record)
		}
		return s.record, nil
	}
	parse, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		return nil, err
	case errors.Is(err, csv.ErrFieldCount):
		s.failedAt = parse.StartLine + s.skipped
		return nil, &widthError{len(s.record), s.want, slices.Clone(s.record)}
	default:
		parse.Line, parse.StartLine = parse.Line+s.skipped, parse.StartLine+s.skipped
		return nil, &CellError{Source: s.source, Line: parse.Line, Err: plainCSVError(parse)}
	}
}

func (s *csvRecords) line() int {
	if s.failedAt != 0 {
		return s.failedAt
	}
	line, _ := s.csv.FieldPos(0)
	return line + s.skipped
}

func (s *csvRecords) lines() int { return s.quotes.lines }

// isQuoted asks where fields start: with quotes, one takes more room than its text. (The
// next starts on the same line, since no text for NULL has a line end.) After the last
// field there is only the line end.
func (s *csvRecords) isQuoted(i int) bool {
	if i == len(s.record)-1 {
		return s.quotes.closesQuoted(s.csv.InputOffset())
	}
	_, start := s.csv.FieldPos(i)
	_, next := s.csv.FieldPos(i + 1)
	return next-start > len(s.record[i])+s.comma
}
