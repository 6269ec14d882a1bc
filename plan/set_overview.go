package plan

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// SetOptions have what a summary or a page about a set has beyond the set itself. All are
// optional.
type SetOptions struct {
	// Database and so on are those of the set; see [SummaryOptions].
	Database string
	// TakeBack tells readers how to take the set back.
	TakeBack string
	FullSQL  string
	Colors   Colors
	// Tables are about the plans of the set, in their order. Their scripts are not used.
	Tables []PageOptions
	// Script says how the script in a page is printed, and Undo is the set that takes this one
	// back, or nil.
	Script ScriptOptions
	Undo   *Set
}

// WriteSetSummary prints what a reviewer must know about a set, and then the summary of each
// table; see [WriteSummary].
func WriteSetSummary(w io.Writer, d dialect.Dialect, set Set, o SetOptions) error {
	if err := canPrint(d, w); err != nil {
		return err
	}
	t := terminal{w: bufio.NewWriter(w), colors: o.Colors}
	t.set(summarizeSet(d, set, o), o.FullSQL)
	return t.w.Flush()
}

// WriteSetMarkdown prints a set as a comment on a pull request; see [WriteMarkdown]. The
// sources are by the names of their tables.
func WriteSetMarkdown(w io.Writer, d dialect.Dialect, set Set, sources map[string]rowsource.Source, o SetOptions) error {
	shown, err := newSetPage(w, d, set, sources, o)
	if err != nil {
		return err
	}
	return writeComment(w, func(m *markdown) {
		m.title(shown.Title, shown.Hash)
		m.facts(shown.Facts)
		for _, t := range shown.Tables {
			m.line("\n#### %s", mdText(t.Title))
			m.about(t)
		}
		m.scripts(shown.scripts)
	})
}

// WriteSetHTML prints a set as one HTML file; see [WriteHTML]. The sources are by the names of
// their tables.
func WriteSetHTML(w io.Writer, d dialect.Dialect, set Set, sources map[string]rowsource.Source, o SetOptions) error {
	shown, err := newSetPage(w, d, set, sources, o)
	if err != nil {
		return err
	}
	return writePage(w, "set.html", shown)
}

// setOverview is what a reviewer must know about a set. No text has a control character.
type setOverview struct {
	Title, Hash string
	Facts       []fact
	Tables      []tableOverview
}

type setPage struct {
	setOverview
	scripts
}

func newSetPage(w io.Writer, d dialect.Dialect, set Set, sources map[string]rowsource.Source, o SetOptions) (setPage, error) {
	if err := canPrint(d, w); err != nil {
		return setPage{}, err
	}
	var script, undo bytes.Buffer
	err := WriteSetScript(&script, d, set, sources, o.Script)
	if o.Undo != nil {
		err = errors.Join(err, WriteSetScript(&undo, d, *o.Undo, nil, ScriptOptions{Rows: AllRows}))
	}
	return setPage{summarizeSet(d, set, o), newScripts(script, undo, o.FullSQL)}, err
}

func summarizeSet(d dialect.Dialect, set Set, o SetOptions) setOverview {
	all := setOverview{Title: printable(set.does()), Hash: set.Hash()}
	if o.Database != "" {
		all.Title += " on " + printable(o.Database)
	}
	all.Facts = []fact{
		{"plan", "SHA-256 " + all.Hash}, // before any value that may look like it; see [FindHash]
		{"tables", printable(strings.Join(set.tableNames(), ", ")) + ", in this order"},
		{"commits", set.commits()},
	}
	if o.TakeBack != "" && set.replacesAll() {
		all.Facts = append(all.Facts, fact{"undo", printable(o.TakeBack)})
	}
	for i, p := range set.Plans {
		about := PageOptions{}
		if i < len(o.Tables) {
			about = o.Tables[i]
		}
		t := aboutTable(d, p, about)
		t.Facts = t.Facts[1:] // a set has one hash
		all.Tables = append(all.Tables, t)
	}
	return all
}

// does says what the set does, for a title.
func (s Set) does() string {
	if s.Plans[0].Operation == OpRestore {
		return "Bring back the set " + s.Name
	}
	return "Upload the set " + s.Name
}

// commits says how the tables change together.
func (s Set) commits() string {
	if s.Plans[0].Groups[s.JointGroup(0)].Auto {
		return "one RENAME TABLE swaps all tables"
	}
	return "one transaction: all tables change, or none does"
}

// replacesAll reports whether there are former rows of each table, which can be brought back.
func (s Set) replacesAll() bool {
	return !slices.ContainsFunc(s.Plans, func(p Plan) bool { return p.Table == nil || p.Binding == BoundToNone })
}

func (s Set) tableNames() []string {
	names := make([]string, len(s.Plans))
	for i, p := range s.Plans {
		names[i] = p.Upload.Table.Name
	}
	return names
}
