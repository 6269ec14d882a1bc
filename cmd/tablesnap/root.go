package main

import (
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/exec"
)

const (
	defaultDSN         = "sqlite:tablesnap.db"
	dsnVariable        = "TABLESNAP_DSN"
	defaultLockTimeout = 10 * time.Second
)

// version is set by a release. If it is empty, the module's version is used.
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

// app is the state that the verbs share.
type app struct {
	dsn string
	// dsnGiven states that the command line has --dsn. Database is the value of --database.
	dsnGiven bool
	database string
	// stderr is for notes. saidServer states that the note about the server was printed.
	stderr     io.Writer
	saidServer bool
	// table is the table that the command is about, or empty.
	table string
	// config is the name of the settings file, which is read once.
	config   string
	settings func() (config.File, error)
	// lockTimeout is zero for the verbs that have no flag for it.
	lockTimeout time.Duration
	// stall is the stall timeout of all connections.
	stall time.Duration
	// planFormats are the formats of the verb plan.
	planFormats []planFormat
}

func newRoot() *cobra.Command { return newRootWith(planFormats()) }

func newRootWith(formats []planFormat) *cobra.Command {
	a := &app{planFormats: formats}
	root := &cobra.Command{
		Use:   "tablesnap",
		Short: "Replace the content of SQL tables from files, and never lose what stood there",
		Long: `tablesnap replaces all rows of a SQL table with the rows of a file. It shows
every statement before it runs (plan), backs up the rows that stand there,
replaces them in one piece (apply), and remembers each upload (history, audit).`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       toolVersion(),
		Args:          cobra.ArbitraryArgs, // with cobra's own error, the exit code would be 1
		RunE:          noVerb,
	}
	root.PersistentPreRunE = a.prepare
	root.SetVersionTemplate("tablesnap {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.dsn, "dsn", defaultDSN, "the database, as a URL; or the environment variable "+dsnVariable)
	root.PersistentFlags().StringVar(&a.database, "database", "", "the database, by its name in the settings")
	root.PersistentFlags().StringVar(&a.config, "config", "", "the settings (default: "+config.DefaultName+" in the current folder, if it is there)")
	root.PersistentFlags().DurationVar(&a.stall, "stall-timeout", exec.DefaultStallTimeout, "how long a server may show no sign of life before the connection is given up (0: wait for ever)")
	root.PersistentFlags().Bool("no-color", false, "print without colors; or the environment variable NO_COLOR")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w; see: %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(
		a.planCommand(), a.applyCommand(), a.historyCommand(), a.diffCommand(), a.exportCommand(), a.auditCommand(),
		a.restoreCommand(), a.backupCommand(), a.pruneCommand(), a.pinCommand(),
		a.recoverCommand(), a.inspectCommand(), a.migrateCommand(), a.versionCommand(), manCommand(root),
	)
	return root
}

// noVerb runs if the command line names no verb.
func noVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	cmd.SuggestionsMinimumDistance = 2 // cobra sets it only for its own message
	hint := ""
	if alike := cmd.SuggestionsFor(args[0]); len(alike) > 0 {
		hint = "; did you mean " + strings.Join(alike, " or ") + "?"
	}
	return usagef("there is no verb %q%s; see: tablesnap --help", args[0], hint)
}

// args is cobra's check of the arguments, with the exit code of a usage error.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, a []string) error {
		if err := check(cmd, a); err != nil {
			return usagef("%w; write: %s", err, cmd.UseLine())
		}
		return nil
	}
}
