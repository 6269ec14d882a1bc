package bench

import "testing"

// BenchmarkHelp starts the program and prints its help, and reports the program's size.
func BenchmarkHelp(b *testing.B) {
	program := tool(b)
	for b.Loop() {
		run(b, nil, program, "--help")
	}
	b.ReportMetric(megabytes(size(b, program)), "MB-program")
}
