package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
)

// Retention says which snapshots go. Of Keep and Before one is set; the zero
// Retention has all of them stay.
type Retention struct {
	// Keep is how many of the newest snapshots stay; that of an upload counts.
	Keep int
	// Before has those go that were taken before it. OlderThan is what it was
	// called, an age such as 90d.
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

// Retained is what the retention of an upload comes to.
type Retained struct {
	Rule string `json:"rule"`
	// Deletes are the versions whose rows the upload deletes at its end.
	Deletes []int64 `json:"deletes,omitempty"`
	// Stays are those that the rule has go, and that stay for a reason.
	Stays []Kept `json:"stays,omitempty"`
}

// Kept is a version that stays though it was asked for, and why.
type Kept struct {
	Version int64  `json:"version"`
	Why     string `json:"why"`
	// Remedy is what has it go after all, if anything does.
	Remedy Remedy `json:"remedy,omitempty"`
}

// Choose divides snapshots, given newest first: it returns those that go, oldest
// first, and those that stay for a reason. newer is how many others are newer.
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

// ChooseNamed finds the snapshots, newest first, of the versions named: it returns
// those that go, oldest first, and those that cannot.
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

// whole is how many of the snapshots can be brought back.
func whole(snapshots []dialect.Snapshot) int {
	n := 0
	for _, s := range snapshots {
		if !s.Rest {
			n++
		}
	}
	return n
}

// wants reports whether a snapshot should go; so many are newer.
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

// whyItStays says in a sentence why a snapshot can never be pruned, empty where it
// can; so many are newer.
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

// RetentionStage is all that the retention deletes. What fails of it stays, and
// the upload goes on.
const RetentionStage Stage = "retention"

// retained chooses the snapshots that go at the end of an upload. The one that it
// takes is the newest.
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

// retention deletes the snapshots that go.
func (b builder) retention() []Step {
	gone, _ := b.retained()
	steps := b.pruneSteps(gone, b.backup.want, b.backup.names.Version)
	for i := range steps {
		steps[i].Stage, steps[i].OnFailure = RetentionStage, Continue
	}
	return steps
}

// keptAssertion: the upload has kept the rows that it replaces, so that none of
// the older ones is the newest that there is.
func (b builder) keptAssertion(steps, preserve []Step) Assertion {
	kept := b.copied(steps, preserve)
	if seq := seqOf(preserve, KeepOld); seq > 0 {
		kept = append(kept, ledger.StepRows(b.d, seq))
	}
	return b.assertion(fmt.Sprintf("the rows of version %d are kept", *b.replaces()),
		"coalesce("+strings.Join(append(kept, "NULL"), ", ")+") IS NOT NULL")
}

// onlyPrunes reports whether a group of an upload deletes old snapshots and does
// nothing else. The version is made before it.
func (g Group) onlyPrunes() bool {
	return len(g.Steps) > 0 && !slices.ContainsFunc(g.Steps, func(s Step) bool { return s.Stage != RetentionStage })
}
