// Package secret mints, recognises, digests and seals the secrets of API keys. It
// stores nothing and reads no clock.
package secret

import (
	"crypto/sha256"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Redacted stands wherever a secret would otherwise be printed.
const Redacted = api.Redacted

// Secret is the text that a caller sends to prove that it holds a key. It is the type of
// the wire as well, so that on its whole way a secret is opaque: only Reveal gives the text.
type Secret = api.Secret

// From wraps text that came from outside.
func From(text string) Secret { return api.NewSecret(text) }

// Fingerprint is the plain SHA-256 of the secret. It is kept beside the
// peppered digest only because leak reports, GitHub's among them, name a
// leaked secret by exactly this hash. That is sound for minted secrets alone:
// they have 256 random bits, so the hash cannot be searched.
func Fingerprint(s Secret) [sha256.Size]byte { return sha256.Sum256([]byte(s.Reveal())) }
