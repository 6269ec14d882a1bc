package ledger

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// legacy reads the audit rows of older tablesnaps, which wrote no details. They left only
// the statement and a message, and no other code reads these. The text that it finds is
// only compared and parsed, and never run.
type legacy struct {
	d      dialect.Dialect
	target dialect.Target
	// The version that the run replaced, and the upload that made it.
	version *int64
	docID   *string
	time    *string
}

// isLegacy reports whether the step has no details. Details always name a table.
func (s Step) isLegacy() bool { return s.Details == nil || s.Details.Table == "" }

// readReplaced looks up the version that the run replaced, and the upload that it came
// from.
func (l *legacy) readReplaced(ctx context.Context, c dialect.Conn, version int64) error {
	l.version = &version
	made, err := Runs(ctx, c, l.d, RunFilter{Table: l.target.Ident.Name, State: Done, Made: MadeVersion})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(made, func(r Run) bool { return r.VersionMade == version })
	if i >= 0 && made[i].DocID != "" {
		l.docID, l.time = &made[i].DocID, &made[i].UploadTimestamp
	}
	return nil
}

// details reconstructs the details of a step. If it cannot, lacks says why.
func (l legacy) details(s Step) (found Details, lacks string) {
	ok := true
	switch kind := StepKind(s.Kind); kind {
	case CopyToBackup, CopyToPreserve:
		found, ok = l.copied(s)
	case DropColumn:
		found, ok = l.droppedColumn(s)
	case KeepOld:
		found, ok = l.named(s, func(in, to dialect.Ident) string { return l.d.RenameTable(l.beside(in, dialect.OldSuffix), to).SQL })
		found.From = l.beside(l.target.Ident, dialect.OldSuffix).Name
	case CreatePreserve:
		found, ok = l.made(s)
	case DropPreserved:
		found, ok = l.named(s, func(_, to dialect.Ident) string { return dialect.DropTable(l.d, to).SQL })
		found.Version = deletedVersion(s)
		ok = ok && found.Version != nil
	case DeleteSnapshot:
		found.Version = deletedVersion(s)
		ok = found.Version != nil
	default:
		found.Table = l.target.Ident.Name
		if why := lacking(kind, found); why != "" {
			return Details{}, why
		}
	}
	if ok || s.State != string(Started) && found.Version == nil && isDeletion(s) { // another run has closed it and replaced its message
		return found, ""
	}
	return Details{}, "an older tablesnap has written it, and this one cannot tell exactly what it says; end the run with the tablesnap that began it (tool_version in " + dialect.RunTable + ")"
}

func isDeletion(s Step) bool {
	return s.Kind == string(DeleteSnapshot) || s.Kind == string(DropPreserved)
}

// spellings are the two ways to write the table's name: with its schema, or without it in
// a goose migration.
func (l legacy) spellings() []dialect.Ident {
	return []dialect.Ident{l.target.Ident, {Name: l.target.Ident.Name}}
}

func (l legacy) beside(table dialect.Ident, suffix string) dialect.Ident {
	return table.InSchemaOf(dialect.SuffixedName(l.d, table.Name, suffix))
}

// copied parses a copy: INSERT INTO backup (doc_id, upload_timestamp, snapshot_version,
// columns…) SELECT …, columns… FROM table.
func (l legacy) copied(s Step) (Details, bool) {
	const metadata = 3
	var to []string
	if l.target.Backup != nil && s.Kind == string(CopyToBackup) {
		to = []string{l.target.Backup.Ident.Name}
	} else if s.Kind == string(CopyToPreserve) {
		to = l.target.Preserved
	}
	for _, in := range l.spellings() {
		for _, name := range to {
			listed := listedColumns(l.d, in.InSchemaOf(name), s.SQLText)
			if len(listed) <= metadata {
				continue
			}
			found := Details{Table: name, Columns: listed[metadata:], Version: l.version, DocID: l.docID, UploadTimestamp: l.time}
			for _, from := range []dialect.Ident{in, l.beside(in, dialect.OldSuffix)} {
				again := l.d.CopyRows(dialect.Copy{From: from, To: in.InSchemaOf(name), Columns: found.Columns}).SQL
				if _, read, ok := strings.Cut(again, "\nSELECT "); ok && strings.HasSuffix(s.SQLText, ", "+read) {
					found.From = from.Name
					return found, true
				}
			}
		}
	}
	return Details{}, false
}

func (l legacy) droppedColumn(s Step) (Details, bool) {
	for _, in := range l.spellings() {
		for _, table := range []dialect.Ident{in, l.beside(in, dialect.ShadowSuffix)} {
			name, behind, ok := l.nameIn(s.SQLText, func(probe string) string { return dialect.DropColumn(l.d, table, probe).SQL })
			if ok && behind == "" {
				return Details{Table: table.Name, Columns: []string{name}}, true
			}
		}
	}
	return Details{}, false
}

// named finds the table whose name ends the statement.
func (l legacy) named(s Step, statement func(in, table dialect.Ident) string) (Details, bool) {
	for _, in := range l.spellings() {
		name, behind, ok := l.nameIn(s.SQLText, func(probe string) string { return statement(in, in.InSchemaOf(probe)) })
		if ok && behind == "" {
			return Details{Table: name}, true
		}
	}
	return Details{}, false
}

// made finds the table that a step has created.
func (l legacy) made(s Step) (Details, bool) {
	for _, in := range l.spellings() {
		name, _, ok := l.nameIn(s.SQLText, func(probe string) string { return "CREATE TABLE " + l.d.QuoteTable(in.InSchemaOf(probe)) })
		if ok {
			return Details{Table: name}, true
		}
	}
	return Details{}, false
}

// nameIn finds the name in a text that statement has built, and the text after it.
func (l legacy) nameIn(text string, statement func(name string) string) (name, behind string, ok bool) {
	const probe = "tablesnap"
	head, tail, _ := strings.Cut(statement(probe), l.d.Quote(probe))
	rest, ok := strings.CutPrefix(text, head)
	if !ok {
		return "", "", false
	}
	if name, behind, ok = cutName(l.d, rest); !ok {
		return "", "", false
	}
	behind, ok = strings.CutPrefix(behind, tail)
	return name, behind, ok
}

// deletedVersion reads the number from a message "version 7, …".
func deletedVersion(s Step) *int64 {
	text, ok := strings.CutPrefix(deref(s.Message), "version ")
	number, _, _ := strings.Cut(text, ",")
	version, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return nil
	}
	return &version
}

// listedColumns are the columns in the list of an INSERT into a table. It is nil for
// another statement.
func listedColumns(d dialect.Dialect, into dialect.Ident, insert string) []string {
	rest, ok := strings.CutPrefix(insert, "INSERT INTO "+d.QuoteTable(into)+" (")
	if !ok {
		return nil
	}
	var found []string
	for {
		name, behind, ok := cutName(d, rest)
		if !ok {
			return nil
		}
		found = append(found, name)
		if strings.HasPrefix(behind, ")") {
			return found
		}
		if rest, ok = strings.CutPrefix(behind, ", "); !ok {
			return nil
		}
	}
}

// cutName cuts a quoted name off the front of a text. A quote inside the name is doubled
// in every family.
func cutName(d dialect.Dialect, text string) (name, behind string, ok bool) {
	quote := d.Quote("")[:1]
	if !strings.HasPrefix(text, quote) {
		return "", "", false
	}
	for at := len(quote); ; {
		next := strings.Index(text[at:], quote)
		if next < 0 {
			return "", "", false
		}
		at += next + len(quote)
		if strings.HasPrefix(text[at:], quote) {
			at += len(quote)
			continue
		}
		name = strings.ReplaceAll(text[len(quote):at-len(quote)], quote+quote, quote)
		return name, text[at:], d.Quote(name) == text[:at]
	}
}
