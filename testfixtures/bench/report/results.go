package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// results are the last results of all benchmarks, in the order of their names.
type results []*benchfmt.Result

func readKept(file string) (results, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var kept results
	return kept, kept.add(f, file)
}

// add replaces the results of the benchmarks that were measured anew.
func (r *results) add(printed io.Reader, name string) error {
	reader := benchfmt.NewReader(printed, name)
	for reader.Scan() {
		switch found := reader.Result().(type) {
		case *benchfmt.Result:
			r.put(found.Clone())
		case *benchfmt.SyntaxError:
			return found
		}
	}
	return reader.Err()
}

func (r *results) put(found *benchfmt.Result) {
	at, known := slices.BinarySearchFunc(*r, found, func(a, b *benchfmt.Result) int { return slices.Compare(order(a), order(b)) })
	if known {
		(*r)[at] = found
		return
	}
	*r = slices.Insert(*r, at, found)
}

// order are the parts of a benchmark's name, numbers of rows by their size.
func order(r *benchfmt.Result) []string {
	parts := strings.Split(name(r), "/")
	for i, part := range parts {
		if rows, err := strconv.Atoi(part); err == nil {
			parts[i] = fmt.Sprintf("%09d", rows)
		}
	}
	return parts
}

// name is that of the benchmark, without the number of cores.
func name(r *benchfmt.Result) string {
	base, parts := r.Name.Parts()
	full := string(base)
	for _, part := range parts {
		if part[0] == '/' {
			full += string(part)
		}
	}
	return full
}

func (r *results) write(file string) error {
	var text bytes.Buffer
	w := benchfmt.NewWriter(&text)
	for _, found := range *r {
		if err := w.Write(found); err != nil {
			return err
		}
	}
	return os.WriteFile(file, text.Bytes(), 0o644)
}

// measurement is one result, as the page and the plots show it.
type measurement struct {
	*benchfmt.Result
	// Where is the rest of the benchmark's name: the database, most often.
	Where string
	// Rows is 0 if the name has none: all results of the benchmark are of one size.
	Rows int
}

// of are the results of a benchmark.
func (r *results) of(benchmark string) []measurement {
	var found []measurement
	for _, result := range *r {
		rest, ok := strings.CutPrefix(name(result), benchmark+"/")
		if !ok {
			continue
		}
		m := measurement{Result: result, Where: rest}
		if at := strings.LastIndex(rest, "/"); at >= 0 {
			if rows, err := strconv.Atoi(rest[at+1:]); err == nil {
				m.Where, m.Rows = rest[:at], rows
			}
		}
		found = append(found, m)
	}
	return found
}

// value is a figure of the result, in the unit that the benchmark has named.
func (m measurement) value(unit string) float64 {
	for _, v := range m.Values {
		if v.Unit == unit || v.OrigUnit == unit {
			if v.OrigUnit == unit {
				return v.OrigValue
			}
			return v.Value
		}
	}
	return 0
}
