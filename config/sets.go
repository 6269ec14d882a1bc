package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/tablesnap/tablesnap/internal/nearest"
)

// Set are the tables of a set, by their names in [File.Tables], in the order of the file.
func (f File) Set(name string) (tables []string, ok bool) {
	members, ok := f.Sets[name]
	for _, m := range members {
		if key, known := f.tableKey(m); known {
			tables = append(tables, key)
		}
	}
	return tables, ok
}

// SetNames are the names of the sets.
func (f File) SetNames() []string { return slices.Sorted(maps.Keys(f.Sets)) }

// setLines are the line of a set's name, and those of its tables.
type setLines struct {
	name   int
	tables []int
}

// linesOfSets are those of each set. An alias has no lines of its own.
func linesOfSets(text []byte) map[string]setLines {
	var file struct {
		Sets yaml.Node `yaml:"sets"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return nil
	}
	lines := map[string]setLines{}
	for i := 0; i+1 < len(file.Sets.Content); i += 2 { // a key, and its value
		name, tables := file.Sets.Content[i], file.Sets.Content[i+1]
		of := setLines{name: name.Line}
		for _, t := range tables.Content {
			of.tables = append(of.tables, t.Line)
		}
		lines[name.Value] = of
	}
	return lines
}

// at is an error about a set, or about one of its tables if i is 0 or more.
func (f File) at(set string, i int, err error) error {
	lines := f.setLines[set]
	line := lines.name
	if i >= 0 && i < len(lines.tables) {
		line = lines.tables[i]
	}
	err = fmt.Errorf("sets.%s %w", set, err)
	if line > 0 {
		err = fmt.Errorf("line %d: %w", line, err)
	}
	return err
}

// theSet stands for the set itself, in place of one of its tables.
const theSet = -1

func (f File) checkSets() error {
	for _, name := range f.SetNames() {
		members := f.Sets[name]
		switch {
		case name == "":
			return f.at(name, theSet, errors.New("has no name"))
		case len(members) == 0:
			return f.at(name, theSet, errors.New("has no tables; list those that are uploaded together"))
		}
		for i := range members {
			if err := f.checkMember(members[:i], members[i]); err != nil {
				return f.at(name, i, err)
			}
		}
	}
	return nil
}

// checkMember checks a table of a set after the tables before it.
func (f File) checkMember(before []string, name string) error {
	key, ok := f.tableKey(name)
	if !ok {
		return fmt.Errorf("has %q, and tables has none of that name%s", name, didYouMean(nearest.To(name, f.TableNames())))
	}
	t := f.Tables[key]
	if t.File == "" {
		return fmt.Errorf("has %q, whose file is not named; write it as tables.%s.file", name, key)
	}
	for _, other := range before {
		first, _ := f.tableKey(other)
		switch {
		case first == key:
			return fmt.Errorf("has %q twice", name)
		case f.Tables[first].Database != t.Database:
			return fmt.Errorf("has tables of several databases, which cannot be uploaded to as one: %q of %s, and %q of %s",
				other, orDefault(f.Tables[first].Database), name, orDefault(t.Database))
		}
	}
	return nil
}

func orDefault(database string) string {
	if database == "" {
		return "the default database"
	}
	return database
}
