// Package password hashes passwords that people chose, by argon2id. It takes what a
// pepper has made of the password, so that the hash alone cannot be searched.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a hash: the second of the settings that OWASP's Password Storage Cheat
// Sheet calls equal in strength, which takes the less memory. About 20 ms.
const (
	memory  = 19 * 1024 // KiB
	passes  = 2
	threads = 1
	saltLen = 16
	hashLen = 32
)

// Limits of a stored hash, so that a damaged one cannot take all memory.
const (
	maxMemory = 256 * 1024 // KiB
	maxPasses = 16
)

// Hasher hashes a few passwords at a time: each takes 19 MiB, and a flood of requests
// must not take all memory. Nor must the flood of one account starve the others: see
// For. It is safe for concurrent use.
type Hasher struct {
	queue *queue
	of    place
}

// NewHasher returns a Hasher that uses each processor at most twice.
func NewHasher() *Hasher { return &Hasher{queue: newQueue(2 * runtime.GOMAXPROCS(0))} }

// For returns the Hasher for passwords of an account that came from an address, which may
// be empty. What it does fails with ErrBusy when the account, or that address, has
// too many under way.
func (h *Hasher) For(account, address string) *Hasher {
	return &Hasher{queue: h.queue, of: place{account, address}}
}

// Hash returns the hash with its salt and settings, in the PHC string format.
func (h *Hasher) Hash(ctx context.Context, peppered []byte) (string, error) {
	salt := make([]byte, saltLen)
	rand.Read(salt) // never fails: the runtime stops the program instead
	return h.hash(ctx, peppered, salt)
}

// HashBeside is Hash with the salt of another hash. All passwords that one user has had
// share a salt, so that one computation tells whether a password is any of them; no
// two users share one.
func (h *Hasher) HashBeside(ctx context.Context, other string, peppered []byte) (string, error) {
	p, err := parse(other)
	if err != nil {
		return "", err
	}
	return h.hash(ctx, peppered, p.salt)
}

func (h *Hasher) hash(ctx context.Context, peppered, salt []byte) (string, error) {
	if err := h.queue.enter(ctx, h.of); err != nil {
		return "", err
	}
	defer h.queue.leave(h.of)
	sum := argon2.IDKey(peppered, salt, passes, memory, threads, hashLen)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum)), nil
}

// Matches reports whether the hash is that of the password. The time that it takes
// does not depend on where they differ.
func (h *Hasher) Matches(ctx context.Context, hash string, peppered []byte) (bool, error) {
	return h.MatchesAny(ctx, []string{hash}, peppered)
}

// MatchesAny reports whether any of the hashes is that of the password. It computes once
// for all hashes that share a salt and settings.
func (h *Hasher) MatchesAny(ctx context.Context, hashes []string, peppered []byte) (bool, error) {
	sums, found := map[string][]byte{}, false
	for _, hash := range hashes {
		p, err := parse(hash)
		if err != nil {
			return false, err
		}
		how := fmt.Sprintf("%d %d %d %d %x", p.memory, p.passes, p.threads, len(p.sum), p.salt)
		if sums[how] == nil {
			if sums[how], err = h.sum(ctx, p, peppered); err != nil {
				return false, err
			}
		}
		found = subtle.ConstantTimeCompare(sums[how], p.sum) == 1 || found
	}
	return found, nil
}

// sum computes a hash with the settings and the salt of another.
func (h *Hasher) sum(ctx context.Context, p parsed, peppered []byte) ([]byte, error) {
	if err := h.queue.enter(ctx, h.of); err != nil {
		return nil, err
	}
	defer h.queue.leave(h.of)
	return argon2.IDKey(peppered, p.salt, p.passes, p.memory, p.threads, uint32(len(p.sum))), nil //nolint:gosec // parse bounds it
}

// Waste takes as long as Matches does, for a username that nobody has: how long an
// answer takes must not tell which ones there are.
func (h *Hasher) Waste(ctx context.Context, peppered []byte) error {
	if err := h.queue.enter(ctx, h.of); err != nil {
		return err
	}
	defer h.queue.leave(h.of)
	argon2.IDKey(peppered, make([]byte, saltLen), passes, memory, threads, hashLen)
	return nil
}

type parsed struct {
	memory, passes uint32
	threads        uint8
	salt, sum      []byte
}

var errHash = errors.New("a stored password hash is damaged")

func parse(hash string) (parsed, error) {
	var p parsed
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return p, errHash
	}
	const settings = "m=%d,t=%d,p=%d"
	_, err := fmt.Sscanf(parts[3], settings, &p.memory, &p.passes, &p.threads)
	if err != nil || parts[3] != fmt.Sprintf(settings, p.memory, p.passes, p.threads) { // Sscanf passes over what comes after
		return p, errHash
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	p.sum, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(p.salt) < saltLen || len(p.sum) < 16 || len(p.sum) > 64 ||
		p.memory < 8 || p.memory > maxMemory || p.passes < 1 || p.passes > maxPasses || p.threads < 1 {
		return p, errHash
	}
	return p, nil
}
