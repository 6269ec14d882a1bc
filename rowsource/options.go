package rowsource

import (
	"fmt"
	"strings"
)

// Options say how a file is read. The zero Options take everything from its name;
// bytes that stand in no file have none, and need Format, or a Name with an extension.
//
// The [Manifest] records them, so that a saved plan has the file read again in the same
// way. Name and Format stand in the manifest by themselves.
type Options struct {
	Name   string `json:"-"` // in place of the file's base name
	Format Format `json:"-"` // "": by the extension of the file, or of Name where there is no file
	// Null are the unquoted texts that mean NULL. Without any, an empty field does.
	Null []string `json:"null,omitempty"`
	// Renames are columns that have another name from here on: from the name in the
	// file. A name that the file has not, or a name that two columns would have, fails
	// when the source is opened.
	Renames map[string]string `json:"renames,omitempty"`
	// Sheet is the name of a spreadsheet's sheet. Without it, the only visible one that
	// has values is read.
	Sheet string `json:"sheet,omitempty"`
	// Range is the part of the sheet that has the table, such as B3:F200 or B:F.
	Range string `json:"range,omitempty"`
	// HeaderRow is the number of the sheet's row that names the columns. Without it, the
	// first one with values does.
	HeaderRow int `json:"header_row,omitempty"`
	// Missing says what a JSON object without one of the members means.
	Missing Missing `json:"missing,omitempty"`
}

// nulls are the texts that mean NULL.
func (o Options) nulls() []string {
	if len(o.Null) == 0 {
		return []string{""}
	}
	return o.Null
}

// checkText refuses options that a file with delimiters cannot follow.
func checkText(delimiter rune) func(Options) error {
	return func(o Options) error {
		for _, null := range o.nulls() {
			if strings.ContainsAny(null, "\"\r\n"+string(delimiter)) {
				return fmt.Errorf("no value without quotes can read %q, so it can't stand for NULL: choose a text without quotes, delimiters and line ends", null)
			}
		}
		return nil
	}
}

// checkJSONL refuses options that are for text with delimiters.
func checkJSONL(o Options) error {
	for _, null := range o.nulls() {
		if null != "" {
			return fmt.Errorf("a text for NULL (%q) is for CSV and TSV; in JSON Lines NULL is written null", null)
		}
	}
	return nil
}
