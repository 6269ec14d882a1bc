package mysql

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/tablesnap/tablesnap/dialect"
)

// namedSequence finds nextval(`db`.`s`) in a default, which is how MariaDB and TiDB write
// it, whatever the user wrote. The catalog shows the sequence nowhere else. The other
// alternatives match string literals and names, to skip a nextval inside them.
var namedSequence = regexp.MustCompile("'(?:[^'\\\\]|\\\\.|'')*'|(?i:nextval)\\((`(?:[^`]|``)+`)\\.(`(?:[^`]|``)+`)\\)|`(?:[^`]|``)+`")

// sequences finds the sequences that the columns' defaults take numbers from.
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

// sequence checks whether the user may advance the sequence, and whether it counts down.
// SETVAL needs the privilege INSERT, and reading the increment needs SELECT
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

// AdvanceSequence sets the sequence of a column's default to the last number that was
// loaded. SETVAL never goes back, and accepts no expression, so the statement is prepared
// from text. A rollback does not undo SETVAL: if the run fails, some numbers stay unused.
// The server advances an AUTO_INCREMENT by itself.
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
