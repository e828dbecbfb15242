package keyring

import (
	"context"
	"errors"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// step is what a write has decided to do, and what the audit trail says about it.
type step struct {
	event
	do func(Writer) error
}

// decide checks a request and returns what is to be done. A nil step means that
// nothing is to be written. It only reads, as it runs twice: see Keyring.write.
type decide func(ctx context.Context, r Reader, who Caller) (*step, error)

// decisionTimeout bounds a decision that does not look at its caller's context.
const decisionTimeout = 10 * time.Second

// deciding is a context for what must come to its end once it has begun: a caller that
// leaves early must neither keep its denial out of the trail, nor get an answer
// that differs by what was found so far.
func deciding(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), decisionTimeout)
}

// maxWriteTries is how often a write begins anew because the account's scopes have
// changed while it waited for the lock. Each time another write has succeeded.
const maxWriteTries = 20

// errScopesChanged ends an attempt that was checked against other scopes.
var errScopesChanged = errors.New("the account's scopes have changed meanwhile")

// write decides behind a gate what is to be done, and does it in one transaction with
// its audit record. A denial, by the gate or by the decision, undoes all and is
// recorded.
//
// There is one write lock for all accounts. So the decision is made on a snapshot
// first: a refusal never takes the lock, however much work its checks are. What
// passes takes the lock and is decided once more, as the state can have moved. What
// reads many records at once takes k.view for the snapshot, the rest k.lookup.
func (k *Keyring) write(ctx context.Context, on snapshot, who Caller, admit gate, action, target string, decision decide) error {
	err := errScopesChanged
	for range maxWriteTries {
		if err = k.tryWrite(ctx, on, who, admit, action, decision); !errors.Is(err, errScopesChanged) {
			break
		}
	}
	if errors.Is(err, errScopesChanged) {
		err = &Error{Code: api.CodeStorageUnavailable, Message: "The account's scopes are being changed too often. Nothing was written; try again.", cause: err}
	}
	return k.denied(ctx, who, action, target, err)
}

func (k *Keyring) tryWrite(ctx context.Context, on snapshot, who Caller, admit gate, action string, decision decide) error {
	var first Caller
	nothing := false
	err := k.decided(ctx, on, func(ctx context.Context, r Reader) error {
		var err error
		if first, err = k.caller(ctx, r, who.credential(), who.origin); err != nil {
			return err
		}
		now, err := admit(ctx, r, first.In(who.handle))
		if err != nil {
			return err
		}
		next, err := decision(ctx, r, now)
		nothing = next == nil
		return err
	})
	if err != nil || nothing {
		return err
	}
	return k.update(ctx, who.Account.ID, func(w Writer) error {
		now, err := k.callerWith(ctx, w, who.credential(), who.origin, first.sameScopes)
		if err != nil {
			return err
		}
		if now, err = admit(ctx, w, now.In(who.handle)); err != nil {
			return err
		}
		next, err := decision(ctx, w, now)
		if err != nil || next == nil {
			return err
		}
		if err := next.do(w); err != nil {
			return err
		}
		next.Action = action
		return k.record(ctx, w, now, next.event)
	})
}

// decided runs fn on a snapshot, up to its end: see deciding.
func (k *Keyring) decided(ctx context.Context, on snapshot, fn func(context.Context, Reader) error) error {
	ctx, cancel := deciding(ctx)
	defer cancel()
	return on(ctx, func(r Reader) error { return fn(ctx, r) })
}

// sameScopes returns the caller's catalogue again as long as the account's scopes are
// the same. To read and to close over the scopes of an account can be much work,
// which has no place under the write lock.
func (c Caller) sameScopes(_ context.Context, _ Reader, _ *platform.Platform, a Account) (*scope.Catalogue, error) {
	if a.ID != c.Account.ID || a.ScopesRevision != c.Account.ScopesRevision {
		return nil, errScopesChanged
	}
	return c.catalogue, nil
}
