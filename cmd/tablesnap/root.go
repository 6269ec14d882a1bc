package main

import (
	"errors"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tablesnap/tablesnap/config"
	"github.com/tablesnap/tablesnap/exec"
	"github.com/tablesnap/tablesnap/internal/nearest"
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
	// setTables are the tables of the set that the command is about.
	setTables []string
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
		Long: `tablesnap replaces the content of a SQL table with the content of a file. It
shows each statement before it runs (plan), keeps the rows that it replaces
(apply), and brings back any earlier version (history, restore).`,
		Example: `# See what an upload would run, then run it.
tablesnap plan prices.csv --table prices --doc-id november
tablesnap apply prices.csv --table prices --doc-id november

# Take it back.
tablesnap restore prices --to 0`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       toolVersion(),
		Args:          cobra.ArbitraryArgs, // with cobra's own error, the exit code would be 1
		RunE:          noVerb,
	}
	root.PersistentPreRunE = a.prepare
	root.SetVersionTemplate("tablesnap {{.Version}}\n")
	root.PersistentFlags().StringVar(&a.dsn, "dsn", defaultDSN, "`URL` the database; or set "+dsnVariable)
	root.PersistentFlags().StringVar(&a.database, "database", "", "`NAME` the database, by its name in the settings")
	root.PersistentFlags().StringVar(&a.config, "config", "", "`FILE` the settings (default: "+config.DefaultName+" in this folder)")
	root.PersistentFlags().DurationVar(&a.stall, "stall-timeout", exec.DefaultStallTimeout, "give up a silent server after this time; 0 never does")
	root.PersistentFlags().Bool("no-color", false, "print without colors; or set NO_COLOR")
	root.SetFlagErrorFunc(wrongFlag)
	root.SetHelpFunc(help)
	root.SetUsageFunc(usage)
	root.AddGroup(verbGroups()...)
	root.AddCommand(inGroup(verbsOfUploads, a.planCommand(), a.applyCommand())...)
	root.AddCommand(inGroup(verbsOfVersions, a.historyCommand(), a.diffCommand(), a.exportCommand(), a.restoreCommand(), a.backupCommand(),
		a.pruneCommand(), a.pinCommand())...)
	root.AddCommand(inGroup(verbsOfLedger, a.auditCommand(), a.recoverCommand(), a.inspectCommand(), a.migrateCommand())...)
	root.AddCommand(a.versionCommand(), manCommand(root))
	a.hideIn(root)
	root.SetGlobalNormalizationFunc(flagName)
	return root
}

// flagName is the name of a flag that has another one on the command line: that of another
// verb, or of an older tablesnap.
func flagName(set *pflag.FlagSet, name string) pflag.NormalizedName {
	other, ok := map[string]string{"version": "to", "output": "out", "null": "null-text"}[name]
	if ok && set.Lookup(other) != nil {
		return pflag.NormalizedName(other)
	}
	return pflag.NormalizedName(name)
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

// wrongFlag names the flag that was meant, if one is likely.
func wrongFlag(cmd *cobra.Command, err error) error {
	hint := ""
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if meant := flagMeant(cmd, unknown.GetSpecifiedName()); meant != "" {
			hint = "; did you mean --" + meant + "?"
		}
	}
	return usagef("%w%s; see: %s --help", err, hint, cmd.CommandPath())
}

// sameFlags are flags that say the same of different verbs, or in the settings.
func sameFlags() [][]string {
	return [][]string{{"to", "version"}, {"columns", "header"}, {"input-format", "format"},
		{"json", "format"}, {"dry-run", "plan"}, {"file", "from"}, {"older-than", "age"}, {"yes", "force"}}
}

// flagMeant is the flag that somebody seems to have meant, or empty.
func flagMeant(cmd *cobra.Command, name string) string {
	var names []string
	for _, flags := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	if meant := nearest.To(name, names); meant != "" {
		return meant
	}
	for _, same := range sameFlags() {
		if !slices.Contains(same, name) {
			continue
		}
		if i := slices.IndexFunc(same, func(n string) bool { return slices.Contains(names, n) }); i >= 0 {
			return same[i]
		}
	}
	return ""
}

// didYouMean is a question with the name that was meant, or empty.
func didYouMean(name string, names []string) string {
	if meant := nearest.To(name, names); meant != "" {
		return "; did you mean " + meant + "?"
	}
	return ""
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
