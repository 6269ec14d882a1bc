package plan_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/plan"
)

func TestGoldenHistory(t *testing.T) {
	rows := []int64{1200, 1000, 0}
	var b bytes.Buffer
	err := plan.WriteHistoryHTML(&b, "prices", []plan.HistoryVersion{
		{Version: "2", Rows: &rows[0], Changes: &plan.DiffCounts{Added: 300, Removed: 100, Changed: 12}, Event: "TABLE_UPLOAD", DocID: "d2", Where: "prices", Actor: "ada", When: "2026-11-30T10:00:00Z", Set: "shop, run 12"},
		{Version: "1", Rows: &rows[1], Event: "TABLE_UPLOAD", DocID: "d1", Where: "(pruned)", Actor: "bob", When: "2026-11-29T10:00:00Z"},
		{Version: "0", Where: "prices_backup"},
	})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "history.html", b.Bytes())
}

func TestHistoryShowsHostileTexts(t *testing.T) {
	var versions []plan.HistoryVersion
	for _, text := range hostileTexts {
		text += unprintable
		versions = append(versions, plan.HistoryVersion{Version: text, Event: text, DocID: text, Where: text, Actor: text, When: text, Set: text})
	}
	for _, versions := range [][]plan.HistoryVersion{versions, versions[:3], nil} {
		var b bytes.Buffer
		if err := plan.WriteHistoryHTML(&b, strings.Join(hostileTexts, " ")+unprintable, versions); err != nil {
			t.Fatal(err)
		}
		parse(t, b.String()).has(t, "html head meta title style body h1 svg line rect text p table thead tbody tr th td bdi span br",
			"lang charset http-equiv content name class x y x1 x2 y1 y2 width height viewBox role aria-label stroke-width text-anchor")
		if i := strings.IndexAny(b.String(), strings.ReplaceAll(unprintable, "\n", "")); i >= 0 {
			t.Errorf("the page has the character %q", b.String()[i:i+1])
		}
	}
}
