package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

func jsonCases() []testCase {
	return []testCase{
		{name: "json: an older version is exported as JSON", run: jsonVersion},
		{name: "json: a value that JSON Lines cannot hold is not exported", run: jsonRefused},
		{name: "json: a key that comes twice is kept or refused", run: keptOrRefused(`{"a":1,"a":2}`, "twice")},
		{name: "json: a 0 with a sign is kept or refused", run: keptOrRefused(`[1,-0]`, "-0")},
	}
}

// jsonValues are JSON values of every kind. Some would change if they were read as text,
// a number or bytes.
var jsonValues = []string{
	`true`, `false`, `"true"`, `5`, `"5"`, `1`, `"1"`, `-7.5`, `""`, `"null"`, `"a \"b\" \\ c"`, `"\u00e9"`, `[]`, `[1, "1", true, null]`, `{}`,
	`{"a": {"b": [null, "x"]}}`, `{"$base64": "QUJD"}`, `"{}"`, `"[1]"`, `null`,
}

// otherwise has a similar value of another type for each of the first jsonValues.
var otherwise = []string{`"true"`, `0`, `true`, `"5"`, `5`}

// jsonLines returns a JSON Lines file with the values.
func jsonLines(values ...string) rowsource.Source {
	var b strings.Builder
	for i, v := range values {
		fmt.Fprintf(&b, "{\"n\": %d, \"value\": %s}\n", i, v)
	}
	return rowsource.Bytes([]byte(b.String()), rowsource.Options{Name: "values.jsonl"})
}

// eachJSON creates a table for each JSON type.
func (w *world) eachJSON(each func(table, of string)) {
	w.Helper()
	for i, declared := range w.family.Words.JSON {
		table := fmt.Sprintf("json_%d", i)
		w.other("CREATE TABLE " + table + " (n {int}, value " + declared + ")")
		each(table, declared)
	}
}

// jsonStays uploads a file with the library, and its export with a script.
func jsonStays(w *world) {
	w.eachJSON(func(table, of string) {
		r := request("doc_1", jsonLines(jsonValues...))
		r.Table = table
		w.upload(r)
		exported, text := w.mustExport(exec.ExportRequest{Table: table}, rowsource.FormatJSONL)
		w.sameJSON(of, text, jsonValues)
		for what, src := range map[string]rowsource.Source{"file": r.Source, "export": exported} {
			if d, lines := w.diff(exec.DiffRequest{Table: table, File: src}); d.Differs() {
				w.Errorf("%s: the %s differs:\n%s", of, what, strings.Join(lines, "\n"))
			}
		}
		others := jsonLines(append(otherwise[:len(otherwise):len(otherwise)], jsonValues[len(otherwise):]...)...)
		d, _ := w.diff(exec.DiffRequest{Table: table, File: others, Key: []string{"n"}})
		equal(w, of+": rows that differ by type", d.Changed, int64(len(otherwise)))

		r.DocID, r.Source = "doc_2", exported
		if err := w.in.Client(w.T, w.script(w.plan(r), r.Source)); err != nil {
			w.Fatalf("%s: run the script of the export: %v", of, err)
		}
		_, again := w.mustExport(exec.ExportRequest{Table: table}, rowsource.FormatJSONL)
		equal(w, of+": exported, uploaded and exported again", again, text)
	})
}

// sameJSON compares the values of an export, regardless of each database's formatting.
func (w *world) sameJSON(of, exported string, want []string) {
	w.Helper()
	lines := strings.Split(strings.TrimSpace(exported), "\n")
	equal(w, of+": the number of lines", len(lines), len(want))
	for _, line := range lines {
		var row struct {
			N     int
			Value any
		}
		var value any
		if err := errors.Join(json.Unmarshal([]byte(line), &row), json.Unmarshal([]byte(want[row.N]), &value)); err != nil {
			w.Fatalf("%s: read %s: %v", of, line, err)
		}
		if !reflect.DeepEqual(row.Value, value) {
			w.Errorf("%s: %s has become %s", of, want[row.N], line)
		}
	}
}

// jsonVersion checks that a version keeps its values, although a backup table may store
// JSON as text.
func jsonVersion(w *world) {
	w.eachJSON(func(table, of string) {
		r := request("doc_1", jsonLines(jsonValues...))
		r.Table = table
		w.upload(r)
		_, before := w.mustExport(exec.ExportRequest{Table: table}, rowsource.FormatJSONL)
		r.DocID, r.Source = "doc_2", jsonLines(jsonValues[1:]...)
		w.upload(r)
		_, kept := w.mustExport(exec.ExportRequest{Table: table, Version: version(1)}, rowsource.FormatJSONL)
		w.same(of+": version 1", strings.Split(kept, "\n"), strings.Split(before, "\n")...)
	})
}

// jsonRefused exports JSON null, which JSON Lines cannot distinguish from SQL NULL. CSV
// can.
func jsonRefused(w *world) {
	w.eachJSON(func(table, of string) {
		w.other("INSERT INTO " + table + " VALUES (1, 'null')")
		_, _, err := w.export(exec.ExportRequest{Table: table}, rowsource.FormatJSONL)
		mustBe[*rowsource.CellError](w, err)
		w.says(err, "value", "null", "write CSV")
		w.other("INSERT INTO " + table + " VALUES (2, '[1,\n 2]'), (3, ' {} '), (4, '5'), (5, '\"5\"')")
		if !w.comesBackAs(table, of, rowsource.FormatCSV) {
			w.Errorf("%s: the values cannot be exported as CSV", of)
		}
		w.other("DELETE FROM " + table + " WHERE n = 1")
		w.comesBack(table, of) // it may also be refused
	})
}

// keptOrRefused uploads a second row with a value that some databases would change. It
// must be stored unchanged or refused.
func keptOrRefused(value, why string) func(*world) {
	return func(w *world) {
		w.eachJSON(func(table, of string) {
			r := request("doc_1", jsonLines(`"x"`, value))
			r.Table = table
			if err := w.tryUpload(r); err != nil {
				w.says(err, why)
				equal(w, of+": the line", mustBe[*rowsource.CellError](w, err).Line, 2)
				return
			}
			_, text := w.mustExport(exec.ExportRequest{Table: table}, rowsource.FormatJSONL)
			if !strings.Contains(text, value) {
				w.Errorf("%s: %s has become %s", of, value, text)
			}
		})
	}
}
