package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes the man pages, for a release.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man FOLDER",
		Short:  "Write the man pages into a folder",
		Hidden: true,
		Args:   args(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, folder []string) error {
			if err := os.MkdirAll(folder[0], 0o755); err != nil {
				return inputError{err}
			}
			epoch := time.Unix(0, 0).UTC() // a fixed date makes the output reproducible
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "tablesnap " + toolVersion(), Manual: "tablesnap", Date: &epoch}, folder[0])
		},
	}
}
