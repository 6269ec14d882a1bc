package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Bounds are types with texts at the bounds of what they hold.
type Bounds struct {
	// Before makes what the types need.
	Before []string
	Types  []BoundsOf
}

// BoundsOf are texts at the bounds of a type.
type BoundsOf struct {
	// Type is the column's type, as in CREATE TABLE.
	Type string
	// Kept are taken, and are the same value in the table.
	Kept []string
	// Refused are refused by the server, and Altered are taken by the server for another
	// value. A plan refuses both.
	Refused, Altered []string
}

// boundsKnown: what a plan says of a text is what the server does with it. All types are
// columns of one table. A row has a value for one of them.
func boundsKnown(w *world) {
	w.other(w.family.Bounds.Before...)
	names, definitions := []string{"n"}, []string{"n {int} PRIMARY KEY"}
	for i, b := range w.family.Bounds.Types {
		names = append(names, fmt.Sprintf("c%d", i))
		definitions = append(definitions, names[i+1]+" "+b.Type)
	}
	w.other("CREATE TABLE bounds (" + strings.Join(definitions, ", ") + ")")
	w.keepsInBounds(names)
	w.refusesBeyondBounds(names)
	w.serverRefusesBeyondBounds(names)
}

// fileOfBounds has a row for each of the texts.
func (w *world) fileOfBounds(names []string, texts func(BoundsOf) []string) (src rowsource.Source, rows []string) {
	for i, b := range w.family.Bounds.Types {
		for _, text := range texts(b) {
			fields := make([]string, len(names))
			fields[0], fields[i+1] = fmt.Sprint(len(rows)+1), quotedField(text)
			rows = append(rows, strings.Join(fields, ","))
		}
	}
	return csv(strings.Join(names, ","), rows...), rows
}

func (w *world) keepsInBounds(names []string) {
	w.Helper()
	src, _ := w.fileOfBounds(names, func(b BoundsOf) []string { return b.Kept })
	r := request("kept", src)
	r.Table = "bounds"
	w.upload(r)
	src, _ = w.fileOfBounds(names, func(b BoundsOf) []string { return b.Kept })
	if d, lines := w.diff(exec.DiffRequest{Table: "bounds", File: src}); d.Differs() {
		w.Errorf("the table differs from the file:\n%s", strings.Join(lines, "\n"))
	}
}

func (w *world) refusesBeyondBounds(names []string) {
	w.Helper()
	src, rows := w.fileOfBounds(names, beyondBounds)
	r := request("refused", src)
	r.Table = "bounds"
	r.Faults.Most = rowsource.AllFaults
	err := w.tryUpload(r)
	bad := map[int]bool{}
	for _, cell := range mustBe[*rowsource.FaultsError](w, err).Faults.First {
		bad[cell.Line] = true
	}
	for i, row := range rows {
		if !bad[i+2] {
			w.Errorf("a plan does not refuse the row %.100s", strings.ReplaceAll(row, ",,", ""))
		}
	}
	_, offline := exec.InputFor(context.Background(), w.d, w.inspect("bounds"), w.by(r), tool)
	equal(w, "the message without a database", fmt.Sprint(offline), err.Error())
}

func beyondBounds(b BoundsOf) []string { return slices.Concat(b.Refused, b.Altered) }

// serverRefusesBeyondBounds inserts each text as a load would.
func (w *world) serverRefusesBeyondBounds(names []string) {
	w.Helper()
	ctx := context.Background()
	target := w.inspect("bounds")
	conn, err := w.db.Conn(ctx)
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close()
	leave, err := w.d.Enter(ctx, conn, w.d.Session(dialect.SessionOptions{}))
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = leave() }()
	n := 10_000
	for i, b := range w.family.Bounds.Types {
		literal := w.d.ColumnLiteral(target.Table.Columns[i+1])
		for j, text := range beyondBounds(b) {
			n++
			statement := dialect.InsertRows(w.d, target.Ident, []string{"n", names[i+1]}, [][]string{{fmt.Sprint(n), literal(rowsource.Text(text))}})
			_, err := conn.ExecContext(ctx, statement.SQL)
			if refused := j < len(b.Refused); (err != nil) != refused {
				w.Errorf("%s: the server refuses %.60q: %t (%v), want %t", b.Type, text, !refused, err, refused)
			}
		}
	}
}
