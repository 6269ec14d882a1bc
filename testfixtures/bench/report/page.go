package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// million is the smaller one of the sizes that a slope is made of.
const million = 1_000_000

//go:embed performance.md.tmpl
var pageText string

// page writes performance.md into the folder.
func (r *results) page(docs string) error {
	page, err := template.New("performance.md").Funcs(template.FuncMap{
		"pairs": r.pairs, "runs": r.runs, "slope": r.slope, "speed": r.speed, "waits": r.waits, "logs": r.logs, "unpacked": r.unpacked, "help": r.help, "strategies": r.strategies, "machine": r.machine,
	}).Parse(pageText)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := page.Execute(&text, nil); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, "performance.md"), text.Bytes(), 0o644)
}

// pairs is the table of a benchmark that runs pairs; other is what tablesnap is compared with.
func (r *results) pairs(benchmark, other string) (string, error) {
	t := table{head: []string{"database", "rows", "pairs", "ratio", "least to most", "tablesnap", other, "resident"}}
	sized := func(m measurement) bool { return m.Rows > 0 }
	found := r.of(benchmark)
	for _, m := range found {
		t.add(title(m.Where), count(m.Rows), fmt.Sprint(m.value("pairs")), ratio(m.value("ratio")),
			ratio(m.value("ratio-least"))+" to "+ratio(m.value("ratio-most")),
			seconds(m.value("s/ours")), seconds(m.value("s/theirs")), megabytes(m.value("MB-ours")))
	}
	if !slices.ContainsFunc(found, sized) {
		t.drop(1)
	}
	return t.text(benchmark)
}

// runs is the table of a benchmark that measures tablesnap alone.
func (r *results) runs(benchmark, where string) (string, error) {
	t := table{head: []string{where, "runs", "median", "fastest to slowest", "resident"}}
	for _, m := range r.of(benchmark) {
		t.add(title(m.Where), fmt.Sprint(m.value("runs")), seconds(m.value("s/median")),
			seconds(m.value("s/fastest"))+" to "+seconds(m.value("s/slowest")), megabytes(m.value("MB-ours")))
	}
	return t.text(benchmark)
}

// speed is the table of a benchmark that reads a file.
func (r *results) speed(benchmark, where string) (string, error) {
	t := table{head: []string{where, "runs", "speed", "resident"}}
	for _, m := range r.of(benchmark) {
		t.add(title(m.Where), fmt.Sprint(m.value("runs")), fmt.Sprintf("%.0f MB/s", m.value("MB/s")), megabytes(m.value("MB-ours")))
	}
	return t.text(benchmark)
}

// unpacked is the table of how fast packed files are read.
func (r *results) unpacked() (string, error) {
	t := table{head: []string{"file", "runs", "the library alone", "with the checks", "times as long"}}
	for _, m := range r.of("Unpack") {
		t.add(title(m.Where), fmt.Sprint(m.Iters), fmt.Sprintf("%.0f MB/s", m.value("library-MB/s")), fmt.Sprintf("%.0f MB/s", m.value("text-MB/s")), ratio(m.value("ratio")))
	}
	return t.text("Unpack")
}

// waits is the table of how long others had to wait for an upload.
func (r *results) waits(benchmark string) (string, error) {
	t := table{head: []string{"database", "uploads", "read, at the swap", "write, at the swap", "read, ever", "write, ever"}}
	for _, m := range r.of(benchmark) {
		cells := []string{title(m.Where), fmt.Sprint(m.value("uploads"))}
		for _, unit := range []string{"ms/read-at-swap", "ms/write-at-swap", "ms/read", "ms/write"} {
			cells = append(cells, fmt.Sprintf("%.0f ms", m.value(unit)))
		}
		t.add(cells...)
	}
	return t.text(benchmark)
}

// strategies is what each way of an upload takes with 1,000,000 rows.
func (r *results) strategies() (string, error) {
	t := table{head: []string{"database", "in place", "swap", "swap, the old table kept", "sync of 1,200 rows that differ"}}
	for _, inPlace := range r.of("InPlace") {
		if inPlace.Rows != million {
			continue
		}
		cells := []string{title(inPlace.Where)}
		for _, benchmark := range []string{"InPlace", "Swap", "Kept", "Sync"} {
			cells = append(cells, r.tookOn(benchmark, inPlace.Where))
		}
		t.add(cells...)
	}
	return t.text("InPlace")
}

// tookOn is the time for 1,000,000 rows, or a dash if there is no such way.
func (r *results) tookOn(benchmark, where string) string {
	for _, m := range r.of(benchmark) {
		if m.Where == where && (m.Rows == 0 || m.Rows == million) {
			return seconds(m.value("s/ours"))
		}
	}
	return "–"
}

// help says how long the program takes to start, and how large it is.
func (r *results) help() (string, error) {
	for _, result := range *r {
		if m := (measurement{Result: result}); name(result) == "Help" {
			return fmt.Sprintf("`tablesnap --help` takes %.0f ms (the mean of %d runs), and the program of `make build` has %s.",
				m.value("ns/op")/1e6, m.Iters, megabytes(m.value("MB-program"))), nil
		}
	}
	return "", errors.New("no result of Help is kept")
}

// logs is the table of what uploads write to a log.
func (r *results) logs() (string, error) {
	t := table{head: []string{"database", "in place", "sync", "of each, the copy to the backup"}}
	written := map[string]map[string]string{}
	for _, m := range append(r.of("WAL"), r.of("Binlog")...) {
		database, upload := path.Split(m.Where)
		if written[database] == nil {
			written[database] = map[string]string{}
		}
		written[database][upload] = megabytes(m.value("MB-logged"))
	}
	for _, database := range slices.Sorted(maps.Keys(written)) {
		w := written[database]
		t.add(title(path.Clean(database)), w["in-place"], w["sync"], w["copy"])
	}
	return t.text("WAL and Binlog")
}

// slope is what 100,000,000 rows take by arithmetic, from the largest two sizes.
func (r *results) slope(benchmark string) (string, error) {
	t := table{head: []string{"database", "each 1,000,000 rows more", "100,000,000 rows, by arithmetic", "resident with " + count(million), "with " + count(10*million)}}
	sizes := map[string]map[int]measurement{}
	for _, m := range r.of(benchmark) {
		if sizes[m.Where] == nil {
			sizes[m.Where] = map[int]measurement{}
		}
		sizes[m.Where][m.Rows] = m
	}
	for _, where := range slices.Sorted(maps.Keys(sizes)) {
		small, large := sizes[where][million], sizes[where][10*million]
		if small.Result == nil || large.Result == nil {
			continue
		}
		each := (large.value("s/ours") - small.value("s/ours")) / 9
		t.add(title(where), seconds(each), fmt.Sprintf("%.0f min", (large.value("s/ours")+90*each)/60), megabytes(small.value("MB-ours")), megabytes(large.value("MB-ours")))
	}
	return t.text(benchmark)
}

// machine says when and on what the results were measured.
func (r *results) machine() string {
	seen := map[string]map[string]bool{}
	for _, result := range *r {
		for _, c := range result.Config {
			if seen[c.Key] == nil {
				seen[c.Key] = map[string]bool{}
			}
			seen[c.Key][string(c.Value)] = true
		}
	}
	t := table{head: []string{"", ""}}
	for _, line := range []struct{ key, says string }{
		{"measured", "measured on"}, {"cpu", "processor"}, {"cores", "cores"}, {"memory", "memory"}, {"data", "data of the servers"}, {"goos", "system"},
		{"sqlite3", "sqlite3"}, {"mysql", "MySQL"}, {"mariadb", "MariaDB"}, {"mariadb11", "MariaDB"}, {"tidb", "TiDB"}, {"postgres", "PostgreSQL"}, {"postgres18", "PostgreSQL"},
	} {
		if values := slices.Sorted(maps.Keys(seen[line.key])); len(values) > 0 {
			t.add(line.says, strings.Join(values, ", "))
		}
	}
	text, _ := t.text("machine")
	return text
}

// table is one in Markdown.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// drop takes a column out.
func (t *table) drop(column int) {
	t.head = slices.Delete(t.head, column, column+1)
	for i, row := range t.rows {
		t.rows[i] = slices.Delete(row, column, column+1)
	}
}

// text is an error if nothing was measured: the page would say nothing.
func (t *table) text(benchmark string) (string, error) {
	if len(t.rows) == 0 {
		return "", fmt.Errorf("no result of %s is kept", benchmark)
	}
	lines := []string{"| " + strings.Join(t.head, " | ") + " |", strings.Repeat("| --- ", len(t.head)) + "|"}
	for _, row := range t.rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	return strings.Join(lines, "\n"), nil
}

// titles are the names of databases for people.
var titles = map[string]string{
	"sqlite": "SQLite", "sqlite-texts": "SQLite, a table of texts without key or index", "mysql": "MySQL", "mariadb": "MariaDB 10.11", "mariadb11": "MariaDB 11.8",
	"tidb": "TiDB", "postgres": "PostgreSQL 15", "postgres18": "PostgreSQL 18", "gz": "gzip", "zst": "zstd",
}

func title(where string) string {
	parts := strings.Split(where, "/")
	for i, part := range parts {
		if known, ok := titles[part]; ok {
			parts[i] = known
		} else {
			parts[i] = strings.ReplaceAll(part, "_", " ")
		}
	}
	return strings.Join(parts, ", ")
}

func ratio(r float64) string { return fmt.Sprintf("%.2f", r) }

func seconds(s float64) string {
	if s < 10 {
		return fmt.Sprintf("%.2f s", s)
	}
	return fmt.Sprintf("%.1f s", s)
}

func megabytes(mb float64) string { return fmt.Sprintf("%.0f MB", mb) }

// count has commas between thousands.
func count(n int) string { return message.NewPrinter(language.English).Sprint(n) }
