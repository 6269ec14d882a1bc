package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// planAll plans every table of the settings that has a file. The values of --check, --out
// and --schema are folders, in which each table has a file of its own.
func (a *app) planAll(cmd *cobra.Command, f planFlags, files []string) error {
	f.format = f.formatFor(cmd)
	switch {
	case len(files) > 0 || f.upload.table != "":
		return usagef("--all plans the tables of the settings; write it without FILE and --table")
	case f.format == "json" && f.check == "" && f.out == "":
		return usagef("--all prints scripts; write plans as JSON into a folder with --out or --check")
	}
	s, err := a.settings()
	if err != nil {
		return err
	}
	var failed []error
	planned := 0
	for _, name := range s.TableNames() {
		if s.Tables[name].File == "" {
			continue
		}
		planned++
		if err := a.planNamed(cmd, f, name); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	if planned == 0 {
		return usagef("--all: the settings name no table with a file")
	}
	return errors.Join(failed...)
}

// planNamed plans one table of the settings.
func (a *app) planNamed(cmd *cobra.Command, f planFlags, name string) error {
	if name != filepath.Base(name) || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
		return usagef("a file cannot be called after this table; plan it on its own, without --all")
	}
	format, err := findFormat(f.formats, f.format)
	if err != nil {
		return err
	}
	for _, folder := range []struct {
		path      *string
		extension string
	}{{&f.check, format.extension}, {&f.out, format.extension}, {&f.schema, ".json"}} {
		if *folder.path != "" {
			*folder.path = filepath.Join(*folder.path, name+folder.extension)
		}
	}
	f.upload.table, a.table = name, name
	return a.planOne(cmd, f, nil)
}
