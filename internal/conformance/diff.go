package conformance

import (
	"context"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/rowsource"
)

func diffCases() []testCase {
	return []testCase{
		{name: "diff: rows that were added, removed and changed", run: diffByKey},
		{name: "diff: rows without a key are counted", run: diffWithoutKey},
		{name: "diff: a key of the caller's choice", run: diffByOwnKey},
		{name: "diff: letter case, blanks and NULL are differences", run: diffExactly},
		{name: "diff: columns that one side alone has", run: diffOtherColumns},
		{name: "diff: a file and the table", run: diffFile},
		{name: "diff: columns that a file lacks and an upload would reset", run: diffReset},
		{name: "diff: columns that a file lacks and an upload would give new values", run: diffAnew},
		{name: "diff: a file with a row twice, and a table with a name of our own", run: diffFileTwice},
		{name: "diff: every version, wherever its rows are", run: diffPreserved, unless: bySwap},
		{name: "diff: hostile names", run: diffHostileNames},
		{name: "diff: what cannot be compared", run: diffRefused},
		{name: "diff: keys are in the order of numbers", run: diffOrder},
		{name: "diff: of two snapshots, a row that is there twice", run: diffTwice},
		{name: "diff: a key of two columns", run: diffTwoColumns},
		{name: "diff: a key of which a part is not compared", run: diffPartOfKey},
	}
}

func version(n int64) *int64 { return &n }

// diff returns the comparison and its changes as lines: "- a | 1" for a removed row, "+ a
// | 1" for an added one, "a | 1 > a | 2" for a changed one. Lines of duplicate rows start
// with their number, as in "2x ".
func (w *world) diff(r exec.DiffRequest) (exec.Diff, []string) {
	w.Helper()
	if r.Table == "" {
		r.Table = "people"
	}
	d, lines, rows := w.diffOnce(r)
	w.inEachWay(r, func(way string, r exec.DiffRequest) {
		again, sorted, same := w.diffOnce(r)
		equal(w, "what was found "+way, again, d)
		equal(w, "the rows that were found "+way, same, rows)
		if r.Memory >= 0 {
			w.inOrder("what was found "+way, sorted, lines...)
		}
	})
	return d, lines
}

// inEachWay compares with room for all rows in memory, with none, and in the database.
func (w *world) inEachWay(r exec.DiffRequest, compare func(way string, r exec.DiffRequest)) {
	w.Helper()
	compare("in memory", r)
	r.Memory = 1
	compare("in a temporary file", r)
	r.Memory = -1
	compare("in the database", r)
}

// diffOnce also returns how often more each row is on the side to. Which rows of the same key
// are one change is open if there are several on a side.
func (w *world) diffOnce(r exec.DiffRequest) (d exec.Diff, lines []string, more map[string]int64) {
	w.Helper()
	more = make(map[string]int64)
	d, err := w.client.Diff(w.Context(), r, func(_ exec.Diff, c exec.Change) error {
		lines = append(lines, changeLine(c))
		if c.From != nil {
			more[valuesLine(c.From)] -= c.Count
		}
		if c.To != nil {
			more[valuesLine(c.To)] += c.Count
		}
		return nil
	})
	if err != nil {
		w.Fatalf("diff %s: %v", r.Table, err)
	}
	return d, lines, more
}

func changeLine(c exec.Change) string {
	var line string
	switch c.Kind {
	case exec.RowRemoved:
		line = "- " + valuesLine(c.From)
	case exec.RowAdded:
		line = "+ " + valuesLine(c.To)
	case exec.RowChanged:
		line = valuesLine(c.From) + " > " + valuesLine(c.To)
	}
	if c.Count > 1 {
		line = fmt.Sprintf("%dx %s", c.Count, line)
	}
	return line
}

func valuesLine(values []rowsource.Value) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.String()
		if v.Kind() == rowsource.KindText {
			texts[i] = shownText(v.Str())
		}
	}
	return strings.Join(texts, " | ")
}

// inOrder compares lines, including their order.
func (w *world) inOrder(what string, got []string, want ...string) {
	w.Helper()
	equal(w, what, strings.Join(got, "\n"), strings.Join(want, "\n"))
}

func diffByKey(w *world) {
	w.other("CREATE TABLE people (email {text} PRIMARY KEY, name {text}, age {int})",
		"INSERT INTO people VALUES ('ada', 'Ada', 36), ('bob', 'Bob', NULL), ('cid', 'Cid', 7), ('dan', 'Dan', 1)")
	w.upload(request("doc_1", csv("email,name,age", "ada,Ada,36", "bob,Bob,5", "cid,,8", "eve,Eve,2")))
	w.upload(request("doc_2", csv("email,name,age", "ada,Ada,36", "bob,Bob,5", "cid,,8", "fay,Fay,3")))
	first := []string{"bob | Bob | NULL > bob | Bob | 5", "cid | Cid | 7 > cid | NULL | 8", "- dan | Dan | 1", "+ eve | Eve | 2"}
	d, lines := w.diff(exec.DiffRequest{From: version(0), To: version(1)})
	w.inOrder("from 0 to 1", lines, first...)
	equal(w, "what was found", d, exec.Diff{Table: d.Table, From: "version 0", To: "version 1", Columns: []string{"email", "name", "age"},
		Key: []string{"email"}, OnlyFrom: []string{}, OnlyTo: []string{}, Added: 1, Removed: 1, Changed: 2})
	_, lines = w.diff(exec.DiffRequest{From: version(1), To: version(0)})
	w.inOrder("from 1 to 0", lines, "bob | Bob | 5 > bob | Bob | NULL", "cid | NULL | 8 > cid | Cid | 7", "+ dan | Dan | 1", "- eve | Eve | 2")
	second := []string{"- eve | Eve | 2", "+ fay | Fay | 3"}
	_, lines = w.diff(exec.DiffRequest{From: version(1)})
	w.inOrder("from 1 to the table", lines, second...)
	_, lines = w.diff(exec.DiffRequest{From: version(1), To: version(2)})
	w.inOrder("from 1 to 2", lines, second...)
	d, lines = w.diff(exec.DiffRequest{})
	w.inOrder("without any version", lines, second...)
	equal(w, "the sides", []string{d.From, d.To}, []string{"version 1", "the table"})
	d, lines = w.diff(exec.DiffRequest{To: version(2)})
	w.inOrder("from the table to 2", lines)
	equal(w, "no row differs", d.Differs(), false)
}

func diffWithoutKey(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('a', 1), ('a', 1), ('a', 1), ('b', 2), ('b', 2), (NULL, NULL), ('c', 3)")
	w.upload(request("doc_1", csv("email,age", "a,1", "b,2", "b,2", ",", ",", ",", "d,4")))
	d, lines := w.diff(exec.DiffRequest{From: version(0), To: version(1)})
	w.same("the changes", lines, "2x - a | 1", "2x + NULL | NULL", "- c | 3", "+ d | 4")
	equal(w, "the counts", []int64{d.Added, d.Removed, d.Changed}, []int64{3, 3, 0})
	equal(w, "the key", d.Key, []string{})
}

func diffByOwnKey(w *world) {
	w.other("CREATE TABLE people (n {int}, email {text}, age {int})",
		"INSERT INTO people VALUES (1, 'a', 1), (2, 'a', 1), (1, 'twice', 1), (1, 'twice', 2), (NULL, 'null', 1)")
	w.upload(request("doc_1", csv("n,email,age", "1,a,5", "2,a,1", "1,twice,3", ",null,9")))
	d, lines := w.diff(exec.DiffRequest{From: version(0), Key: []string{"n", "email"}})
	equal(w, "the counts", []int64{d.Added, d.Removed, d.Changed}, []int64{0, 1, 3})
	equal(w, "the key", d.Key, []string{"n", "email"})
	for _, want := range []string{"1 | a | 1 > 1 | a | 5", "NULL | null | 1 > NULL | null | 9"} {
		if !strings.Contains(strings.Join(lines, "\n"), want) {
			w.Errorf("no change %s in\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

func diffExactly(w *world) {
	w.other("CREATE TABLE people (n {int} PRIMARY KEY, email {text})",
		"INSERT INTO people VALUES (1, 'a'), (2, 'x'), (3, NULL), (4, ''), (5, 'é'), (6, 'same'), (7, 'ss'), (8, 'NULL')")
	w.other("UPDATE people SET email = 'x ' WHERE n = 2")
	w.upload(request("doc_1", csv("n,email", "1,A", "2,x", `3,""`, "4,", "5,e\u0301", "6,same", "7,ß", "8,")))
	_, lines := w.diff(exec.DiffRequest{From: version(0), To: version(1)})
	w.inOrder("the changes", lines, "1 | a > 1 | A", `2 | "x " > 2 | x`, `3 | NULL > 3 | ""`, `4 | "" > 4 | NULL`,
		"5 | é > 5 | "+shownText("e\u0301"), "7 | ss > 7 | ß", `8 | "NULL" > 8 | NULL`)
	d, lines := w.diff(exec.DiffRequest{From: version(0), To: version(1), Key: []string{"email"}})
	equal(w, "a key of another letter case is another key", []int64{d.Added, d.Removed, d.Changed}, []int64{5, 5, 2})
	if len(lines) != 12 {
		w.Errorf("%d changes, want 12:\n%s", len(lines), strings.Join(lines, "\n"))
	}
}

func diffOtherColumns(w *world) {
	w.other("CREATE TABLE people (email {text} PRIMARY KEY, status {text})", "INSERT INTO people VALUES ('a', 'old')")
	w.upload(request("doc_1", csv("email,status", "a,new")))
	w.other("ALTER TABLE people DROP COLUMN status", "ALTER TABLE people ADD COLUMN phone {text}")
	d, lines := w.diff(exec.DiffRequest{From: version(0)})
	w.inOrder("no difference in the columns that both have", lines)
	equal(w, "the columns", [][]string{d.Columns, d.OnlyFrom, d.OnlyTo}, [][]string{{"email"}, {"status"}, {"phone"}})
}

func diffFile(w *world) {
	w.other("CREATE TABLE people (email {text} PRIMARY KEY, name {text} NOT NULL, age {int})",
		"INSERT INTO people VALUES ('ada', 'Ada', 36), ('bob', 'Bob', NULL), ('cid', 'Cid', 7)")
	before := w.fingerprint()
	file := csv("age,extra,email", "36,x,ada", "5,y,bob", "1,z,dan")
	d, lines := w.diff(exec.DiffRequest{File: file})
	w.inOrder("from the table to the file", lines, "NULL | bob > 5 | bob", "- 7 | cid", "+ 1 | dan")
	equal(w, "the columns", [][]string{d.Columns, d.Key, d.OnlyFrom, d.OnlyTo}, [][]string{{"age", "email"}, {"email"}, {"name"}, {"extra"}})
	_, lines = w.diff(exec.DiffRequest{File: file}) // the first comparison left nothing behind
	equal(w, "the changes, again", len(lines), 3)
	if w.fingerprint() != before {
		w.Error("the comparison changed the database")
	}
	_, err := w.client.Diff(context.Background(), exec.DiffRequest{Table: "people", File: csv("email,age", "ada,36", "bob,many")}, nil)
	cell := mustBe[*rowsource.CellError](w, err)
	equal(w, "the place", []any{cell.Line, cell.Column}, []any{3, "age"})
}

// diffReset checks that the comparison finds the changes that an upload of the file would
// make to columns that the file lacks.
func diffReset(w *world) {
	w.other("CREATE TABLE people (email {text}, country {text} DEFAULT 'd''e', age {int}, score {int} DEFAULT -1, status {text}, PRIMARY KEY (email))",
		"INSERT INTO people VALUES ('a', 'd''e', NULL, -1, 'x'), ('b', 'D''E', NULL, -1, 'x'), ('c', NULL, NULL, -1, 'x'), ('d', 'd''e', 7, -1, 'x'), ('e', 'd''e', NULL, 0, 'x')")
	r := exec.DiffRequest{File: csv("email", "a", "b", "c", "d", "f"), Dropped: []string{"status"}}
	d, lines := w.diff(r)
	w.inOrder("the changes", lines, "b | D'E | NULL | -1 > b | d'e | NULL | -1", "c | NULL | NULL | -1 > c | d'e | NULL | -1",
		"d | d'e | 7 | -1 > d | d'e | NULL | -1", "- e | d'e | NULL | 0", "+ f | d'e | NULL | -1")
	equal(w, "what was found", d, exec.Diff{Table: d.Table, From: d.From, To: d.To, Columns: []string{"email", "country", "age", "score"}, Key: []string{"email"},
		OnlyFrom: []string{"status"}, OnlyTo: []string{}, Reset: []string{"country", "age", "score"}, Added: 1, Removed: 1, Changed: 3})
	r.Dropped = nil
	d, _ = w.diff(r)
	equal(w, "the rows that change, with a column that is not dropped", d.Changed, int64(4))

	w.upload(resetting(request("doc_1", r.File)))
	uploaded, lines := w.diff(exec.DiffRequest{From: version(0)})
	equal(w, "the counts after the upload", []int64{uploaded.Added, uploaded.Removed, uploaded.Changed}, []int64{d.Added, d.Removed, d.Changed})
	again, _ := w.diff(r)
	equal(w, "the file differs from what it has made", again.Differs(), false)
	before, lines2 := w.diff(exec.DiffRequest{From: version(0), File: r.File})
	equal(w, "the changes, from the version", lines2, lines)
	equal(w, "the columns that are reset in the version", before.Reset, []string{"country", "age", "score", "status"})
}

func diffAnew(w *world) {
	w.other("CREATE TABLE people (n {id}, email {text}, made TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP)", "INSERT INTO people (email, made) VALUES ('a', NULL), ('b', NULL), ('c', NULL)")
	d, lines := w.diff(exec.DiffRequest{File: csv("email", "a", "b", "d"), Key: []string{"email"}})
	w.inOrder("the changes", lines, "- c", "+ d")
	equal(w, "the counts", []int64{d.Added, d.Removed, d.Changed}, []int64{1, 1, 2})
	equal(w, "the columns", [][]string{d.Columns, d.OnlyFrom, d.Reset, d.Anew}, [][]string{{"email"}, {}, nil, {"n", "made"}})
	d, _ = w.diff(exec.DiffRequest{File: csv("email", "a", "b", "c")})
	equal(w, "the rows that change without a key", d.Changed, int64(3))
	w.other("DELETE FROM people")
	d, _ = w.diff(exec.DiffRequest{File: csv("email", "a")})
	equal(w, "the counts of an empty table", []int64{d.Added, d.Removed, d.Changed}, []int64{1, 0, 0})
}

// diffFileTwice uses a column name that tablesnap uses itself for a file's row number in
// some databases.
func diffFileTwice(w *world) {
	w.other("CREATE TABLE people (number_ {int} PRIMARY KEY, email {text})", "INSERT INTO people VALUES (1, 'a'), (2, 'b'), (3, NULL)")
	_, lines := w.diff(exec.DiffRequest{File: csv("number_,email", "1,a", "1,a", "2,c", "2,c", "4,d", "4,d")})
	w.inOrder("from the table to the file", lines, "+ 1 | a", "2 | b > 2 | c", "+ 2 | c", "- 3 | NULL", "2x + 4 | d")
}

// diffLargeFile compares a file that is larger than the limit for temporary tables on the
// TiDB test server (tidb_tmp_table_max_size).
func diffLargeFile(w *world) {
	w.other("CREATE TABLE people (email " + w.family.Words.LongText + ")")
	lines := make([]string, 40)
	for i := range lines {
		lines[i] = strings.Repeat(fmt.Sprintf("%03d", i), 20_000)
	}
	d, _ := w.diff(exec.DiffRequest{File: csv("email", lines...)})
	equal(w, "the rows added", d.Added, int64(len(lines)))
}

func diffPreserved(w *world) {
	w.failingBackup()
	w.upload(request("doc_1", csv("email,age", "a,3", "fine,2")))
	d, lines := w.diff(exec.DiffRequest{From: version(0), To: version(1)})
	w.same("the changes", lines, "+ a | 3", "- refused | 1")
	equal(w, "the columns", [][]string{d.Columns, d.OnlyFrom, d.OnlyTo}, [][]string{{"email", "age"}, {}, {}})
}

func diffHostileNames(w *world) {
	names := w.family.Words.HostileNames
	var defs, values []string
	for i, n := range names {
		defs, values = append(defs, w.d.Quote(n)+" {text}"), append(values, fmt.Sprintf("'old %d'", i))
	}
	table := names[0]
	w.other("CREATE TABLE "+w.d.Quote(table)+" ("+strings.Join(defs, ", ")+")", "INSERT INTO "+w.d.Quote(table)+" VALUES ("+strings.Join(values, ", ")+")")
	last := names[len(names)-1]
	r := request("doc_1", rowsource.Rows("service", []string{last}, [][]any{{"new"}}))
	r.Table = table
	w.upload(resetting(r))
	d, lines := w.diff(exec.DiffRequest{Table: table, From: version(0), Key: []string{last}})
	equal(w, "the columns", d.Columns, names)
	equal(w, "the changes", len(lines), 2)
	d, _ = w.diff(exec.DiffRequest{Table: table, From: version(0), Dropped: names[:len(names)-1], File: rowsource.Rows("service", []string{last}, [][]any{{fmt.Sprintf("old %d", len(names)-1)}})})
	equal(w, "the same value in a file", d.Differs(), false)
}

func diffRefused(w *world) {
	try := func(r exec.DiffRequest) error {
		_, err := w.client.Diff(context.Background(), r, nil)
		return err
	}
	w.says(try(exec.DiffRequest{Table: "nosuch"}), "nosuch", "no such table")
	w.upload(request("doc_1", csv("email", "a")))
	mustBe[*exec.NoContentsError](w, try(exec.DiffRequest{Table: "people", From: version(7)}))
	w.says(try(exec.DiffRequest{Table: "people", From: version(7)}), "people", "version 7")
	w.says(mustBe[*exec.NoContentsError](w, try(exec.DiffRequest{Table: "people"})), "no version before the present one")
	w.says(try(exec.DiffRequest{Table: "people", To: version(1), Key: []string{"nosuch"}}), "nosuch", "email")
	w.says(try(exec.DiffRequest{Table: "people", File: csv("other", "a")}), "other", "none of the columns")
	mustBe[*exec.SourceError](w, try(exec.DiffRequest{Table: "people", File: csv("email", "a,b")}))
	stop := fmt.Errorf("enough")
	_, err := w.client.Diff(context.Background(), exec.DiffRequest{Table: "people", File: csv("email", "b")}, func(exec.Diff, exec.Change) error { return stop })
	w.says(err, "enough")
}

func diffOrder(w *world) {
	w.other("CREATE TABLE people (n {int} PRIMARY KEY, email {text})", "INSERT INTO people VALUES (10, 'a'), (9, 'b'), (-1, 'c'), (100, 'd')")
	w.upload(request("doc_1", csv("n,email", "10,A", "9,b", "-1,C", "2,e")))
	_, lines := w.diff(exec.DiffRequest{From: version(0)})
	w.inOrder("the changes", lines, "-1 | c > -1 | C", "+ 2 | e", "10 | a > 10 | A", "- 100 | d")
}

func diffTwice(w *world) {
	w.other("CREATE TABLE people (email {text}, age {int})", "INSERT INTO people VALUES ('a', 1), ('a', 1), ('c', 3)")
	w.upload(request("doc_1", csv("email,age", "b,2", "b,2", "c,3", "c,3")))
	w.backup(exec.BackupRequest{})
	_, lines := w.diff(exec.DiffRequest{From: version(0), To: version(1)})
	w.same("the changes", lines, "2x - a | 1", "2x + b | 2", "+ c | 3")
}

// diffTwoColumns uses column names that the comparison also uses for its own columns.
func diffTwoColumns(w *world) {
	w.other("CREATE TABLE people (more {int} NOT NULL, from_key0 {text} NOT NULL, side {int}, PRIMARY KEY (more, from_key0))",
		"INSERT INTO people VALUES (1, 'a', 1), (1, 'b', 2), (2, 'a', 3), (2, 'b', NULL)")
	w.upload(request("doc_1", csv("more,from_key0,side", "1,a,1", "1,b,3", "2,b,4", "3,a,3")))
	changes := []string{"1 | b | 2 > 1 | b | 3", "- 2 | a | 3", "2 | b | NULL > 2 | b | 4", "+ 3 | a | 3"}
	_, lines := w.diff(exec.DiffRequest{From: version(0)})
	w.inOrder("the changes", lines, changes...)
	w.backup(exec.BackupRequest{})
	_, lines = w.diff(exec.DiffRequest{From: version(0), To: version(1)})
	w.inOrder("the changes, of two snapshots", lines, changes...)
}

// diffPartOfKey compares with a snapshot that has only part of the key, so that equal
// rows have different keys.
func diffPartOfKey(w *world) {
	w.other("CREATE TABLE people (n {int} PRIMARY KEY, email {text})")
	w.upload(request("doc_1", csv("n,email", "1,x", "2,y")))
	w.upload(request("doc_2", csv("n,email", "1,x")))
	w.other("DROP TABLE people", "CREATE TABLE people (n {int} NOT NULL, part {int} NOT NULL, email {text}, PRIMARY KEY (n, part))",
		"INSERT INTO people VALUES (1, 5, 'x'), (1, 6, 'x'), (2, 5, 'y'), (3, 1, 'z'), (3, 2, 'z')")
	d, lines := w.diff(exec.DiffRequest{From: version(1)})
	w.same("the changes", lines, "+ 1 | x", "2x + 3 | z")
	equal(w, "the columns", [][]string{d.Columns, d.Key, d.OnlyTo}, [][]string{{"n", "email"}, {}, {"part"}})
}
