package plan

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/dustin/go-humanize"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// maxComment is the maximum size in bytes of what [WriteMarkdown] writes, without the line
// that says what is left out. GitHub takes comments of 65,536 characters.
const maxComment = 60_000

// WriteMarkdown prints a plan as a comment on a pull request, in GitHub's Markdown: the
// hazards first, the summary, the steps, some of the rows that differ, and the scripts, folded.
// Src must be the source that the plan was made for.
//
// Names and values show as they are, whatever they hold: none makes a link, mentions a person,
// or ends a table. What makes the comment too long is left out with a line that says so.
func WriteMarkdown(w io.Writer, d dialect.Dialect, p Plan, src rowsource.Source, o PageOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	shown, err := newPage(d, p, src, o)
	if err != nil {
		return err
	}
	return writeComment(w, func(m *markdown) {
		m.title(shown.Title, shown.Hash)
		m.about(shown.tableOverview)
		m.scripts(shown.scripts)
	})
}

// writeComment writes a comment, and says if it would be too long.
func writeComment(w io.Writer, write func(*markdown)) error {
	m := markdown{left: maxComment}
	write(&m)
	if m.cut {
		m.text.WriteString("\nSome of the plan is left out, since the comment would be too long.\n")
	}
	_, err := w.Write(m.text.Bytes())
	return err
}

type markdown struct {
	text bytes.Buffer
	// left is how many bytes of the comment are left, and cut states that something was left
	// out.
	left int
	cut  bool
}

func (m *markdown) title(title, hash string) {
	m.line("<!-- plan SHA-256 %s -->", hash) // see [FindHash]
	m.line("### %s", mdText(title))
}

// about is about one table.
func (m *markdown) about(p tableOverview) {
	for _, r := range p.Reasons {
		m.reason(r)
	}
	m.facts(p.Facts)
	m.line("\n| | step | statement | rows |\n| --: | --- | --- | --: |")
	for i, g := range p.Groups {
		m.group(i, g)
	}
	m.sample(p)
}

func (m *markdown) facts(facts []fact) {
	m.line("\n| | |\n| --- | --- |")
	for _, f := range facts {
		m.line("| **%s** | %s |", f.Label, mdText(f.Says))
	}
}

func (m *markdown) scripts(s scripts) {
	m.script("The script"+s.shows(), s.Script)
	m.script("The script that takes it back", s.Undo)
}

// shows tells what the script of a page lacks.
func (s scripts) shows() string {
	if s.FullSQL == "" {
		return ""
	}
	return ", as " + s.FullSQL + " prints it"
}

func (m *markdown) line(format string, args ...any) {
	line := fmt.Sprintf(format, args...) + "\n"
	if len(line) > m.left {
		m.cut = true
		return
	}
	m.left -= len(line)
	m.text.WriteString(line)
}

// reason is one of GitHub's alerts.
func (m *markdown) reason(r reason) {
	alert := "WARNING"
	if r.Stands == standsRefused {
		alert = "CAUTION"
	}
	m.line("\n> [!%s]\n> **%s** %s", alert, mdText(string(r.Code)), mdText(r.inFull()))
}

// group has a row for each step, and one for what holds if the run stops there.
func (m *markdown) group(i int, g groupOverview) {
	m.line("| | | *group %d: %s* | |", i+1, mdText(g.Commits))
	for _, st := range g.Steps {
		m.line("| %d | %s | %s | %s |", st.Number, mdText(st.Kind), mdCode(st.SQL), mdText(st.Rows))
	}
	if !g.Same {
		m.line("| | | → %s | |", mdText(g.Holds))
	}
}

// sample has some of the rows that differ, in the form of a patch.
func (m *markdown) sample(p tableOverview) {
	if p.Differ() == "" {
		return
	}
	m.line("\n**Rows that differ:** %s", p.Differ())
	if len(p.Sample) == 0 {
		return
	}
	var lines []string
	for _, c := range p.Sample {
		lines = append(lines, c.patch()...)
	}
	if p.More > 0 {
		lines = append(lines, fmt.Sprintf("@@ and %s more @@", humanize.Comma(p.More)))
	}
	m.fenced("diff", strings.Join(lines, "\n"))
}

// patch shows a row in lines of a patch: one that is added or removed in one line.
func (c RowChange) patch() []string {
	if c.Kind == "changed" {
		lines := []string{fmt.Sprintf("@@ %s%s @@", c.Key, c.Times())}
		for _, v := range c.Values {
			lines = append(lines, fmt.Sprintf("- %s: %s", v.Column, v.From), fmt.Sprintf("+ %s: %s", v.Column, v.To))
		}
		return lines
	}
	sign, values := "+ ", []string(nil)
	if c.Key != "" {
		values = append(values, c.Key)
	}
	for _, v := range c.Values {
		side := v.To
		if c.Kind == "removed" {
			side = v.From
		}
		values = append(values, v.Column+": "+side)
	}
	if c.Kind == "removed" {
		sign = "- "
	}
	return []string{sign + strings.Join(values, ", ") + c.Times()}
}

// script is a folded block of SQL. If it does not fit, the comment says how to see it.
func (m *markdown) script(title, sql string) {
	if sql == "" {
		return
	}
	const around = 200
	if len(sql)+around > m.left {
		m.line("\n%s has %d bytes, which is too much for a comment.", mdText(title), len(sql))
		return
	}
	m.line("\n<details>\n<summary>%s</summary>", mdText(title))
	m.fenced("sql", strings.TrimRight(sql, "\n"))
	m.line("\n</details>")
}

// fenced is a block of code. Its fence is longer than any run of backticks in it.
func (m *markdown) fenced(language, text string) {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	m.line("\n%s%s\n%s\n%s", fence, language, text, fence)
}

func longestRun(text string, of rune) int {
	longest, run := 0, 0
	for _, r := range text {
		if r != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// mdText escapes a text of one line, so that it shows as it is, also in a cell of a table.
// GitHub looks for mentions, references and addresses in the text that it has rendered: an
// empty element behind their first character keeps it from finding one.
func mdText(s string) string {
	const apart, markup = "<b></b>", "&<>|`*_\\[]$~!"
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_' && betweenWords(s[:i], s[i+1:]): // which is no markup there
			b.WriteRune(r)
		case r == '@', r == '#', r == ':' && !strings.HasPrefix(s[i:], ": "), r == '.' && strings.HasSuffix(strings.ToLower(s[:i]), "www"):
			fmt.Fprintf(&b, "&#%d;%s", r, apart)
		case strings.ContainsRune(markup, r):
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func betweenWords(before, after string) bool {
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(after)
	return isWord(last) && isWord(first)
}

// mdCode is the beginning of code within a text.
func mdCode(code string) string {
	if text.StringWidth(code) > codeWidth {
		code = text.Trim(code, codeWidth) + " ..."
	}
	return "<code>" + mdText(code) + "</code>"
}

// codeWidth is the width of a statement in a table, in columns.
const codeWidth = 120
