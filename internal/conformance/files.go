package conformance

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
	"github.com/tablesnap/tablesnap/testfixtures/files"
)

func fileCases() []testCase {
	return []testCase{
		{name: "files: as people have them", run: filesAsPeopleHaveThem, unless: bySwap},
		{name: "files: each has its expectation", run: everyFileIsExpected, unless: bySwap},
	}
}

// shape is a file of testfixtures/files, read in one way.
type shape struct {
	file string
	read rowsource.Options
	rows []string
	says string // the message that refuses it
	// columns are those of the table "goods" that the rows have. If there are none, they are
	// the columns of the table "people".
	columns []string
}

// table is the table that the file is for, with the columns that the rows have.
func (s shape) table() (name string, columns []string) {
	if len(s.columns) > 0 {
		return "goods", s.columns
	}
	return "people", []string{"email", "name", "age"}
}

// of has the file be for goods.
func (s shape) of(columns ...string) shape {
	s.columns = columns
	return s
}

// loads is a file that is loaded as rows.
func loads(file string, read rowsource.Options, rows ...string) shape {
	return shape{file: file, read: read, rows: rows}
}

// refuses is a file that is refused with exactly this message.
func refuses(file string, read rowsource.Options, says string) shape {
	return shape{file: file, read: read, says: says}
}

// isSaidBy takes "…" at the end of a message for what a family says in its own words, such
// as the column's type.
func (s shape) isSaidBy(message string) bool {
	start, open := strings.CutSuffix(s.says, "…")
	return message == s.says || open && strings.HasPrefix(message, start)
}

// filesAsPeopleHaveThem uploads each file to a table with two texts and a number, or to one of
// texts.
func filesAsPeopleHaveThem(w *world) {
	w.other("CREATE TABLE people (email {text}, name {text}, age {int})")
	w.other("CREATE TABLE goods (sku {text}, note {text}, price {text}, tags {text}, since {text}, v {text})")
	for _, s := range shapes() {
		table, columns := s.table()
		r := request("doc of "+s.file, rowsource.FS(files.FS, s.file, s.read))
		r.Table = table
		r.Options.Allow = []plan.Code{plan.SameFile, plan.Shrinks, plan.EmptySource, plan.ColumnsReset, plan.KeysRenumbered}
		err := w.tryUpload(r)
		switch {
		case s.says != "" && (err == nil || !s.isSaidBy(bare(err))):
			w.Errorf("%s: got the error %q\nwant %q", s.file, bare(err), s.says)
		case s.says == "" && err != nil:
			w.Errorf("%s: %v", s.file, err)
		case s.says == "":
			w.same(s.file, w.lines(table, columns...), s.rows...)
		}
	}
}

// bare is the message of what is wrong with a file, without what was being done.
func bare(err error) string {
	if err == nil {
		return ""
	}
	if source, ok := errors.AsType[*exec.SourceError](err); ok {
		return source.Err.Error()
	}
	if cell, ok := errors.AsType[*rowsource.CellError](err); ok {
		return cell.Error()
	}
	return err.Error()
}

// everyFileIsExpected finds files that no expectation names.
func everyFileIsExpected(w *world) {
	names, err := fs.Glob(files.FS, "*")
	if err != nil {
		w.Fatal(err)
	}
	if len(names) < 120 {
		w.Errorf("there are %d files", len(names))
	}
	for _, name := range names {
		expected := slices.ContainsFunc(shapes(), func(s shape) bool { return s.file == name })
		if !expected && name != "files.go" {
			w.Errorf("testfixtures/files/%s has no expectation", name)
		}
	}
}

func shapes() []shape {
	return slices.Concat(plainShapes(), encodingShapes(), delimiterShapes(), rowShapes(), columnShapes(), packedShapes(), otherShapes(), valueShapes(), programShapes())
}
