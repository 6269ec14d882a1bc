package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/tablesnap/tablesnap/plan"
)

// planFormat is an output format for plans. To add one, write a renderer of
// [plan.Program] in a file of its own, and add a line to planFormats.
type planFormat struct {
	name, about string
	// extension is the extension of its files.
	extension string
	// ofMigration is set if the format has an upload and its undo, for every database in
	// which the table has the same columns.
	ofMigration bool
	// ofPage is set if the format is for people, with the summary, rows that differ, and the
	// scripts.
	ofPage bool
	// refuse returns a usage error for flags that the format does not support.
	refuse func(planFlags) error
	write  planWriter
	// writeSet is nil if the format is for one table only.
	writeSet func(io.Writer, *plannedSet) error
}

// planWriter writes a plan, or a migration, in a format.
type planWriter func(io.Writer, planned) error

// summaryFormat is the format of plans on a terminal.
const summaryFormat = "summary"

func planFormats() []planFormat {
	return []planFormat{
		{name: summaryFormat, about: "what a reviewer must know", extension: ".txt", refuse: refuseForSummary, write: writePlanSummary, writeSet: writeSetSummary},
		{name: "sql", about: "a script to read, or to run with --rows all", extension: ".sql", refuse: refuseNothing, write: writeScript, writeSet: writeSetScript},
		{name: "json", about: "to save, and to run with apply --plan", extension: ".json", refuse: refuseForJSON, write: writePlanJSON, writeSet: writeSetJSON},
		{name: "goose", about: "a migration for it, with all rows", extension: ".sql", ofMigration: true, refuse: refuseForGoose, write: writeMigration},
		{name: "markdown", about: "a comment for a pull request", extension: ".md", ofPage: true, refuse: refuseForPage, write: writeMarkdown, writeSet: writeSetMarkdown},
		{name: "html", about: "a page for a ticket, in one file", extension: ".html", ofPage: true, refuse: refuseForPage, write: writeHTML, writeSet: writeSetHTML},
	}
}

// findFormat returns the format with a name, or a usage error that lists all names.
func findFormat(formats []planFormat, name string) (planFormat, error) {
	for _, f := range formats {
		if f.name == name {
			return f, nil
		}
	}
	names := formatNames(formats)
	last := len(names) - 1
	return planFormat{}, usagef("--format is %q; it may be %s or %s", name, strings.Join(names[:last], ", "), names[last])
}

// formatNames are the names of the formats, for the completion of a flag.
func formatNames(formats []planFormat) []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// aboutFormats lists the formats for a help text, one on a line.
func aboutFormats(formats []planFormat) string {
	var lines strings.Builder
	for _, f := range formats {
		fmt.Fprintf(&lines, "\n  %-9s %s", f.name, f.about)
	}
	return lines.String()
}

func refuseNothing(planFlags) error { return nil }

func refuseForJSON(f planFlags) error {
	switch {
	case f.rows != "":
		return usagef("--rows is for --format sql; a plan as JSON holds no rows")
	case f.withUndo:
		return usagef("--with-undo is for --format sql: a plan as JSON is one plan; restore --dry-run plans the way back behind the upload")
	case f.diff:
		return usagef("--diff is for --format sql; a plan as JSON holds no comments")
	}
	return nil
}

func writeScript(w io.Writer, p planned) error {
	var undo func(io.Writer) error
	if p.undo != nil {
		undo = func(w io.Writer) error { return plan.WriteScript(w, p.dialect, *p.undo, nil, scriptToRun()) }
	}
	return p.extras.around(w, undo, func(w io.Writer) error {
		return plan.WriteScript(w, p.dialect, p.plan, p.source, p.options)
	})
}

// scriptToRun is the form of a script that follows another one.
func scriptToRun() plan.ScriptOptions { return plan.ScriptOptions{Rows: plan.AllRows} }

func writePlanJSON(w io.Writer, p planned) error {
	return inPrintableJSON(w, func(w io.Writer) error { return plan.Encode(w, p.plan) })
}

func inPrintableJSON(w io.Writer, encode func(io.Writer) error) error {
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		return err
	}
	return writePrintableJSON(w, b.Bytes())
}
