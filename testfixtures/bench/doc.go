// Package bench measures tablesnap against the vendors' own clients doing the
// same steps by hand, in the same run. It has benchmarks only:
//
//	go test ./testfixtures/bench -bench . -benchtime 5x
//
// A figure is a ratio of two whole programs that ran one after the other, and
// the median of such pairs; single times say little on a machine that others
// use too.
package bench
