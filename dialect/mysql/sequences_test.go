package mysql

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tablesnap/tablesnap/dialect"
)

// TestSequencesOfDefaults: inspection finds the sequences in defaults, whatever their
// names, and says why some cannot be advanced.
func TestSequencesOfDefaults(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE SEQUENCE `we``ird (s)`", "CREATE SEQUENCE down INCREMENT BY -2", "CREATE SEQUENCE part",
			"CREATE TABLE t (n INT DEFAULT NEXTVAL(`we``ird (s)`), d DECIMAL(9) DEFAULT (NEXT VALUE FOR down), code VARCHAR(20) DEFAULT (NEXTVAL(part)), v VARCHAR(60) DEFAULT 'nextval(`a`.`b`)')")
		schema := l.ident("t").Schema
		found := map[string][]dialect.Sequence{}
		for _, c := range l.inspect("t").Table.Columns {
			found[c.Name] = c.Sequences
		}
		name := func(s string) string { return l.d.QuoteTable(dialect.Ident{Schema: schema, Name: s}) }
		l.same("the sequences", cmp.Diff(map[string][]dialect.Sequence{
			"n": {{Name: name("we`ird (s)")}}, "d": {{Name: name("down"), Descends: true}},
			"code": {{Name: name("part"), Stays: "its numbers are a part of a " + columnOf(t, l.inspect("t").Table, "code").Type}}, "v": nil,
		}, found), "")
	}, "mysql", "tidb") // TiDB allows a sequence only in the default of an integer column
}

// TestSequenceOfAnother: inspection says if the user may not advance a sequence.
func TestSequenceOfAnother(t *testing.T) {
	onEach(t, func(t *testing.T, l live) {
		run(t, l.db, "CREATE SEQUENCE s", "CREATE SEQUENCE mine", "CREATE TABLE t (n INT DEFAULT NEXTVAL(s), m INT DEFAULT NEXTVAL(mine))")
		schema, admin := l.config.DBName, l.db
		run(t, admin, "CREATE USER "+schema, "GRANT ALL ON `"+schema+"`.t TO "+schema, "GRANT SELECT ON `"+schema+"`.s TO "+schema, "GRANT SELECT, INSERT ON `"+schema+"`.mine TO "+schema)
		t.Cleanup(func() { run(t, admin, "DROP USER "+schema) })
		config := l.config.Clone()
		config.User = schema
		l.db = connect(t, config)
		table := l.inspect("t").Table
		n, m := columnOf(t, table, "n").Sequences, columnOf(t, table, "m").Sequences
		l.same("why they stay", []string{n[0].Stays, m[0].Stays}, []string{"you lack the rights SELECT and INSERT on it", ""})
	}, "mysql")
}
