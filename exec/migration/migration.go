package migration

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Upload describes the upload of a migration.
type Upload struct {
	// Backend is that of the database which goose migrates, such as postgres.New().
	Backend dialect.Backend
	// Files holds the file. Use an embed.FS to ship the data in the program.
	Files fs.FS
	// File is the file's path in Files, with slashes.
	File string
	// Read is how the file is read, such as its text for NULL. Its Name is not used.
	Read rowsource.Options
	// Table is the table's name, or its display name ("HR Panel" for hr_panel).
	Table string
	// Kind is the kind of upload. The zero Kind is plan.AnyTable().
	Kind plan.Kind
	// DocID identifies the upload.
	DocID string
	// UploadTimestamp is stored unchanged. If it is empty, the time of the run is used.
	UploadTimestamp string
	// Actor is who uploads, for the audit. It is empty if unknown.
	Actor string
	// Options are those of the upload and of the restore. The restore also allows the
	// hazards about the number of rows, since Down must restore the rows.
	Options plan.Options
}

// New returns a migration. If a field or the file is missing, Up fails and changes
// nothing.
//
// Errors of Up and Down are those of [exec.Client.Upload] and [exec.Client.Restore];
// goose wraps them. If one of them fails, the table and goose's version are unchanged.
// The one exception is a run in MySQL, MariaDB or TiDB that was cut off: the error is
// then an *exec.CutOffError.
func New(version int64, u Upload) *goose.Migration {
	return migration{version: version, uploads: []Upload{u}}.goose()
}

// NewSet returns a migration that uploads to several tables as one; see [exec.SetRequest]. All
// uploads have the Backend and the Actor of the first. Its errors are those of [New] and of
// [exec.Client.UploadSet].
func NewSet(version int64, name string, uploads ...Upload) *goose.Migration {
	return migration{version: version, set: name, uploads: uploads}.goose()
}

// migration uploads to one table, or to those of a set.
type migration struct {
	version int64
	set     string
	uploads []Upload
}

func (m migration) goose() *goose.Migration {
	return goose.NewGoMigration(m.version, m.goFunc(m.up), m.goFunc(m.down))
}

// first is the upload that says where the migration runs, and who does it.
func (m migration) first() Upload {
	if len(m.uploads) == 0 {
		return Upload{}
	}
	return m.uploads[0]
}

// goFunc runs work in goose's transaction if that can hold an upload.
func (m migration) goFunc(work func(context.Context, *exec.Client) error) *goose.GoFunc {
	first := m.first()
	who := exec.Identity{Actor: first.Actor, Tool: "library"}
	if first.Backend == nil {
		return &goose.GoFunc{RunTx: func(context.Context, *sql.Tx) error {
			return errors.New("upload in a migration: Upload.Backend is missing; it is postgres.New() and the like")
		}}
	}
	if first.Backend.Facts().CommitsDefinitions {
		return &goose.GoFunc{RunDB: func(ctx context.Context, db *sql.DB) error {
			if db.Stats().MaxOpenConnections == 1 { // the upload would wait for a second connection forever
				return errors.New("upload in a migration: goose keeps a connection while the migration runs, and the upload needs another: allow two with SetMaxOpenConns(2), or more")
			}
			return work(ctx, exec.New(db, first.Backend, who))
		}}
	}
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		client, err := exec.InTx(ctx, tx, first.Backend, who)
		if err != nil {
			return err
		}
		return work(ctx, client)
	}}
}

func (m migration) up(ctx context.Context, c *exec.Client) error {
	requests, err := m.requests()
	switch {
	case err != nil:
	case m.set == "":
		_, err = c.Upload(ctx, requests[0])
	default:
		_, err = c.UploadSet(ctx, exec.SetRequest{Name: m.set, Uploads: requests})
	}
	return err
}

func (m migration) requests() ([]exec.Request, error) {
	var requests []exec.Request
	for _, u := range m.uploads {
		if err := u.complete(); err != nil {
			return nil, err
		}
		requests = append(requests, exec.Request{
			Table: u.Table, Kind: u.Kind, DocID: u.DocID, UploadTimestamp: u.UploadTimestamp, Actor: u.Actor,
			Source: m.source(u), Goose: m.identity(u), Options: u.Options,
		})
	}
	return requests, nil
}

// source is the file, under a name that identifies the migration's run.
func (m migration) source(u Upload) rowsource.Source {
	o := u.Read
	o.Name = m.sourceName(u)
	return rowsource.FS(u.Files, u.File, o)
}

func (m migration) sourceName(u Upload) string {
	return fmt.Sprintf("%s of goose migration %d", path.Base(u.File), m.version)
}

func (m migration) identity(u Upload) *plan.GooseMigration {
	return &plan.GooseMigration{Version: m.version, File: path.Base(u.File)}
}

func (u Upload) complete() error {
	var missing []string
	for name, given := range map[string]bool{"Files": u.Files != nil, "File": u.File != "", "Table": u.Table != "", "DocID": u.DocID != ""} {
		if !given {
			missing = append(missing, "Upload."+name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("upload in a migration: missing: %s", strings.Join(missing, ", "))
	}
	return nil
}

// down restores what the migration's own uploads have replaced, even if others followed.
func (m migration) down(ctx context.Context, c *exec.Client) error {
	var restores []exec.RestoreRequest
	var created []string
	for _, u := range m.uploads {
		if err := u.complete(); err != nil {
			return err
		}
		undone, err := m.undoable(ctx, c, u)
		switch {
		case err != nil:
			return err
		case undone.VersionMade == 0: // nothing differed, so that the upload has replaced nothing
		case undone.VersionReplaced == nil: // the upload has created the table
			created = append(created, u.Table)
		default:
			restores = append(restores, m.restore(u, undone))
		}
	}
	if err := m.restoreAll(ctx, c, restores); err != nil {
		return err
	}
	for _, table := range created {
		if _, err := c.SetAside(ctx, table); err != nil {
			return err
		}
	}
	return nil
}

func (m migration) restoreAll(ctx context.Context, c *exec.Client, restores []exec.RestoreRequest) (err error) {
	switch {
	case len(restores) == 0:
	case m.set == "":
		_, err = c.Restore(ctx, restores[0])
	default:
		_, err = c.RestoreSet(ctx, exec.SetRestoreRequest{Set: m.set, Tables: restores})
	}
	return err
}

// restore takes an upload of the migration back.
func (m migration) restore(u Upload, undone exec.Run) exec.RestoreRequest {
	o := u.Options
	o.Allow = append([]plan.Code{plan.EmptySource, plan.Shrinks, plan.MostChanged}, o.Allow...)
	if o.NewColumns == plan.AddNewColumns { // the earlier version has no values for the new columns
		o.Allow = append(o.Allow, plan.ColumnsReset)
	}
	return exec.RestoreRequest{Table: u.Table, Version: undone.VersionReplaced, Actor: u.Actor, Goose: m.identity(u), Undoes: undone.ID, Options: o}
}

// undoable is the migration's newest upload to a table that was not undone.
func (m migration) undoable(ctx context.Context, c *exec.Client, u Upload) (exec.Run, error) {
	made := exec.RunFilter{Table: u.Table, Operation: string(plan.OpUpload), State: exec.Done, SourceName: m.sourceName(u)}
	uploads, err := c.Runs(ctx, made)
	if err != nil {
		return exec.Run{}, err
	}
	restores, err := c.Audit(ctx, exec.RunFilter{Table: u.Table, Operation: string(plan.OpRestore), State: exec.Done})
	if err != nil {
		return exec.Run{}, err
	}
	undone := map[int64]bool{}
	for _, r := range restores {
		for _, s := range r.Steps {
			if s.Details != nil {
				undone[s.Details.Undoes] = true
			}
		}
	}
	for _, run := range uploads {
		if !undone[run.ID] {
			return run, nil
		}
	}
	return exec.Run{}, fmt.Errorf("bring back what stood in %q before migration %d: the audit knows of no upload of %s that was not taken back", u.Table, m.version, m.sourceName(u))
}
