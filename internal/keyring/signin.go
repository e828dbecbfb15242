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
	if password.Empty() || len(password.Reveal()) > platform.MaxPassword {
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
	if k.passed.known(who.Account.ID, stored.Hash, password) {
		return true, k.clearFailures(ctx, found.APIKey)
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
			return true, k.clearFailures(ctx, found.APIKey)
		}
	}
	return k.failedSignin(ctx, who, found.APIKey)
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
// shows it.
func (k *Keyring) clearFailures(ctx context.Context, key *APIKey) error {
	if key.Failures == 0 || key.LockedAt != nil {
		return nil
	}
	ctx, cancel := deciding(ctx)
	defer cancel()
	return k.update(ctx, key.Account, func(w Writer) error {
		now, err := w.APIKey(ctx, key.Account, key.ID)
		if err != nil || now.LockedAt != nil {
			key.LockedAt = now.LockedAt
			return unlessGone(err)
		}
		w.Mark(ReplacesPower) // as the count itself
		return w.SetFailures(ctx, key.Account, key.ID, 0, nil)
	})
}

// unlessGone passes over that a key was deleted meanwhile.
func unlessGone(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// failedSignin counts a wrong password, and locks the user after so many of them. It
// reports whether the user was locked before, and the answer is that of a locked one.
func (k *Keyring) failedSignin(ctx context.Context, who Caller, tried *APIKey) (locked bool, err error) {
	most := who.platform.Password.LockAfter
	if most == 0 {
		return false, nil
	}
	// Who leaves before the answer does not guess for nothing.
	ctx, cancel := deciding(ctx)
	defer cancel()
	err = k.update(ctx, tried.Account, func(w Writer) error {
		key, err := w.APIKey(ctx, tried.Account, tried.ID)
		if err != nil || key.LockedAt != nil {
			tried.LockedAt = key.LockedAt
			return unlessGone(err)
		}
		// Without the count, guessing would be free for as long as the disk is full. It
		// is written over the one before, so it takes no space that lasts.
		w.Mark(ReplacesPower)
		key.Failures++
		if key.Failures < most {
			return w.SetFailures(ctx, key.Account, key.ID, key.Failures, nil)
		}
		w.Mark(TakesPower)
		now := k.second()
		if err := w.SetFailures(ctx, key.Account, key.ID, key.Failures, &now); err != nil {
			return err
		}
		return k.record(ctx, w, who, event{Action: "apikey.lock", Target: key.ID, Subaccount: key.Subaccount, Detail: map[string]any{
			"username": key.Username, "wrong_passwords": key.Failures,
		}})
	})
	return tried.LockedAt != nil, err
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
	return v, err
}
