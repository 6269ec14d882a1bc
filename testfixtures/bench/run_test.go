package bench

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// shared is a folder for what all benchmarks use: the files, and the program.
var shared string

func TestMain(m *testing.M) {
	var err error
	if shared, err = os.MkdirTemp("", "tablesnap-bench-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	printMachine()
	status := m.Run()
	os.RemoveAll(shared)
	os.Exit(status)
}

// usage is what a program took.
type usage struct {
	wall time.Duration
	rss  int64 // the most memory that was resident, in bytes
}

func run(b *testing.B, stdin io.Reader, name string, args ...string) usage {
	b.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = stdin
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out.String())
	}
	took := time.Since(began)
	return usage{took, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10}
}

// tool is the command, built as for a release.
func tool(b *testing.B) string {
	b.Helper()
	name, err := build()
	if err != nil {
		b.Fatal(err)
	}
	return name
}

var build = sync.OnceValues(func() (string, error) {
	name := filepath.Join(shared, "tablesnap")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", name, "github.com/tablesnap/tablesnap/cmd/tablesnap")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build tablesnap: %w\n%s", err, out)
	}
	return name, nil
})

// pair runs ours and theirs in turn, the other one first each time. It reports the median of
// the ratios, the lowest, and the highest.
func pair(b *testing.B, prepare func(), ours, theirs func() usage) {
	b.Helper()
	tool(b)
	var ratios, mine, others []float64
	var rss, otherRSS int64
	for n := 0; b.Loop(); n++ {
		var own, other usage
		for turn := range 2 {
			prepare()
			if (n+turn)%2 == 0 {
				other = theirs()
			} else {
				own = ours()
			}
		}
		b.Logf("ours %.2f s, the other %.2f s", own.wall.Seconds(), other.wall.Seconds())
		ratios = append(ratios, own.wall.Seconds()/other.wall.Seconds())
		mine, others = append(mine, own.wall.Seconds()), append(others, other.wall.Seconds())
		rss, otherRSS = max(rss, own.rss), max(otherRSS, other.rss)
	}
	b.ReportMetric(float64(len(ratios)), "pairs")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(slices.Min(ratios), "ratio-least")
	b.ReportMetric(slices.Max(ratios), "ratio-most")
	b.ReportMetric(median(mine), "s/ours")
	b.ReportMetric(median(others), "s/theirs")
	b.ReportMetric(megabytes(rss), "MB-ours")
	b.ReportMetric(megabytes(otherRSS), "MB-theirs")
	b.ReportMetric(0, "ns/op") // one pair is no operation
}

// several runs ours again and again. It reports the median, the fastest and the slowest, and
// returns the median.
func several(b *testing.B, ours func() usage) (seconds float64) {
	b.Helper()
	tool(b)
	var took []float64
	var rss int64
	for b.Loop() {
		u := ours()
		took, rss = append(took, u.wall.Seconds()), max(rss, u.rss)
	}
	b.ReportMetric(float64(len(took)), "runs")
	b.ReportMetric(median(took), "s/median")
	b.ReportMetric(slices.Min(took), "s/fastest")
	b.ReportMetric(slices.Max(took), "s/slowest")
	b.ReportMetric(megabytes(rss), "MB-ours")
	b.ReportMetric(0, "ns/op")
	return median(took)
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func median(all []float64) float64 {
	xs := slices.Sorted(slices.Values(all))
	return (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
}

func copyFile(b *testing.B, from, to string) {
	b.Helper()
	in, err := os.Open(from)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		b.Fatal(err)
	}
	// Not into memory: a program's peak counts from the fork on.
	if _, err := io.Copy(out, in); err != nil {
		b.Fatal(err)
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
}
