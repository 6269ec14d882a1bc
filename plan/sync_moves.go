package plan

import (
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// move says what is done about rows whose new value in a unique key belongs to another row
// that stays.
type move struct {
	unique []string
	what   string
	// park is the column that is NULL in between, for listPark.
	park string
	cond string
}

// moves are in the order in which they count: a row that is replaced needs no parking.
func (b builder) moves() []move {
	var found []move
	for _, unique := range keysOf(*b.table) {
		if m, ok := b.moveOf(unique); ok {
			found = append(found, m)
		}
	}
	rank := []string{listStuck, listReplace, listPark}
	slices.SortStableFunc(found, func(a, c move) int { return slices.Index(rank, a.what) - slices.Index(rank, c.what) })
	return found
}

func (b builder) moveOf(unique []string) (move, bool) {
	if sameSet(unique, b.sync.key.Columns) {
		return move{}, false
	}
	var given []string
	m := move{unique: unique, what: listReplace}
	for _, name := range unique {
		c, ok := (dialect.Table{Columns: b.columns.load}).Column(name, b.d.SameName)
		if !ok || slices.Contains(b.sync.key.Columns, name) {
			continue
		}
		if given = append(given, name); c.Nullable && !slices.Contains(b.table.PrimaryKey, name) {
			m.what, m.park = listPark, name
		}
	}
	if len(given) == 0 {
		return move{}, false
	}
	if m.what == listReplace && (len(b.columns.lack) > 0 || len(b.tableNow().ReferencedBy) > 0 || b.cascadesToItself()) {
		m.what = listStuck // the row would lose values, or what refers to it
	}
	const holder, again = "holder", "holder_staged"
	same := make([]string, len(unique))
	for i, name := range unique {
		value := b.of(dialect.StandingAlias, name)
		if slices.Contains(given, name) {
			value = b.of(dialect.StagedAlias, name)
		}
		same[i] = b.of(holder, name) + " = " + value
	}
	m.cond = b.pair().Only(given...).Differ(b.d, b.sync.syncer) + " AND EXISTS (SELECT 1 FROM " + dialect.Aliased(b.d, b.ident(), holder) +
		" JOIN " + dialect.Aliased(b.d, b.sync.stage.Ident, again) + " ON " + b.sameKeys(holder, again) +
		" WHERE " + strings.Join(same, " AND ") + " AND NOT (" + b.sameKeys(holder, dialect.StandingAlias) + "))"
	return m, true
}

// parkRows makes room: the rows give up the values that others get.
func (b builder) parkRows() []Step {
	var set []dialect.Assignment
	for _, m := range b.moves() {
		null := dialect.Assignment{Column: m.park, Expr: "NULL"}
		if m.what == listPark && !slices.Contains(set, null) {
			set = append(set, null)
		}
	}
	if len(set) == 0 {
		return nil
	}
	return []Step{b.step(ParkRows, b.ident(), b.sync.syncer.UpdateListed(b.listed(listPark), set))}
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// tiedReferences are the table's references to rows that may come after those which refer to
// them: of the table itself, and of tables that are behind it in the set.
func (b builder) tiedReferences() []dialect.ForeignKey {
	refs := b.selfReferences()
	for _, f := range b.table.ForeignKeys {
		if b.in.Set.after(b.d, f.RefTable, b.ident()) {
			refs = append(refs, f)
		}
	}
	return refs
}

// selfReferences are the table's references to itself.
func (b builder) selfReferences() []dialect.ForeignKey {
	return slices.DeleteFunc(slices.Clone(b.table.ForeignKeys), func(f dialect.ForeignKey) bool {
		return !b.d.SameName(f.RefTable.Name, b.ident().Name) || f.RefTable.Schema != b.ident().Schema && f.RefTable.Schema != ""
	})
}

// loose are the columns that are NULL while rows are deleted, so that neither the order of
// the rows nor ON DELETE matters. Attached are those of them that must be NULL until all
// rows are there, since the database checks them at once.
func (b builder) loose(which func(dialect.ForeignKey) bool) (columns []string) {
	for _, f := range b.tiedReferences() {
		for _, name := range f.Columns {
			c, ok := (dialect.Table{Columns: b.columns.load}).Column(name, b.d.SameName)
			if ok && c.Nullable && which(f) && !slices.Contains(columns, name) && !slices.Contains(b.sync.key.Columns, name) {
				columns = append(columns, name)
				break // a reference with a NULL refers to nothing
			}
		}
	}
	return columns
}

func (b builder) detached() []string {
	return b.loose(func(f dialect.ForeignKey) bool { return !f.Waits })
}

// detachRows takes the references to other rows of the table away from the rows that
// change.
func (b builder) detachRows() []Step {
	var set []dialect.Assignment
	for _, name := range b.loose(func(f dialect.ForeignKey) bool { return !f.Waits || f.ChangesRows() }) {
		set = append(set, dialect.Assignment{Column: name, Expr: "NULL"})
	}
	if len(set) == 0 {
		return nil
	}
	return []Step{b.step(DetachRows, b.ident(), b.sync.syncer.UpdateListed(b.listed(listDelete, listUpdate, listPark, listReplace), set))}
}

// attachRows gives them the new ones, once all rows are there.
func (b builder) attachRows() []Step {
	var set []dialect.Assignment
	for _, name := range b.detached() {
		set = append(set, dialect.Assignment{Column: name})
	}
	if len(set) == 0 {
		return nil
	}
	return []Step{b.step(AttachRows, b.ident(), b.sync.syncer.UpdateListed(b.listed(listInsert, listUpdate, listPark, listReplace), set))}
}
