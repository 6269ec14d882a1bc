package main

import (
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

const defaultDSN = "sqlite:tablesnap.db"

// version is set by a release; else the module's version says it.
var version = ""

func toolVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// app is what the verbs share.
type app struct {
	dsn string
}

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "tablesnap",
		Short: "Replace the content of SQL tables from files, and never lose what stood there",
		Long: `tablesnap replaces all rows of a SQL table with the rows of a file. It shows
every statement before it runs (plan), backs up the rows that stand there,
replaces them in one piece (apply), and remembers each upload (history, audit).`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       toolVersion(),
	}
	root.SetVersionTemplate("tablesnap {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.dsn, "dsn", envOr("TABLESNAP_DSN", defaultDSN), "the database, as a URL; or the environment variable TABLESNAP_DSN")
	// The default would print the variable's value, and with it a password.
	root.PersistentFlags().Lookup("dsn").DefValue = defaultDSN
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		a.planCommand(), a.applyCommand(), a.historyCommand(), a.auditCommand(),
		a.inspectCommand(), a.migrateCommand(), a.versionCommand(),
	)
	return root
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// exactArgs is cobra's, with our exit code.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error {
		if err := check(cmd, a); err != nil {
			return usageError{err}
		}
		return nil
	}
}
