package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// DefaultName is the file that is read where nobody names one.
const DefaultName = "tablesnap.yaml"

// RemedyConfig is to give [Find] the name of the file.
const RemedyConfig plan.Remedy = "name the settings"

// otherName is what people call it as well.
const otherName = "tablesnap.yml"

// File is a tablesnap.yaml. The zero File knows no table.
type File struct {
	Databases map[string]Database `yaml:"databases"`
	Kinds     map[string]Kind     `yaml:"kinds"`
	Tables    map[string]Table    `yaml:"tables"`
	// Sets are tables that are uploaded together, by the name of the set. See [File.Set].
	Sets map[string][]string `yaml:"sets"`
	// name is that of the file; what it names is relative to its folder.
	name string
	// order are the names of the tables as they follow in the file.
	order []string
	// setLines are the lines of the sets in the file, and of their tables.
	setLines map[string]setLines
}

// Database is a database by name.
type Database struct {
	// DSNEnv is the environment variable that holds the DSN.
	DSNEnv string `yaml:"dsn_env"`
}

// Kind is a kind of upload beside the built-in ones.
type Kind struct {
	Event       string   `yaml:"event"`
	DropColumns []string `yaml:"drop_columns"`
}

// Table is how a table is uploaded to where the command line does not say.
type Table struct {
	File            string `yaml:"file"`
	Format          string `yaml:"format"`
	Kind            string `yaml:"kind"`
	DocID           string `yaml:"doc_id"`
	UploadTimestamp string `yaml:"upload_timestamp"`
	Database        string `yaml:"database"`
	Strategy        string `yaml:"strategy"`
	// Backup is rows or table: how a swap keeps the old rows.
	Backup string `yaml:"backup"`
	// Types and PrimaryKey are those of [plan.Options]; Types may be "text" too.
	Types      string   `yaml:"types"`
	PrimaryKey []string `yaml:"primary_key"`
	// Key are the columns by which a sync matches rows, and MaxChange is the most of them
	// that it may delete or update, as a percentage.
	Key       []string `yaml:"key"`
	MaxChange string   `yaml:"max_change"`
	// MaxBadRows is the most rows that are left out because the table cannot take them,
	// MaxErrors is how many of their faults are named (a number, or all), and Rejects is the
	// CSV file for them.
	MaxBadRows int64  `yaml:"max_bad_rows"`
	MaxErrors  string `yaml:"max_errors"`
	Rejects    string `yaml:"rejects"`
	// Checks are the conditions that the new rows must meet.
	Checks []Check `yaml:"checks"`
	// Before and After are statements around the upload.
	Before Texts `yaml:"before"`
	After  Texts `yaml:"after"`
	// Mask are the columns whose values are shown nowhere but in the table and in scripts.
	Mask []string `yaml:"mask"`
	// NullText are the unquoted texts that mean NULL, nil for the format's own way.
	NullText Texts `yaml:"null_text"`
	// Sheet, Range and HeaderRow say where in a spreadsheet the table stands.
	Sheet     string `yaml:"sheet"`
	Range     string `yaml:"range"`
	HeaderRow int    `yaml:"header_row"`
	// NullQuoted, Encoding and so on are those of [rowsource.Options].
	NullQuoted       bool              `yaml:"null_quoted"`
	Encoding         string            `yaml:"encoding"`
	Delimiter        string            `yaml:"delimiter"`
	Quote            string            `yaml:"quote"`
	Decimal          string            `yaml:"decimal"`
	Skip             int               `yaml:"skip"`
	SkipLast         int               `yaml:"skip_last"`
	SkipEmptyRows    bool              `yaml:"skip_empty_rows"`
	NormalizeHeaders bool              `yaml:"normalize_headers"`
	Const            map[string]string `yaml:"const"`
	// Missing is a node, since YAML takes the word null for no value. See
	// [Table.MissingMembers].
	Missing yaml.Node `yaml:"missing"`
	// Header are the columns of a file without a header.
	Header []string `yaml:"header"`
	// Columns are the file's columns that have another name in the table, or other values
	// than a database reads.
	Columns   map[string]Column `yaml:"columns"`
	Retention *Retention        `yaml:"retention"`
}

// Retention says which snapshots of a table an upload deletes at its end. One of
// the two is set.
type Retention struct {
	Keep      int    `yaml:"keep"`
	OlderThan string `yaml:"older_than"`
}

// Find reads the file named, or [DefaultName] in the working directory where none
// is, if there is one.
func Find(name string) (File, error) {
	if name != "" {
		return ReadFile(name)
	}
	if _, err := os.Stat(otherName); err == nil {
		return File{}, &plan.RemedyError{Remedies: []plan.Remedy{RemedyConfig}, Err: fmt.Errorf("read the settings: %s is not read; rename it to %s, or name it", otherName, DefaultName)}
	}
	f, err := ReadFile(DefaultName)
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, nil
	}
	return f, err
}

// ReadFile reads a file. Its errors name it, and the line where there is one.
func ReadFile(name string) (File, error) {
	content, err := os.Open(name)
	if err != nil {
		return File{}, fmt.Errorf("read the settings: %w", err)
	}
	defer content.Close()
	f, err := Read(content)
	if err != nil {
		return File{}, fmt.Errorf("read the settings in %s: %w", name, err)
	}
	f.name = name
	return f, nil
}

// TableNames are the names of the tables in the order of the file. Tables that were not
// read from a file follow by their names.
func (f File) TableNames() []string {
	known := func(name string) bool { _, ok := f.Tables[name]; return ok }
	names := slices.DeleteFunc(slices.Clone(f.order), func(name string) bool { return !known(name) })
	for _, name := range slices.Sorted(maps.Keys(f.Tables)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Table returns what the file says of a table, under its own name, the display name
// ("HR Panel" for hr_panel), or its name with a schema or in quotes.
func (f File) Table(name string) (Table, bool) {
	key, ok := f.tableKey(name)
	return f.Tables[key], ok
}

// tableKey is the name under which the file has a table.
func (f File) tableKey(name string) (string, bool) {
	if _, ok := f.Tables[name]; ok {
		return name, true
	}
	asked, err := dialect.ParseReference(name)
	if err != nil {
		return "", false
	}
	for _, n := range f.TableNames() {
		if known, err := dialect.ParseReference(n); err == nil && known.Same(asked) {
			return n, true
		}
	}
	return "", false
}

// Path is the place of a file that the settings name.
func (f File) Path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(f.name), filepath.FromSlash(name))
}

// AllKinds are the built-in kinds, and those of the file in order.
func (f File) AllKinds() []plan.Kind {
	kinds := plan.Kinds()
	for _, name := range slices.Sorted(maps.Keys(f.Kinds)) {
		kinds = append(kinds, plan.Kind{Name: name, Event: f.Kinds[name].Event, DropColumns: f.Kinds[name].DropColumns})
	}
	return kinds
}

// DSN looks a database's DSN up with getenv.
func (f File) DSN(database string, getenv func(string) string) (string, error) {
	d, ok := f.Databases[database]
	if !ok {
		return "", fmt.Errorf("there is no database %q in the settings; there are %v", database, slices.Sorted(maps.Keys(f.Databases)))
	}
	dsn := getenv(d.DSNEnv)
	if dsn == "" {
		return "", fmt.Errorf("the environment variable %s, which holds the DSN of the database %q, is not set", d.DSNEnv, database)
	}
	return dsn, nil
}

// MissingMembers says what a JSON object without one of the members means: refuse, null, or
// nothing if the file does not say it.
func (t Table) MissingMembers() string {
	if t.Missing.Tag == "!!null" {
		return string(rowsource.MissingIsNull)
	}
	return t.Missing.Value
}
