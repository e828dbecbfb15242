package provider

import (
	"context"
	"sync/atomic"
	"time"
)

// lend returns a context for one call, and what takes it back when the call is over. The
// framework keeps the context of every call until the provider is stopped, which Terraform
// does only where somebody interrupts it: with all that hangs on a context that is 15 kB a
// call, and four calls a key. What is taken back holds nothing any more.
func lend(ctx context.Context) (context.Context, func()) {
	l := &lent{done: ctx.Done()}
	l.of.Store(&ctx)
	return l, func() { l.of.Store(nil) }
}

// lent is a context, and one without values when it was taken back.
type lent struct {
	of   atomic.Pointer[context.Context]
	done <-chan struct{} // closed soon after the call, by who made it
}

// Deadline implements context.Context.
func (l *lent) Deadline() (time.Time, bool) {
	if ctx := l.of.Load(); ctx != nil {
		return (*ctx).Deadline()
	}
	return time.Time{}, false
}

// Done implements context.Context.
func (l *lent) Done() <-chan struct{} { return l.done }

// Err implements context.Context.
func (l *lent) Err() error {
	if ctx := l.of.Load(); ctx != nil {
		return (*ctx).Err()
	}
	select {
	case <-l.done:
		return context.Canceled
	default:
		return nil
	}
}

// Value implements context.Context.
func (l *lent) Value(key any) any {
	if ctx := l.of.Load(); ctx != nil {
		return (*ctx).Value(key)
	}
	return nil
}
