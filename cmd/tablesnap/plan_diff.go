package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
)

// withDiff puts the differences between the table and the file before a script, as
// comments.
func withDiff(cmd *cobra.Command, db database, t dialect.Target, req exec.Request, m mask, script planWriter) (planWriter, error) {
	var text bytes.Buffer
	if t.Table == nil {
		fmt.Fprintln(&text, "The table does not exist yet: every row is new.")
	} else {
		out := newDiffWriter(&text, m, diffFlags{}, defaultChanges)
		found, err := db.client("").Diff(cmd.Context(), diffRequest(t, req), out.change)
		if err != nil {
			return nil, err
		}
		if err := out.end(found); err != nil {
			return nil, err
		}
	}
	return func(w io.Writer, p planned) error {
		for line := range strings.Lines(text.String()) {
			if _, err := fmt.Fprintln(w, strings.TrimRight("-- "+line, " \n")); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		return script(w, p)
	}, nil
}
