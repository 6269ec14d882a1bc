package ledger

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Details are what recovery and history need to know of a step: the column details
// of its audit row, as JSON. A field that is not set is not written; one that a
// tablesnap does not know is ignored, so that a field keeps its meaning for ever.
//
// Tables are names without a schema: all of them are beside the run's table.
//
//	kind                               fields
//	every kind                         table
//	create-shadow, keep-old            from
//	swap-tables                        from: the shadow
//	copy-to-backup, copy-to-preserved  from, columns, version, doc_id, upload_timestamp
//	drop-column, add-column            columns
//	delete-snapshot                    version, piece_rows
//	drop-preserved                     version
//	load                               migration, undoes
//	check                              check
//	the first step of a run            set, set_run
type Details struct {
	// Table is the table that the step creates, fills, changes or drops.
	Table string `json:"table,omitempty"`
	// From is the table whose rows, definition or name the step takes.
	From string `json:"from,omitempty"`
	// Columns are the columns that the step copies, without a backup table's metadata
	// columns, or the one that it drops or adds.
	Columns []string `json:"columns,omitempty"`
	// Version is the version whose rows the step copies or deletes.
	Version *int64 `json:"version,omitempty"`
	// DocID and UploadTimestamp are those of the upload that the copied rows came from.
	// They are not set if the rows came from no upload.
	DocID           *string `json:"doc_id,omitempty"`
	UploadTimestamp *string `json:"upload_timestamp,omitempty"`
	// PieceRows is set if the step deletes rows in several transactions. It is the number
	// of rows in each. Deleted rows then stay deleted after a failure.
	PieceRows int `json:"piece_rows,omitempty"`
	// Migration is the goose migration that made the run.
	Migration *GooseMigration `json:"migration,omitempty"`
	// Undoes is the run that this one undoes.
	Undoes int64 `json:"undoes,omitempty"`
	// Check is the name of the check that the step makes.
	Check string `json:"check,omitempty"`
	// Set is the set of tables that the run belongs to, and SetRun the id that all runs of
	// the set share: that of the first of them.
	Set    string `json:"set,omitempty"`
	SetRun int64  `json:"set_run,omitempty"`
}

// GooseMigration identifies a migration of goose.
type GooseMigration struct {
	Version int64 `json:"version"`
	// File is the name of the migration's file, without its folder.
	File string `json:"file"`
}

// LookedUpDetail is a field of the details whose value is looked up in the database.
type LookedUpDetail struct {
	// Field is the field's name in the JSON. It is not set in Details.
	Field string `json:"field"`
	// JSON is an SQL expression for its value, as JSON.
	JSON string `json:"json"`
}

// pieceRows is the JSON name of [Details.PieceRows].
const pieceRows = "piece_rows"

const noDetails = "{}"

// IsZero reports whether no field is set.
func (d Details) IsZero() bool { return d.JSON() == noDetails }

// JSON is the text of the column details.
func (d Details) JSON() string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(d) // numbers and texts always encode
	return strings.TrimSpace(b.String())
}

// expr is an SQL expression for the column details.
func (d Details) expr(in dialect.Dialect, lookedUp []LookedUpDetail) string {
	if len(lookedUp) == 0 {
		return text(in, d.JSON())
	}
	return asJSON(in, d.textExpr(in, lookedUp))
}

// textExpr is an SQL expression for the text of the details.
func (d Details) textExpr(in dialect.Dialect, lookedUp []LookedUpDetail) string {
	portable, ok := dialect.As[dialect.Portable](in)
	if !ok {
		return text(in, d.JSON())
	}
	if len(lookedUp) == 0 {
		return onLines(in, portable, d.JSON())
	}
	known := strings.TrimSuffix(d.JSON(), "}")
	var parts []string
	for _, l := range lookedUp {
		if known != "{" {
			known += ","
		}
		parts = append(parts, onLines(in, portable, known+`"`+l.Field+`":`), l.JSON)
		known = ""
	}
	return portable.Concat(append(parts, text(in, "}"))...)
}

// longText is the number of bytes from which a text is written on several lines.
const longText = 100

func onLines(d dialect.Dialect, portable dialect.Portable, s string) string {
	if len(s) <= longText {
		return text(d, s)
	}
	return portable.LongText(s, longText)
}

// asJSON is an SQL expression that converts a text to JSON.
func asJSON(d dialect.Dialect, expr string) string {
	if portable, ok := dialect.As[dialect.Portable](d); ok {
		return portable.AsJSON(expr)
	}
	return expr
}

// ParseDetails reads the text of JSON. It ignores unknown fields.
func ParseDetails(text string) (Details, error) {
	var d Details
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return d, fmt.Errorf("read the details of a step: %w", err)
	}
	return d, nil
}
