package rowsource

import "errors"

// Remedy is what the user can do about an error. The error says it too, in the
// library's words. A program whose users know the options by other names, such as
// flags, finds the remedy by errors.As and adds its own words.
type Remedy string

// What can be done about rows that a file cannot hold, or not without doubt.
const (
	// RemedyNull is to choose a text for NULL: [Options].Null, or the null of [NewWriter].
	RemedyNull Remedy = "choose a text for NULL"
	// RemedyCSV and RemedyJSONLines are to write another format.
	RemedyCSV       Remedy = "write CSV"
	RemedyJSONLines Remedy = "write JSON Lines"
	// RemedyFormat is to say which format the file has: [Options].Format.
	RemedyFormat Remedy = "give the format"
	// RemedyJSON is to read the file as JSON: [FormatJSON].
	RemedyJSON Remedy = "read the file as JSON"
	// RemedySheet is to choose a sheet: [Options].Sheet.
	RemedySheet Remedy = "choose a sheet"
	// RemedyRange is to say where in a sheet the table stands: [Options].Range and
	// [Options].HeaderRow.
	RemedyRange Remedy = "say where the table stands"
	// RemedyHeader is to say which row has the names: [Options].HeaderRow.
	RemedyHeader Remedy = "choose the header"
	// RemedyMissing is to have missing members mean NULL: [Options].Missing.
	RemedyMissing Remedy = "have missing members mean NULL"
)

// RemedyError is an error with what can be done about it. Its text is that of Err.
type RemedyError struct {
	Remedies []Remedy
	Err      error
}

func (e *RemedyError) Error() string { return e.Err.Error() }

func (e *RemedyError) Unwrap() error { return e.Err }

func remedied(says string, remedies ...Remedy) error {
	return &RemedyError{Remedies: remedies, Err: errors.New(says)}
}
