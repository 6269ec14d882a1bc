// Package bench measures tablesnap against the vendors' own clients, which do the same steps by
// hand in the same run, and against what people load files with otherwise. It has benchmarks
// only:
//
//	make bench BENCH=InPlace/mysql
//
// A figure is a ratio of two whole programs that ran one after the other, and the median of
// such pairs. Single times say little on a machine that others use, too. The command in report
// writes docs/performance.md from what the benchmarks print.
package bench
