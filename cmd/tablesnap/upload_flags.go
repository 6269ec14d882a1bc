package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// uploadFlags are the flags that describe an upload, for plan and apply.
type uploadFlags struct {
	table, kind, docID, timestamp string
	read                          readFlags
	faults                        faultFlags
	create, addColumns            bool
	types                         string
	primaryKey                    []string
	allowUnterminated             bool
	maxShrink                     string
	allow                         []string
	backup, onBackup, onDrop      string
	lockTimeout, lease            time.Duration
	actor                         string
	strategy, clear, dropColumns  string
	chunkRows                     int
	key                           []string
	maxChange                     string

	// These have no flag.
	retention plan.Retention
	checks    []plan.Check
	// before and after are statements around the upload.
	before, after []string
	kinds         []plan.Kind
}

func (f *uploadFlags) bind(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.table, "table", "", "`TABLE` its name, also schema.table or in quotes, or its display name")
	fs.StringVar(&f.kind, "kind", "table", "`KIND` "+strings.Join(kindNames(plan.Kinds()), ", ")+", or one of the settings (default table)")
	fs.StringVar(&f.docID, "doc-id", "", "`ID` the id by which this upload will be known")
	fs.StringVar(&f.timestamp, "upload-timestamp", "", "`TIMESTAMP` the upload's, kept as given (default: the time of the run)")
	f.read.bind(cmd)
	f.faults.bind(cmd)
	fs.BoolVar(&f.create, "create", false, "make the table, and a SQLite file, if it does not exist")
	fs.StringVar(&f.types, "types", textTypes, "`TYPES` the columns of a new table: text (default), or infer by all values")
	fs.StringSliceVar(&f.primaryKey, "primary-key", nil, "the primary key of a new table")
	bindUnterminated(cmd, &f.allowUnterminated)
	fs.BoolVar(&f.addColumns, "add-columns", false, "add columns of the file that the table lacks, as text")
	fs.StringVar(&f.onDrop, "on-drop-column-failure", string(plan.Continue), "`POLICY` continue (default) or abort")
	f.bindReplacing(cmd)
	f.bindRun(cmd)
	fs.StringVar(&f.clear, "clear", string(plan.ClearByDelete), "`HOW` delete (default), or truncate (PostgreSQL; readers wait)")
	fs.StringVar(&f.dropColumns, "drop-columns", string(plan.DropFirst), "`WHEN` first (default), or last (PostgreSQL: after the load)")
	complete(cmd, "kind", kindNames(plan.Kinds()))
	complete(cmd, "types", []string{textTypes, string(plan.InferTypes)})
	complete(cmd, "on-drop-column-failure", []string{string(plan.Continue), string(plan.Abort)})
	complete(cmd, "clear", []string{string(plan.ClearByDelete), string(plan.ClearByTruncate)})
	complete(cmd, "drop-columns", []string{string(plan.DropFirst), string(plan.DropLast)})
}

// bindReplacing adds the flags of all verbs that replace the rows of a table.
func (f *uploadFlags) bindReplacing(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.maxShrink, "max-shrink", defaultMaxShrink, "`PERCENT` the least that the source may have of the table's rows")
	fs.StringSliceVar(&f.allow, "allow", nil, "hazards to allow, by the codes that plan prints")
	fs.StringVar(&f.backup, "backup", string(plan.BackupRows), "`HOW` rows (default), or table (by swap: keep the old table)")
	fs.StringVar(&f.onBackup, "on-backup-failure", string(plan.Preserve), "`POLICY` preserve (default: in another table), abort or continue")
	fs.StringVar(&f.strategy, "strategy", "", "`STRATEGY` in-place, swap or sync (default: by the database)")
	fs.StringSliceVar(&f.key, "key", nil, "the columns by which a sync matches rows (default: a key)")
	fs.StringVar(&f.maxChange, "max-change", "", "`PERCENT` the most of the table's rows that a sync may change")
	fs.IntVar(&f.chunkRows, "chunk-rows", 0, fmt.Sprintf("`N` the most rows in a transaction of a swap (default %d)", plan.DefaultChunkRows))
	complete(cmd, "allow", codeNames())
	complete(cmd, "strategy", []string{string(dialect.InPlace), string(dialect.Swap), string(dialect.Sync)})
	complete(cmd, "backup", []string{string(plan.BackupRows), string(plan.BackupTable)})
	complete(cmd, "on-backup-failure", []string{string(plan.Preserve), string(plan.Abort), string(plan.Continue)})
}

// bindRun adds the flags of all verbs that run a plan.
func (f *uploadFlags) bindRun(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.DurationVar(&f.lockTimeout, "lock-timeout", defaultLockTimeout, "how long to wait for another run or program")
	fs.DurationVar(&f.lease, "lease", 0, "keep the table so long without a sign of life (default: 1m)")
	fs.StringVar(&f.actor, "actor", "", "`NAME` who does it, for the audit (default: the system's user)")
}

const defaultMaxShrink = "50%"

// textTypes is the word for [plan.TextTypes].
const textTypes = "text"

func complete(cmd *cobra.Command, flag string, values []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil { // the flag is defined above
		panic(err)
	}
}

// request converts the flags to an upload of the source.
func (f *uploadFlags) request(src rowsource.Source) (exec.Request, error) {
	req := exec.Request{Table: f.table, DocID: f.docID, UploadTimestamp: f.timestamp, Source: src}
	if f.table == "" {
		return req, usagef("--table is missing: which table gets the rows?")
	}
	if f.docID == "" {
		return req, usagef("--doc-id is missing: by which id will the upload be known?")
	}
	var err error
	if req.Kind, err = kindNamed(f.kinds, f.kind); err != nil {
		return req, err
	}
	if req.Options, err = f.options(); err != nil {
		return req, err
	}
	req.Options.Retention, req.Options.Checks, req.Options.Before, req.Options.After = f.retention, f.checks, f.before, f.after
	return req, f.faults.options(&req)
}

func (f *uploadFlags) options() (plan.Options, error) {
	if f.lockTimeout < 0 {
		return plan.Options{}, usagef("--lock-timeout is %s, and may not be negative", f.lockTimeout)
	}
	// Databases use milliseconds, and 0 would mean the default.
	f.lockTimeout = max(f.lockTimeout, time.Millisecond)
	if f.lease < 0 {
		return plan.Options{}, usagef("--lease is %s, and may not be negative", f.lease)
	}
	if s := dialect.Strategy(f.strategy); s != "" && s != dialect.InPlace && s != dialect.Swap && s != dialect.Sync {
		return plan.Options{}, usagef("--strategy is %q; it may be in-place, swap or sync", f.strategy)
	}
	if f.chunkRows < 0 {
		return plan.Options{}, usagef("--chunk-rows is %d, and may not be negative", f.chunkRows)
	}
	o := plan.Options{Create: f.create, Strategy: dialect.Strategy(f.strategy), ChunkRows: f.chunkRows, Backup: plan.BackupMode(f.backup), OnBackupFailure: plan.Policy(f.onBackup), OnDropColumnFailure: plan.Policy(f.onDrop), LockTimeout: f.lockTimeout, Lease: f.lease}
	if f.addColumns {
		o.NewColumns = plan.AddNewColumns
	}
	o.OnBackupFailure, o.OnDropColumnFailure = cmp.Or(o.OnBackupFailure, plan.Preserve), cmp.Or(o.OnDropColumnFailure, plan.Continue)
	var err error
	if o.MaxShrink, err = percentage("max-shrink", cmp.Or(f.maxShrink, defaultMaxShrink)); err != nil {
		return o, err
	}
	if err := errors.Join(f.sync(&o), f.newTable(&o)); err != nil {
		return o, err
	}
	if !slices.Contains([]plan.BackupMode{"", plan.BackupRows, plan.BackupTable}, o.Backup) {
		return o, usagef("--backup is %q; it may be rows or table", f.backup)
	}
	if !slices.Contains([]plan.Policy{plan.Preserve, plan.Abort, plan.Continue}, o.OnBackupFailure) {
		return o, usagef("--on-backup-failure is %q; it may be preserve, abort or continue", f.onBackup)
	}
	if !slices.Contains([]plan.Policy{plan.Abort, plan.Continue}, o.OnDropColumnFailure) {
		return o, usagef("--on-drop-column-failure is %q; it may be continue or abort", f.onDrop)
	}
	if err := f.order(&o); err != nil {
		return o, err
	}
	o.Allow, err = f.allowed()
	return o, err
}

// allowed are the hazards that the user allows.
func (f *uploadFlags) allowed() (codes []plan.Code, err error) {
	for _, name := range f.allow {
		code := plan.Code(strings.ToUpper(name))
		if !slices.Contains(plan.Codes(), code) {
			return codes, usagef("--allow %s: there is no such hazard; there are %s%s", name, strings.Join(codeNames(), ", "), didYouMean(name, codeNames()))
		}
		codes = append(codes, code)
	}
	return codes, nil
}

// sync sets what is for the strategy sync only.
func (f *uploadFlags) sync(o *plan.Options) (err error) {
	if o.Key = f.key; f.maxChange != "" {
		o.MaxChange, err = percentage("max-change", f.maxChange)
	}
	return err
}

// newTable sets what is for a table that is made only.
func (f *uploadFlags) newTable(o *plan.Options) error {
	o.PrimaryKey = f.primaryKey
	switch f.types {
	case textTypes, "": // a restore has no such flag
	case string(plan.InferTypes):
		o.Types = plan.InferTypes
	default:
		return usagef("--types is %q; it may be text or infer", f.types)
	}
	return nil
}

func percentage(flag, text string) (*int, error) {
	percent, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
	if err != nil || percent < 0 || percent > 100 {
		return nil, usagef("--%s is %q; write a percentage from 0%% to 100%%", flag, text)
	}
	return &percent, nil
}

// order sets how rows are cleared and when columns are dropped. It leaves defaults unset,
// so that the plan does not name them.
func (f *uploadFlags) order(o *plan.Options) error {
	switch c := plan.ClearMode(f.clear); c {
	case plan.ClearByDelete, "": // a restore has no such flag
	case plan.ClearByTruncate:
		o.Clear = c
	default:
		return usagef("--clear is %q; it may be delete or truncate", f.clear)
	}
	switch d := plan.DropOrder(f.dropColumns); d {
	case plan.DropFirst, "":
	case plan.DropLast:
		o.DropColumns = d
	default:
		return usagef("--drop-columns is %q; it may be first or last", f.dropColumns)
	}
	return nil
}

func kindNamed(kinds []plan.Kind, name string) (plan.Kind, error) {
	for _, k := range kinds {
		if k.Name == name {
			return k, nil
		}
	}
	return plan.Kind{}, usagef("--kind %s: there is no such kind; there are %s%s", name, strings.Join(kindNames(kinds), ", "), didYouMean(name, kindNames(kinds)))
}

func kindNames(kinds []plan.Kind) []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	return names
}

func codeNames() []string {
	var names []string
	for _, c := range plan.Codes() {
		names = append(names, string(c))
	}
	return names
}

// whoRuns is the operating system's user. It is the actor of a run without --actor.
func whoRuns() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER")
}
