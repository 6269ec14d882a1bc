package rowsource

import "errors"

// RowError is an error about one row. After it, unlike after any other error,
// [Reader].Next goes on with the row that follows.
type RowError struct {
	// Cells say what is wrong: one error or more, in the order of the columns.
	Cells []*CellError
	// Fields are the row's texts, if it has other ones than the header has columns.
	Fields []string
}

func (e *RowError) Error() string { return e.Cells[0].Error() }

// Unwrap gives the errors of the cells.
func (e *RowError) Unwrap() []error {
	errs := make([]error, len(e.Cells))
	for i, c := range e.Cells {
		errs[i] = c
	}
	return errs
}

// lasting is the error that a reader gives again and again: none if it goes on.
func lasting(err error) error {
	if err == nil { // which is so for almost all rows
		return nil
	}
	if _, ok := errors.AsType[*RowError](err); ok {
		return nil
	}
	return err
}
