package bench

import "testing"

// BenchmarkDiff compares 1,000,000 rows with as many; 1,000 have changed,
// and without 100 of them.
func BenchmarkDiff(b *testing.B) {
	onAll(b, func(b *testing.B, d database) {
		d.reset(b)
		d.tablesnap(b, "backup", "t", "--yes")
		change(b, d)
		several(b, func() usage { return d.tablesnap(b, "diff", "t", "0") })
	})
}

// BenchmarkDiffFile compares the same rows with the file that they come from.
func BenchmarkDiffFile(b *testing.B) {
	onAll(b, func(b *testing.B, d database) {
		d.reset(b)
		change(b, d)
		several(b, func() usage { return d.tablesnap(b, "diff", "t", "--file", oldRows(b, million)) })
	})
}

// BenchmarkDiffAll compares 1,000,000 rows with as many, of which every one has changed.
func BenchmarkDiffAll(b *testing.B) {
	onAll(b, func(b *testing.B, d database) {
		d.reset(b)
		apply(b, d)
		d.rest(b)
		several(b, func() usage { return d.tablesnap(b, "diff", "t", "0") })
	})
}

// BenchmarkDiffAllFile compares the table with a file in which every row has changed.
func BenchmarkDiffAllFile(b *testing.B) {
	onAll(b, func(b *testing.B, d database) {
		d.reset(b)
		several(b, func() usage { return d.tablesnap(b, "diff", "t", "--file", d.file()) })
	})
}

func change(b *testing.B, d database) {
	b.Helper()
	d.sql(b, "UPDATE t SET salary = salary + 1 WHERE badge LIKE 'b0__0_77';\nDELETE FROM t WHERE badge LIKE 'b0__1888';\n")
}
