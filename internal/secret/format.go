package secret

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
)

// Alphabets by the name that a platform file uses.
var alphabets = map[string]string{
	"base62":    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	"base64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	// For names and numbers only: not in Alphabets, as secrets of them would be too
	// easy to search.
	"base36":  "0123456789abcdefghijklmnopqrstuvwxyz",
	"digits":  "0123456789",
	"nonzero": "123456789",
}

// Alphabets returns the names of the alphabets that a secret may have.
func Alphabets() []string { return []string{"base62", "base64url"} }

const (
	// checksumLength is how many base62 characters hold a CRC32.
	checksumLength = 6
	// hintLength is how many random characters a hint shows.
	hintLength = 4
	// minLength is the fewest random characters that a format may have: 128
	// bits in the smaller alphabet (OWASP ASVS 5.0, 11.5.1).
	minLength = 22
	maxLength = 128
	// The id inside a secret must be unique among all keys by chance alone.
	minID = 20
	maxID = 64
)

// Format is how a platform writes its secrets: a prefix, where IDLength is set the
// key's id and a dot, random characters, and where Checksum is set the CRC32 of
// all before it in base62. The checksum
// is no protection, anyone can compute it: it lets scanners confirm a find
// offline and lets a typo be refused before anything is read.
type Format struct {
	Prefix   string
	Alphabet string // a name of Alphabets
	IDLength int    // characters of the key's id, in the same alphabet; 0 for none
	Length   int    // random characters
	Checksum bool
}

// Check says what is wrong with the format, or nil.
func (f Format) Check() error {
	switch {
	case f.Prefix == "":
		return fmt.Errorf("prefix must not be empty: it is how scanners and people recognise a leaked key")
	case len(f.Prefix) > 32 || strings.ContainsFunc(f.Prefix, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("prefix must be at most 32 visible ASCII characters")
	case !slices.Contains(Alphabets(), f.Alphabet):
		return fmt.Errorf("alphabet %q is not known; use one of %s", f.Alphabet, strings.Join(Alphabets(), ", "))
	case f.Length < minLength || f.Length > maxLength:
		return fmt.Errorf("length must be %d to %d random characters, not %d", minLength, maxLength, f.Length)
	case f.IDLength != 0 && (f.IDLength < minID || f.IDLength > maxID):
		return fmt.Errorf("id_length must be %d to %d characters, or left out for secrets that do not hold their key's id, not %d", minID, maxID, f.IDLength)
	}
	return nil
}

// Words describes the format, for whoever has to make a secret in it.
func (f Format) Words() string {
	text := fmt.Sprintf("%q and %d characters of %s", f.Prefix, f.Length, f.Alphabet)
	if f.IDLength > 0 {
		text = fmt.Sprintf("%q, the key's id, a dot and %d characters of %s", f.Prefix, f.Length, f.Alphabet)
	}
	if f.Checksum {
		text += fmt.Sprintf(", and the CRC32 of all that as %d characters of base62", checksumLength)
	}
	return text
}

// Mint makes a new secret from crypto/rand, for the key of that id where the
// format holds one. The format must have passed Check.
func (f Format) Mint(id string) Secret {
	text := f.Prefix
	if f.IDLength > 0 {
		text += id + "."
	}
	text += Random(f.Alphabet, f.Length)
	if f.Checksum {
		text += checksum(text)
	}
	return From(text)
}

// Matches reports whether the text could have been minted in this format. A
// match proves nothing about validity.
func (f Format) Matches(text string) bool {
	rest, ok := strings.CutPrefix(text, f.Prefix)
	if !ok || f.Prefix == "" {
		return false
	}
	if f.Checksum {
		body := text[:max(len(text)-checksumLength, 0)]
		if len(body) < len(f.Prefix) || checksum(body) != text[len(body):] {
			return false
		}
		rest = body[len(f.Prefix):]
	}
	if f.IDLength > 0 {
		id, random, ok := strings.Cut(rest, ".")
		if !ok || len(id) != f.IDLength || !Of(f.Alphabet, id) {
			return false
		}
		rest = random
	}
	return len(rest) == f.Length && Of(f.Alphabet, rest)
}

// CheckChosen says what is wrong with a secret that was chosen and not minted, or nil. No
// message repeats any of it.
func (f Format) CheckChosen(s Secret) error {
	text := s.Reveal()
	switch {
	case !f.Matches(text):
		return fmt.Errorf("must be %s; make it at random", f.Words())
	case fewLetters(strings.TrimPrefix(text, f.Prefix)):
		return errors.New("is not random enough; make it at random")
	}
	return nil
}

// fewLetters reports whether a text has fewer different characters than a random one
// has: 22 of base62, the fewest that a format may ask for, have fewer than 10 about
// once in 300 million times, and 43 never.
func fewLetters(text string) bool {
	const fewest = 10
	different := map[rune]bool{}
	for _, r := range text {
		different[r] = true
	}
	return len(different) < fewest
}

// Of reports whether all of the text is in the named alphabet.
func Of(alphabet, text string) bool {
	for i := range len(text) {
		if strings.IndexByte(alphabets[alphabet], text[i]) < 0 {
			return false
		}
	}
	return true
}

// Hint returns the start of the secret, enough to tell keys apart in a list and
// far too little to help a guess.
func (f Format) Hint(s Secret) string {
	shown := len(f.Prefix) + hintLength
	if f.IDLength > 0 {
		shown += f.IDLength + len(".")
	}
	text := s.Reveal()
	return text[:min(shown, len(text))] + "..."
}

// Random returns n characters of the named alphabet, each equally likely.
func Random(alphabet string, n int) string {
	letters := alphabets[alphabet]
	// Bytes past the last whole multiple would favour the first letters.
	limit := 256 - 256%len(letters)
	out := make([]byte, 0, n)
	buf := make([]byte, n+n/4+8)
	for len(out) < n {
		rand.Read(buf) // never fails: the runtime stops the program instead
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, letters[int(b)%len(letters)])
			}
		}
	}
	return string(out)
}

func checksum(body string) string {
	letters := alphabets["base62"]
	sum := crc32.ChecksumIEEE([]byte(body))
	var out [checksumLength]byte
	for i := checksumLength - 1; i >= 0; i-- {
		out[i] = letters[sum%62]
		sum /= 62
	}
	return string(out[:])
}
