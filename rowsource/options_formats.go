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
	case (o.Sheet != "" || o.Range != "") && !f.isSheet():
		return errors.New("a sheet and a range of cells are options of XLSX and ODS")
	case o.HeaderRow != 0 && !f.isSheet() && f.delimiter() == 0:
		return errors.New("the row of the header is an option of XLSX, ODS, CSV and TSV")
	case o.HeaderRow != 0 && o.Skip != 0:
		return errors.New("the row of the header and the lines before it say the same: give one of them")
	case o.HeaderRow < 0:
		return errors.New("the number of the header's row may not be negative")
	default:
		return nil
	}
}
