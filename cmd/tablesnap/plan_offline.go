package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/backends"
)

// lookOffline is look without a database. It reads the table's definition from a file that
// "tablesnap inspect" has written, and the database's dialect.
func (u *openedUpload) lookOffline(ctx context.Context, file string, db *database) error {
	t, err := readSchema(file)
	if err != nil {
		return inputError{fmt.Errorf("read the schema in %s: %w", file, err)}
	}
	ref, err := dialect.ParseReference(u.req.Table)
	if err != nil {
		return err
	}
	if !ref.Refers(t.Ident) {
		return usagef("the schema in %s is that of the table %q, and --table is %q", file, t.Ident.Name, u.req.Table)
	}
	b, ok := backends.ByName(t.Server.Dialect)
	switch {
	case !ok:
		return inputError{fmt.Errorf("read the schema in %s: it is of a database %q, which this tablesnap does not speak", file, t.Server.Dialect)}
	case db.backend != nil && db.backend.Facts().Name != b.Facts().Name:
		return inputError{fmt.Errorf("read the schema in %s: it is of %s, and that of another table of %s", file, b.Facts().Name, db.backend.Facts().Name)}
	}
	db.backend = b
	u.in, err = exec.InputFor(ctx, b, t, u.req, toolVersion())
	u.shown.source, u.shown.summary.Target = u.req.Source, u.in.Target
	return u.report.tell(err)
}

func readSchema(file string) (dialect.Target, error) {
	r, err := os.Open(file)
	if err != nil {
		return dialect.Target{}, err
	}
	defer r.Close()
	return dialect.DecodeTarget(r)
}
