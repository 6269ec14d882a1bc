package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func exportCases() []testCase {
	return []testCase{
		{name: "export: versions and the table", run: exportVersions},
		{name: "export: hostile texts come back", run: exportHostileTexts},
		{name: "export: hostile names", run: exportHostileNames},
		{name: "export: a table without rows", run: exportEmpty},
		{name: "export: whole numbers are numbers", run: exportWholeNumbers},
		{name: "export: no value is written that would come back as another", run: exportRefused},
	}
}

// export returns the exported file as a source and as text.
func (w *world) export(r exec.ExportRequest, format rowsource.Format) (rowsource.Source, string, error) {
	w.Helper()
	if r.Table == "" {
		r.Table = "people"
	}
	var b bytes.Buffer
	out, err := rowsource.NewWriter(&b, format, "")
	if err != nil {
		w.Fatalf("export to %s: %v", format, err)
	}
	if _, err = w.client.Export(context.Background(), r, out); err == nil {
		err = out.Flush()
	}
	return rowsource.Bytes(b.Bytes(), rowsource.Options{Name: "export." + string(format), Format: format}), b.String(), err
}

func (w *world) mustExport(r exec.ExportRequest, format rowsource.Format) (rowsource.Source, string) {
	w.Helper()
	src, text, err := w.export(r, format)
	if err != nil {
		w.Fatalf("export to %s: %v", format, err)
	}
	return src, text
}

func exportVersions(w *world) {
	w.other("CREATE TABLE people (n {int}, email {text})", "INSERT INTO people VALUES (1, 'a'), (2, NULL), (3, '')")
	w.upload(request("doc_1", csv("n,email", "4,b", "5,c")))
	_, text := w.mustExport(exec.ExportRequest{Version: version(0)}, rowsource.FormatCSV)
	w.same("version 0", strings.Split(strings.TrimSpace(text), "\n"), "n,email", "1,a", "2,", `3,""`)
	_, text = w.mustExport(exec.ExportRequest{}, rowsource.FormatCSV)
	w.same("the table", strings.Split(strings.TrimSpace(text), "\n"), "n,email", "4,b", "5,c")
	_, again := w.mustExport(exec.ExportRequest{Version: version(1)}, rowsource.FormatCSV)
	equal(w, "version 1", again, text)
	_, _, err := w.export(exec.ExportRequest{Version: version(2)}, rowsource.FormatCSV)
	mustBe[*exec.NoContentsError](w, err)
	_, _, err = w.export(exec.ExportRequest{Table: "nosuch"}, rowsource.FormatCSV)
	mustBe[*exec.NoContentsError](w, err)
}

// exportHostileTexts exports rows, uploads the file, and compares the tables.
func exportHostileTexts(w *world) {
	texts := hostileTexts()
	rows := make([][]any, 0, len(texts)+1)
	for i, text := range texts {
		rows = append(rows, []any{fmt.Sprint(i), text})
	}
	rows = append(rows, []any{"no text", nil})
	w.upload(request("doc_1", rowsource.Rows("service", []string{"n", "value"}, rows)))
	want := w.exact("people")
	for _, format := range rowsource.WritableFormats() {
		src, _, err := w.export(exec.ExportRequest{Version: version(1)}, format)
		if cell, refused := errors.AsType[*rowsource.CellError](err); refused && format == rowsource.FormatXLSX {
			w.Logf("XLSX holds no %s: %v", cell.Value, err)
			continue
		}
		if err != nil {
			w.Fatalf("export to %s: %v", format, err)
		}
		d, lines := w.diff(exec.DiffRequest{From: version(1), File: src})
		if d.Differs() {
			w.Errorf("%s: the file differs:\n%s", format, strings.Join(lines, "\n"))
		}
		r := request("doc of "+string(format), src)
		w.upload(r)
		w.same("the table, from "+string(format), w.exact("people"), want...)
	}
}

// exportEmpty exports a table without rows. A JSON Lines file without lines names no
// columns, and an upload of no rows needs none.
func exportEmpty(w *world) {
	w.other("CREATE TABLE people (n {int} NOT NULL, email {text}, final_status {text})")
	for replaced, format := range []rowsource.Format{rowsource.FormatCSV, rowsource.FormatJSONL} {
		src, _ := w.mustExport(exec.ExportRequest{}, format)
		doc := "empty " + string(format)
		w.other("INSERT INTO people VALUES (1, '" + doc + "', '')")
		d, lines := w.diff(exec.DiffRequest{File: src})
		equal(w, "the difference "+strings.Join(lines, "; "), []int64{d.Added, d.Removed, d.Changed}, []int64{0, 1, 0})
		r := request(doc, src)
		if format == rowsource.FormatJSONL { // the CSV header has the column that the kind would drop
			r.Kind = plan.Panel()
		}
		r.Options.Allow = []plan.Code{plan.SameFile}
		hazard := mustBe[*plan.HazardError](w, w.tryUpload(r))
		equal(w, "the hazards of "+doc, hazardCodes(hazard.Hazards), []plan.Code{plan.EmptySource})
		r.Options.Allow = append(r.Options.Allow, plan.EmptySource)
		if script := w.script(w.plan(r), src); !strings.Contains(script, "0 rows") {
			w.Errorf("the script of %s does not say that there are no rows:\n%s", doc, script)
		}
		w.upload(r)
		w.same("the table, from "+doc, w.lines("people"), nothing...)
		w.same("the backup, from "+doc, w.snapshot("people_backup", replaced, "email"), doc)
	}
	r := request("doc_9", rowsource.Bytes(nil, rowsource.Options{Name: "new.jsonl"}))
	r.Table = "fresh"
	w.refused(r, "new.jsonl is empty", "upload CSV with a header")
}

// exportEveryColumn compares each table with its exports. The export fails at a value
// that a load would refuse. Otherwise the file can be uploaded and has the same values.
func exportEveryColumn(w *world) {
	refused := 0
	w.eachColumnTable(manyColumns, func(t columnTable) outcome {
		asCSV := w.comesBackAs(t.name, t.String(), rowsource.FormatCSV)
		asJSON := w.comesBack(t.name, t.String())
		switch {
		case asCSV && asJSON:
			return checked
		case len(t.columns) == 1 && !asJSON:
			refused += w.eachValueComesBack(t, rowsource.FormatJSONL)
		}
		return refusedOne
	})
	w.Logf("%d values have no form that a load would take", refused)
}

// otherFormatCases run once in a family, since a format takes the values that the family
// gives, whatever the server.
func otherFormatCases() []testCase {
	return []testCase{{
		name: "export: every type of column comes back from the formats of programs, or is refused",
		run:  exportEveryColumnInOtherFormats, unless: bySwap,
	}}
}

// exportEveryColumnInOtherFormats is exportEveryColumn for the formats of programs.
func exportEveryColumnInOtherFormats(w *world) {
	formats := []rowsource.Format{rowsource.FormatXLSX, rowsource.FormatParquet, rowsource.FormatMySQL, rowsource.FormatPGText}
	w.eachColumnTable(manyColumns, func(t columnTable) outcome {
		var refused []rowsource.Format
		for _, format := range formats {
			if !w.comesBackAs(t.name, t.String(), format) {
				refused = append(refused, format)
			}
		}
		if len(refused) == 0 {
			return checked
		}
		if len(t.columns) > 1 {
			return refusedOne
		}
		for _, format := range refused { // MySQL's and PostgreSQL's text hold what CSV holds
			if format == rowsource.FormatXLSX || format == rowsource.FormatParquet {
				w.eachValueComesBack(t, format)
			}
		}
		return refusedOne
	})
}

// comesBack reports whether the table could be exported, and checks that the file has the
// same rows.
func (w *world) comesBack(table, of string) bool {
	w.Helper()
	return w.comesBackAs(table, of, rowsource.FormatJSONL)
}

func (w *world) comesBackAs(table, of string, format rowsource.Format) bool {
	w.Helper()
	src, text, err := w.export(exec.ExportRequest{Table: table}, format)
	if _, ok := errors.AsType[*rowsource.CellError](err); ok {
		return false
	}
	if err != nil {
		w.Errorf("export a column %s: %v", of, err)
		return true
	}
	var lines []string
	d, err := w.client.Diff(context.Background(), exec.DiffRequest{Table: table, File: src}, func(_ exec.Diff, c exec.Change) error {
		lines = append(lines, changeLine(c))
		return nil
	})
	if err != nil || d.Differs() {
		w.Errorf("the export of a column %s does not come back (%v):\n%s\n%.300s", of, err, strings.Join(lines, "\n"), text)
	}
	return true
}

// eachValueComesBack exports the values of a table's only column one by one, and returns
// how many are refused.
func (w *world) eachValueComesBack(t columnTable, format rowsource.Format) (refused int) {
	w.Helper()
	for n, v := range t.columns[0].Values {
		w.other("DELETE FROM "+t.name, fmt.Sprintf("INSERT INTO %s VALUES (%d, %s)", t.name, n, v))
		if !w.comesBackAs(t.name, t.String()+" of "+v, format) {
			refused++
		}
	}
	return refused
}

func exportHostileNames(w *world) {
	var names, defs, values []string
	for i, n := range w.family.Words.HostileNames {
		if n == strings.TrimSpace(n) { // a file cannot have names with blanks around them
			names, defs, values = append(names, n), append(defs, w.d.Quote(n)+" {text}"), append(values, fmt.Sprintf("'value %d'", i))
		}
	}
	w.other("CREATE TABLE people ("+strings.Join(defs, ", ")+")", "INSERT INTO people VALUES ("+strings.Join(values, ", ")+")")
	for _, format := range rowsource.WritableFormats() {
		src, _ := w.mustExport(exec.ExportRequest{}, format)
		d, lines := w.diff(exec.DiffRequest{File: src})
		equal(w, "the columns of "+string(format), d.Columns, names)
		w.inOrder("the export as "+string(format), lines)
	}
}

func exportWholeNumbers(w *world) {
	w.other("CREATE TABLE people (n {int}, email {text})", "INSERT INTO people VALUES (7, '7'), (-9223372036854775807, NULL)")
	_, text := w.mustExport(exec.ExportRequest{}, rowsource.FormatJSONL)
	w.same("the export", strings.Split(strings.TrimSpace(text), "\n"), `{"n":7,"email":"7"}`, `{"n":-9223372036854775807,"email":null}`)
}

func exportRefused(w *world) {
	w.other("CREATE TABLE people (" + w.d.Quote(" email") + " {text})")
	_, _, err := w.export(exec.ExportRequest{}, rowsource.FormatCSV)
	w.says(err, "rename the column")
	w.other("DROP TABLE people")
	w.other("CREATE TABLE people (email {text})", "INSERT INTO people VALUES (NULL)")
	_, text, err := w.export(exec.ExportRequest{}, rowsource.FormatCSV)
	w.says(err, "email", "choose a text for NULL", "JSON Lines")
	equal(w, "what was written", text, "")
	w.other("CREATE TABLE empty_table (email {text}, name {text})")
	_, text = w.mustExport(exec.ExportRequest{Table: "empty_table"}, rowsource.FormatCSV)
	equal(w, "a table without rows", text, "email,name\n")
}
