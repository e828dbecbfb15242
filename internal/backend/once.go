package backend

import "sync"

// Once keeps the first good answer of a question that is asked once a process; a failure
// is asked again. It is safe for concurrent use, and asks one at a time.
type Once[T any] struct {
	mu    sync.Mutex
	done  bool
	value T
}

// Get returns the answer, and asks for it while there is none.
func (o *Once[T]) Get(ask func() (T, error)) (T, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.done {
		return o.value, nil
	}
	value, err := ask()
	if err == nil {
		o.value, o.done = value, true
	}
	return value, err
}

// Forget makes the next Get ask again.
func (o *Once[T]) Forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = false
}
