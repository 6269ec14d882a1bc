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
	m := migration{version: version, upload: u}
	return goose.NewGoMigration(version, m.goFunc(m.up), m.goFunc(m.down))
}

type migration struct {
	version int64
	upload  Upload
}

// goFunc runs work in goose's transaction if that can hold an upload.
func (m migration) goFunc(work func(context.Context, *exec.Client) error) *goose.GoFunc {
	who := exec.Identity{Actor: m.upload.Actor, Tool: "library"}
	if m.upload.Backend == nil {
		return &goose.GoFunc{RunTx: func(context.Context, *sql.Tx) error {
			return errors.New("upload in a migration: Upload.Backend is missing; it is postgres.New() and the like")
		}}
	}
	if m.upload.Backend.Facts().CommitsDefinitions {
		return &goose.GoFunc{RunDB: func(ctx context.Context, db *sql.DB) error {
			if db.Stats().MaxOpenConnections == 1 { // the upload would wait for a second connection forever
				return errors.New("upload in a migration: goose keeps a connection while the migration runs, and the upload needs another: allow two with SetMaxOpenConns(2), or more")
			}
			return work(ctx, exec.New(db, m.upload.Backend, who))
		}}
	}
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		client, err := exec.InTx(ctx, tx, m.upload.Backend, who)
		if err != nil {
			return err
		}
		return work(ctx, client)
	}}
}

func (m migration) up(ctx context.Context, c *exec.Client) error {
	if err := m.upload.complete(); err != nil {
		return err
	}
	u := m.upload
	_, err := c.Upload(ctx, exec.Request{
		Table: u.Table, Kind: u.Kind, DocID: u.DocID, UploadTimestamp: u.UploadTimestamp, Actor: u.Actor,
		Source: m.source(), Goose: m.identity(), Options: u.Options,
	})
	return err
}

// source is the file, under a name that identifies the migration's run.
func (m migration) source() rowsource.Source {
	o := m.upload.Read
	o.Name = m.sourceName()
	return rowsource.FS(m.upload.Files, m.upload.File, o)
}

func (m migration) sourceName() string {
	return fmt.Sprintf("%s of goose migration %d", path.Base(m.upload.File), m.version)
}

func (m migration) identity() *plan.GooseMigration {
	return &plan.GooseMigration{Version: m.version, File: path.Base(m.upload.File)}
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

// down restores what the migration's own upload has replaced, even if others followed.
func (m migration) down(ctx context.Context, c *exec.Client) error {
	if err := m.upload.complete(); err != nil {
		return err
	}
	undone, err := m.undoable(ctx, c)
	if err != nil {
		return err
	}
	if undone.VersionMade == 0 {
		return nil // nothing differed, so that the upload has replaced nothing
	}
	replaced := undone.VersionReplaced
	if replaced == nil { // the upload has created the table
		_, err := c.SetAside(ctx, m.upload.Table)
		return err
	}
	o := m.upload.Options
	o.Allow = append([]plan.Code{plan.EmptySource, plan.Shrinks, plan.MostChanged}, o.Allow...)
	if o.NewColumns == plan.AddNewColumns { // the earlier version has no values for the new columns
		o.Allow = append(o.Allow, plan.ColumnsReset)
	}
	_, err = c.Restore(ctx, exec.RestoreRequest{Table: m.upload.Table, Version: replaced, Actor: m.upload.Actor, Goose: m.identity(), Undoes: undone.ID, Options: o})
	return err
}

// undoable is the migration's newest upload that was not undone.
func (m migration) undoable(ctx context.Context, c *exec.Client) (exec.Run, error) {
	made := exec.RunFilter{Table: m.upload.Table, Operation: string(plan.OpUpload), State: exec.Done, SourceName: m.sourceName()}
	uploads, err := c.Runs(ctx, made)
	if err != nil {
		return exec.Run{}, err
	}
	restores, err := c.Audit(ctx, exec.RunFilter{Table: m.upload.Table, Operation: string(plan.OpRestore), State: exec.Done})
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
	for _, u := range uploads {
		if !undone[u.ID] {
			return u, nil
		}
	}
	return exec.Run{}, fmt.Errorf("bring back what stood in %q before migration %d: the audit knows of no upload of %s that was not taken back", m.upload.Table, m.version, m.sourceName())
}
