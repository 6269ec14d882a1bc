package rowsource

// ahead reads a stream in a goroutine of its own: a file is read, unpacked and hashed while
// its rows are taken apart.
type ahead struct {
	pieces *relay[*piece]
	at     *piece // the piece at hand, or nil before the first one
	unread []byte // of it
}

// piece is a part of a stream, with the error that follows it.
type piece struct {
	buffer [chunkSize]byte
	text   []byte // in the buffer
	err    error
}

// piecesAhead is how many pieces there are at once.
const piecesAhead = 3

// newAhead begins to read. Read fills a part of a buffer. Call close at the end.
func newAhead(read func(buffer []byte) ([]byte, error)) *ahead {
	pieces := make([]*piece, piecesAhead)
	for i := range pieces {
		pieces[i] = &piece{}
	}
	return &ahead{pieces: newRelay(pieces, func(p *piece) (more bool) {
		p.text, p.err = read(p.buffer[:])
		return p.err == nil
	})}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.unread) == 0 {
		if a.at != nil {
			if a.at.err != nil {
				return 0, a.at.err
			}
			a.pieces.free <- a.at
		}
		a.at = <-a.pieces.full
		a.unread = a.at.text
	}
	n := copy(p, a.unread)
	a.unread = a.unread[n:]
	return n, nil
}

// close waits until nobody reads the stream any more.
func (a *ahead) close() { a.pieces.close() }
