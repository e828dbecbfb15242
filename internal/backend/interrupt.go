package backend

import "context"

type interruptKey struct{}

// WithInterrupt returns ctx, which goes on when the user interrupts, with by, which ends
// then.
func WithInterrupt(ctx, by context.Context) context.Context {
	return context.WithValue(ctx, interruptKey{}, by)
}

// Interruptible is the context for what may be broken off without a trace, such as the
// time before a request is sent: it ends when the user interrupts, also where ctx goes on.
func Interruptible(ctx context.Context) context.Context {
	if by, ok := ctx.Value(interruptKey{}).(context.Context); ok {
		return by
	}
	return ctx
}
