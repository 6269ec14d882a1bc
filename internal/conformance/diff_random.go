package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

func diffRandomCases() []testCase {
	return []testCase{
		{name: "diff: random rows, as a comparison in memory finds them", run: diffRandom},
		{name: "diff: keys that a collation takes for the same", run: diffCollatedKeys},
		{name: "diff: every row, and no row", run: diffAllAndNone},
		{name: "diff: long texts", run: diffLongTexts},
		{name: "diff: numbers that a file writes in another way", run: diffOtherNumbers},
	}
}

// randomRow has values of the columns n, k, v and d of the table people. A nil is NULL.
type randomRow [4]any

func (r randomRow) String() string {
	texts := make([]string, len(r))
	for i, v := range r {
		texts[i] = "NULL"
		if v != nil {
			texts[i] = shownText(fmt.Sprint(v))
		}
	}
	return strings.Join(texts, " | ")
}

// randomRows are rows of few values, so that many are the same, or nearly.
func randomRows(random *rand.Rand, n int) []randomRow {
	texts := []any{nil, "", "a", "A", "a ", " a", "á", "a\u0301", "ä", "b", "1", "01", "1.0", "x\ty", "x, y", "💥", "NULL", "ß", "ss"}
	numbers := []any{nil, "0", "1.5", "-1.5", "2", "10"}
	rows := make([]randomRow, n)
	for i := range rows {
		rows[i] = randomRow{random.IntN(4) - 1, texts[random.IntN(len(texts))], texts[random.IntN(len(texts))], numbers[random.IntN(len(numbers))]}
	}
	return rows
}

func (w *world) insertRandom(rows []randomRow) {
	w.Helper()
	inserts := make([]string, len(rows))
	for i, r := range rows {
		values := make([]string, len(r))
		for j, v := range r {
			values[j] = "NULL"
			switch v := v.(type) {
			case int:
				values[j] = strconv.Itoa(v)
			case string:
				values[j] = w.d.Literal(rowsource.Text(v))
				if j == 3 {
					values[j] = v
				}
			}
		}
		inserts[i] = "(" + strings.Join(values, ", ") + ")"
	}
	w.other("INSERT INTO people VALUES " + strings.Join(inserts, ", "))
}

func fileOf(rows []randomRow) rowsource.Source {
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = slices.Clone(r[:])
	}
	return rowsource.Rows("service", []string{"n", "k", "v", "d"}, values)
}

// diffRandom compares three bags of random rows: a snapshot, the table and a file.
func diffRandom(w *world) {
	random := rand.New(rand.NewPCG(1, 2))
	common := randomRows(random, 60)
	bag := func(n int) []randomRow { return append(slices.Clone(common[n:n+40]), randomRows(random, 20)...) }
	snapshot, table, file := bag(0), bag(10), bag(20)
	w.other("CREATE TABLE people (n {int}, k {text}, v {text}, d DECIMAL(10,2))")
	w.insertRandom(snapshot)
	w.backup(exec.BackupRequest{})
	w.other("DELETE FROM people")
	w.insertRandom(table)
	for _, key := range [][]string{nil, {"k"}, {"k", "n"}, {"d", "v"}} {
		w.randomDiff(exec.DiffRequest{From: version(0), Key: key}, snapshot, table)
		w.randomDiff(exec.DiffRequest{File: fileOf(file), Key: key}, table, file)
		w.randomDiff(exec.DiffRequest{From: version(0), File: fileOf(file), Key: key}, snapshot, file)
		w.randomDiff(exec.DiffRequest{From: version(0), To: version(0), Key: key}, snapshot, snapshot)
	}
}

// randomDiff checks that the changes turn one bag into the other, that no row is in them
// twice, and that rows of the same key follow each other.
func (w *world) randomDiff(r exec.DiffRequest, from, to []randomRow) {
	w.Helper()
	r.Table = "people"
	w.inEachWay(r, func(way string, r exec.DiffRequest) {
		more := make(map[string]int64)
		var keys []string
		d, err := w.client.Diff(w.Context(), r, func(d exec.Diff, c exec.Change) error {
			if c.From != nil {
				more[w.randomLine(c.From)] -= c.Count
			}
			if c.To != nil {
				more[w.randomLine(c.To)] += c.Count
			}
			keys = append(keys, w.changedKey(d, c))
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
		want, added, removed := make(map[string]int64), int64(0), int64(0)
		for _, row := range from {
			want[row.String()]--
		}
		for _, row := range to {
			want[row.String()]++
		}
		for row, n := range want {
			added, removed = added+max(n, 0), removed+max(-n, 0)
			if n == 0 {
				delete(want, row)
			}
		}
		what := fmt.Sprintf("key %v, %s: ", r.Key, way)
		equal(w, what+"the rows", more, want)
		equal(w, what+"the counts", []int64{d.Added + d.Changed, d.Removed + d.Changed}, []int64{added, removed})
		if runs := slices.Compact(slices.Clone(keys)); len(r.Key) > 0 {
			slices.Sort(runs)
			equal(w, what+"the keys of which the rows do not follow each other", len(runs)-len(slices.Compact(runs)), 0)
		}
	})
}

// randomLine is the line of a row as the database shows it: it shows 1.50 or 1.5.
func (w *world) randomLine(values []rowsource.Value) string {
	var r randomRow
	for i, v := range values {
		if v.IsNull() {
			continue
		}
		r[i] = v.Str()
		if v.Kind() != rowsource.KindText {
			r[i] = v.String()
		}
	}
	if s, ok := r[3].(string); ok {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			w.Fatal(err)
		}
		r[3] = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return r.String()
}

// changedKey is the key of a change, which is the same on both sides.
func (w *world) changedKey(d exec.Diff, c exec.Change) string {
	var sides []string
	for _, values := range [][]rowsource.Value{c.From, c.To} {
		var key []rowsource.Value
		for i, name := range d.Columns {
			if values != nil && slices.Contains(d.Key, name) {
				key = append(key, values[i])
			}
		}
		if values != nil {
			sides = append(sides, valuesLine(key))
		}
	}
	if len(sides) == 2 && len(d.Key) > 0 {
		equal(w, "the key after a change", sides[1], sides[0])
	}
	return sides[0]
}

// diffCollatedKeys has keys that differ only in case or by a blank at the end.
func diffCollatedKeys(w *world) {
	w.other("CREATE TABLE people (k {text}, n {int}, v {text}, PRIMARY KEY (k, n))",
		"INSERT INTO people VALUES ('a', 2, 'x'), ('a', 10, 'x'), ('b', 1, 'x'), ('c', 1, 'x')")
	w.upload(request("doc_1", csv("k,n,v", "A,2,x", "a,10,y", "b,1,X", `"c ",1,x`)))
	want := []string{"+ A | 2 | x", "- a | 2 | x", "a | 10 | x > a | 10 | y", "b | 1 | x > b | 1 | X", "- c | 1 | x", `+ "c " | 1 | x`}
	_, lines := w.diff(exec.DiffRequest{From: version(0)})
	w.inOrder("the changes", lines, want...)
	_, lines = w.diff(exec.DiffRequest{From: version(0), File: csv("k,n,v", "A,2,x", "a,10,y", "b,1,X", `"c ",1,x`)})
	w.inOrder("the changes to the file", lines, want...)
}

func diffAllAndNone(w *world) {
	w.other("CREATE TABLE people (n {int} PRIMARY KEY, v {text})")
	w.backup(exec.BackupRequest{})
	var old, other, changed, added, removed []string
	for n := range 300 {
		old, other = append(old, fmt.Sprintf("%d,a", n)), append(other, fmt.Sprintf("%d,b", n))
		changed = append(changed, fmt.Sprintf("%d | a > %d | b", n, n))
		added, removed = append(added, fmt.Sprintf("+ %d | a", n)), append(removed, fmt.Sprintf("- %d | a", n))
	}
	w.upload(request("doc_1", csv("n,v", old...)))
	_, lines := w.diff(exec.DiffRequest{From: version(0)})
	w.inOrder("all rows added", lines, added...)
	_, lines = w.diff(exec.DiffRequest{To: version(0)})
	w.inOrder("all rows removed", lines, removed...)
	_, lines = w.diff(exec.DiffRequest{File: csv("n,v", other...)})
	w.inOrder("all rows changed", lines, changed...)
	_, lines = w.diff(exec.DiffRequest{From: version(0), File: csv("n,v", old...)})
	w.inOrder("all rows added by a file", lines, added...)
	_, lines = w.diff(exec.DiffRequest{File: csv("n,v")})
	w.inOrder("all rows removed by a file", lines, removed...)
	slices.Reverse(old)
	_, lines = w.diff(exec.DiffRequest{File: csv("n,v", old...)})
	w.inOrder("the same rows in another order", lines)
}

// diffLongTexts has more bytes than the rows that differ may take in memory.
func diffLongTexts(w *world) {
	w.other("CREATE TABLE people (n {int} PRIMARY KEY, v " + w.family.Words.LongText + ")")
	rows := func(changed int) rowsource.Source {
		values := make([][]any, 12)
		for n := range values {
			values[n] = []any{n, strings.Repeat("x", 1<<20) + strconv.Itoa(n)}
			if n < changed {
				values[n][1] = strings.Repeat("x", 1<<20) + "y"
			}
		}
		return rowsource.Rows("service", []string{"n", "v"}, values)
	}
	w.upload(request("doc_1", rows(0)))
	for _, changed := range []int{0, 1, 12} {
		for _, memory := range []int{0, 1, -1} {
			d, err := w.client.Diff(w.Context(), exec.DiffRequest{Table: "people", File: rows(changed), Memory: memory}, nil)
			if err != nil {
				w.Fatal(err)
			}
			equal(w, fmt.Sprintf("%d rows changed", changed), []int64{d.Added, d.Removed, d.Changed}, []int64{0, 0, int64(changed)})
		}
	}
}

// diffOtherNumbers has numbers that are the same as those of the table only for the database.
func diffOtherNumbers(w *world) {
	w.other("CREATE TABLE people (n {int} PRIMARY KEY, d DECIMAL(10,2), v {text})", "INSERT INTO people VALUES (1, 1.5, '1'), (2, 2, '2'), (3, 3, '3.0')")
	_, lines := w.diff(exec.DiffRequest{File: csv("n,d,v", "1,1.500,1", "2,2.0,2", "3,3,3")})
	equal(w, "the changes", len(lines), 1)
	d, _ := w.diff(exec.DiffRequest{File: rowsource.Rows("service", []string{"n", "d", "v"}, [][]any{{1, 1.5, 1}, {2, 2, "2"}, {3, 3.0, "3.0"}})})
	equal(w, "the values of a program differ", d.Differs(), false)
}
