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
	default:
		return nil
	}
}
