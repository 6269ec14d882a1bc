package rowsource

import (
	"io"
	"slices"
	"testing"
)

// BenchmarkWriteWide writes as many values in rows of 100 and of 2,000 columns, all of which
// hold JSON and tell kinds of numbers apart.
func BenchmarkWriteWide(b *testing.B) {
	const values = 100_000
	for _, format := range []Format{FormatCSV, FormatJSONL, FormatParquet} {
		for _, columns := range []int{100, 2000} {
			b.Run(string(format)+"/"+Integer(int64(columns)).String(), func(b *testing.B) {
				places, names := make([]int, columns), make([]string, columns)
				for i := range columns {
					places[i], names[i] = i, "c"+Integer(int64(i)).String()
				}
				row := slices.Repeat([]Value{Text("12")}, columns)
				for b.Loop() {
					w, err := NewWriter(io.Discard, format, "")
					if err != nil {
						b.Fatal(err)
					}
					w.KeepJSON(places)
					w.KeepKinds(places)
					if err := w.Begin(names); err != nil {
						b.Fatal(err)
					}
					for range values / columns {
						if err := w.Write(row); err != nil {
							b.Fatal(err)
						}
					}
					if err := w.Flush(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
