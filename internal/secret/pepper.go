package secret

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const pepperSize = 32

// Pepper is a key for digests that lives outside of the database, so that
// whoever can write to the database alone still cannot plant a working key.
type Pepper struct {
	Version int
	key     Secret // pepperSize bytes
}

// Digest is the form in which a secret is stored and looked up:
// HMAC-SHA256(pepper, secret).
func (p Pepper) Digest(s Secret) [sha256.Size]byte {
	mac := hmac.New(sha256.New, []byte(p.key.Reveal()))
	mac.Write([]byte(s.Reveal()))
	return [sha256.Size]byte(mac.Sum(nil))
}

// Peppers are the known peppers, newest first. New secrets use the first; the
// others keep older secrets good until those are rotated.
type Peppers []Pepper

// NewPepper makes a pepper from crypto/rand.
func NewPepper(version int) Pepper {
	key := make([]byte, pepperSize)
	rand.Read(key) // never fails: the runtime stops the program instead
	return Pepper{Version: version, key: From(string(key))}
}

// Current is the pepper for new secrets.
func (p Peppers) Current() Pepper { return p[0] }

// Has reports whether a pepper of that version is known.
func (p Peppers) Has(version int) bool {
	return slices.ContainsFunc(p, func(one Pepper) bool { return one.Version == version })
}

// ParsePeppers reads a pepper file: a line for each pepper, its version (1 or
// more) and its 32 bytes in base64; empty lines and lines that start with "#"
// are passed over. No error quotes a line's content.
func ParsePeppers(text []byte) (Peppers, error) {
	var peppers Peppers
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark, as editors on Windows write it
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("line %d: want a version and a pepper in base64, separated by a space", n)
		}
		version, err := strconv.Atoi(fields[0])
		if err != nil || version < 1 {
			return nil, fmt.Errorf("line %d: the version must be a whole number from 1", n)
		}
		key, err := base64.StdEncoding.DecodeString(fields[1])
		if err != nil || len(key) != pepperSize {
			return nil, fmt.Errorf("line %d: the pepper must be %d bytes in base64", n, pepperSize)
		}
		if peppers.Has(version) {
			return nil, fmt.Errorf("line %d: version %d is there twice", n, version)
		}
		peppers = append(peppers, Pepper{Version: version, key: From(string(key))})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading peppers: %w", err)
	}
	if len(peppers) == 0 {
		return nil, fmt.Errorf("no pepper in it")
	}
	slices.SortFunc(peppers, func(a, b Pepper) int { return b.Version - a.Version })
	return peppers, nil
}

// Line returns the pepper as its line in a pepper file, the line end included.
func (p Pepper) Line() string {
	return fmt.Sprintf("%d %s\n", p.Version, base64.StdEncoding.EncodeToString([]byte(p.key.Reveal())))
}

// String returns the version only.
func (p Pepper) String() string { return fmt.Sprintf("pepper version %d", p.Version) }

// GoString returns the version only.
func (p Pepper) GoString() string { return p.String() }
