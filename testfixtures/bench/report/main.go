// Command report keeps what the benchmarks print in one file, and writes docs/performance.md and
// its plots from it. So no figure stands there that a benchmark has not printed.
//
//	go run . -results ../results.txt -docs ../../../docs < printed.txt
//
// Its input is the output of go test -bench (https://golang.org/design/14313-benchmark-format).
// A benchmark that is in it replaces its last result.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	file := flag.String("results", "", "the `file` that keeps the results")
	docs := flag.String("docs", "", "the `folder` of performance.md")
	flag.Parse()
	if err := report(os.Stdin, *file, *docs); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func report(printed io.Reader, file, docs string) error {
	kept, err := readKept(file)
	if err != nil {
		return err
	}
	if err := kept.add(printed, "what was printed"); err != nil {
		return err
	}
	if err := kept.write(file); err != nil {
		return err
	}
	if err := kept.page(docs); err != nil {
		return err
	}
	return kept.plots(docs)
}
