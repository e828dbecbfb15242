package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Seal encrypts what must be kept for a caller to come back for, under a key
// that is made of what only this caller sends. The database holds neither
// half, so it alone never opens a seal.
type Seal struct{ key Secret }

// NewSeal derives the key from the caller's credential and a nonce of the
// caller's choice, such as its Idempotency-Key.
func NewSeal(credential Secret, nonce string) (Seal, error) {
	key, err := hkdf.Key(sha256.New, []byte(credential.Reveal()), []byte(nonce), "postern seal v1", 32)
	if err != nil {
		return Seal{}, fmt.Errorf("deriving a seal: %w", err)
	}
	return Seal{key: From(string(key))}, nil
}

// Close encrypts plain.
func (s Seal) Close(plain []byte) ([]byte, error) {
	aead, err := s.aead()
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain, nil), nil //nolint:gosec // this AEAD makes a random nonce of its own
}

// Open decrypts what Close returned, or fails when anything of it or of the
// key differs.
func (s Seal) Open(sealed []byte) ([]byte, error) {
	aead, err := s.aead()
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, errors.New("the seal does not open with this credential")
	}
	return plain, nil
}

// Digest names data without revealing it to anyone who lacks the key. A plain
// hash would let the database's reader try out what a short secret in the
// data may be.
func (s Seal) Digest(data []byte) []byte {
	mac := hmac.New(sha256.New, []byte(s.key.Reveal()))
	mac.Write(data)
	return mac.Sum(nil)
}

func (s Seal) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher([]byte(s.key.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("making a seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making a seal: %w", err)
	}
	return aead, nil
}

// String returns Redacted.
func (Seal) String() string { return Redacted }

// GoString returns Redacted.
func (Seal) GoString() string { return Redacted }
