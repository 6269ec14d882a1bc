package rowsource

import "io"

// metered is what the readers of a stream have in common.
type metered struct {
	source  string
	closer  io.Closer
	content *content
	err     error // what ended the rows
}

// metered opens the text of the file. The caller closes raw if that fails.
func (f file) metered(raw io.ReadCloser) (metered, error) {
	c, err := f.openContent(raw)
	return metered{source: f.name, closer: raw, content: c}, err
}

// orClosed is a Reader whose header was read, or the error of that.
func orClosed(r Reader, m metered, err error) (Reader, error) {
	if err != nil {
		m.content.close()
		return nil, err
	}
	return r, nil
}

func (m *metered) Offset() int64      { return m.content.meter.size.Load() }
func (m *metered) Unterminated() bool { return m.content.text.unterminated() }

func (m *metered) Close() error {
	m.content.close()
	return m.closer.Close()
}

func (m *metered) SHA256() string {
	if m.err != io.EOF {
		return ""
	}
	return m.content.meter.sum()
}
