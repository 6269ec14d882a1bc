package mysql

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	mysqldriver "github.com/go-sql-driver/mysql"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// maxNamed is the maximum number of bad rows, and of warnings, in an error message.
const maxNamed = 5

// notAboutRows are errors that no single row has caused. Inserting the rows one by one
// would then blame the wrong row, or insert rows after the transaction has ended.
var notAboutRows = []uint16{
	1020, 1205, 1206, 1213, // locks and conflicts with other sessions
	1021, 1041, 1114, 1197, // out of disk space or memory
	1317, 1969, 3024, // interrupted or timed out
	3948, 4166, 1148, // LOAD DATA LOCAL is not allowed
	8001, 8004, 8022, 8175, 9001, 9002, 9003, 9004, 9005, 9007, 9010, // TiDB's errors of these kinds
}

func (u *uploader) isAboutRows(err error) bool {
	if u.ctx.Err() != nil {
		return false
	}
	if _, ok := errors.AsType[*serverWarningsError](err); ok {
		return true
	}
	e, ok := errors.AsType[*mysqldriver.MySQLError](err)
	return ok && !slices.Contains(notAboutRows, e.Number)
}

// isolateBadRows finds the bad rows of a rejected batch by inserting parts of the batch.
// INSERT is strict, unlike LOAD DATA LOCAL, and its errors say more.
func (u *uploader) isolateBadRows(b *batch, cause error) error {
	texts := strings.Split(strings.TrimSuffix(string(b.text), "\n"), "\n")
	s := &search{uploader: u, lines: b.lines, texts: texts}
	if err := s.in(0, len(texts)); err != nil {
		return err
	}
	if len(s.found) == 0 {
		return u.withLines(b, cause)
	}
	first := s.found[0]
	if len(s.found) > 1 {
		also := make([]string, len(s.found)-1)
		for i, e := range s.found[1:] {
			also[i] = e.Error()
		}
		first.Err = fmt.Errorf("%w; refused as well: %s", first.Err, strings.Join(also, "; "))
	}
	return first
}

// search splits a batch in halves until it has found the single rows that the server
// rejects.
type search struct {
	*uploader
	lines []int
	texts []string
	found []*rowsource.CellError
}

func (s *search) in(from, to int) error {
	if len(s.found) == maxNamed {
		return nil
	}
	statement, ok := s.insertRows(from, to)
	var err error
	if ok {
		err = s.try(statement, to-from)
		if err == nil {
			return nil
		}
		if !s.isAboutRows(err) {
			return err
		}
	}
	if to-from == 1 {
		if ok {
			s.found = append(s.found, s.cell(from, err))
		}
		return nil
	}
	middle := (from + to) / 2
	if err := s.in(from, middle); err != nil {
		return err
	}
	return s.in(middle, to)
}

// insertRows is the INSERT statement for some rows. Ok is false if it is too long.
func (s *search) insertRows(from, to int) (statement string, ok bool) {
	tuples := []byte(s.insert)
	for i := from; i < to; i++ {
		if i > from {
			tuples = append(tuples, ',')
		}
		for j, v := range s.text.parse(s.texts[i]) {
			tuples = s.text.appendLiteral(tuples, j, v)
		}
		tuples = s.text.endTuple(tuples)
		if size := len(tuples) - len(s.insert); size > s.limits.row || size > s.limits.tuples && to-from > 1 {
			return "", false
		}
	}
	return string(tuples), true
}

// try inserts the rows, and rolls them back if the server rejects or changes any of them.
func (s *search) try(statement string, rows int) error {
	if err := s.exec(savepoint); err != nil {
		return err
	}
	err := s.proved(statement, rows)
	if err != nil && s.isAboutRows(err) {
		if undo := s.exec(rollbackSavepoint); undo != nil {
			return undo
		}
	}
	return err
}

func (s *search) cell(i int, err error) *rowsource.CellError {
	e := &rowsource.CellError{Source: s.load.Source, Format: s.load.Format, Line: s.lines[i], Err: refusal(err)}
	if j, ok := columnIn(s.load, err.Error()); ok {
		e.Column = s.load.Columns[j].Name
		e.Value = s.text.parse(s.texts[i])[j].String()
	}
	return e
}

// columnIn finds the column that an error message names. It uses the last match, since a
// value that contains such words comes before the column's name.
func columnIn(l dialect.Load, message string) (i int, ok bool) {
	last := -1
	for j, c := range l.Columns {
		words := []string{"olumn '" + c.Name + "'", "olumn '" + l.Table.Ident.Name + "." + c.Name + "'",
			"olumn `" + c.Name + "`", "`" + l.Table.Ident.Name + "`.`" + c.Name + "`", "Field '" + c.Name + "'",
			"FOREIGN KEY (`" + c.Name + "`)"}
		if len(l.Table.PrimaryKey) == 1 && l.Table.PrimaryKey[0] == c.Name {
			words = append(words, "for key 'PRIMARY'", "for key '"+l.Table.Ident.Name+".PRIMARY'")
		}
		if slices.ContainsFunc(l.Table.Uniques, func(u []string) bool { return len(u) == 1 && u[0] == c.Name }) {
			words = append(words, "for key '"+c.Name+"'", "for key '"+l.Table.Ident.Name+"."+c.Name+"'") // the default name of a key is its first column
		}
		for _, w := range words {
			if at := strings.LastIndex(message, w); at > last {
				last, i, ok = at, j, true
			}
		}
	}
	return i, ok
}

var rowNumber = regexp.MustCompile(` at row (\d+)$`)

// withLines adds the line numbers to the error of a whole batch. If a warning names a
// row, the error is about that row alone.
func (u *uploader) withLines(b *batch, cause error) error {
	if serverWarnings, ok := errors.AsType[*serverWarningsError](cause); ok {
		for _, r := range serverWarnings.list {
			m := rowNumber.FindStringSubmatch(r.Message)
			if m == nil {
				continue
			}
			n, err := strconv.Atoi(m[1])
			if err != nil || n < 1 || n > b.rows() {
				continue
			}
			texts := strings.Split(string(b.text), "\n")
			s := &search{uploader: u, lines: b.lines, texts: texts}
			return s.cell(n-1, r)
		}
	}
	return fmt.Errorf("load lines %d to %d of %s into %s: %w", b.lines[0], b.lines[b.rows()-1], u.load.Source, u.load.Table.Ident.Name, cause)
}

// refusal is the server's error without the row's number, which counts the rows of one
// statement and not those of the source. Control characters of values are escaped.
func refusal(err error) error {
	e, ok := errors.AsType[*mysqldriver.MySQLError](err)
	if !ok {
		return err
	}
	clean := *e
	clean.Message = printable(rowNumber.ReplaceAllString(e.Message, ""))
	return &clean
}

func printable(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
}

func cellError(l dialect.Load, line int, column string, v rowsource.Value, err error) error {
	return &rowsource.CellError{Source: l.Source, Format: l.Format, Line: line, Column: column, Value: v.String(), Err: err}
}
