package rowsource_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Measure reads a source's columns and number of rows before anything is planned. The
// source can be read again.
func Example() {
	src := rowsource.Bytes([]byte("email,access\nada@example.com,admin\ngrace@example.com,\n"),
		rowsource.Options{Name: "access.csv"})
	manifest, err := rowsource.Measure(context.Background(), src)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(manifest.Name, manifest.ColumnNames(), manifest.Rows)

	rows, err := src.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for {
		row, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Line, row.Values[0], row.Values[1])
	}

	// Output:
	// access.csv [email access] 2
	// 2 "ada@example.com" "admin"
	// 3 "grace@example.com" NULL
}

// The error for a value that cannot be used names its line.
func ExampleCellError() {
	src := rowsource.Bytes([]byte("email,access\nada@example.com\n"), rowsource.Options{Name: "access.csv"})
	_, err := rowsource.Measure(context.Background(), src)
	var cell *rowsource.CellError
	if errors.As(err, &cell) {
		fmt.Println(cell.Line, err)
	}

	// Output:
	// 2 access.csv line 2: the row has 1 value for 2 columns: look for a missing or an extra delimiter, or a value that needs quotes
}

// A program's rows need no file.
func ExampleRecords() {
	src := rowsource.Records("price-service", []map[string]any{
		{"item": "tea", "cents": 250},
		{"item": "milk", "cents": nil},
	})
	manifest, err := rowsource.Measure(context.Background(), src)
	fmt.Println(manifest.ColumnNames(), manifest.Rows, err)

	// Output:
	// [cents item] 2 <nil>
}

// A Writer's output is read as the same values again.
func ExampleWriter() {
	w, err := rowsource.NewWriter(os.Stdout, rowsource.FormatCSV, "")
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Begin([]string{"item", "note"}); err != nil {
		log.Fatal(err)
	}
	for _, note := range []rowsource.Value{rowsource.Text(`say "tea"`), rowsource.Text(""), rowsource.Null()} {
		if err := w.Write([]rowsource.Value{rowsource.Text("tea"), note}); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}

	// Output:
	// item,note
	// tea,"say ""tea"""
	// tea,""
	// tea,
}

// The remedy tells a program what its users can do, so that it can say so in its own
// words.
func ExampleRemedyError() {
	w, err := rowsource.NewWriter(io.Discard, rowsource.FormatCSV, "")
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Begin([]string{"key"}); err != nil {
		log.Fatal(err)
	}
	err = w.Write([]rowsource.Value{rowsource.Blob([]byte{0xff})})
	var known *rowsource.RemedyError
	if errors.As(err, &known) {
		fmt.Println(known.Remedies)
	}

	// Output:
	// [write JSON Lines]
}
