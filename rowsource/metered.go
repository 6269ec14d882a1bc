package rowsource

import "io"

// metered is what the readers of a stream have in common.
type metered struct {
	source  string
	content io.Closer
	meter   *meter
	err     error // what ended the rows
}

func (m *metered) Offset() int64      { return m.meter.size }
func (m *metered) Close() error       { return m.content.Close() }
func (m *metered) Unterminated() bool { return m.meter.unterminated() }

func (m *metered) SHA256() string {
	if m.err != io.EOF {
		return ""
	}
	return m.meter.sum()
}
