package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The events of runs that load nothing.
const (
	EventSnapshot = "BACKUP"
	EventPrune    = "PRUNE"
)

// BackupInput is all that [BuildBackup] looks at.
type BackupInput struct {
	Target dialect.Target
	// DocID and Timestamp name the contents from now on; empty keeps those of
	// the upload whose rows they are.
	DocID, Timestamp string
	Actor, Tool      string
	Options          Options
}

// BuildBackup plans a snapshot without an upload. It makes a new version with
// the same contents, so that no version is ever in the backup twice: the
// snapshot is that of the version before, as in an upload.
func BuildBackup(d dialect.Dialect, in BackupInput) (Plan, error) {
	last := in.Target.Ledger.Last
	u := Input{
		Target: in.Target, DocID: in.DocID, Timestamp: in.Timestamp, Actor: in.Actor, Tool: in.Tool, Options: in.Options,
		Source: rowsource.Manifest{Name: "the table itself"}, Kind: Kind{Name: string(OpBackup), Event: EventSnapshot},
	}
	if last != nil {
		u.Source.Rows, u.Source.SHA256 = last.Rows, last.SourceSHA256
		if u.DocID == "" {
			u.DocID = last.DocID
			u.Timestamp = orText(u.Timestamp, last.UploadTimestamp)
		}
	}
	u.Options.Strategy, u.Options.ChunkRows, u.Options.OnBackupFailure = dialect.InPlace, 0, Abort
	b, err := newBuilder(d, u, OpBackup, columns{}, nil)
	if err != nil {
		return Plan{}, err
	}
	p := b.plan()
	p.Groups = group(d.Open(b.opened(), b.access()).Stmts, b.proofsOfReview(), number(concat(b.createBackup(), b.copyToBackup())))
	p.Groups[len(p.Groups)-1].Before = b.proofsOfReview() // that of the copy: no column is left behind
	describe(p.Groups, p.Upload.Table.Name)
	return p, nil
}

// PruneInput is all that [BuildPrune] looks at.
type PruneInput struct {
	Target dialect.Target
	// Versions are those to delete.
	Versions []Pruned
	Actor    string
	Tool     string
	Options  Options
}

// Pruned is a version that a prune deletes, and the table that holds it.
type Pruned struct {
	Version int64
	Rows    int64
	Table   dialect.Ident
}

// deletedAtOnce is how many rows of a snapshot are deleted in one transaction,
// where a large one is a burden.
const deletedAtOnce = 50_000

// BuildPrune plans the deletion of snapshots. Which of them may go is not for it
// to say.
func BuildPrune(d dialect.Dialect, in PruneInput) (Plan, error) {
	opts := in.Options
	opts.Strategy = dialect.InPlace
	b := builder{d: d, op: OpPrune, opts: opts.withDefaults(d), table: in.Target.Table, in: Input{
		Target: in.Target, Actor: in.Actor, Tool: in.Tool, Options: opts,
		Source: rowsource.Manifest{Name: prunedName(in.Versions)}, Kind: Kind{Name: string(OpPrune), Event: EventPrune},
	}}
	if why := in.Target.Server.ReadOnly; why != "" {
		return Plan{}, &RefusedError{Table: b.ident(), Operation: OpPrune, Reasons: []string{why}}
	}
	names, _ := SnapshotColumns(d, in.Target)
	var drops, deletes []Step
	for _, v := range in.Versions {
		if in.Target.Backup != nil && v.Table == in.Target.Backup.Ident {
			deletes = append(deletes, b.deleteSnapshot(v, names.Version))
		} else {
			drops = append(drops, b.dropPreserved(v))
		}
	}
	p := b.plan()
	p.Upload.Version, p.Upload.Replaces = 0, nil // it makes none
	p.Groups = b.pruneGroups(number(concat(drops, deletes)))
	describe(p.Groups, p.Upload.Table.Name)
	return p, nil
}

// pruneGroups have each snapshot deleted in a group of its own where that is cut
// into pieces, so that what was deleted stays deleted.
func (b builder) pruneGroups(steps []Step) []Group {
	begin := b.d.Open(dialect.Table{Ident: b.ident()}, dialect.Replaces).Stmts // no lock but that of runs
	var groups []Group
	for _, s := range steps {
		last := len(groups) - 1
		switch {
		case s.AutoCommits:
			groups = append(groups, Group{Auto: true, Steps: []Step{s}})
		case last >= 0 && !groups[last].Auto && s.Chunks == nil:
			groups[last].Steps = append(groups[last].Steps, s)
		default:
			groups = append(groups, Group{Begin: begin, Steps: []Step{s}})
		}
	}
	if n := len(groups); n == 0 || groups[n-1].Auto { // the run's end is written in a transaction
		groups = append(groups, Group{Begin: begin, Steps: []Step{}})
	}
	for i := range groups {
		groups[i].Before = b.proofsOfReview()
	}
	return groups
}

func (b builder) deleteSnapshot(v Pruned, versionColumn string) Step {
	s := b.step(DeleteSnapshot, v.Table, dialect.DeleteWhere(b.d, v.Table, dialect.OfVersion(b.d, versionColumn, v.Version)))
	s.Event = EventPrune
	s.Before = b.proofsOfPruning(v)
	s.After = []Proof{b.proof(fmt.Sprintf("%s has no row of version %d", v.Table.Name, v.Version),
		dialect.SnapshotRows(b.d, v.Table, versionColumn, v.Version)+" = 0")}
	if slices.Contains(b.d.Strategies(), dialect.Swap) { // such a family's transactions are better kept small
		s.Chunks = &dialect.Chunks{Rows: deletedAtOnce, Copy: b.d.DeleteSnapshot(v.Table, versionColumn, v.Version, deletedAtOnce)}
	}
	return s
}

func (b builder) dropPreserved(v Pruned) Step {
	s := b.step(DropPreserved, v.Table, b.d.DropTable(v.Table))
	s.Event = EventPrune
	s.Before = b.proofsOfPruning(v)
	return s
}

// proofsOfPruning: nobody has pinned the version since.
func (b builder) proofsOfPruning(v Pruned) []Proof {
	hasPins := slices.ContainsFunc(b.d.Migrations(), func(m dialect.Migration) bool { return m.Version == dialect.PinMigration })
	if !hasPins {
		return nil
	}
	return []Proof{b.proof(fmt.Sprintf("version %d is not pinned", v.Version), dialect.NotPinned(b.d, b.ident().Name, v.Version))}
}

const oneVersion, someVersions = "version ", "versions "

// prunedName is the source of a prune in the audit, from which [PrunedVersions]
// reads the versions back.
func prunedName(versions []Pruned) string {
	numbers := make([]string, len(versions))
	for i, v := range versions {
		numbers[i] = strconv.FormatInt(v.Version, 10)
	}
	if len(numbers) == 1 {
		return oneVersion + numbers[0]
	}
	return someVersions + strings.Join(numbers, ", ")
}

// PrunedVersions are the versions that a prune has deleted, by the name of its
// source in the audit.
func PrunedVersions(source string) []int64 {
	var versions []int64
	for word := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(source, oneVersion), someVersions), ", ") {
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			versions = append(versions, n)
		}
	}
	return versions
}
