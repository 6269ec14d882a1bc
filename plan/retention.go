package plan

import (
	"fmt"
	"slices"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Retention says which snapshots to delete. Set one of Keep and Before. The zero
// Retention keeps all.
type Retention struct {
	// Keep is how many of the newest snapshots to keep, including the one that an upload
	// makes.
	Keep int
	// Before deletes snapshots that were taken before it. OlderThan is the age that the
	// user gave for it, such as 90d.
	Before    time.Time
	OlderThan string
}

func (r Retention) isZero() bool { return r.Keep <= 0 && r.Before.IsZero() }

func (r Retention) String() string {
	if r.Keep > 0 {
		return fmt.Sprintf("keep %d", r.Keep)
	}
	return "older than " + r.OlderThan
}

// Retained is what an upload's retention deletes and keeps.
type Retained struct {
	Rule string `json:"rule"`
	// Deletes are the versions whose rows the upload deletes at its end.
	Deletes []int64 `json:"deletes,omitempty"`
	// Stays are versions that the rule would delete, and that are kept for a reason.
	Stays []Kept `json:"stays,omitempty"`
}

// Kept is a version that is kept although its deletion was asked for, and the reason.
type Kept struct {
	Version int64  `json:"version"`
	Why     string `json:"why"`
	// Remedy is how to delete it anyway, if that is possible.
	Remedy Remedy `json:"remedy,omitempty"`
}

// Choose divides snapshots, given newest first. It returns those to delete, oldest first,
// and those to keep for a reason. Newer is the number of newer snapshots besides these.
func (r Retention) Choose(snapshots []dialect.Snapshot, newer int) (gone []Pruned, kept []Kept) {
	for i, s := range snapshots {
		newer := newer + whole(snapshots[:i])
		if !r.wants(s, newer) {
			continue
		}
		switch why := whyItStays(s, newer); {
		case why != "":
			kept = append(kept, Kept{Version: s.Version, Why: why})
		case s.OnlyHere != "":
			kept = append(kept, Kept{s.Version, s.OnlyHere + "; to delete it, prune it by its number", RemedyVersion})
		default:
			gone = append(gone, pruned(s))
		}
	}
	slices.Reverse(gone)
	return gone, kept
}

// ChooseNamed finds the snapshots of the named versions, given newest first. It returns
// those to delete, oldest first, and those that must be kept.
func ChooseNamed(snapshots []dialect.Snapshot, versions []int64) (gone []Pruned, kept []Kept) {
	for i, s := range slices.Backward(snapshots) {
		if !slices.Contains(versions, s.Version) {
			continue
		}
		if why := whyItStays(s, whole(snapshots[:i])); why != "" {
			kept = append(kept, Kept{Version: s.Version, Why: why})
		} else {
			gone = append(gone, pruned(s))
		}
	}
	return gone, kept
}

func pruned(s dialect.Snapshot) Pruned {
	return Pruned{Version: s.Version, Rows: s.Rows, Table: s.Table}
}

// whole is the number of snapshots that can be restored.
func whole(snapshots []dialect.Snapshot) int {
	n := 0
	for _, s := range snapshots {
		if !s.Rest {
			n++
		}
	}
	return n
}

// wants reports whether the rule deletes a snapshot. Newer is the number of newer ones.
func (r Retention) wants(s dialect.Snapshot, newer int) bool {
	if s.Rest {
		return true
	}
	if r.Keep > 0 {
		return newer >= r.Keep
	}
	taken, err := time.Parse(time.RFC3339, s.Taken)
	return err == nil && taken.Before(r.Before)
}

// whyItStays says in a sentence why a snapshot must never be pruned. It is empty if it
// may be. Newer is the number of newer ones.
func whyItStays(s dialect.Snapshot, newer int) string {
	switch {
	case newer == 0 && !s.Rest:
		return "it is the newest snapshot"
	case s.Pinned:
		return "it is pinned"
	default:
		return ""
	}
}

// RetentionStage has all deletions by the retention. If a deletion fails, the snapshot
// stays, and the upload goes on.
const RetentionStage Stage = "retention"

// retained chooses the snapshots to delete at the end of an upload. The upload's own
// snapshot counts as the newest.
func (b builder) retained() ([]Pruned, *Retained) {
	r := b.opts.Retention
	if r.isZero() || b.op != OpUpload || b.table == nil {
		return nil, nil
	}
	gone, kept := r.Choose(b.in.Target.Snapshots, 1)
	says := &Retained{Rule: r.String(), Stays: kept}
	for _, g := range gone {
		says.Deletes = append(says.Deletes, g.Version)
	}
	return gone, says
}

// retention deletes the chosen snapshots.
func (b builder) retention() []Step {
	gone, _ := b.retained()
	steps := b.pruneSteps(gone, b.backup.want, b.backup.names.Version)
	for i := range steps {
		steps[i].Stage, steps[i].OnFailure = RetentionStage, Continue
	}
	return steps
}

// keptAssertion asserts that the upload has backed up the rows that it replaces. Without
// that backup, an older snapshot would be the newest, which is never deleted.
func (b builder) keptAssertion(steps, preserve []Step) Assertion {
	says := fmt.Sprintf("the rows of version %d are kept", *b.replaces())
	if b.keepsTable() {
		return b.assertion(says, ledger.StepExists(b.d, seqOf(steps, KeepOld), ledger.Done))
	}
	return b.assertion(says,
		ledger.StepRows(b.d, seqsOf(steps, preserve, CopyToPreserve, KeepOld)...)+" IS NOT NULL")
}

// onlyPrunes reports whether a group of an upload only deletes old snapshots. The version
// is made before it.
func (g Group) onlyPrunes() bool {
	return len(g.Steps) > 0 && !slices.ContainsFunc(g.Steps, func(s Step) bool { return s.Stage != RetentionStage })
}
