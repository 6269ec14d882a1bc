package plan_test

import (
	"bytes"
	"context"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tablesnap/tablesnap/plan"
)

// browser runs a headless Chromium on a page. "make browser" installs it.
func browser(t *testing.T, page string, flags ...string) []byte {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil && os.Getenv("TABLESNAP_REQUIRE_BROWSER") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip("SKIP: there is no chromium; make browser installs it")
	}
	ctx, done := context.WithTimeout(t.Context(), 5*time.Minute)
	defer done()
	flags = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--user-data-dir=" + t.TempDir()}, flags...)
	run := exec.CommandContext(ctx, chromium, append(flags, "file://"+page)...)
	var says bytes.Buffer
	run.Stderr = &says
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, says.String())
	}
	return out
}

// attacks are values that would call for a program or a file if a page took them for markup.
func attacks(server string) []string {
	return []string{
		"<script>document.title='taken'</script>", "</style><script>document.title='taken'</script>", "</title><script>document.title='taken'</script>",
		`"><img src="` + server + `/a.png" onerror="document.title='taken'">`, "<link rel=stylesheet href=" + server + "/a.css>",
		"<svg onload=\"document.title='taken'\">", "<iframe src=" + server + "></iframe>", "</pre></details><object data=" + server + ">",
		"<style>@import url(" + server + ")</style>", "<base href=" + server + ">", "<meta http-equiv=refresh content='0;url=" + server + "'>",
		"مرحبا \u202e\u2066שלום", strings.Repeat("long", 5000), "nul\x00 and \x1b[31m",
	}
}

// TestBrowser: whatever values a page has, a browser runs and loads nothing for it, and shows
// it by the style that the page allows.
func TestBrowser(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	o, versions := plan.PageOptions{}, []plan.HistoryVersion(nil)
	for _, text := range attacks(server.URL) {
		o.Summary.Database += text
		o.Sample = append(o.Sample, plan.RowChange{Kind: "changed", Key: text, Count: 1, Values: []plan.ValueChange{{Column: text, From: text, To: text}}})
		versions = append(versions, plan.HistoryVersion{Version: text, DocID: text, Where: text, Actor: text})
	}
	o.Summary.Differences = &plan.DiffCounts{Changed: 14}
	pages := map[string]string{}
	for _, g := range goldens() {
		if g.name == "hostile_values" || g.name == "hazard_shrinks" {
			_, pages[g.name] = g.page(t, htmlPage, o)
		}
	}
	var b bytes.Buffer
	if err := plan.WriteHistoryHTML(&b, strings.Join(attacks(server.URL), ""), versions); err != nil {
		t.Fatal(err)
	}
	pages["history"] = b.String()
	for name, page := range pages {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
			shown, written := parse(t, string(browser(t, file, "--dump-dom"))), parse(t, page)
			if strings.TrimSpace(shown.all) != strings.TrimSpace(written.all) {
				t.Errorf("the browser shows other texts than the page has: %q", shown.all)
			}
			for what, n := range written.elements {
				if shown.elements[what] != n {
					t.Errorf("the browser has %d elements %s, and the page %d", shown.elements[what], what, n)
				}
			}
			paints(t, file, color.RGBA{0xff, 0xff, 0xff, 0xff})
			paints(t, file, color.RGBA{0x0d, 0x11, 0x17, 0xff}, "--blink-settings=preferredColorScheme=0")
		})
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the pages have loaded %d files", n)
	}
}

// paints checks the background of a page, which its style chooses. The style is refused if it
// is not the one that the page's policy names.
func paints(t *testing.T, file string, want color.RGBA, flags ...string) {
	t.Helper()
	shot := filepath.Join(t.TempDir(), "shot.png")
	browser(t, file, append(flags, "--window-size=400,300", "--screenshot="+shot)...)
	picture, err := os.Open(shot)
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	pixels, err := png.Decode(picture)
	if err != nil {
		t.Fatal(err)
	}
	if got := color.RGBAModel.Convert(pixels.At(2, 2)); got != want {
		t.Errorf("the background is %v, want %v (%v)", got, want, flags)
	}
}
