package main

import (
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
	case f.upload.faults.refuseOneFile("all") != nil:
		return f.upload.faults.refuseOneFile("all")
	case (f.format == "json" || f.format == "html") && f.check == "" && f.out == "":
		return usagef("--all prints one text; write plans as %s into a folder with --out or --check", f.format)
	}
	s, err := a.settings()
	if err != nil {
		return err
	}
	names := uploadsOf(s)
	if len(names) == 0 {
		return usagef("--all: the settings name no table with a file")
	}
	return a.forEach(names, func(name string) error { return a.planNamed(cmd, f, name) })
}

// planNamed plans one table of the settings.
func (a *app) planNamed(cmd *cobra.Command, f planFlags, name string) error {
	if err := namesFile(name); err != nil {
		return err
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
	f.upload.table = name
	return a.planOne(cmd, f, nil)
}

// namesFile returns an error if no file can be called after a table.
func namesFile(table string) error {
	if table != filepath.Base(table) || strings.ContainsAny(table, `/\`) || strings.HasPrefix(table, ".") {
		return usagef("a file cannot be called after this table; plan it on its own, without --all")
	}
	return nil
}
