package rowsource

import "sync"

// relay fills buffers in a goroutine of its own while those that were filled before are
// used.
type relay[B any] struct {
	full   chan B // in order, and closed after the last one
	free   chan B // to fill again
	closed sync.Once
}

// newRelay begins to fill the buffers. Fill reports whether more follows. Call close at the
// end.
func newRelay[B any](buffers []B, fill func(B) (more bool)) *relay[B] {
	r := &relay[B]{full: make(chan B, len(buffers)), free: make(chan B, len(buffers))}
	for _, b := range buffers {
		r.free <- b
	}
	go r.run(fill)
	return r
}

func (r *relay[B]) run(fill func(B) (more bool)) {
	defer close(r.full)
	for b := range r.free {
		more := fill(b)
		r.full <- b // there is room for all
		if !more {
			return
		}
	}
}

// close waits until no buffer is being filled any more.
func (r *relay[B]) close() {
	r.closed.Do(func() {
		for range len(r.free) { // nobody shall fill what is there
			select {
			case <-r.free:
			default:
			}
		}
		close(r.free)
		for range r.full {
		}
	})
}
