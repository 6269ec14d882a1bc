package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
)

// writeHistoryPage prints the versions of a table as a page, with the rows that differ from
// one to the next.
func writeHistoryPage(cmd *cobra.Command, db database, table string, f historyFlags, versions []exec.Version) error {
	page := make([]plan.HistoryVersion, len(versions))
	for i, v := range versions {
		page[i] = plan.HistoryVersion{Version: orDash(v.Number), Rows: v.Rows, Event: v.Event, DocID: orDash(v.DocID), Where: whereIs(v), Actor: v.Actor, When: v.When, Set: inSet(v)}
		if i+1 == len(versions) || !f.compares(versions[i+1], v) {
			continue
		}
		changes, err := changesBetween(cmd, db, table, versions[i+1], v)
		if err != nil {
			return db.ahead(cmd.Context(), err)
		}
		page[i].Changes = changes
	}
	var b bytes.Buffer
	if err := plan.WriteHistoryHTML(&b, table, page); err != nil {
		return err
	}
	_, err := cmd.OutOrStdout().Write(b.Bytes())
	return err
}

// compares reports whether two versions are compared: if the rows of both are there, and are
// few or the user asks for it.
func (f historyFlags) compares(from, to exec.Version) bool {
	for _, v := range []exec.Version{from, to} {
		if v.Number == nil || v.Rows == nil || v.Where == "" || v.Pruned != "" || v.PartlyPruned != "" || v.OpenRun > 0 {
			return false
		}
	}
	return f.diff || *from.Rows+*to.Rows <= cheapDiff
}

// changesBetween counts the rows that differ. They are nil if the versions cannot be compared,
// such as those without a common column.
func changesBetween(cmd *cobra.Command, db database, table string, from, to exec.Version) (*plan.DiffCounts, error) {
	found, err := db.client("").Diff(cmd.Context(), exec.DiffRequest{Table: table, From: from.Number, To: to.Number}, nil)
	if as[*exec.NoContentsError](err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &plan.DiffCounts{Added: found.Added, Removed: found.Removed, Changed: found.Changed, Key: found.Key}, nil
}
