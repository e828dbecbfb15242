package api

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Redacted is what stands for a [Secret] wherever it is printed, logged or encoded.
const Redacted = "(secret)"

// ErrRedacted is the error of reading [Redacted] back as if it were a secret.
var ErrRedacted = errors.New("this is " + Redacted + ", which is printed in place of a secret, and not the secret itself")

// Secret is a text that nobody may read by accident: the secret of a key, a password, a
// credential. Every way to print, log or encode one gives [Redacted], on its own and in
// whatever it is part of. [Secret.Reveal] gives the text, so a search for Reveal
// finds each place where one leaves a program. The zero Secret holds no text.
//
// This covers encoding/json too. Loggers encode what they are given with it, and it cannot
// tell a log from a request; so json.Marshal of an [IssuedAPIKey] is fit for a log, and
// does not keep the secret. What goes over the wire is encoded by [MarshalWire]. Reading
// JSON gives the real text, and refuses Redacted with [ErrRedacted].
type Secret struct {
	// The text is behind a function because package fmt calls no methods on unexported
	// fields nor for %p, and because printers that use reflection follow every pointer.
	// None looks into a function.
	reveal func() string
}

// NewSecret returns the Secret that holds this text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{func() string { return text }}
}

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no text.
func (s Secret) IsZero() bool { return s.reveal == nil }

// Equal reports whether both hold the same text. How long that takes does not tell where
// they differ.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns Redacted, and nothing for the zero Secret.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return Redacted
}

// Format prints String, whatever the verb.
func (s Secret) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, s.String()) }

// GoString is String, for printers that ask for it.
func (s Secret) GoString() string { return s.String() }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns Redacted, also for the zero Secret: whoever reads it cannot tell
// whether there is one.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// UnmarshalText takes the text.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == Redacted {
		return ErrRedacted
	}
	*s = NewSecret(string(text))
	return nil
}
