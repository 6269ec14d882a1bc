package bench

import "testing"

// BenchmarkDiff compares 1,000,000 rows with as many: two versions, and the table with a file.
// First 1,000 rows have changed, 100 are gone and 100 are new; then every row has changed.
func BenchmarkDiff(b *testing.B) {
	onAll(b, func(b *testing.B, d database) {
		old := oldRows(b, million)
		d.reset(b)
		d.tablesnap(b, "backup", "t", "--yes")
		d.sql(b, "UPDATE t SET salary = salary + 1 WHERE badge LIKE 'b0__0_77';\n"+
			"UPDATE t SET badge = replace(badge, 'b', 'c') WHERE badge LIKE 'b0__1888';\n")
		compare := func(name string, args ...string) {
			b.Run(name, func(b *testing.B) {
				several(b, func() usage { return d.tablesnap(b, append([]string{"diff", "t"}, args...)...) })
			})
		}
		d.rest(b)
		compare("versions", "0")
		compare("file", "--file", old)
		apply(b, d)
		d.rest(b)
		compare("all changed, versions", "0")
		compare("all changed, file", "--file", old)
	})
}
