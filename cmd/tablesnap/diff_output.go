package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

// writeDiffSummary writes how much differs, in a few lines that begin with prefix.
func writeDiffSummary(w io.Writer, prefix string, d exec.Diff) {
	line := func(format string, args ...any) {
		fmt.Fprintln(w, prefix+printable(fmt.Sprintf(format, args...)))
	}
	line("%s, from %s to %s: %d added, %d removed, %d changed", d.Table.Name, d.From, d.To, d.Added, d.Removed, d.Changed)
	if len(d.Key) > 0 {
		line("rows are known by %s", strings.Join(d.Key, ", "))
	} else {
		line("rows have no key: one that changed is removed and added; name the key with --key")
	}
	if len(d.Reset) > 0 {
		line("compared with the default, which an upload would set, since %s lacks it: %s", d.To, strings.Join(d.Reset, ", "))
	}
	if len(d.Anew) > 0 {
		line("every row that stays counts as changed: an upload would give it a new value, since %s lacks it: %s", d.To, strings.Join(d.Anew, ", "))
	}
	if len(d.OnlyFrom) > 0 {
		line("not compared, since only %s has it: %s", d.From, strings.Join(d.OnlyFrom, ", "))
	}
	if len(d.OnlyTo) > 0 {
		line("not compared, since only %s has it: %s", d.To, strings.Join(d.OnlyTo, ", "))
	}
}

// changeJSON writes a change as an element of the list "changes". The list comes first in
// the output, since the counts are known only at the end.
func (w *diffWriter) changeJSON(d exec.Diff, c exec.Change) error {
	begin := ",\n    "
	if w.shown == 1 {
		begin = "{\n  \"changes\": [\n    "
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `%s{"change": %q, "count": %d`, begin, c.Kind, c.Count)
	for _, side := range []struct {
		name   string
		values []rowsource.Value
	}{{"before", c.From}, {"after", c.To}} {
		if side.values == nil {
			continue
		}
		row, err := rowJSON(d.Columns, w.mask.row(d.Columns, side.values))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, `, %q: %s`, side.name, row)
	}
	b.WriteByte('}')
	return writePrintableJSON(w.out, b.Bytes())
}

// rowJSON formats a row as in JSON Lines. A text that is not UTF-8 is written as bytes.
func rowJSON(columns []string, values []rowsource.Value) ([]byte, error) {
	row := []byte{'{'}
	for i, v := range values {
		if i > 0 {
			row = append(row, ", "...)
		}
		name, err := json.Marshal(columns[i])
		if err != nil {
			return nil, err
		}
		row = append(append(row, name...), ": "...)
		shown, err := rowsource.AppendJSON(row, v)
		if err != nil {
			if shown, err = rowsource.AppendJSON(row, rowsource.Blob([]byte(textOf(v)))); err != nil {
				return nil, err
			}
		}
		row = shown
	}
	return append(row, '}'), nil
}

func textOf(v rowsource.Value) string {
	if v.Kind() == rowsource.KindText {
		return v.Str()
	}
	return v.String()
}

func (w *diffWriter) endJSON(d exec.Diff) error {
	begin := "\n  ],\n"
	if w.shown == 0 {
		begin = "{\n  \"changes\": [],\n"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(d); err != nil {
		return err
	}
	return writePrintableJSON(w.out, append([]byte(begin), bytes.TrimPrefix(b.Bytes(), []byte("{\n"))...))
}
