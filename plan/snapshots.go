package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/ledger"
	"github.com/tablesnap/tablesnap/rowsource"
)

// The events of runs that load no rows.
const (
	EventSnapshot = "BACKUP"
	EventPrune    = ledger.EventPrune
)

// BackupInput is everything that [BuildBackup] looks at.
type BackupInput struct {
	Target dialect.Target
	// DocID and Timestamp name the contents from now on. If they are empty, those of the
	// last upload stay.
	DocID, Timestamp string
	Actor, Tool      string
	Options          Options
}

// BuildBackup plans a snapshot without an upload. As in an upload, the snapshot is of the
// version before, and a new version with the same rows begins. So no version is ever in
// the backup twice.
func BuildBackup(d dialect.Dialect, in BackupInput) (Plan, error) {
	if d == nil {
		return Plan{}, errNoDialect
	}
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
	p.Groups = b.group(b.reviewAssertions(), number(concat(b.createBackup(), b.copyToBackup())))
	p.Groups[len(p.Groups)-1].Before = b.reviewAssertions() // of the copy, so that no column is left out
	describe(p.Groups, p.Upload.Table.Name)
	return p, nil
}

// PruneInput is everything that [BuildPrune] looks at.
type PruneInput struct {
	Target dialect.Target
	// Versions are the versions whose rows are deleted.
	Versions []Pruned
	Actor    string
	Tool     string
	Options  Options
}

// Pruned is a version that a prune deletes, and the table that holds its rows.
type Pruned struct {
	Version int64
	Rows    int64
	Table   dialect.Ident
}

// DeletedAtOnce is how many rows of snapshots are deleted in one transaction if the user
// sets no number.
const DeletedAtOnce = 50_000

// BuildPrune plans the deletion of the given snapshots; [Retention.Choose] says which may
// be deleted. If there are more rows than Options.ChunkRows, they are deleted in several
// transactions.
func BuildPrune(d dialect.Dialect, in PruneInput) (Plan, error) {
	if d == nil {
		return Plan{}, errNoDialect
	}
	opts := in.Options
	opts.Strategy = dialect.InPlace
	b := builder{d: d, op: OpPrune, opts: opts.withDefaults(d), table: in.Target.Table, in: Input{
		Target: in.Target, Actor: in.Actor, Tool: in.Tool, Options: opts,
		Source: rowsource.Manifest{Name: prunedName(in.Versions)}, Kind: Kind{Name: string(OpPrune), Event: EventPrune},
	}}
	if why := cmp.Or(in.Target.Server.ReadOnly, wrongChunk(opts.ChunkRows)); why != "" {
		return Plan{}, &RefusedError{Table: b.ident(), Operation: OpPrune, Reasons: []string{why}}
	}
	names, _ := ledger.SnapshotColumns(d, in.Target)
	backup := dialect.Table{}
	if in.Target.Backup != nil {
		backup = *in.Target.Backup
	}
	p := b.plan()
	p.Upload.Version, p.Upload.Replaces = 0, nil // a prune makes no version
	p.Groups = b.pruneGroups(number(b.pruneSteps(in.Versions, backup, names.Version)))
	describe(p.Groups, p.Upload.Table.Name)
	return p, nil
}

// pruneSteps delete snapshots: preserved tables first, then rows of the backup table.
func (b builder) pruneSteps(versions []Pruned, backup dialect.Table, versionColumn string) []Step {
	var drops, deletes []Step
	atOnce := b.deletedAtOnce(versions, backup.Ident)
	for _, v := range versions {
		if v.Table == backup.Ident {
			deletes = append(deletes, b.deleteSnapshot(v, backup, versionColumn, atOnce))
		} else {
			drops = append(drops, b.dropPreserved(v))
		}
	}
	return concat(drops, deletes)
}

// pruneGroups makes a group of each snapshot that is deleted in chunks. Each chunk
// commits, and its rows stay deleted if a later chunk fails.
func (b builder) pruneGroups(steps []Step) []Group {
	begin := b.beginPruning()
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
	groups[0].Before = b.reviewAssertions() // in the first group only: others may write to the table during a prune
	return groups
}

// beginPruning locks out other runs, but no other readers or writers of the table.
func (b builder) beginPruning() []dialect.Stmt {
	return b.d.Begin(dialect.Table{Ident: b.ident()}, dialect.Replaces).Stmts
}

// deletedAtOnce is how many rows are deleted in one transaction; 0 means all. If the
// whole upload is one transaction, its deletions are part of it.
func (b builder) deletedAtOnce(versions []Pruned, backup dialect.Ident) int {
	fits := func(most int) int { return b.in.Target.RowsAtOnce(most, backup) }
	if b.op != OpPrune {
		if slices.Contains(b.d.Facts().Strategies, dialect.Swap) { // these databases do better with small transactions
			return fits(DeletedAtOnce)
		}
		return 0
	}
	rows, most := int64(0), fits(cmp.Or(b.in.Options.ChunkRows, DeletedAtOnce))
	for _, v := range versions {
		if v.Table == backup {
			rows += v.Rows
		}
	}
	if rows <= int64(most) {
		return 0
	}
	return most
}

func (b builder) deleteSnapshot(v Pruned, backup dialect.Table, versionColumn string, atOnce int) Step {
	s := b.step(DeleteSnapshot, v.Table, dialect.DeleteWhere(b.d, v.Table, dialect.OfVersion(b.d, versionColumn, v.Version)))
	s.Event, s.Details.Version = EventPrune, &v.Version
	s.Before = b.pruneAssertions(v)
	s.After = []Assertion{b.assertion(fmt.Sprintf("%s has no row of version %d", v.Table.Name, v.Version),
		ledger.CountSnapshot(b.d, v.Table, versionColumn, v.Version)+" = 0")}
	if atOnce == 0 {
		return s
	}
	if piece := b.d.DeleteSnapshot(backup, versionColumn, v.Version, atOnce); piece.SQL != "" {
		s.Chunks = &dialect.Chunks{Rows: atOnce, Begin: b.beginPiece(), Copy: piece}
		s.Details.PieceRows = atOnce
	}
	return s
}

// beginPiece begins the transaction of a chunk. If the family has no lock that outlives a
// transaction, it takes the lock again, and asserts that the run was not recovered since
// the last chunk.
func (b builder) beginPiece() []dialect.Stmt {
	if dialect.HasSessionLock(b.d) {
		return nil
	}
	return append(b.beginPruning(), b.d.Assertion("tablesnap recover has not ended this run", ledger.RunIs(b.d, ledger.Started)))
}

func (b builder) dropPreserved(v Pruned) Step {
	s := b.step(DropPreserved, v.Table, dialect.DropTable(b.d, v.Table))
	s.Event, s.Details.Version = EventPrune, &v.Version
	s.Before = b.pruneAssertions(v)
	return s
}

// pruneAssertions assert that the version was not pinned since the plan was made.
func (b builder) pruneAssertions(v Pruned) []Assertion {
	hasPins := slices.ContainsFunc(b.d.Ledger().Migrations, func(m dialect.Migration) bool { return m.Version == dialect.PinMigration })
	if !hasPins {
		return nil
	}
	return []Assertion{b.assertion(fmt.Sprintf("version %d is not pinned", v.Version), ledger.NotPinned(b.d, b.ident().Name, v.Version))}
}

const oneVersion, someVersions = "version ", "versions "

// prunedName is a prune's source name in the audit: its versions.
func prunedName(versions []Pruned) string {
	numbers := make([]int64, len(versions))
	for i, v := range versions {
		numbers[i] = v.Version
	}
	return VersionsName(numbers)
}

// VersionsName is the name of several versions in messages: "versions 1, 2".
func VersionsName(versions []int64) string {
	numbers := make([]string, len(versions))
	for i, v := range versions {
		numbers[i] = strconv.FormatInt(v, 10)
	}
	if len(numbers) == 1 {
		return oneVersion + numbers[0]
	}
	return someVersions + strings.Join(numbers, ", ")
}

// message is the text for people in the step's audit row.
func (s Step) message() string {
	switch s.Kind {
	case DeleteSnapshot, DropPreserved:
		return DeletionMessage(s.Details)
	case CheckRows:
		return s.Details.Check
	default:
		return ""
	}
}

// DeletionMessage says which version's rows a step deletes.
func DeletionMessage(d Details) string {
	if d.Version == nil {
		return ""
	}
	says := oneVersion + strconv.FormatInt(*d.Version, 10)
	if d.PieceRows > 0 {
		says += ", in pieces"
	}
	return says
}
