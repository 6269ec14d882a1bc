package rowsource

import (
	"errors"
	"fmt"
)

// checkFormat refuses options that are for other formats.
func (o Options) checkFormat(f Format) error {
	switch {
	case o.Missing != "" && o.Missing != MissingRefused && o.Missing != MissingIsNull:
		return fmt.Errorf("missing members can't mean %q; they may be %s or %s", string(o.Missing), MissingRefused, MissingIsNull)
	case o.Missing != "" && !f.isJSON():
		return errors.New("what missing members mean is an option of JSON")
	case (o.Sheet != "" || o.Range != "" || o.HeaderRow != 0) && !f.isSheet():
		return errors.New("a sheet, a range of cells and the row of the header are options of XLSX and ODS")
	case o.HeaderRow < 0:
		return errors.New("the number of the header's row may not be negative")
	default:
		return nil
	}
}
