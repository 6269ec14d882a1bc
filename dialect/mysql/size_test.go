package mysql

import (
	"fmt"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestTooLarge finds the widest tables of two types that are said to fit. The server creates
// them. MySQL creates none that is much wider; MariaDB needs less for a text.
func TestTooLarge(t *testing.T) {
	integer := rowsource.Type{Kind: rowsource.TypeInteger}
	pairs := [][2]rowsource.Type{{{}, {}}, {{}, integer}, {{Kind: rowsource.TypeDecimal, Digits: 5, Scale: 2}, {Kind: rowsource.TypeTimestamp, Scale: 6}}}
	onEach(t, func(t *testing.T, l live) {
		limited, ok := dialect.As[dialect.TableLimiter](l.d)
		if !ok {
			t.Fatal("the family knows no limit")
		}
		for i, pair := range pairs {
			wide := func(columns int) dialect.Table {
				table := dialect.Table{Ident: l.ident(fmt.Sprintf("wide_%d_%d", i, columns))}
				for n := range columns {
					of := pair[n%2]
					table.Columns = append(table.Columns, l.d.NewColumn(dialect.Table{}, dialect.New{Name: fmt.Sprint("c", n), Type: of}))
				}
				return table
			}
			most := 1
			for limited.TooLarge(wide(most+1)) == nil {
				most++
			}
			run(t, l.db, l.d.CreateTable(wide(most)).SQL)
			if l.d.Facts().Name == NameMariaDB {
				continue
			}
			if _, err := l.db.ExecContext(t.Context(), l.d.CreateTable(wide(most+most/20+1)).SQL); err == nil {
				t.Errorf("%v: %d columns fit, and %d are the most by our own account", pair, most+most/20+1, most)
			}
		}
	})
}
