package mysql

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// namedSequence finds nextval(`db`.`s`) in a default, as MariaDB and TiDB write it
// whatever the user wrote. The catalog has no other trace of it. What is in a text or
// in another name is passed over.
var namedSequence = regexp.MustCompile("'(?:[^'\\\\]|\\\\.|'')*'|(?i:nextval)\\((`(?:[^`]|``)+`)\\.(`(?:[^`]|``)+`)\\)|`(?:[^`]|``)+`")

// sequences finds those that defaults take numbers from.
func (in *inspection) sequences(t *dialect.Table) {
	if in.v.catalog().increment == "" {
		return
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Default == nil || c.Generated != "" {
			continue
		}
		for _, m := range namedSequence.FindAllStringSubmatch(*c.Default, -1) {
			if m[1] == "" {
				continue
			}
			s := in.sequence(dialect.Ident{Schema: unquoted(m[1]), Name: unquoted(m[2])})
			kind := parseType(c.Type).family()
			switch {
			case s.Stays != "":
			case kind != familyInteger && kind != familyDecimal:
				s.Stays = "its numbers are a part of a " + c.Type
			case m[0] != *c.Default:
				s.Stays = "the default computes something else of its numbers"
			}
			c.Sequences = append(c.Sequences, s)
		}
	}
}

// sequence looks whether the user may move it, and which way it counts. SETVAL takes
// INSERT, and the look SELECT
// (https://mariadb.com/docs/server/reference/sql-structure/sequences/sequence-functions/setval).
func (in *inspection) sequence(i dialect.Ident) dialect.Sequence {
	s := dialect.Sequence{Name: in.v.QuoteTable(i)}
	increments, err := in.TryNames(fmt.Sprintf(in.v.catalog().increment, s.Name, text(i.Schema), text(i.Name)))
	grants := in.grants()
	if err != nil || len(increments) != 1 || len(grants) > 0 && !grants.allow(i, "INSERT") {
		s.Stays = "you lack the rights SELECT and INSERT on it"
		return s
	}
	s.Descends = increments[0][0] == '-'
	return s
}

// AdvanceSequence moves the sequence that a column's default names on to the last number
// that was loaded. SETVAL never goes back, and takes no expression. A sequence is
// moved at once and for good; if the run fails, some numbers are left out. An
// AUTO_INCREMENT follows the numbers of the rows by itself.
func (d Dialect) AdvanceSequence(t dialect.Table, column string) (setup []dialect.Stmt, move dialect.Stmt) {
	c, _ := t.Column(column, d.SameName)
	moved := slices.IndexFunc(c.Sequences, func(s dialect.Sequence) bool { return s.Stays == "" })
	if moved < 0 {
		return nil, dialect.Stmt{}
	}
	s, last := c.Sequences[moved], "FLOOR(LEAST(MAX(%s), 9223372036854775806))"
	if s.Descends {
		last = "CEILING(GREATEST(MIN(%s), -9223372036854775807))"
	}
	return []dialect.Stmt{
		{SQL: "SET @tablesnap_move = (SELECT COALESCE(CONCAT(" + text("DO SETVAL("+s.Name+", ") + ", " + fmt.Sprintf(last, d.Quote(column)) + ", ')'), 'DO 0') FROM " + d.QuoteTable(t.Ident) + ")",
			Note: "SETVAL takes no expression: the statement is put together here"},
		{SQL: "PREPARE tablesnap_move FROM @tablesnap_move"},
	}, dialect.Stmt{SQL: "EXECUTE tablesnap_move", Note: "the next new row gets a number after those that were loaded"}
}
