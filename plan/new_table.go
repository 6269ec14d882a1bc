package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/nearest"
	"github.com/tablesnap/tablesnap/rowsource"
)

// Types says which types the columns of a new table get.
type Types string

const (
	// TextTypes makes every column text that holds any length.
	TextTypes Types = ""
	// InferTypes looks at all rows of the source; see [rowsource.Infer].
	InferTypes Types = "infer"
)

// newColumn is the column that holds a new column of the source.
func newColumn(d dialect.Dialect, in Input, key []string, f rowsource.Column) dialect.Column {
	n := dialect.New{Name: f.Name}
	if in.Target.Table == nil {
		n.Type = f.Type
	}
	if !slices.Contains(key, f.Name) {
		return d.NewColumn(in.tableNow(), n)
	}
	n.KeyTexts, n.MaxChars = max(1, keyTexts(in.Source, key)), f.MaxChars
	c := d.NewColumn(in.tableNow(), n)
	c.Nullable = false
	return c
}

// keyTexts counts the texts in a key.
func keyTexts(m rowsource.Manifest, key []string) (n int) {
	for _, f := range m.Columns {
		if slices.Contains(key, f.Name) && f.Type.Kind == rowsource.TypeText {
			n++
		}
	}
	return n
}

// newKey is the primary key of the table that an upload creates, in the source's spelling.
func newKey(d dialect.Dialect, in Input) (key []string, err error) {
	if in.Target.Table != nil {
		return nil, nil
	}
	for _, name := range in.Options.PrimaryKey {
		i := slices.IndexFunc(in.Source.Columns, func(f rowsource.Column) bool { return d.SameName(f.Name, name) })
		switch {
		case i < 0:
			return nil, fmt.Errorf("the primary key has the column %q, and %s has none of that name: it has %s", name, in.Source.Name, quoted(in.Source.ColumnNames()))
		case slices.Contains(key, in.Source.Columns[i].Name):
			return nil, fmt.Errorf("the primary key has the column %q twice", name)
		case in.Source.Columns[i].Nulls > 0:
			return nil, fmt.Errorf("%q cannot be in the primary key: it is NULL in %s of %s", name, dialect.Rows(in.Source.Columns[i].Nulls), in.Source.Name)
		}
		key = append(key, in.Source.Columns[i].Name)
	}
	return key, nil
}

// newTable is the table that the upload creates.
func (b builder) newTable() dialect.Table {
	return dialect.Table{Ident: b.ident(), Kind: dialect.BaseTable, Columns: b.columns.load, PrimaryKey: b.columns.key}
}

// tooLarge says why the server could not keep the table that the upload creates, or its
// backup. It is nil if it can.
func (b builder) tooLarge() error {
	limited, ok := dialect.As[dialect.TableLimiter](b.d)
	if !ok || b.table != nil || len(b.columns.load) == 0 {
		return nil
	}
	t := b.newTable()
	for _, made := range []dialect.Table{t, b.d.BackupTable(t, t.Ident, metadataNames(b.d, t))} {
		err := limited.TooLarge(made)
		switch {
		case err == nil:
		case b.opts.Types == TextTypes:
			return remediedBy(RemedyInferTypes, "%w", err)
		default:
			return err
		}
	}
	return nil
}

// similar warns of a table whose name differs from the new one's in a letter or two.
func (b builder) similar() []Warning {
	near := b.in.nearName()
	if b.table != nil || near == "" {
		return nil
	}
	return []Warning{{Code: SimilarName, Message: fmt.Sprintf("%q does not exist and is made, and there is %q: see that the name is right", b.ident().Name, near)}}
}

// nearName is the name of a table that differs from the target's in a letter or two.
// Otherwise it is empty.
func (in Input) nearName() string {
	others := slices.DeleteFunc(slices.Clone(in.Namesakes.Beside), func(name string) bool {
		return isOwnTable(name) || strings.HasSuffix(name, dialect.BackupSuffix)
	})
	return nearest.To(in.Target.Ident.Name, others)
}
