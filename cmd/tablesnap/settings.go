package main

import (
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/rowsource"
)

// prepare reads the database and the table from the command line. The settings file is
// read when it is first needed.
func (a *app) prepare(cmd *cobra.Command, args []string) error {
	a.dsnGiven, a.stderr = cmd.Flags().Changed("dsn"), cmd.ErrOrStderr()
	if a.dsnGiven && a.database != "" {
		return usagef("--dsn and --database both name the database; write one of them")
	}
	a.table = tableOf(cmd, args)
	a.settings = sync.OnceValues(func() (config.File, error) {
		f, err := config.Find(a.config)
		if err != nil {
			err = inputError{err}
		}
		return f, err
	})
	return nil
}

// tableOf is the table that a command is about, or empty.
func tableOf(cmd *cobra.Command, args []string) string {
	if f := cmd.Flags().Lookup("table"); f != nil {
		return f.Value.String()
	}
	words := strings.Fields(cmd.Use)
	if len(args) > 0 && len(words) > 1 && slices.Contains([]string{"T", "[T]"}, words[1]) {
		return args[0]
	}
	return ""
}

// chooseDSN returns the DSN, and its origin for messages. The command line comes first,
// then the table's database in the settings, then the environment.
func (a *app) chooseDSN() (dsn, from string, err error) {
	if a.dsnGiven {
		return a.dsn, "--dsn", nil
	}
	f, err := a.settings()
	if err != nil {
		return "", "", err
	}
	name := a.database
	if t, ok := f.Table(a.table); ok && name == "" {
		name = t.Database
	}
	if name == "" {
		text, from := environmentDSN()
		return text, from, nil
	}
	dsn, err = f.DSN(name, os.Getenv)
	if err != nil {
		return "", "", usagef("%w", err)
	}
	return dsn, "the DSN of the database " + name + ", in " + f.Databases[name].DSNEnv + ",", nil
}

// environmentDSN returns the default DSN if the variable is not set. If it is set but
// empty, it returns the empty DSN, since somebody meant to name a database.
func environmentDSN() (text, from string) {
	if text, set := os.LookupEnv(dsnVariable); set {
		return text, dsnVariable
	}
	return defaultDSN, "the default DSN"
}

// upload opens the file of an upload, from the command line or from the settings. It also
// takes other values that the command line does not set from the settings.
func (a *app) upload(cmd *cobra.Command, f *uploadFlags, files []string) (rowsource.Source, func(), error) {
	s, err := a.settings()
	if err != nil {
		return nil, nil, err
	}
	t, known := s.Table(f.table)
	f.fill(cmd, t)
	if !cmd.Flags().Changed("rejects") && t.Rejects != "" {
		f.faults.rejects = s.Path(t.Rejects)
	}
	f.kinds = s.AllKinds()
	file := ""
	switch {
	case len(files) > 0:
		file = files[0]
	case t.File != "":
		file = s.Path(t.File)
	case known:
		return nil, nil, usagef("which file? the settings name none for the table %q", f.table)
	default:
		return nil, nil, usagef("which file? write %s FILE, or --table T with a table whose file the settings name", cmd.CommandPath())
	}
	o, err := f.read.options(cmd, t)
	if err != nil {
		return nil, nil, err
	}
	return input{file, f.allowUnterminated}.open(cmd.Context(), o)
}

// fill takes values that the command line does not set from the settings of a table.
func (f *uploadFlags) fill(cmd *cobra.Command, t config.Table) {
	for flag, v := range map[string]struct {
		into *string
		of   string
	}{
		"kind": {&f.kind, t.Kind}, "doc-id": {&f.docID, t.DocID}, "upload-timestamp": {&f.timestamp, t.UploadTimestamp},
		"strategy": {&f.strategy, t.Strategy}, "types": {&f.types, t.Types}, "backup": {&f.backup, t.Backup},
	} {
		if !cmd.Flags().Changed(flag) && v.of != "" {
			*v.into = v.of
		}
	}
	if !cmd.Flags().Changed("key") {
		f.key = t.Key
	}
	if !cmd.Flags().Changed("primary-key") {
		f.primaryKey = t.PrimaryKey
	}
	if !cmd.Flags().Changed("max-change") {
		f.maxChange = t.MaxChange
	}
	f.faults.fill(cmd, t)
	f.before, f.after = t.Before, t.After
	f.checks, _ = t.PlanChecks() // they were checked when they were read
	f.retention = t.Retention.Rule(time.Now())
}
