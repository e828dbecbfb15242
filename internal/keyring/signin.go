package keyring

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// passed remembers which passwords were right, as an API user sends its password with
// every request and argon2id takes 20 ms each time. What it keeps is keyed by a
// secret of this process and bound to the stored hash, so that a new password ends it.
type passed struct {
	mu   sync.Mutex
	key  [sha256.Size]byte
	good shares[[sha256.Size]byte, struct{}]
}

// What is remembered is bounded; the oldest makes room.
const (
	maxPassed        = 10_000
	maxAccountPassed = 2_500
)

func newPassed() *passed {
	s := &passed{good: shares[[sha256.Size]byte, struct{}]{most: maxPassed, mostEach: maxAccountPassed}}
	rand.Read(s.key[:]) // never fails: the runtime stops the program instead
	return s
}

func (s *passed) sum(hash string, password secret.Secret) [sha256.Size]byte {
	mac := hmac.New(sha256.New, s.key[:])
	fmt.Fprintf(mac, "%d %s %s", len(hash), hash, password.Reveal())
	return [sha256.Size]byte(mac.Sum(nil))
}

// known needs no transaction. One that is still in use stays remembered.
func (s *passed) known(account, hash string, password secret.Secret) bool {
	sum := s.sum(hash, password)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.good.get(account, sum)
	if ok {
		s.good.put(account, sum, struct{}{})
	}
	return ok
}

func (s *passed) remember(account, hash string, password secret.Secret) {
	sum := s.sum(hash, password)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.good.put(account, sum, struct{}{})
}

// checkPassword reports whether the password is that of the user who was found. Wrong
// ones in a row lock the user, as the platform says. The answer for a locked one is
// left to the verdict: no password is tried, right or wrong.
func (k *Keyring) checkPassword(ctx context.Context, who Caller, found *Subject, in Presented) (bool, error) {
	password := in.Secret
	if password.IsZero() || len(password.Reveal()) > platform.MaxPassword {
		return false, nil
	}
	address := ""
	if in.Address != "" {
		address = network(in.Address)
	}
	hasher := k.passwords.For(who.Account.ID, address)
	if found == nil {
		digest := k.peppers.Current().Digest(password)
		return false, hasher.Waste(ctx, digest[:])
	}
	stored := *found.Password
	if found.APIKey.LockedAt != nil {
		return true, nil
	}
	if k.isLockedUnsaved(who, found.APIKey) {
		if k.saveLock(ctx, who, found.APIKey); found.APIKey.LockedAt != nil {
			return true, nil
		}
	}
	if k.passed.known(who.Account.ID, stored.Hash, password) {
		k.clearFailures(ctx, found.APIKey)
		return true, nil
	}
	for _, pepper := range k.peppers {
		if pepper.Version != stored.PepperVersion {
			continue
		}
		digest := pepper.Digest(password)
		good, err := hasher.Matches(ctx, stored.Hash, digest[:])
		if err != nil {
			return false, err
		}
		if good {
			k.passed.remember(who.Account.ID, stored.Hash, password)
			if err := k.readFailures(ctx, found.APIKey); err != nil {
				return false, err
			}
			if k.isLockedUnsaved(who, found.APIKey) {
				k.saveLock(ctx, who, found.APIKey)
			}
			k.clearFailures(ctx, found.APIKey)
			return true, nil
		}
	}
	k.countFailures(ctx, who, found.APIKey, 1)
	return found.APIKey.LockedAt != nil, nil
}

// readFailures reads a key's failures again, as trying a password takes long: of many
// guesses at once, those that come to their end after the lock learn nothing.
func (k *Keyring) readFailures(ctx context.Context, key *APIKey) error {
	ctx, cancel := deciding(ctx)
	defer cancel()
	return k.lookup(ctx, func(r Reader) error {
		now, err := r.APIKey(ctx, key.Account, key.ID)
		if err == nil {
			key.Failures, key.LockedAt = now.Failures, now.LockedAt
		}
		return unlessGone(err)
	})
}

// clearFailures forgets wrong passwords after a right one. A lock stays, and the key
// shows it. When the store does not take it, they stay counted, which lets nobody guess
// more.
func (k *Keyring) clearFailures(ctx context.Context, key *APIKey) {
	if key.LockedAt != nil {
		return
	}
	k.uncounted.take(key, k.uncounted.of(key))
	if key.Failures == 0 {
		return
	}
	ctx, cancel := deciding(ctx)
	defer cancel()
	err := k.update(ctx, key.Account, func(w Writer) error {
		now, err := w.APIKey(ctx, key.Account, key.ID)
		if err != nil || now.LockedAt != nil {
			key.LockedAt = now.LockedAt
			return unlessGone(err)
		}
		w.Mark(ReplacesPower) // as the count itself
		return w.SetFailures(ctx, key.Account, key.ID, 0, nil)
	})
	if err != nil {
		k.log.Error("wrong passwords before a right one stay counted, as they could not be cleared", "account", key.Account, "apikey", key.ID, "cause", Cause(err))
	}
}

// unlessGone passes over that a key was deleted meanwhile.
func unlessGone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// countFailures counts wrong passwords, with those that the store did not take before, and
// locks the user after so many of them. A key that was locked before shows it. The
// answer is the same when the store does not take them: to answer a wrong password
// otherwise than a right one, and not to count it, would help whoever guesses.
func (k *Keyring) countFailures(ctx context.Context, who Caller, tried *APIKey, wrong int) {
	most := who.platform.Password.LockAfter
	if most == 0 {
		return
	}
	// Who leaves before the answer does not guess for nothing.
	ctx, cancel := deciding(ctx)
	defer cancel()
	missed := 0
	err := k.update(ctx, tried.Account, func(w Writer) error {
		key, err := w.APIKey(ctx, tried.Account, tried.ID)
		if err != nil || key.LockedAt != nil {
			tried.LockedAt = key.LockedAt
			return unlessGone(err)
		}
		// Without the count, guessing would be free for as long as the disk is full. It
		// is written over the one before, so it takes no space that lasts.
		w.Mark(ReplacesPower)
		missed = k.uncounted.of(tried)
		key.Failures += wrong + missed
		if key.Failures < most {
			return w.SetFailures(ctx, key.Account, key.ID, key.Failures, nil)
		}
		w.Mark(TakesPower)
		now := k.second()
		if err := w.SetFailures(ctx, key.Account, key.ID, key.Failures, &now); err != nil {
			return err
		}
		if wrong == 0 {
			tried.LockedAt = &now
		}
		return k.record(ctx, w, who, event{Action: "apikey.lock", Target: key.ID, Subaccount: key.Subaccount, Detail: map[string]any{
			"username": key.Username, "wrong_passwords": key.Failures,
		}})
	})
	if err == nil {
		k.uncounted.take(tried, missed)
		return
	}
	tried.LockedAt = nil // what was to be written is not
	if wrong > 0 {
		k.uncounted.add(tried)
	}
	k.log.Error("a wrong password could not be stored; it is counted in memory", "account", tried.Account, "apikey", tried.ID, "cause", Cause(err))
}

// UnlockAPIKey lets a key work again that wrong passwords have locked, and forgets those
// that have not locked it yet.
func (k *Keyring) UnlockAPIKey(ctx context.Context, who Caller, id string) (APIKeyView, error) {
	var v APIKeyView
	err := k.write(ctx, k.lookup, who, k.keyGate(platform.RightAPIKeysUpdate), "apikey.unlock", id, func(ctx context.Context, r Reader, who Caller) (*step, error) {
		key, err := k.find(ctx, r, who, id, nil)
		if err != nil {
			return nil, err
		}
		if who.platform.Password == nil {
			return nil, refuse(api.CodeUnsupported, "Keys of %s have no password, so nothing locks them.", who.platform.Title)
		}
		// No gate for time: where keys have passwords, no key calls this API.
		if err := allowGrant(who, key.Scopes); err != nil {
			return nil, err
		}
		detail := map[string]any{}
		if key.LockedAt != nil {
			detail["locked_at"] = change{key.LockedAt.Format(time.RFC3339), nil}
		} else if key.Failures > 0 {
			detail["wrong_passwords"] = change{key.Failures, 0}
		}
		key.Failures, key.LockedAt = 0, nil
		v = k.keyView(who, key)
		if len(detail) == 0 {
			return nil, nil //nolint:nilnil // it was not locked, so nothing happens
		}
		return &step{event{Target: id, Detail: detail}, func(w Writer) error { return w.SetFailures(ctx, key.Account, id, 0, nil) }}, nil
	})
	if err == nil {
		k.uncounted.take(&v.APIKey, k.uncounted.of(&v.APIKey))
	}
	return v, err
}
