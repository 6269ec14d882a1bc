package testservers

import "sync"

// Free are things that tests have given back, for the next ones to use.
type Free[T any] struct {
	mu    sync.Mutex
	given []T
}

// Take returns what was given back last, if there is any.
func (f *Free[T]) Take() (T, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := len(f.given) - 1
	if last < 0 {
		var none T
		return none, false
	}
	taken := f.given[last]
	f.given = f.given[:last]
	return taken, true
}

// Give gives something back.
func (f *Free[T]) Give(back T) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.given = append(f.given, back)
}
