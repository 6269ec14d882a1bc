package main

import (
	"bytes"
	"context"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
)

// diffLines are lines about the differences between the table and the file.
func (d database) diffLines(ctx context.Context, t dialect.Target, req exec.Request, m mask) (string, error) {
	if t.Table == nil {
		return "The table does not exist yet: every row is new.\n", nil
	}
	var text bytes.Buffer
	out := newDiffWriter(&text, m, diffFlags{}, defaultChanges)
	found, err := d.client("").Diff(ctx, diffRequest(t, req), out.change)
	if err == nil {
		err = out.end(found)
	}
	return text.String(), err
}
