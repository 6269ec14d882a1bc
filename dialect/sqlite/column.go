package sqlite

import (
	"regexp"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/rowsource"
)

const (
	mainSchema = "main"
	// traitStrict marks a STRICT table (https://www.sqlite.org/stricttables.html).
	traitStrict = "strict"
	// traitOnConflict marks a table with an ON CONFLICT clause. After a failed statement,
	// some of its rows may stay in the table (https://www.sqlite.org/lang_conflict.html).
	traitOnConflict = "on-conflict"
)

// affinity is how SQLite converts a value that is stored in a column
// (https://www.sqlite.org/datatype3.html#determination_of_column_affinity).
type affinity string

const (
	affinityInteger affinity = "INTEGER"
	affinityText    affinity = "TEXT"
	affinityBlob    affinity = "BLOB" // stores every value unchanged
	affinityReal    affinity = "REAL"
	affinityNumeric affinity = "NUMERIC"
)

func affinityOf(t dialect.Table, declared string) affinity {
	u := strings.ToUpper(declared)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(u, w) {
				return true
			}
		}
		return false
	}
	switch {
	case t.HasTrait(traitStrict) && u == "ANY":
		return affinityBlob
	case has("INT"):
		return affinityInteger
	case has("CHAR", "CLOB", "TEXT"):
		return affinityText
	case u == "" || has("BLOB"):
		return affinityBlob
	case has("REAL", "FLOA", "DOUB"):
		return affinityReal
	default:
		return affinityNumeric
	}
}

// knownType matches types made of the usual words. SQLite accepts any text as a type, and
// a reserved word if it was quoted.
var knownType = regexp.MustCompile(`(?i)^(?:(?:ANY|BIG|BIGINT|BINARY|BLOB|BOOL|BOOLEAN|CHAR|CHARACTER|CLOB|DATE|DATETIME|DEC|DECIMAL|` +
	`DOUBLE|FLOAT|INT|INT2|INT4|INT8|INTEGER|JSON|MEDIUMINT|NATIVE|NCHAR|NUMBER|NUMERIC|NVARCHAR|PRECISION|REAL|SMALLINT|TEXT|` +
	`TIME|TIMESTAMP|TINYINT|UNSIGNED|UUID|VARBINARY|VARCHAR|VARYING) ?)+(?: ?\( ?[0-9]+ ?(?:, ?[0-9]+ ?)?\))?$`)

// typeText quotes a declared type unless it is a usual one. SQLite reads a quoted type
// back as the same type.
func (d Dialect) typeText(declared string) string {
	if declared == "" || knownType.MatchString(declared) {
		return declared
	}
	return d.Quote(declared)
}

func (d Dialect) ColumnDefinition(c dialect.Column) string {
	def := d.Quote(c.Name)
	if t := d.typeText(c.Type); t != "" {
		def += " " + t
	}
	if !c.Nullable {
		def += " NOT NULL"
	}
	return def
}

// NewColumn has the types that people write. A decimal is text, since SQLite would keep it
// as floating point (https://www.sqlite.org/datatype3.html).
func (Dialect) NewColumn(_ dialect.Table, n dialect.New) dialect.Column {
	c := dialect.Column{Name: n.Name, Type: "TEXT", Nullable: true}
	switch n.Type.Kind {
	case rowsource.TypeInteger:
		c.Type = "INTEGER"
	case rowsource.TypeReal:
		c.Type = "REAL"
	case rowsource.TypeDate:
		c.Type = "DATE"
	case rowsource.TypeTimestamp:
		c.Type = "TIMESTAMP"
	case rowsource.TypeBoolean:
		c.Type = "BOOLEAN"
	case rowsource.TypeBytes:
		c.Type = "BLOB"
	default:
	}
	return c
}

// BackupColumn has the original's type and so its affinity, which leaves the original's
// values unchanged.
func (Dialect) BackupColumn(c dialect.Column) dialect.Column {
	return dialect.Column{Name: c.Name, Type: c.Type, Nullable: true}
}

// BackupTable is strict if the original is: the type ANY keeps '007' only in a strict
// table.
func (d Dialect) BackupTable(t dialect.Table, ident dialect.Ident, metadata [4]string) dialect.Table {
	b := dialect.Table{
		Ident: ident,
		Kind:  dialect.BaseTable,
		Columns: []dialect.Column{
			{Name: metadata[0], Type: "INTEGER", Nullable: true, Assigned: true},
			{Name: metadata[1], Type: "TEXT", Nullable: true},
			{Name: metadata[2], Type: "TEXT", Nullable: true},
			{Name: metadata[3], Type: "INTEGER", Nullable: true},
		},
		PrimaryKey: []string{metadata[0]},
	}
	if t.HasTrait(traitStrict) {
		b.Traits = []string{traitStrict}
	}
	for _, c := range t.Columns {
		b.Columns = append(b.Columns, d.BackupColumn(c))
	}
	return b
}

// CanStore compares affinities. A column of another affinity may change a value. A column
// with no type (or, in a strict table, of type ANY) keeps every value.
func (Dialect) CanStore(backup, original dialect.Table, have, want dialect.Column) (bool, dialect.Column) {
	h, w := affinityOf(backup, have.Type), affinityOf(original, want.Type)
	strict := backup.HasTrait(traitStrict)
	keepsAll := h == affinityBlob && (!strict || strings.EqualFold(have.Type, "ANY"))
	// In a strict table, a column of type BLOB accepts only blobs, although it has the same
	// affinity as ANY.
	keepsSame := h == w && (!strict || original.HasTrait(traitStrict) && !strings.EqualFold(want.Type, "ANY"))
	if keepsAll || keepsSame {
		return true, have
	}
	have.Type = "BLOB"
	if strict {
		have.Type = "ANY"
	}
	return false, have
}
