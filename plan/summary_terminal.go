package plan

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// The layout, in columns of a terminal.
const (
	summaryWidth = 100
	labelWidth   = 11
	sqlWidth     = 60
)

// terminal lays an overview out for a terminal.
type terminal struct {
	w      *bufio.Writer
	colors Colors
}

func (t terminal) write(o overview, fullSQL string) {
	t.title(o.Title, o.Hash)
	t.about(o)
	t.howToSeeAll(fullSQL)
}

// set has what is true of all tables first, and then each of them.
func (t terminal) set(o setOverview, fullSQL string) {
	t.title(o.Title, o.Hash)
	t.facts(o.Facts)
	for _, table := range o.Tables {
		t.line("")
		t.line(t.colored(table.Title, text.Bold))
		t.about(table.overview)
	}
	t.howToSeeAll(fullSQL)
}

func (t terminal) facts(facts []fact) {
	for _, f := range facts {
		t.hanging(fmt.Sprintf("  %-*s ", labelWidth-3, f.Label), f.Says)
	}
}

func (t terminal) about(o overview) {
	t.facts(o.Facts)
	for _, r := range o.Reasons {
		t.reason(r)
	}
	t.line("")
	for _, g := range o.Groups {
		t.group(g)
	}
}

func (t terminal) howToSeeAll(fullSQL string) {
	if fullSQL != "" {
		t.line("")
		t.line("Full SQL: " + fullSQL)
	}
}

func (t terminal) line(text string) { fmt.Fprintln(t.w, strings.TrimRight(text, " ")) }

// title has the start of the plan's hash at its end.
func (t terminal) title(title, hash string) {
	hash = "plan " + hash[:12]
	if gap := summaryWidth - text.StringWidth(title) - len(hash); gap > 0 {
		t.line(t.colored(title, text.Bold) + strings.Repeat(" ", gap) + hash)
		return
	}
	t.line(t.colored(title, text.Bold))
	t.line(strings.Repeat(" ", summaryWidth-len(hash)) + hash)
}

func (t terminal) reason(r reason) {
	switch r.Stands {
	case standsRefused:
		t.hanging(fmt.Sprintf("  ! %s  ", r.Code), r.inFull(), text.FgRed, text.Bold)
	case standsAllowed:
		t.hanging(fmt.Sprintf("  ! %s  ", r.Code), r.inFull(), text.FgYellow)
	default:
		t.hanging(fmt.Sprintf("  warning %s  ", r.Code), r.inFull(), text.FgYellow)
	}
}

// group has a line for each statement. A line below the last one says what holds if the run
// stops there, unless the next group says the same.
func (t terminal) group(g groupOverview) {
	for _, st := range g.Steps {
		t.line(fmt.Sprintf("  %2d  %-17s %s  %s", st.Number, st.Kind, short(st.SQL), st.Rows))
	}
	if !g.Same {
		t.hanging(strings.Repeat(" ", 24), g.Holds)
	}
}

// short is the beginning of a statement, in the width of its column.
func short(sql string) string {
	if text.StringWidth(sql) > sqlWidth {
		sql = text.Trim(sql, sqlWidth-len(" ..."))
		if end := strings.LastIndexByte(sql, ' '); end > 0 {
			sql = sql[:end]
		}
		sql += " ..."
	}
	return text.Pad(sql, sqlWidth, ' ')
}

// hanging writes a text whose further lines begin under the first.
func (t terminal) hanging(label, said string, colors ...text.Color) {
	indent := text.StringWidth(label)
	for line := range strings.SplitSeq(text.WrapSoft(said, summaryWidth-indent), "\n") {
		t.line(t.colored(label, colors...) + strings.TrimSpace(line))
		label, colors = strings.Repeat(" ", indent), nil
	}
}

// colored colors a text if the summary has colors.
func (t terminal) colored(said string, colors ...text.Color) string {
	if t.colors == NoColors || len(colors) == 0 {
		return said
	}
	return text.Escape(said, text.Colors(colors).EscapeSeq())
}
