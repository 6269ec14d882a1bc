package bench

import "testing"

// BenchmarkPrune deletes the 1,000,000 rows of one snapshot, in chunks of 50,000 rows and in
// one transaction.
func BenchmarkPrune(b *testing.B) {
	for name, chunk := range map[string]string{"chunks": "50000", "one_transaction": "5000000"} {
		b.Run(name, func(b *testing.B) {
			onAll(b, func(b *testing.B, d database) {
				several(b, func() usage {
					d.reset(b)
					apply(b, d)
					d.tablesnap(b, "backup", "t", "--yes") // the newest snapshot is always kept
					d.rest(b)
					return d.tablesnap(b, "prune", "t", "--version", "0", "--chunk-rows", chunk, "--yes")
				})
			})
		})
	}
}
