package mysql

import (
	"fmt"

	"github.com/tablesnap/tablesnap/dialect"
)

// InnoDB keeps a row in half a page, and of a long value at least outside bytes
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-row-format.html).
const (
	pageRow  = 8126
	outside  = 41
	ownBytes = 24 // of each row, for transactions
)

// maxColumns is the most columns of a table
// (https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html).
const maxColumns = 1017

// TooLarge adds up what InnoDB needs of a row in its page, whatever the row's values are.
// The server does the same when it creates a table.
func (Dialect) TooLarge(t dialect.Table) error {
	if err := tooManyColumns(t); err != nil {
		return err
	}
	size, texts := ownBytes+(len(t.Columns)+7)/8, 0
	for _, c := range t.Columns {
		n := parseType(c.Type).pageBytes()
		size += n
		if n == outside {
			texts++
		}
	}
	if size < pageRow {
		return nil
	}
	return fmt.Errorf("InnoDB keeps a row of %d columns, %d of them of text, only if they are shorter: it has %d bytes for them, and they need %d; leave columns out, or create the table with shorter types",
		len(t.Columns), texts, pageRow, size)
}

// TooLarge knows only a number of columns
// (https://docs.pingcap.com/tidb/stable/tidb-limitations/).
func (TiDB) TooLarge(t dialect.Table) error { return tooManyColumns(t) }

func tooManyColumns(t dialect.Table) error {
	if len(t.Columns) > maxColumns {
		return fmt.Errorf("a table has %d columns at most, and %s would have %d; leave columns out", maxColumns, t.Ident.Name, len(t.Columns))
	}
	return nil
}

// pageBytes is what a value of the type needs of its row's page at most.
func (t columnType) pageBytes() int {
	switch t.family() {
	case familyInteger:
		return t.integerBytes()
	case familyDecimal:
		return (t.arg(0, 10) + 1) / 2
	case familyFloat, familyDate, familyTime, familyYear, familyBit:
		return 8
	default:
		if t.base == "varchar" || t.base == "char" {
			return min(outside, t.arg(0, 1)*t.charBytes()+1)
		}
		return outside
	}
}
