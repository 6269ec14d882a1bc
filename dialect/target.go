package dialect

import "time"

// TargetFormat is the format of [Target] as JSON, in the file that "tablesnap
// inspect" writes.
const TargetFormat = 1

// The suffixes of the tables that hold a table's old or new rows.
const (
	BackupSuffix = "_backup"
	// PreservedSuffix is followed by the version's number.
	PreservedSuffix = "_preserved_v"
	// ShadowSuffix and OldSuffix mark the tables of a swap.
	ShadowSuffix = "_tablesnap_shadow"
	OldSuffix    = "_tablesnap_old"
	// StageSuffix and ListSuffix mark the tables of a sync: the new rows, and the keys of
	// the rows that differ.
	StageSuffix = "_tablesnap_stage"
	ListSuffix  = "_tablesnap_list"
)

// Target is everything that planning an upload needs to know about a database: the table,
// the tables with names that the plan will use, and the table's ledger. Reading it writes
// nothing.
type Target struct {
	Format int    `json:"format"`
	Server Server `json:"server"`
	// Ident is the table's name as the catalog spells it, or the name that a new table
	// will get.
	Ident Ident `json:"ident"`
	// Table is nil if the table does not exist.
	Table *Table `json:"table"`
	// Backup is the table that has the backup table's name, or nil.
	Backup *Table `json:"backup"`
	// Preserved lists the tables with snapshots that could not be copied to the backup
	// table.
	Preserved []string `json:"preserved,omitempty"`
	// Shadow and Old are the tables that have a swap's names, or nil. A run that was cut
	// off has left them.
	Shadow *Table `json:"shadow,omitempty"`
	Old    *Table `json:"old,omitempty"`
	// Stage and List are the tables that have a sync's names, or nil.
	Stage *Table `json:"stage,omitempty"`
	List  *Table `json:"list,omitempty"`
	// Making says how the table is made, for a [Remaker]. It is read only if an upload may
	// keep the old table.
	Making *Making `json:"making,omitempty"`
	// Statistics are the tables of the database with statistics about indexes that go with an
	// index. It is empty if the family keeps them elsewhere.
	Statistics []string `json:"statistics,omitempty"`
	// Hidden says in a sentence which foreign keys or triggers may exist that the user
	// cannot see. It is empty if the user can see all.
	Hidden string `json:"hidden,omitempty"`
	// EstimatedRows is the database's own estimate of the row count, or nil if it has
	// none. Inspection does not count the rows.
	EstimatedRows *int64 `json:"estimated_rows"`
	// RowBytes has the database's own estimates of the size of a row in the table, the
	// backup table and the old table, by their names. It is read only if the server limits
	// what a transaction writes.
	RowBytes map[string]int64 `json:"row_bytes,omitempty"`
	// RowSize is the database's own estimate of the size of a row in bytes, or 0 if it has
	// none. LastRun is how long the run took that made the ledger's last version, or 0 if
	// that is not known. Both are for people: no plan depends on them.
	RowSize int64         `json:"-"`
	LastRun time.Duration `json:"-"`
	// Empty states that the table has no rows. It is looked up only if the ledger has no
	// version of the table.
	Empty bool `json:"empty,omitempty"`
	// Counter is the table's next AUTO_INCREMENT value. It is nil if a statement of the
	// plan can ask the database for it.
	Counter *int64 `json:"counter,omitempty"`
	Ledger  Ledger `json:"ledger"`
	// Snapshots are the kept earlier versions, newest first, for retention. They are read
	// only on request.
	Snapshots []Snapshot `json:"snapshots,omitempty"`
}

// Snapshot is an earlier version whose rows are kept.
type Snapshot struct {
	Version int64 `json:"version"`
	// Rows is the number of rows when the snapshot was taken, or 0 if it was not counted.
	Rows int64 `json:"rows"`
	// Table holds the rows.
	Table Ident `json:"table"`
	// Taken is the time of the snapshot in UTC, in the form of RFC 3339. It is empty if
	// unknown.
	Taken  string `json:"taken,omitempty"`
	Pinned bool   `json:"pinned,omitempty"`
	// OnlyHere says in a sentence why the rows exist nowhere else. It is empty if they
	// came from a file.
	OnlyHere string `json:"only_here,omitempty"`
	// Rest states that a prune deleted some of the rows and was cut off. The remaining
	// rows are of no use.
	Rest bool `json:"rest,omitempty"`
}

// RowsAtOnce returns how many rows of a table a transaction should write, at most most.
// If the database has no estimate for the table, such as for one that was just made, its
// rows are taken to be like those of the largest table beside it.
func (t Target) RowsAtOnce(most int, table Ident) int {
	bytes := t.RowBytes[table.Name]
	for _, b := range t.RowBytes {
		if t.RowBytes[table.Name] == 0 {
			bytes = max(bytes, b)
		}
	}
	return t.Server.RowsAtOnce(most, bytes)
}

// Server is what a plan assumes about the server.
type Server struct {
	Dialect Name `json:"dialect"`
	// SQLMode is the session setting that changes what statements mean. It is empty if
	// the family has none.
	SQLMode string `json:"sql_mode,omitempty"`
	// ReadOnly says why the server takes no writes, such as a replica, or why a node of a
	// cluster must take none. It is empty if it takes them.
	ReadOnly string `json:"read_only,omitempty"`
	// Cluster names the kind of cluster if the server is one of several nodes that take
	// writes. Otherwise it is empty.
	Cluster string `json:"cluster,omitempty"`
	// WriteSetBytes and WriteSetRows are the most that a transaction may write on a node
	// of a cluster. Zero means no limit.
	WriteSetBytes int64 `json:"write_set_bytes,omitempty"`
	WriteSetRows  int64 `json:"write_set_rows,omitempty"`
	// NeedsKeys says in a sentence why each table needs a primary key. It is empty if a
	// table needs none.
	NeedsKeys string `json:"needs_keys,omitempty"`
	// LoadsWith names the method of loading rows, if it depends on the server.
	LoadsWith string `json:"loads_with,omitempty"`
	// LastTimestamp is the last moment that a TIMESTAMP holds, in UTC and to the second, if
	// it depends on the server's version.
	LastTimestamp string `json:"last_timestamp,omitempty"`
	// ReadersWait says in a sentence why readers wait while a large upload runs. It is
	// empty if they do not.
	ReadersWait string `json:"readers_wait,omitempty"`
}

// RowsAtOnce returns how many rows of about rowBytes each a transaction should write: at
// most most, and so few that they stay far below the server's limits. Zero bytes means
// that the size is not known.
func (s Server) RowsAtOnce(most int, rowBytes int64) int {
	// An average says little about the largest rows, and a node counts more than values.
	const reserve, overhead = 4, 100
	rows := int64(most)
	if s.WriteSetRows > 0 {
		rows = min(rows, max(1, s.WriteSetRows/reserve))
	}
	if s.WriteSetBytes > 0 && rowBytes > 0 {
		rows = min(rows, max(1, s.WriteSetBytes/reserve/(rowBytes+overhead)))
	}
	return int(rows)
}

// Ledger is what the ledger's tables know about the target.
type Ledger struct {
	// Migration is the version of the ledger's tables, or 0 if there are none.
	Migration int64 `json:"migration"`
	// Last is the table's newest version, or nil if there is none.
	Last *VersionSummary `json:"last"`
}

// VersionSummary is one version of a table's contents and the run that made it.
type VersionSummary struct {
	Number          int64  `json:"version"`
	Event           string `json:"event"`
	DocID           string `json:"doc_id"`
	UploadTimestamp string `json:"upload_timestamp"`
	Rows            int64  `json:"rows"`
	SourceSHA256    string `json:"source_sha256,omitempty"`
}
