package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/internal/conformance/sqlitetest"
)

func TestUpAndDown(t *testing.T) {
	file := sqlitetest.File(t)
	db := sqlitetest.Open(t, file)
	const prices = "SELECT item || ' ' || cents FROM prices ORDER BY item;"
	for _, step := range []struct{ direction, says, prices string }{
		{"up", "migration 1: up\nmigration 2: up\n", "milk 119\ntea 275\n"},
		{"down", "migration 2: down\n", "tea 250\n"},
		{"up", "migration 2: up\n", "milk 119\ntea 275\n"},
	} {
		var out bytes.Buffer
		if err := migrate(context.Background(), &out, db, step.direction); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.says, out.String()); diff != "" {
			t.Errorf("what is said (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(step.prices, sqlitetest.Query(t, file, prices)); diff != "" {
			t.Errorf("the prices after %s (-want +got):\n%s", step.direction, diff)
		}
	}
}
