package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// syncKey chooses the key by which rows are matched: the one that the user names, the
// primary key, or a unique key without NULLs. The source must have all of its columns.
func syncKey(d dialect.Dialect, in Input, loaded []dialect.Column) ([]string, error) {
	if len(in.Options.Key) > 0 {
		return namedKey(d, in, loaded)
	}
	t := in.tableNow()
	var lacked []string
	for i, key := range keysOf(t) {
		if i > 0 && !neverNull(d, t, key) {
			continue
		}
		if missing := notLoaded(d, key, loaded); len(missing) == 0 {
			return slices.Clone(key), nil
		}
		lacked = append(lacked, strings.Join(key, ", "))
	}
	if len(lacked) == 0 {
		return nil, remediedBy(RemedyKey, "%q has no primary key and no unique key without NULLs, by which its rows could be matched with those of %s; name the columns that tell them apart", t.Ident.Name, in.Source.Name)
	}
	return nil, remediedBy(RemedyKey, "%s lacks the key of %q (%s), by which rows are matched; add it to the file, or name other columns that tell the rows apart", in.Source.Name, t.Ident.Name, strings.Join(lacked, "; or "))
}

// keysOf are the primary key, if there is one, and the unique keys of plain columns.
func keysOf(t dialect.Table) [][]string {
	keys := [][]string{t.PrimaryKey}
	for _, u := range t.Uniques {
		if isKey(t, u) {
			keys = append(keys, u)
		}
	}
	if len(t.PrimaryKey) == 0 {
		return keys[1:]
	}
	return keys
}

// isKey reports whether a unique index is on columns, and not on expressions or on some of
// the rows.
func isKey(t dialect.Table, unique []string) bool {
	names := dialect.ColumnNames(t.Columns)
	return len(unique) > 0 && !slices.ContainsFunc(unique, func(c string) bool { return !slices.Contains(names, c) })
}

func neverNull(d dialect.Dialect, t dialect.Table, key []string) bool {
	return !slices.ContainsFunc(key, func(name string) bool {
		c, _ := t.Column(name, d.SameName)
		return c.Nullable
	})
}

func notLoaded(d dialect.Dialect, key []string, loaded []dialect.Column) (missing []string) {
	for _, k := range key {
		if _, ok := (dialect.Table{Columns: loaded}).Column(k, d.SameName); !ok {
			missing = append(missing, k)
		}
	}
	return missing
}

func namedKey(d dialect.Dialect, in Input, loaded []dialect.Column) ([]string, error) {
	var key []string
	for _, name := range in.Options.Key {
		c, found := in.column(d, name)
		switch {
		case !found:
			return nil, fmt.Errorf("the key has the column %q, and the table has none of that name", name)
		case slices.Contains(key, c.Name):
			return nil, fmt.Errorf("the key has the column %q twice", c.Name)
		case len(notLoaded(d, []string{c.Name}, loaded)) > 0:
			return nil, fmt.Errorf("the key has the column %q, and %s has none of that name", name, in.Source.Name)
		}
		key = append(key, c.Name)
	}
	return key, nil
}

// uniqueInTable reports whether an index keeps the key unique in the table.
func (b builder) uniqueInTable() bool {
	return slices.ContainsFunc(keysOf(*b.table), func(key []string) bool {
		return !slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(b.sync.key.Columns, c) })
	})
}
