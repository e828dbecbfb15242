package secret

import (
	"crypto/rand"
	"fmt"
	"hash/crc32"
	"strings"
)

// Alphabets by the name that a platform file uses.
var alphabets = map[string]string{
	"base62":    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	"base64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
}

// Alphabets returns the names of the known alphabets.
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
)

// Format is how a platform writes its secrets: a prefix, random characters,
// and where Checksum is set the CRC32 of all before it in base62. The checksum
// is no protection, anyone can compute it: it lets scanners confirm a find
// offline and lets a typo be refused before anything is read.
type Format struct {
	Prefix   string
	Alphabet string // a name of Alphabets
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
	case alphabets[f.Alphabet] == "":
		return fmt.Errorf("alphabet %q is not known; use one of %s", f.Alphabet, strings.Join(Alphabets(), ", "))
	case f.Length < minLength || f.Length > maxLength:
		return fmt.Errorf("length must be %d to %d random characters, not %d", minLength, maxLength, f.Length)
	}
	return nil
}

// Mint makes a new secret from crypto/rand. The format must have passed Check.
func (f Format) Mint() Secret {
	text := f.Prefix + Random(f.Alphabet, f.Length)
	if f.Checksum {
		text += checksum(text)
	}
	return Secret{text: text}
}

// Matches reports whether the text could have been minted in this format. A
// match proves nothing about validity.
func (f Format) Matches(text string) bool {
	rest, ok := strings.CutPrefix(text, f.Prefix)
	if !ok {
		return false
	}
	if f.Checksum {
		if len(rest) != f.Length+checksumLength {
			return false
		}
		body := text[:len(text)-checksumLength]
		if checksum(body) != text[len(body):] {
			return false
		}
		rest = rest[:f.Length]
	}
	if len(rest) != f.Length {
		return false
	}
	for i := range len(rest) {
		if strings.IndexByte(alphabets[f.Alphabet], rest[i]) < 0 {
			return false
		}
	}
	return true
}

// Hint returns the start of the secret, enough to tell keys apart in a list and
// far too little to help a guess.
func (f Format) Hint(s Secret) string {
	return s.text[:min(len(f.Prefix)+hintLength, len(s.text))] + "..."
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
