package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// columns says which columns change, or have values that do.
func (s *summary) columns() string {
	said := s.lacking()
	for _, st := range s.p.Steps() {
		if st.Kind == DropColumn {
			said = append(said, strings.Join(st.Details.Columns, ", ")+" is dropped")
		}
	}
	if _, copies := s.p.Find(CopyToBackup); copies && len(said) > 0 {
		said = append(said, "the old values are kept in the backup")
	}
	return strings.Join(append(said, s.staying()...), "; ")
}

// staying says which columns are new, come back, or keep their values.
func (s *summary) staying() []string {
	var said []string
	u := s.p.Upload
	for _, st := range s.p.Steps() {
		if st.Kind == AddColumn {
			said = append(said, strings.Join(st.Details.Columns, ", ")+" is added")
		}
	}
	if r := s.p.Restored; r != nil && len(r.Columns) > 0 {
		said = append(said, strings.Join(r.Columns, ", ")+" come back")
	}
	if len(u.Keeps) > 0 {
		said = append(said, areNotInFile(u.Keeps)+": rows that stay keep their values")
	}
	return said
}

// lacking says what becomes of the columns that the file lacks.
func (s *summary) lacking() []string {
	if s.p.Table == nil || s.p.Operation != OpUpload || s.p.Upload.Strategy == dialect.Sync { // Upload.Keeps says it for a sync
		return nil
	}
	var fates []string
	with := map[string][]string{}
	for _, c := range s.p.Table.Columns {
		if c.Generated != "" || s.inSource(c.Name) || slices.Contains(s.p.Upload.Kind.DropColumns, c.Name) {
			continue
		}
		fate := becomes(c)
		if len(with[fate]) == 0 {
			fates = append(fates, fate)
		}
		with[fate] = append(with[fate], c.Name)
	}
	var said []string
	for _, fate := range fates {
		said = append(said, fmt.Sprintf("%s: all rows get %s", areNotInFile(with[fate]), fate))
	}
	return said
}

func areNotInFile(columns []string) string {
	if len(columns) == 1 {
		return columns[0] + " is not in the file"
	}
	return strings.Join(columns, ", ") + " are not in the file"
}

func (s *summary) inSource(name string) bool {
	return slices.ContainsFunc(s.p.Upload.Source.Columns, func(c rowsource.Column) bool { return c.Name == name })
}

// becomes says what a column holds that gets no value.
func becomes(c dialect.Column) string {
	switch {
	case c.Numbers():
		return "new numbers"
	case c.Default != nil:
		return "the default " + *c.Default
	default:
		return "NULL"
	}
}
