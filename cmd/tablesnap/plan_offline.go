package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/backends"
	"github.com/tablesnap/tablesnap/plan"
)

// inputFromSchema returns the input of a plan without a database. It reads the table's
// definition from a file that "tablesnap inspect" has written.
func inputFromSchema(ctx context.Context, file string, req exec.Request) (dialect.Backend, plan.Input, error) {
	t, err := readSchema(file)
	if err != nil {
		return nil, plan.Input{}, inputError{fmt.Errorf("read the schema in %s: %w", file, err)}
	}
	ref, err := dialect.ParseReference(req.Table)
	if err != nil {
		return nil, plan.Input{}, err
	}
	if !ref.Refers(t.Ident) {
		return nil, plan.Input{}, usagef("the schema in %s is that of the table %q, and --table is %q", file, t.Ident.Name, req.Table)
	}
	if b, ok := backends.ByName(t.Server.Dialect); ok {
		in, err := exec.InputFor(ctx, b, t, req, toolVersion())
		return b, in, err
	}
	return nil, plan.Input{}, inputError{fmt.Errorf("read the schema in %s: it is of a database %q, which this tablesnap does not speak", file, t.Server.Dialect)}
}

func readSchema(file string) (dialect.Target, error) {
	r, err := os.Open(file)
	if err != nil {
		return dialect.Target{}, err
	}
	defer r.Close()
	return dialect.DecodeTarget(r)
}
