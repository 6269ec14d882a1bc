package bench

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

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

// buildTool builds the command as a release does.
func buildTool(b *testing.B, dir string) string {
	b.Helper()
	tool := filepath.Join(dir, "tablesnap")
	cmd := exec.Command("go", "build", "-o", tool, "github.com/tablesnap/tablesnap/cmd/tablesnap")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build tablesnap: %v\n%s", err, out)
	}
	return tool
}

// pair runs ours and theirs in turn, the other one first each time, and reports
// the median of the ratios.
func pair(b *testing.B, prepare func(), ours, theirs func() usage) {
	b.Helper()
	var ratios, walls, hands []float64
	var rss int64
	for n := 0; b.Loop(); n++ {
		var mine, hand usage
		for turn := range 2 {
			prepare()
			if (n+turn)%2 == 0 {
				hand = theirs()
			} else {
				mine = ours()
			}
		}
		ratios = append(ratios, mine.wall.Seconds()/hand.wall.Seconds())
		b.Logf("ours %.1f s, by hand %.1f s", mine.wall.Seconds(), hand.wall.Seconds())
		walls = append(walls, mine.wall.Seconds())
		hands = append(hands, hand.wall.Seconds())
		rss = max(rss, mine.rss)
	}
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(median(walls), "s/ours")
	b.ReportMetric(median(hands), "s/by-hand")
	b.ReportMetric(float64(rss)/(1<<20), "MB-resident")
	b.ReportMetric(0, "ns/op") // one pair is no operation
}

func median(xs []float64) float64 {
	slices.Sort(xs)
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
