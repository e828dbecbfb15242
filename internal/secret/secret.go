// Package secret mints, recognises, digests, seals and redacts the secrets of
// API keys. It stores nothing and reads no clock.
package secret

import (
	"crypto/sha256"
	"log/slog"
)

// Redacted stands wherever a secret would otherwise be printed.
const Redacted = "(secret)"

// Secret is the text that a caller sends to prove that it holds a key. Every
// way to print or encode one yields Redacted; only Reveal gives the text, so a
// search for Reveal finds each place where a secret leaves the program.
type Secret struct{ text string }

// From wraps text that came from outside.
func From(text string) Secret { return Secret{text: text} }

// Reveal returns the text.
func (s Secret) Reveal() string { return s.text }

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.text == "" }

// Fingerprint is the plain SHA-256 of the secret. It is kept beside the
// peppered digest only because leak reports, GitHub's among them, name a
// leaked secret by exactly this hash. That is sound for minted secrets alone:
// they have 256 random bits, so the hash cannot be searched.
func (s Secret) Fingerprint() [sha256.Size]byte { return sha256.Sum256([]byte(s.text)) }

// String returns Redacted.
func (Secret) String() string { return Redacted }

// GoString returns Redacted.
func (Secret) GoString() string { return Redacted }

// LogValue returns Redacted.
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns Redacted, so that encoding/json writes that too.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
