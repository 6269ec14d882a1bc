package mysql

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
)

// mention is a text in the catalog that may name a column.
type mention struct {
	text  string
	where string // which object has the text
}

// dropBreaks finds what dropping a column would break, or change without an error. MySQL
// turns a UNIQUE (a, b) into UNIQUE (a) when b is dropped, and keeps triggers and views
// that can no longer run.
func (in *inspection) dropBreaks(t *dialect.Table) {
	if t.Kind != dialect.BaseTable || in.Err != nil {
		return
	}
	mentions := slices.Concat(in.checkMentions(*t), in.otherMentions(*t))
	for i, c := range t.Columns {
		why := keyBreaks(*t, c)
		for _, m := range mentions {
			if names(m.text, c.Name) {
				why = append(why, "it is named in "+m.where)
			}
		}
		for _, other := range t.Columns {
			if other.Name != c.Name && other.Default != nil && !literalDefault.MatchString(*other.Default) && names(*other.Default, c.Name) {
				why = append(why, fmt.Sprintf("column %q is computed from it", other.Name))
			}
		}
		if t.HasTrait(traitCached) {
			why = append(why, "a cached table cannot be altered")
		}
		if len(t.Columns) == 1 {
			why = append(why, "the table has no other column")
		}
		t.Columns[i].DropBreaks = strings.Join(why, ", ")
	}
}

// literalDefault matches a text, the bits of a BIT, or a number.
var literalDefault = regexp.MustCompile(`(?s)^(?:[bBxX]?'.*'|[-+0-9.eE]+)$`)

func keyBreaks(t dialect.Table, c dialect.Column) (why []string) {
	if slices.Contains(t.PrimaryKey, c.Name) {
		why = append(why, "it is in the primary key")
	}
	for _, u := range t.Uniques {
		if slices.Contains(u, c.Name) {
			why = append(why, "it is in the unique key ("+strings.Join(u, ", ")+")")
		}
	}
	for _, f := range t.ForeignKeys {
		if slices.Contains(f.Columns, c.Name) || f.RefTable == t.Ident && slices.Contains(f.RefColumns, c.Name) {
			why = append(why, "it is in the foreign key "+f.Name)
		}
	}
	for _, f := range t.ReferencedBy {
		if slices.Contains(f.RefColumns, c.Name) {
			why = append(why, fmt.Sprintf("the foreign key %s of %q refers to it", f.Name, f.Table.Name))
		}
	}
	if t.HasTrait(traitVersioned) {
		why = append(why, "the table is system-versioned")
	}
	return why
}

// checkMentions leaves out checks of the column alone, which are dropped with it.
func (in *inspection) checkMentions(t dialect.Table) []mention {
	var found []mention
	if in.v.catalog().namedChecks != "" && len(in.namedChecks) == 0 {
		return nil
	}
	for _, check := range in.optional(in.v.catalog().checks, t.Ident) {
		columns := 0
		for _, c := range t.Columns {
			if names(check, c.Name) {
				columns++
			}
		}
		if columns > 1 {
			found = append(found, mention{check, "the check " + check})
		}
	}
	return found
}

const selectPartitioning = `SELECT DISTINCT concat_ws(' ', partition_expression, subpartition_expression)
	FROM information_schema.partitions WHERE table_schema = ? AND table_name = ? AND partition_expression IS NOT NULL`

// hasExpressionKey reports whether a key of the table has an expression instead of a
// column.
func hasExpressionKey(t dialect.Table) bool {
	keys := append(slices.Clone(t.Uniques), t.PrimaryKey)
	for _, i := range t.Indexes {
		keys = append(keys, i.Columns)
	}
	return slices.Contains(slices.Concat(keys...), expressionKey)
}

func (in *inspection) otherMentions(t dialect.Table) []mention {
	var found []mention
	if hasExpressionKey(t) {
		for _, expr := range in.optional(in.v.catalog().indexExpresses, t.Ident) {
			found = append(found, mention{expr, "the expression of an index"})
		}
	}
	if t.HasTrait(traitPartitioned) {
		for _, expr := range in.Names(selectPartitioning, t.Ident.Schema, t.Ident.Name) {
			found = append(found, mention{expr, "the partitioning"})
		}
	}
	pairs := func(query string, what string, args ...any) {
		in.Each(func(r *sql.Rows) error {
			var name, definition string
			err := r.Scan(&name, &definition)
			found = append(found, mention{definition, what + name})
			return err
		}, query, args...)
	}
	// A trigger in another database names the table with its database.
	if in.v.catalog().triggers == hasTriggers {
		pairs(`SELECT trigger_name, action_statement FROM information_schema.triggers
			WHERE locate(?, action_statement) > 0 AND (trigger_schema = ? OR locate(?, action_statement) > 0)
				OR event_object_schema = ? AND event_object_table = ?`, "the trigger ",
			t.Ident.Name, t.Ident.Schema, t.Ident.Schema, t.Ident.Schema, t.Ident.Name)
	}
	pairs(`SELECT table_name, view_definition FROM information_schema.views
		WHERE locate(concat('`+"`', ?, '`"+`'), view_definition) > 0
			AND (table_schema = ? OR locate(concat('`+"`', ?, '`"+`'), view_definition) > 0) AND table_schema `+notOfServer, "the view ",
		t.Ident.Name, t.Ident.Schema, t.Ident.Schema)
	return found
}

// optional runs a query that only some servers have.
func (in *inspection) optional(query string, t dialect.Ident) []string {
	if query == "" {
		return nil
	}
	return in.Names(query, t.Schema, t.Name)
}

// names reports whether an SQL text has the name as a separate word, with or without
// quotes.
func names(sqlText, name string) bool {
	s, name := strings.ToLower(sqlText), strings.ToLower(name)
	for from := 0; ; {
		at := strings.Index(s[from:], name)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+len(name):])
		if !isWord(before) && !isWord(after) {
			return true
		}
		from = at + 1
	}
}

func isWord(r rune) bool {
	return r == '_' || r == '$' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
