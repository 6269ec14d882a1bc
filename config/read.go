package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/nearest"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// sizeLimit is the most bytes that a file may have.
const sizeLimit = 1 << 20

// Read reads a tablesnap.yaml. An unknown key, a repeated key and an impossible value
// are errors, with the line if it is known.
func Read(r io.Reader) (File, error) {
	text, err := io.ReadAll(io.LimitReader(r, sizeLimit+1))
	if err != nil {
		return File{}, err
	}
	if len(text) > sizeLimit {
		return File{}, fmt.Errorf("it has more than %d bytes", sizeLimit)
	}
	var f File
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) { // an empty file knows no table
		return File{}, inALine(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return File{}, errors.New("there is a second document in it")
	}
	f.order, f.setLines = tableOrder(text), linesOfSets(text)
	if err := f.check(); err != nil {
		return File{}, err
	}
	return f, nil
}

// tableOrder are the names of the tables as they follow in the file. A map has no order.
func tableOrder(text []byte) (names []string) {
	var file struct {
		Tables yaml.Node `yaml:"tables"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil // by name then
	}
	for i := 0; i < len(file.Tables.Content); i += 2 { // a key, and its value
		names = append(names, file.Tables.Content[i].Value)
	}
	return names
}

// unknownKey is the library's message, which names a type of ours.
var unknownKey = regexp.MustCompile(`^(line \d+): field (.*) not found in type config\.(\w+)$`)

// keysOf are the keys of a type by its name.
func keysOf(typeName string) (keys []string) {
	for _, v := range []any{File{}, Database{}, Kind{}, Table{}, Retention{}, Column{}, Check{}} {
		for i := range reflect.TypeOf(v).NumField() {
			if key := reflect.TypeOf(v).Field(i).Tag.Get("yaml"); key != "" && reflect.TypeOf(v).Name() == typeName {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// otherKeys are words for keys that have another name: those of flags, and of other programs.
var otherKeys = map[string]string{
	"null": "null_text", "input_format": "format", "map": "columns", "no_header": "header", "dsn": "database", "url": "dsn_env",
	"primary_keys": "primary_key", "keep_days": "older_than", "path": "file",
}

// keyMeant is a question with the key that was meant, or empty.
func keyMeant(key, typeName string) string {
	keys := keysOf(typeName)
	meant := nearest.To(key, keys)
	if other := otherKeys[strings.ReplaceAll(key, "-", "_")]; meant == "" && slices.Contains(keys, other) {
		meant = other
	}
	return didYouMean(meant)
}

// didYouMean asks for a name that was meant, unless it is empty.
func didYouMean(meant string) string {
	if meant == "" {
		return ""
	}
	return "; did you mean " + meant + "?"
}

func kindNames(kinds []plan.Kind) (names []string) {
	for _, k := range kinds {
		names = append(names, k.Name)
	}
	return names
}

// inALine is the first error of the library, in the words of who writes the file.
func inALine(err error) error {
	says := strings.TrimPrefix(err.Error(), "yaml: ")
	if types, ok := errors.AsType[*yaml.TypeError](err); ok {
		says = types.Errors[0]
	}
	for _, tag := range [][2]string{{"!!seq", "!!list"}, {"!!str", "!!text"}, {"!!map", "!!set of keys"}} {
		says = strings.Replace(says, tag[0], tag[1], 1)
	}
	if m := unknownKey.FindStringSubmatch(says); m != nil {
		return fmt.Errorf("%s: there is no key %q here%s", m[1], m[2], keyMeant(m[2], m[3]))
	}
	says, into, _ := strings.Cut(says, " into ")
	if want := inYAML(into); want != "" {
		return errors.New(strings.Replace(says, "cannot unmarshal !!", "write "+want+" here, not a ", 1))
	}
	return errors.New(says)
}

// inYAML is one of our types in the words of who writes the file.
func inYAML(goType string) string {
	switch {
	case goType == "":
		return ""
	case goType == "int":
		return "a whole number"
	case goType == "string":
		return "a text"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	default:
		return "keys with their values"
	}
}

func (f File) check() error {
	for _, name := range slices.Sorted(maps.Keys(f.Databases)) {
		if !variable.MatchString(f.Databases[name].DSNEnv) {
			return fmt.Errorf("databases.%s.dsn_env is %q; write the name of an environment variable, such as PROD_DSN, which holds the DSN", name, f.Databases[name].DSNEnv)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Kinds)) {
		if err := f.Kinds[name].check(); err != nil {
			return fmt.Errorf("kinds.%s.%w", name, err)
		}
		if slices.ContainsFunc(plan.Kinds(), func(k plan.Kind) bool { return k.Name == name }) {
			return fmt.Errorf("kinds.%s is built in; give yours another name", name)
		}
	}
	for _, name := range f.TableNames() {
		if err := f.checkTable(f.Tables[name]); err != nil {
			return fmt.Errorf("tables.%s.%w", name, err)
		}
	}
	return cmp.Or(f.sameTableTwice(), f.checkSets())
}

var (
	variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	event    = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`)
)

// reserved are the events of what is no load of an upload.
func reserved() []string {
	return []string{plan.EventBackup, plan.EventRestore, plan.EventSnapshot, plan.EventPrune}
}

func (k Kind) check() error {
	switch {
	case !event.MatchString(k.Event):
		return fmt.Errorf("event is %q; write capitals, digits and underscores, such as PRICES_UPLOAD", k.Event)
	case slices.Contains(reserved(), k.Event):
		return fmt.Errorf("event is %s, under which tablesnap logs something else", k.Event)
	case slices.Contains(k.DropColumns, ""):
		return errors.New("drop_columns has a column without a name")
	}
	return nil
}

// checkTable checks the values of a table; the messages begin with the key.
func (f File) checkTable(t Table) error {
	kinds := f.AllKinds()
	known := func(name string) bool {
		return slices.ContainsFunc(kinds, func(k plan.Kind) bool { return k.Name == name })
	}
	switch {
	case t.Kind != "" && !known(t.Kind):
		return fmt.Errorf("kind is %q, and there is no such kind%s", t.Kind, didYouMean(nearest.To(t.Kind, kindNames(kinds))))
	case t.Format != "" && !slices.Contains(rowsource.Formats(), rowsource.Format(t.Format)):
		return fmt.Errorf("format is %q; it may be %s", t.Format, listOf(rowsource.Formats()))
	case t.Strategy != "" && t.Strategy != string(dialect.InPlace) && t.Strategy != string(dialect.Swap) && t.Strategy != string(dialect.Sync):
		return fmt.Errorf("strategy is %q; it may be in-place, swap or sync", t.Strategy)
	case t.Backup != "" && t.Backup != string(plan.BackupRows) && t.Backup != string(plan.BackupTable):
		return fmt.Errorf("backup is %q; it may be rows or table", t.Backup)
	case !slices.Contains([]string{"", string(rowsource.MissingRefused), string(rowsource.MissingIsNull)}, t.MissingMembers()):
		return fmt.Errorf("missing is %q; it may be refuse or null", t.MissingMembers())
	case t.MaxChange != "" && !isPercentage(t.MaxChange):
		return fmt.Errorf("max_change is %q; write a percentage from 0%% to 100%%", t.MaxChange)
	case t.MaxBadRows < 0:
		return fmt.Errorf("max_bad_rows is %d, and may not be negative", t.MaxBadRows)
	case t.MaxErrors != "" && !isNumberOrAll(t.MaxErrors):
		return fmt.Errorf("max_errors is %q; write a number from 1 on, or all", t.MaxErrors)
	case slices.Contains(t.Key, ""):
		return errors.New("key has a column without a name")
	case slices.Contains(t.Mask, ""):
		return errors.New("mask has a column without a name")
	case t.showsMasked() != "":
		return fmt.Errorf("const gives the column %q one value for all rows, and mask hides it: a plan names the values of const", t.showsMasked())
	case slices.Contains(t.PrimaryKey, ""):
		return errors.New("primary_key has a column without a name")
	case !slices.Contains([]string{"", "text", string(plan.InferTypes)}, t.Types):
		return fmt.Errorf("types is %q; it may be text or infer", t.Types)
	}
	if t.Database != "" {
		if _, ok := f.Databases[t.Database]; !ok {
			return fmt.Errorf("database is %q, and databases has none of that name", t.Database)
		}
	}
	return cmp.Or(t.checkRead(), t.checkChecks(), t.checkAround(), t.Retention.check())
}

func isNumberOrAll(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "all" || err == nil && n > 0
}

// listOf is "a, b or c".
func listOf(formats []rowsource.Format) string {
	says := ""
	for i, f := range formats {
		switch i {
		case 0:
		case len(formats) - 1:
			says += " or "
		default:
			says += ", "
		}
		says += string(f)
	}
	return says
}

func isPercentage(text string) bool {
	n, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
	return err == nil && n >= 0 && n <= 100
}

func (r *Retention) check() error {
	switch {
	case r == nil:
		return nil
	case r.Keep != 0 && r.OlderThan != "":
		return errors.New("retention has keep and older_than; write one of them")
	case r.OlderThan != "":
		_, err := ParseAge(r.OlderThan)
		if err != nil {
			err = fmt.Errorf("retention.older_than: %w", err)
		}
		return err
	case r.Keep < 1:
		return fmt.Errorf("retention.keep is %d, and must be 1 or more: the newest snapshot always stays", r.Keep)
	}
	return nil
}

// sameTableTwice finds two names that mean one table.
func (f File) sameTableTwice() error {
	names := f.TableNames()
	for i, n := range names {
		if n == "" {
			return errors.New("tables has a table without a name")
		}
		same := func(m string) bool { return dialect.TableName(m) == dialect.TableName(n) }
		if j := slices.IndexFunc(names[:i], same); j >= 0 {
			return fmt.Errorf("tables.%s and tables.%s are the same table", names[j], n)
		}
	}
	return nil
}
