package mysql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/dialect/mysql"
	"github.com/tablesnap/tablesnap/plan"
	"github.com/tablesnap/tablesnap/rowsource"
)

// TestNoTypeKeepsBoth: if no type can store the values of both the backup's column and the
// table's column, planning refuses the upload.
func TestNoTypeKeepsBoth(t *testing.T) {
	const latin1 = "varchar(20) CHARACTER SET latin1 COLLATE latin1_bin"
	for _, c := range []struct {
		d          dialect.Dialect
		have, want string
		refused    bool
	}{
		{mysql.New(), "bit(8)", "int", true},
		{mysql.New(), "float", "varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", true},
		{mysql.NewMariaDB(), latin1, "blob", true},
		{mysql.NewMariaDB(), "blob", "longblob", false},
		{mysql.NewTiDB(), "text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "blob", true},
		{mysql.New(), "text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "blob", false},
	} {
		table := dialect.Table{Ident: dialect.Ident{Schema: "shop", Name: "prices"}, Kind: dialect.BaseTable,
			Columns: []dialect.Column{{Name: "sku", Type: "int", Nullable: true}, {Name: "code", Type: c.have, Nullable: true}}}
		backup := c.d.BackupTable(table, dialect.Ident{Schema: "shop", Name: "prices_backup"}, [4]string{"id", "doc_id", "upload_timestamp", "snapshot_version"})
		table.Columns[1].Type = c.want
		_, err := plan.Build(c.d, plan.Input{
			Target: dialect.Target{Ident: table.Ident, Table: &table, Backup: &backup},
			Source: rowsource.Manifest{Name: "prices.csv", Rows: 1, Columns: []rowsource.Column{{Name: "sku", MaxChars: 1}}},
			Kind:   plan.AnyTable(), DocID: "doc_1",
		})
		if !c.refused {
			if err != nil {
				t.Errorf("%s, %s for %s: %v", c.d.Facts().Name, c.have, c.want, err)
			}
			continue
		}
		says := `its backup table "prices_backup" cannot keep the column "code": the type there is ` + c.have + ", in the table it is " + c.want
		if refused, ok := errors.AsType[*plan.RefusedError](err); !ok || !strings.Contains(refused.Error(), says) {
			t.Errorf("%s: got %v, want a refusal that says %q", c.d.Facts().Name, err, says)
		}
	}
}
