package rowsource

import "sync"

// ahead reads a stream in a goroutine of its own: a file is read, unpacked and hashed while
// its rows are taken apart.
type ahead struct {
	pieces chan piece  // in order, and closed after the last one
	free   chan []byte // for the next pieces
	at     piece       // the piece at hand
	unread []byte      // of it
	closed sync.Once
}

// piece is a part of a stream, with the error that follows it.
type piece struct {
	text []byte
	err  error
}

// piecesAhead is how many pieces there are at once.
const piecesAhead = 3

// newAhead begins to read. Read fills a part of a buffer. Call close at the end.
func newAhead(read func(buffer []byte) ([]byte, error)) *ahead {
	a := &ahead{pieces: make(chan piece, piecesAhead), free: make(chan []byte, piecesAhead)}
	for range piecesAhead {
		a.free <- make([]byte, chunkSize)
	}
	go a.run(read)
	return a
}

func (a *ahead) run(read func(buffer []byte) ([]byte, error)) {
	defer close(a.pieces)
	for buffer := range a.free {
		text, err := read(buffer)
		a.pieces <- piece{text, err} // there is room for all
		if err != nil {
			return
		}
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.unread) == 0 {
		if a.at.err != nil {
			return 0, a.at.err
		}
		if a.at.text != nil {
			a.free <- a.at.text[:chunkSize]
		}
		a.at = <-a.pieces
		a.unread = a.at.text
	}
	n := copy(p, a.unread)
	a.unread = a.unread[n:]
	return n, nil
}

// close waits until nobody reads the stream any more.
func (a *ahead) close() {
	a.closed.Do(func() {
		for range len(a.free) { // nobody shall use what is there
			select {
			case <-a.free:
			default:
			}
		}
		close(a.free)
		for range a.pieces {
		}
	})
}
