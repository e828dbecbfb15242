package client

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/url"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// CreateOption changes how a key is created: IdempotencyKey.
type CreateOption interface{ toCreate(*operation) }

// ChangeOption changes how a key, a sub-account or a scope is updated, or a key or a
// scope deleted: IfMatch.
type ChangeOption interface{ toChange(*operation) }

// RotateOption changes how a key is rotated: IfMatch or IdempotencyKey.
type RotateOption interface{ toRotate(*operation) }

// RemoveOption changes how a sub-account is deleted: IfMatch or DeleteAPIKeys.
type RemoveOption interface{ toRemove(*operation) }

// Precondition is what IfMatch returns.
type Precondition struct{ revision int64 }

// IfMatch makes a write happen only if the key, sub-account or scope is still at this
// revision, which is what its Revision said when it was read. Else the write fails
// with ErrStale and nothing is done.
func IfMatch(revision int64) Precondition { return Precondition{revision} }

func (p Precondition) toChange(o *operation) { o.ifMatch = &p.revision }
func (p Precondition) toRotate(o *operation) { o.ifMatch = &p.revision }
func (p Precondition) toRemove(o *operation) { o.ifMatch = &p.revision }

// Cascade is what DeleteAPIKeys returns.
type Cascade struct{}

// DeleteAPIKeys deletes a sub-account together with all of its keys, which stop
// working at once. Without it the server refuses to delete one that has any.
func DeleteAPIKeys() Cascade { return Cascade{} }

func (Cascade) toRemove(o *operation) { o.query = url.Values{"delete_apikeys": {"true"}} }

// Repeatable is what IdempotencyKey returns.
type Repeatable struct{ key api.Secret }

// IdempotencyKey names a create or a rotate, so that a program which died before
// it saw the answer gets the same answer, secret and all, when it sends the same
// request under the same key within 24 hours. It must be 16 to 128 visible ASCII
// characters that nobody can guess, such as a random UUID, and new for each
// request: whoever has it and the credential can ask for the secret again.
//
// Without this option each call makes a fresh one of its own, which covers the
// retries within that call. An empty key is the same as none.
func IdempotencyKey(key string) Repeatable { return Repeatable{api.NewSecret(key)} }

func (r Repeatable) toCreate(o *operation) { o.name(r.key.Reveal()) }
func (r Repeatable) toRotate(o *operation) { o.name(r.key.Reveal()) }

// String does not show the key.
func (Repeatable) String() string { return "[idempotency key]" }

// Format does not show the key, whatever the verb.
func (r Repeatable) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, r.String()) }

// LogValue does not show the key.
func (r Repeatable) LogValue() slog.Value { return slog.StringValue(r.String()) }

// apply lets the options change the operation. A nil one makes the call fail: what it was
// meant to be is not known, and could be the condition that guards a write.
func apply[T any](o *operation, opts []T, change func(T, *operation)) {
	for _, opt := range opts {
		if any(opt) == nil {
			o.flaw = "an option is nil"
			return
		}
		change(opt, o)
	}
}

func (o *operation) name(key string) {
	if key != "" {
		o.idempotencyKey = key
		o.secrets = append(o.secrets, key)
	}
}

// nameAnew gives an operation that has no key yet a fresh one, of at least 128
// random bits.
func (o *operation) nameAnew() {
	if o.idempotencyKey == "" {
		o.name(rand.Text())
	}
}
