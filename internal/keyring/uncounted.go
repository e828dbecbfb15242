package keyring

import (
	"context"
	"sync"
)

// uncounted counts the wrong passwords that the store did not take. Without it, a
// guesser whom a failing store answers could guess for as long as that lasts. It is in
// memory only, and the next write that goes through adds it to what is stored.
type uncounted struct {
	mu  sync.Mutex
	all shares[string, int] // by the id of the key
}

// What is remembered is bounded; the oldest makes room.
const (
	maxUncounted        = 20_000
	maxAccountUncounted = 5_000
)

func newUncounted() *uncounted {
	return &uncounted{all: shares[string, int]{most: maxUncounted, mostEach: maxAccountUncounted}}
}

func (u *uncounted) of(key *APIKey) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	n, _ := u.all.get(key.Account, key.ID)
	return n
}

func (u *uncounted) add(key *APIKey) {
	u.mu.Lock()
	defer u.mu.Unlock()
	n, _ := u.all.get(key.Account, key.ID)
	u.all.put(key.Account, key.ID, n+1)
}

// take subtracts what is counted elsewhere now.
func (u *uncounted) take(key *APIKey, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if had, ok := u.all.get(key.Account, key.ID); ok {
		u.all.put(key.Account, key.ID, max(0, had-n))
	}
}

// isLockedUnsaved reports whether wrong passwords have locked a user though the store did
// not take all of them. Whoever is locked so is answered like any other.
func (k *Keyring) isLockedUnsaved(who Caller, key *APIKey) bool {
	most, missed := who.platform.Password.LockAfter, k.uncounted.of(key)
	return most > 0 && missed > 0 && key.Failures+missed >= most
}

// saveLock writes a lock that the store did not take before, and shows it on the key.
func (k *Keyring) saveLock(ctx context.Context, who Caller, key *APIKey) {
	k.countFailures(ctx, who, key, 0)
	if key.LockedAt == nil && k.isLockedUnsaved(who, key) {
		now := k.second()
		key.LockedAt = &now
	}
}
