package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

func firstUploadCases() []testCase {
	return []testCase{
		{name: "first upload: what the inferred types hold is exported as it stood in the file", run: inferredTypes, unless: bySwap},
		{name: "first upload: inferred types read a file's numbers and booleans in its own form", run: inferredForms, unless: bySwap},
		{name: "first upload: text holds any length", run: textOfAnyLength, unless: bySwap},
		{name: "first upload: more columns than the server has room for", run: tooManyTexts, unless: bySwap},
		{name: "first upload: a primary key", run: primaryKey, unless: bySwap},
		{name: "first upload: a primary key that the file cannot have is refused", run: primaryKeyRefused, unless: bySwap},
		{name: "first upload: a name like that of another table is pointed out", run: similarName, unless: bySwap},
	}
}

// typedFile has a column of each type that is inferred, with values at its ends, and some
// columns that only look so.
var typedFile = []string{
	"whole,large,price,small,day,seen,moment,code,mixed,phone,flag,none,name",
	"1,9223372036854775808,1.50,0.000001,1000-01-01,2024-02-29 00:00:00,2024-02-29 23:59:59.123456,007,1.5,+49,t,,ada",
	"-9223372036854775808,99999999999999999999999999999999999999,-0.25,-0.999999,9999-12-31,1000-01-01 23:59:59,9999-12-31 00:00:00.000001,10,1.25,30,f,,",
	"9223372036854775807,,12345678901234.00,,,,,1,2,,,,",
	",-1,0.00,0.000000,2024-02-29,9999-12-31 12:34:56,1000-01-01 00:00:00.999999,,,,,,x",
}

func inferring(docID string, src rowsource.Source) exec.Request {
	r := request(docID, src)
	r.Options.Types = plan.InferTypes
	return r
}

func inferredTypes(w *world) {
	r := inferring("doc_1", csv(typedFile[0], typedFile[1:]...))
	kinds := make(map[string]rowsource.TypeKind)
	for _, c := range w.plan(r).Upload.Source.Columns {
		if c.Type.Kind != rowsource.TypeText {
			kinds[c.Name] = c.Type.Kind
		}
	}
	equal(w, "the types", kinds, map[string]rowsource.TypeKind{"whole": rowsource.TypeInteger, "large": rowsource.TypeDecimal, "price": rowsource.TypeDecimal,
		"small": rowsource.TypeDecimal, "day": rowsource.TypeDate, "seen": rowsource.TypeTimestamp, "moment": rowsource.TypeTimestamp})
	w.upload(r)
	_, exported := w.mustExport(exec.ExportRequest{}, rowsource.FormatCSV)
	w.sameLines("the export", exported, typedFile)
	r.DocID, r.Source = "doc_2", csv(typedFile[0], slices.Concat(typedFile[1:], typedFile[1:2])...)
	w.upload(r)
	_, exported = w.mustExport(exec.ExportRequest{Version: version(1)}, rowsource.FormatCSV)
	w.sameLines("the export of version 1", exported, typedFile)
}

// sameLines compares a file with lines, whatever their order.
func (w *world) sameLines(what, file string, want []string) {
	w.Helper()
	got, want := strings.Split(strings.TrimSuffix(file, "\n"), "\n"), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	w.same(what, got, want...)
}

func inferredForms(w *world) {
	src := rowsource.Bytes([]byte("n;price;active;note\n\"\";1.234,50;True;\"\"\n7;0,25;False;x\n8;;;\n"),
		rowsource.Options{Name: "people.csv", Delimiter: ";", Decimal: ",", NullQuoted: true})
	r := inferring("doc_1", src)
	p := w.plan(r)
	if _, err := w.client.Apply(w.Context(), p, src, nil); err != nil {
		w.Fatalf("apply the plan: %v", err)
	}
	w.same("the table", w.lines("people", "n", "price", "note"), `NULL | 1234.50 | ""`, "7 | 0.25 | x", "8 | NULL | NULL")
	equal(w, "rows that are active", len(w.query("SELECT n FROM people WHERE NOT active")), 1)
}

func textOfAnyLength(w *world) {
	w.upload(request("doc_1", csv("email,name", "a,short")))
	long := strings.Repeat("ü", 100_000)
	w.upload(request("doc_2", csv("email,name", "a,"+long)))
	w.same("the table", w.lines("people", "email", "name"), "a | "+shownText(long))
}

func tooManyTexts(w *world) {
	const width = 230
	var names, texts, numbers []string
	for i := range width {
		names, texts, numbers = append(names, fmt.Sprint("c", i)), append(texts, "x"), append(numbers, fmt.Sprint(i))
	}
	header := strings.Join(names, ",")
	_, limited := dialect.As[dialect.TableLimiter](w.d)
	_, narrow := w.tryPlan(request("doc_1", csv(header, strings.Join(texts, ","))))
	if refused, ok := errors.AsType[*plan.RemedyError](narrow); narrow != nil && (!limited || !ok || !slices.Contains(refused.Remedies, plan.RemedyInferTypes)) {
		w.Errorf("%d columns of text: %v", width, narrow)
	}
	if narrow == nil {
		w.upload(request("doc_1", csv(header, strings.Join(texts, ","))))
	}
	r := inferring("doc_2", csv(header, strings.Join(numbers, ",")))
	r.Table, r.Options.Allow = "numbers", []plan.Code{plan.SameFile}
	w.upload(r)
	w.upload(r) // its backup has room as well
	w.same("the backup", w.snapshot("numbers_backup", 1, names...), strings.Join(numbers, " | "))
}

func (w *world) tryPlan(r exec.Request) (plan.Plan, error) {
	return w.client.Plan(w.Context(), w.by(r))
}

func primaryKey(w *world) {
	r := inferring("doc_1", csv("Code,day,n", "a,2024-01-30,1", "b,2024-01-30,1", "a,2024-01-31,2"))
	r.Options.PrimaryKey = []string{"Code", "day"}
	w.upload(r)
	equal(w, "the key", w.inspect("people").Table.PrimaryKey, []string{"Code", "day"})
	r.DocID, r.Source = "doc_2", csv("Code,day,n", "a,2024-01-30,1", "c,2024-01-30,1")
	w.upload(r)
	w.same("the table", w.lines("people", "Code", "n"), "a | 1", "c | 1")
	twice := inferring("doc_3", csv("n", "1", "1"))
	twice.Table, twice.Options.PrimaryKey = "numbers", []string{"n"}
	if err := w.tryUpload(twice); err == nil {
		w.Error("two rows with one key were taken")
	}
}

func primaryKeyRefused(w *world) {
	for _, c := range []struct {
		key  []string
		says string
	}{
		{[]string{"nosuch"}, `has the column "nosuch", and people.csv has none of that name`},
		{[]string{"n", "n"}, `has the column "n" twice`},
		{[]string{"name"}, `"name" cannot be in the primary key: it is NULL in 1 row of people.csv`},
	} {
		r := request("doc_1", csv("n,name", "1,a", "2,"))
		r.Options.PrimaryKey = c.key
		_, err := w.tryPlan(r)
		mustBe[*plan.RefusedError](w, err)
		w.says(err, c.says)
	}
}

func similarName(w *world) {
	w.upload(request("doc_1", csv("n", "1")))
	r := request("doc_2", csv("n", "1"))
	r.Table = "poeple"
	codes := func(r exec.Request) []plan.Code {
		return slices.DeleteFunc(warningCodes(w.plan(r).Warnings), readersWait)
	}
	equal(w, "the warnings", codes(r), []plan.Code{plan.SimilarName})
	r.Options.Create = false
	_, err := w.tryPlan(r)
	w.says(err, "did you mean people?")
	r.Table, r.Options.Create = `"poeple"`, true
	equal(w, "the warnings of a quoted name", codes(r), []plan.Code{})
	r.Table = "products"
	equal(w, "the warnings of another name", codes(r), []plan.Code{})
}
