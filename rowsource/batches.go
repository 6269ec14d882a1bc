package rowsource

// batches reads the rows of a file in a goroutine of its own, while those before them are
// checked.
type batches struct {
	ahead *relay[*batch]
	at    *batch // the batch at hand, or nil before the first one
	given int    // how many of its rows were given
}

// batch are rows that follow one another. What Next gave after the last row, which ends the
// file, is among them.
type batch struct {
	rows []batchRow
	used int // how many of them are of this batch; the memory of the others is kept
}

// batchRow is what Next gave, with memory for its values that is used again.
type batchRow struct {
	row             Row
	err             error
	values, written []Value
}

const (
	// batchesAhead is how many batches there are at once. With fewer, one side often waits for
	// the other to wake up.
	batchesAhead = 4
	// batchSize is from how many bytes on a batch is full, so that large rows do not take
	// more memory than they must.
	batchSize = 128 << 10
	// valueSize is what a value takes without its text.
	valueSize = 32
)

// newBatches begins to read. Nobody else may use the reader until close was called, except
// for its columns.
func newBatches(r Reader) *batches {
	all := make([]*batch, batchesAhead)
	for i := range all {
		all[i] = &batch{}
	}
	return &batches{ahead: newRelay(all, func(b *batch) (more bool) { return b.fill(r) })}
}

// next is the reader's Next. The last error is given once.
func (b *batches) next() (Row, error) {
	for b.at == nil || b.given == b.at.used {
		if b.at != nil {
			b.ahead.free <- b.at
		}
		b.at, b.given = <-b.ahead.full, 0
	}
	b.given++
	r := &b.at.rows[b.given-1]
	return r.row, r.err
}

func (b *batches) close() { b.ahead.close() }

// fill reads rows until the batch is full, or the file ends.
func (b *batch) fill(r Reader) (more bool) {
	b.used = 0
	for size := 0; size < batchSize; {
		row, err := r.Next()
		size += b.add(row, err)
		if lasting(err) != nil {
			return false
		}
	}
	return true
}

// add adds what Next gave, and returns about how many bytes it takes.
func (b *batch) add(row Row, err error) (size int) {
	if b.used == len(b.rows) {
		b.rows = append(b.rows, batchRow{})
	}
	r := &b.rows[b.used]
	b.used++
	r.values = append(r.values[:0], row.Values...)
	r.row, r.err = NewRow(row.Line, r.values, nil), err
	if row.written != nil {
		r.written = append(r.written[:0], row.written...)
		r.row.written = r.written
	}
	size = valueSize * (1 + len(row.Values))
	for i := range row.Values {
		size += len(row.Values[i].str)
	}
	return size
}
