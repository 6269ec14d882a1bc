package dialect

// TargetFormat is the format of [Target] as JSON, in the file that "tablesnap
// inspect" writes.
const TargetFormat = 1

// What follows a table's name in the names of the tables that keep its rows.
const (
	BackupSuffix = "_backup"
	// PreservedSuffix is followed by the number of the version preserved.
	PreservedSuffix = "_preserved_v"
	// ShadowSuffix and OldSuffix say whose the tables of a swap are.
	ShadowSuffix = "_tablesnap_shadow"
	OldSuffix    = "_tablesnap_old"
)

// Target is all that planning an upload needs to know of a database: the
// table, what stands under the names that the plan will use, and what
// tablesnap remembers of the table. It is read without a write.
type Target struct {
	Format int    `json:"format"`
	Server Server `json:"server"`
	// Ident is the table's name in the catalog's own spelling; of a table that
	// does not exist, the name that it will get.
	Ident Ident `json:"ident"`
	// Table is nil where the table does not exist.
	Table *Table `json:"table"`
	// Backup is what stands under the name of the backup table, nil where
	// nothing does.
	Backup *Table `json:"backup"`
	// Preserved lists the tables that hold snapshots of this table which its
	// backup table could not take.
	Preserved []string `json:"preserved,omitempty"`
	// Shadow and Old are what stands under the names that a swap uses, nil
	// where nothing does; what stands there was left by a run that was cut off.
	Shadow *Table `json:"shadow,omitempty"`
	Old    *Table `json:"old,omitempty"`
	// Hidden says in a sentence which foreign keys or triggers may exist that
	// the user may not see; empty where all can be seen.
	Hidden string `json:"hidden,omitempty"`
	// EstimatedRows is the engine's own idea of the table's row count, nil
	// where it has none. The table is not counted for it.
	EstimatedRows *int64 `json:"estimated_rows"`
	// Empty states that the table has no row, which is looked up only where the ledger
	// knows of no version.
	Empty bool `json:"empty,omitempty"`
	// Counter is the number that the table will give next, nil where the database
	// can be asked for it in a statement of a plan.
	Counter *int64 `json:"counter,omitempty"`
	Ledger  Ledger `json:"ledger"`
	// Snapshots are the earlier versions whose rows are kept, newest first, for a
	// retention to choose from. They are read only where they are asked for.
	Snapshots []Snapshot `json:"snapshots,omitempty"`
}

// Snapshot is an earlier version whose rows are kept beside the table.
type Snapshot struct {
	Version int64 `json:"version"`
	// Rows is how many there were when they were kept, 0 where nobody counted.
	Rows int64 `json:"rows"`
	// Table holds the rows.
	Table Ident `json:"table"`
	// Taken is when, in UTC and in the form of RFC 3339; empty where nobody knows.
	Taken  string `json:"taken,omitempty"`
	Pinned bool   `json:"pinned,omitempty"`
	// OnlyHere says in a sentence why the rows can be had from nowhere else, empty
	// where they are those of a file.
	OnlyHere string `json:"only_here,omitempty"`
	// Rest states that a prune which was cut off has deleted some of the rows: what
	// is left is of no use.
	Rest bool `json:"rest,omitempty"`
}

// Server is what a plan relies on of the server.
type Server struct {
	Dialect Name `json:"dialect"`
	// SQLMode is the session setting that changes what statements mean; empty
	// where the family has none.
	SQLMode string `json:"sql_mode,omitempty"`
	// ReadOnly says why nothing may be written: a replica, a read-only server.
	ReadOnly string `json:"read_only,omitempty"`
	// Cluster names the kind of cluster of which the server is a node that
	// takes writes beside others; empty where it is none.
	Cluster string `json:"cluster,omitempty"`
	// LoadsWith names how rows are loaded, where that depends on the server.
	LoadsWith string `json:"loads_with,omitempty"`
	// ReadersWait says in a sentence why readers wait while a large upload
	// runs; empty where they go on.
	ReadersWait string `json:"readers_wait,omitempty"`
}

// Ledger is what tablesnap's own tables say of the target.
type Ledger struct {
	// Migration is the version of tablesnap's own tables, 0 where there are none.
	Migration int64 `json:"migration"`
	// Last is the newest version of the table's contents, nil where no run
	// has made one.
	Last *VersionSummary `json:"last"`
}

// VersionSummary is one numbered state of a table's contents, and the run that made it.
type VersionSummary struct {
	Number          int64  `json:"version"`
	Event           string `json:"event"`
	DocID           string `json:"doc_id"`
	UploadTimestamp string `json:"upload_timestamp"`
	Rows            int64  `json:"rows"`
	SourceSHA256    string `json:"source_sha256,omitempty"`
}
