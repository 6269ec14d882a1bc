package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tablesnap/tablesnap/dialect"
	"github.com/tablesnap/tablesnap/internal/shell"
	"github.com/tablesnap/tablesnap/rowsource"
)

// refusals are the reasons why an upload cannot be safe.
func refusals(d dialect.Dialect, op Operation, in Input) []error {
	return append(inputRefusals(op, in), tableRefusals(d, op, in)...)
}

// inputRefusals are about the request, whatever the database has.
func inputRefusals(op Operation, in Input) []error {
	var why []error
	add := func(format string, args ...any) { why = append(why, fmt.Errorf(format, args...)) }
	if op == OpUpload && in.DocID == "" {
		add("the upload has no doc_id, by which it would be known")
	}
	if in.Kind.Name == "" || in.Kind.Event == "" {
		add("the kind of upload %q, which is logged as %q, lacks its name or its event; give both, or take one of plan.Kinds", in.Kind.Name, in.Kind.Event)
	}
	if in.Target.Ident.Name == "" {
		add("no table is named")
	}
	for _, word := range []string{in.DocID, in.Timestamp, in.Actor, in.Kind.Name, in.Kind.Event} {
		if !utf8.ValidString(word) { // a saved plan cannot store it
			add("%q is not UTF-8", word)
		}
	}
	if t := in.Options.Types; t != TextTypes && t != InferTypes {
		add("Options.Types is %q; it may be %q, or empty for text", t, InferTypes)
	}
	if p := in.Options.MaxShrink; p != nil && (*p < 0 || *p > 100) {
		add("Options.MaxShrink is %d%%, and must be from 0%% to 100%%", *p)
	}
	if p := in.Options.MaxChange; p != nil && (*p < 0 || *p > 100) {
		add("Options.MaxChange is %d%%, and must be from 0%% to 100%%", *p)
	}
	if wrong := wrongChunk(in.Options.ChunkRows); wrong != "" {
		add("%s", wrong)
	}
	if o := in.Options; o.Lease != 0 && o.Lease < cmp.Or(o.LockTimeout, DefaultLockTimeout) {
		add("Options.Lease is %s, and a statement may wait for a lock longer than that (Options.LockTimeout): another run would take the table over meanwhile", o.Lease)
	}
	if isOwnTable(in.Target.Ident.Name) {
		add("%q is one of tablesnap's own tables", in.Target.Ident.Name)
	}
	return why
}

// numbersRows reports whether the database would number the source's rows.
func numbersRows(t dialect.Table, m rowsource.Manifest) bool {
	return slices.ContainsFunc(t.Columns, func(c dialect.Column) bool {
		return c.Numbers() && !slices.ContainsFunc(m.ColumnNames(), func(n string) bool { return strings.EqualFold(n, c.Name) })
	})
}

// tableRefusals are about the table in the database.
func tableRefusals(d dialect.Dialect, op Operation, in Input) []error {
	t := in.Target.Table
	switch {
	case t == nil:
		if missing := doesNotExist(op, in); missing != nil {
			return []error{missing}
		}
		return nil
	case t.Kind != dialect.BaseTable:
		return []error{fmt.Errorf("%q is a %s; rows are replaced in tables only", t.Ident.Name, t.Kind)}
	case !op.replacesRows() || in.Options.Strategy == dialect.Sync:
		return nil
	}
	var why []error
	if blank := in.Source.Blank; blank.Rows > 0 && numbersRows(*t, in.Source) {
		why = append(why, remediedBy(rowsource.Suggest("skip-empty-rows", ""), "%s has rows of nothing but delimiters, which would become rows with a number and nothing else: %s: remove them, or have them left out", in.Source.Name, blank))
	}
	for _, f := range t.ReferencedBy {
		if f.Occupied && !f.Waits && !f.ChangesRows() && !in.Set.clearsFirst(d, f.Table, t.Ident) {
			refers := fmt.Errorf("rows of %q refer to it (%s, ON DELETE %s), so that it cannot be cleared", f.Table.Name, strings.Join(f.Columns, ", "), f.OnDelete)
			if offersSync(d, in) {
				refers = remediedBy(RemedySync, "%w; the strategy sync changes only the rows that differ", refers)
			}
			why = append(why, refers)
		}
	}
	return why
}

// offersSync reports whether a sync could take the table.
func offersSync(d dialect.Dialect, in Input) bool {
	_, syncs := dialect.As[dialect.Syncer](d)
	return syncs && in.Options.Strategy != dialect.Sync && len(keysOf(in.tableNow())) > 0 && len(d.Unsupported(in.Target, dialect.Sync)) == 0
}

// unsupported are the dialect's reasons. If references or triggers may be among them, they
// name the strategy that leaves those alone.
func (b builder) unsupported() []error {
	why := reasons(b.d.Unsupported(b.in.Target, b.replacesBy())...)
	t := b.tableNow()
	if len(why) > 0 && b.op.replacesRows() && len(t.ForeignKeys)+len(t.ReferencedBy)+len(t.Triggers) > 0 && offersSync(b.d, b.in) {
		why = append(why, remediedBy(RemedySync, "the strategy sync takes the table, since it changes only the rows that differ"))
	}
	return why
}

func isOwnTable(name string) bool {
	return slices.Contains([]string{dialect.RunTable, dialect.AuditTable, dialect.VersionTable, dialect.PinTable, dialect.LeaseTable}, strings.ToLower(name))
}

func wrongChunk(rows int) string {
	if rows < 0 {
		return fmt.Sprintf("Options.ChunkRows is %d, and must be 1 or more", rows)
	}
	return ""
}

// refuseChunks says why the rows cannot be several transactions.
func (b builder) refuseChunks() []error {
	switch {
	case b.in.Options.ChunkRows == 0:
	case b.opts.Strategy == dialect.InPlace:
		return []error{remediedBy(RemedyNoChunks, "chunks are for the strategy swap: in place, all rows are one transaction")}
	case b.opts.Strategy == dialect.Sync && !b.d.Facts().CommitsDefinitions:
		return []error{remediedBy(RemedyNoChunks, "chunks are for the strategy swap: a sync is one transaction")}
	case b.opts.Strategy == dialect.Swap && !b.d.Facts().CommitsDefinitions:
		return []error{fmt.Errorf("there are no chunks: in %s, a swap is one transaction", b.d.Facts().Name)}
	}
	return nil
}

// doesNotExist says why a missing table is not created. It is nil if it may be created.
func doesNotExist(op Operation, in Input) error {
	meant, ident := in.Namesakes, in.Target.Ident
	switch {
	case op != OpUpload:
		return errors.New("the table does not exist")
	case len(meant.Here) > 0:
		return remediedBy(RemedyCreate, "the table does not exist, and %s does; name it %s, or name the table %s and have another made",
			identsOf(meant.Here), dialect.ShellWord(meant.Here[0].Name), shell.Word(dialect.Quoted(ident.Name)))
	case len(meant.Elsewhere) > 0 && !(in.Options.Create && meant.Chosen):
		return remediedBy(RemedyCreate, "the table does not exist in %q, and %s does; %s, or name the table %s and have another made",
			ident.Schema, identsOf(meant.Elsewhere), meant.Reach, shell.Word(dialect.Spelled(ident.Schema)+"."+dialect.Spelled(ident.Name)))
	case !in.Options.Create && in.nearName() != "":
		return remediedBy(RemedyCreate, "the table does not exist; did you mean %s? Otherwise have it made", dialect.ShellWord(in.nearName()))
	case !in.Options.Create:
		return remediedBy(RemedyCreate, "the table does not exist; correct the name, or have it made")
	}
	return nil
}

// identsOf lists the first few tables for a message.
func identsOf(tables []dialect.Ident) string {
	const few = 3
	var names []string
	for _, t := range tables[:min(few, len(tables))] {
		names = append(names, fmt.Sprintf("%q.%q", t.Schema, t.Name))
	}
	if more := len(tables) - few; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
