package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tablesnap/tablesnap/rowsource"
)

// Texts are one text or several.
type Texts []string

// UnmarshalYAML reads a text or a list of them.
func (t *Texts) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode((*[]string)(t))
	}
	var one string
	if err := n.Decode(&one); err != nil {
		return err
	}
	*t = Texts{one}
	return nil
}

// ignored is what leaves a column of the file out.
const ignored = "ignore"

// Column is what becomes of a column of the file.
type Column struct {
	// Name is the column's in the table; "" is the file's.
	Name string `yaml:"name"`
	// Ignore leaves the column out.
	Ignore bool `yaml:"ignore"`
	// The others are those of [rowsource.Form].
	Trim     bool     `yaml:"trim"`
	Dates    string   `yaml:"dates"`
	Booleans []string `yaml:"booleans"`
	Decimal  string   `yaml:"decimal"`
}

// UnmarshalYAML reads a name, "ignore", or the keys.
func (c *Column) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if key := n.Content[i]; !slices.Contains([]string{"name", "ignore", "trim", "dates", "booleans", "decimal"}, key.Value) {
				return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: field %s not found in type config.Column", key.Line, key.Value)}}
			}
		}
		type plain Column
		return n.Decode((*plain)(c))
	}
	if err := n.Decode(&c.Name); err != nil {
		return err
	}
	if c.Name == ignored {
		*c = Column{Ignore: true}
	}
	return nil
}

// showsMasked is a column of mask whose value stands in the settings, and so in each plan. It
// is empty if there is none.
func (t Table) showsMasked() string {
	for _, name := range t.Mask {
		for known := range t.Const {
			if strings.EqualFold(name, known) {
				return known
			}
		}
	}
	return ""
}

func (c Column) form() rowsource.Form {
	return rowsource.Form{Trim: c.Trim, Dates: c.Dates, Booleans: c.Booleans, Decimal: c.Decimal}
}

// hasForm reports whether the settings say how the values are written.
func (c Column) hasForm() bool {
	return c.Trim || c.Dates != "" || len(c.Booleans) > 0 || c.Decimal != ""
}

// Read is how the table's file is read.
func (t Table) Read() rowsource.Options {
	o := rowsource.Options{Format: rowsource.Format(t.Format), Null: t.NullText, NullQuoted: t.NullQuoted, Encoding: t.Encoding, Delimiter: t.Delimiter,
		Quote: rowsource.Quote(t.Quote), Decimal: t.Decimal, Skip: t.Skip, SkipLast: t.SkipLast, SkipEmptyRows: t.SkipEmptyRows,
		NoHeader: len(t.Header) > 0, Columns: t.Header, NormalizeHeaders: t.NormalizeHeaders, Const: t.Const, Missing: rowsource.Missing(t.MissingMembers()),
		Sheet: t.Sheet, Range: t.Range, HeaderRow: t.HeaderRow}
	for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
		c := t.Columns[name]
		if c.Ignore {
			o.Ignore = append(o.Ignore, name)
			continue
		}
		to := name
		if c.Name != "" {
			to = c.Name
			set(&o.Renames, name, c.Name)
		}
		if c.hasForm() {
			set(&o.Forms, to, c.form())
		}
	}
	return o
}

func set[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = make(map[string]V)
	}
	(*m)[key] = v
}

// checkRead checks how the file is read; the messages begin with the key.
func (t Table) checkRead() error {
	for _, name := range slices.Sorted(maps.Keys(t.Columns)) {
		c := t.Columns[name]
		switch {
		case name == "", c.Name == "" && !c.Ignore && !c.hasForm():
			return fmt.Errorf("columns gives %q the name %q; both need one", name, c.Name)
		case c.Ignore && (c.Name != "" || c.hasForm()):
			return fmt.Errorf("columns ignores %q, and says more of it", name)
		}
		if err := c.form().Check(); err != nil {
			return fmt.Errorf("columns.%s: %w", name, err)
		}
	}
	switch {
	case !slices.Contains([]string{"", string(rowsource.QuoteNone), string(rowsource.QuoteRFC4180)}, t.Quote):
		return fmt.Errorf("quote is %q; it may be none or rfc4180", t.Quote)
	case !slices.Contains([]string{"", ",", "."}, t.Decimal):
		return fmt.Errorf("decimal is %q; it may be \",\" or \".\"", t.Decimal)
	case t.Skip < 0:
		return fmt.Errorf("skip is %d, and may not be negative", t.Skip)
	case t.SkipLast < 0:
		return fmt.Errorf("skip_last is %d, and may not be negative", t.SkipLast)
	case slices.Contains(t.Header, ""):
		return fmt.Errorf("header has a column without a name")
	}
	return nil
}
