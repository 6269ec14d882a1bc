package plan

import (
	"fmt"
	"io"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The limits of goose's parser. It fails on a line of 4 MiB or more. A line that begins
// with "--" and contains "+goose" is an annotation, even inside a statement
// (https://pressly.github.io/goose/documentation/annotations/).
const (
	gooseLine       = 4 << 20
	gooseAnnotation = "+goose"
)

// WriteGoose prints a migration as a file for goose. The dialect is the one given to
// [BuildMigration]. Src must be the source that the plan was made for.
func WriteGoose(w io.Writer, d dialect.Dialect, m Migration, src rowsource.Source) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	up, down, err := m.Programs(d)
	if err != nil {
		return err
	}
	s := newScript(w, d)
	s.src, s.style, s.opts = m.Up.Upload.AsRead(src), forGoose, ScriptOptions{Rows: AllRows}
	s.p = m.Up
	s.gooseHeader()
	if d.Facts().CommitsDefinitions {
		s.line("-- +goose NO TRANSACTION")
	}
	s.line("-- +goose Up")
	s.program(up)
	s.unfold()
	s.p = m.Down
	s.line("")
	s.line("-- +goose Down")
	s.program(down)
	s.unfold()
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

func (s *script) gooseHeader() {
	u := s.p.Upload
	s.comment("tablesnap: %s, as a migration of goose", s.p.Does())
	s.comment("")
	s.comment("database  %s", s.d.Facts().Name)
	s.comment("table     %s, strategy %s", u.Table.Name, u.Strategy)
	s.comment("upload    kind %s, doc_id %s, upload_timestamp %s", u.Kind.Name, u.DocID, orText(u.Timestamp, timeOfRun))
	s.comment("source    %s: %s, SHA-256 %s", u.Source.Name, dialect.Rows(u.Source.Rows), u.Source.SHA256)
	s.aboutChecks()
	if m := s.p.gooseMigration(); m != nil {
		s.comment("migration %d, in the file %s: Down knows Up by that, so plan anew for another version or name", m.Version, m.File)
	}
	s.comment("plan      SHA-256 %s", s.p.Hash())
	s.comment("")
	s.comment("Up uploads, and Down brings back what Up has replaced. Which version that is is looked up where the migration runs.")
	s.comment("Each assertion (\"must be true\") stops the migration if it does not hold.")
	if s.d.Facts().CommitsDefinitions {
		s.comment("Each statement commits by itself. If the migration ends midway, run \"tablesnap recover\": it finishes the run, or rolls it back.")
	}
	for _, h := range s.p.Hazards {
		s.comment("")
		s.comment("HAZARD %s: %s", h.Code, h.Message)
	}
	s.line("")
}

// gooseStatement marks a statement so that goose does not look for its end, or for
// annotations, inside it.
func (s *script) gooseStatement(sql string) {
	for line := range strings.SplitSeq(sql, "\n") {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "--") && strings.Contains(line, gooseAnnotation):
			s.fail(fmt.Errorf("a name in it holds a line that goose would take for an annotation (%q)", line))
		case strings.HasSuffix(line, "\r"):
			s.fail(fmt.Errorf("a name in it holds a carriage return, which goose would drop"))
		case len(line) >= gooseLine-1:
			s.fail(fmt.Errorf("a value has %d bytes on one line, and goose reads lines of less than 4 MiB", len(line)))
		}
	}
	s.line("-- +goose StatementBegin")
	s.line(sql + ";")
	s.line("-- +goose StatementEnd")
}

func (s *script) fail(why error) {
	if s.err == nil {
		s.err = fmt.Errorf("write the upload to %q as a goose migration in SQL: %w; write it in Go (exec/migration)", s.p.Upload.Table.Name, why)
	}
}

// longLiteral is the size from which a literal gets a line of its own. longText is how
// many bytes of a text are on one line; in a literal, one byte may become several.
const (
	longLiteral = 64 << 10
	longText    = 128 << 10
)

// onShortLines writes long texts on several lines.
func onShortLines(d dialect.PortableDialect, literal func(rowsource.Value) string) func(rowsource.Value) string {
	return func(v rowsource.Value) string {
		text := literal(v)
		if len(text) < longLiteral {
			return text
		}
		if v.Kind() == rowsource.KindText && len(text) > longText && text == d.Literal(v) {
			text = d.LongText(v.Str(), longText)
		}
		return "\n" + text
	}
}
