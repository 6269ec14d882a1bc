package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Differences says how a plan differs from one that was reviewed, in phrases without a full
// stop. There are none if both have the same [Plan.Hash]. The names in them are those of
// the plan as JSON.
func Differences(reviewed, now Plan) []string {
	if reviewed.Hash() == now.Hash() {
		return nil
	}
	if reviewed.Operation != now.Operation || reviewed.Upload.Table != now.Upload.Table {
		return []string{fmt.Sprintf("it was to %s (%s), and is now to %s (%s)", reviewed.Does(), inFull(reviewed.Upload.Table), now.Does(), inFull(now.Upload.Table))}
	}
	found := slices.Concat(
		changedFields("the file's ", reviewed.file(), now.file()),
		changedFields("the newest version's ", orNone(reviewed.Ledger.Last), orNone(now.Ledger.Last)),
		changedFields("", reviewed.choices(), now.choices()),
		changedTable("the table", reviewed.Table, now.Table),
		changedTable("the backup table", reviewed.Backup, now.Backup),
		changedFields("the server's ", reviewed.Server, now.Server),
		changedFields("", reviewed.notices(), now.notices()),
		changedFields("tablesnap's ", map[string]any{"version": reviewed.Tool}, map[string]any{"version": now.Tool}),
	)
	if !same(reviewed.Session, now.Session) {
		found = append(found, "the settings of the session, such as how long it waits for a lock, are others now")
	}
	if len(found) == 0 { // such as the size of chunks, which only the statements have
		found = append(found, "its statements are others now")
	}
	return found
}

// file is what people know of the file. The rest follows from its SHA-256.
func (p Plan) file() map[string]any {
	src := p.Upload.Source
	return map[string]any{"name": src.Name, "format": src.Format, "sha256": src.SHA256, "rows": src.Rows, "columns": src.ColumnNames(), "read": p.Upload.Read()}
}

// choices are the choices of the user, besides the file.
func (p Plan) choices() map[string]any {
	all := fields(p.Upload)
	for _, name := range []string{"source", "table", "version_made", "version_replaced", "actor"} {
		delete(all, name)
	}
	all["retention"], all["binding"], all["lease"] = p.Retention, p.Binding, p.LeaseFor.String()
	return all
}

// notices are the hazards and warnings by their codes.
func (p Plan) notices() map[string]any {
	all := make(map[string]any)
	add := func(kind string, code Code, says string) {
		name := kind + " " + string(code)
		if before, ok := all[name]; ok {
			says = fmt.Sprintf("%v; %s", before, says)
		}
		all[name] = says
	}
	for _, h := range p.Hazards {
		add("hazard", h.Code, h.Message)
	}
	for _, w := range p.Warnings {
		add("warning", w.Code, w.Message)
	}
	return all
}

// changedTable compares definitions. The columns are told one by one.
func changedTable(what string, was, is *dialect.Table) []string {
	switch {
	case was == nil && is == nil:
		return nil
	case was == nil:
		return []string{what + " did not exist, and does now"}
	case is == nil:
		return []string{what + " does not exist any more"}
	case was.Hash() == is.Hash():
		return nil
	}
	if found := changedFields("the definition of "+what+" has another column ", columnsByName(*was), columnsByName(*is)); len(found) > 0 {
		return found
	}
	return []string{"the definition of " + what + " is another now (a key, an index, a reference, a trigger, or the order of its columns)"}
}

func columnsByName(t dialect.Table) map[string]any {
	columns := make(map[string]any)
	for _, c := range t.Columns {
		columns[c.Name] = c
	}
	return columns
}

// changedFields compares the fields of two values by their names in JSON.
func changedFields(of string, was, is any) []string {
	before, after := fields(was), fields(is)
	names := make(map[string]any)
	maps.Copy(names, before)
	maps.Copy(names, after)
	var found []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !same(before[name], after[name]) {
			found = append(found, fmt.Sprintf("%s%s: %s, now %s", of, strings.ReplaceAll(name, "sha256", "SHA-256"), inText(before[name]), inText(after[name])))
		}
	}
	return found
}

// fields are the fields of a value by their names in JSON. The value is an object there.
func fields(v any) map[string]any {
	var raw map[string]json.RawMessage // a number keeps its digits
	if err := json.Unmarshal(canonical(v), &raw); err != nil {
		panic(err) // a struct or a map of our own
	}
	all := make(map[string]any)
	for name, value := range raw {
		all[name] = value
	}
	return all
}

func orNone(v *dialect.VersionSummary) any {
	if v == nil {
		return map[string]any{}
	}
	return v
}

func same(a, b any) bool { return inText(a) == inText(b) }

// inText is a value as JSON, or "none".
func inText(v any) string {
	text := strings.TrimSpace(string(canonical(v)))
	if text == "null" || text == `""` {
		return "none"
	}
	return text
}
