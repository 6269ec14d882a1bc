package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func bindSet(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "set", "", "`NAME` the set of the settings: its tables change together, or none does")
}

// refuseForSet returns an error for what is not for a set, whose tables and files stand in the
// settings.
func (f *uploadFlags) refuseForSet(files []string, all bool) error {
	switch {
	case len(files) > 0 || f.table != "" || all:
		return usagef("--set takes the tables and their files from the settings; write it without FILE, --table and --all")
	default:
		return f.faults.refuseOneFile("set")
	}
}

// openSet opens the source of each table of a set.
func (a *app) openSet(name string, open func(table string) (*openedUpload, error)) ([]*openedUpload, error) {
	s, err := a.settings()
	if err != nil {
		return nil, err
	}
	names, ok := s.Set(name)
	if !ok {
		return nil, usagef("--set %s: the settings have no such set; there is %s%s", name, listOrNone(s.SetNames()), didYouMean(name, s.SetNames()))
	}
	a.setTables = names
	var uploads []*openedUpload
	err = a.forEach(names, func(table string) error {
		u, err := open(table)
		if err == nil {
			uploads = append(uploads, u)
		}
		return err
	})
	return uploads, err
}

// forEach does something for each table of the settings. One that fails does not hide the
// others.
func (a *app) forEach(names []string, do func(name string) error) error {
	var failed unplannedError
	for _, name := range names {
		a.table = name
		if err := a.maskOf(name).hide(do(name)); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
	}
	return failed.orNil()
}

func (a *app) forEachUpload(uploads []*openedUpload, do func(*openedUpload) error) error {
	var failed unplannedError
	for _, u := range uploads {
		err := a.forEach([]string{u.name}, func(string) error { return do(u) })
		if all, ok := errors.AsType[unplannedError](err); ok {
			failed = append(failed, all...)
		}
	}
	return failed.orNil()
}

func closeAll(uploads []*openedUpload) {
	for _, u := range uploads {
		u.close()
	}
}
