package keyring

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

const (
	maxName = 100
	// maxSubaccountName is that of the platform with the longest.
	maxSubaccountName = 128
	maxDescription    = 500
	maxScopes         = 500
	// maxExpiry keeps times within what RFC 3339 and every store can hold.
	maxExpiry = 100 * 365 * 24 * time.Hour
)

// checkName says what is wrong with a name. Only printable characters: an
// invisible or reordering one would let two names look alike to a reviewer.
func checkName(name string, most int) error {
	if name == "" {
		return errors.New("must not be empty")
	}
	if strings.TrimSpace(name) != name {
		return errors.New("must not begin or end with a space")
	}
	if err := checkText(name, most); err != nil {
		return err
	}
	// Two ways to write the same letters would be two names that look alike.
	if !norm.NFC.IsNormalString(name) {
		return errors.New("must be in Unicode's form NFC, in which an accented letter is one character; write it as " + strconv.QuoteToASCII(norm.NFC.String(name)))
	}
	return nil
}

// subaccountName checks the name of a sub-account.
func (f *faults) subaccountName(name string) {
	if err := checkName(name, maxSubaccountName); err != nil {
		f.add("name", "%v", err)
	}
}

func checkText(text string, most int) error {
	if !utf8.ValidString(text) {
		return errors.New("must be valid UTF-8")
	}
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Errorf("must be at most %d characters long, it has %d", most, n)
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("must not hold control or invisible characters, it has %U", r)
		}
	}
	return nil
}

func (f *faults) name(name string) {
	if err := checkName(name, maxName); err != nil {
		f.add("name", "%v", err)
	}
}

// keyName checks the name of a key, which some platforms do without.
func (f *faults) keyName(rules platform.KeyRules, name string) {
	if name != "" || rules.NameRequired {
		f.name(name)
	}
}

func (f *faults) description(text string) {
	if err := checkText(text, maxDescription); err != nil {
		f.add("description", "%v", err)
	}
}

// expiry checks a time that a key is to stop working.
func (f *faults) expiry(now time.Time, at *time.Time) {
	switch {
	case at == nil:
	case !at.Equal(at.Truncate(time.Second)):
		f.add("expires_at", "must be in whole seconds, such as %s", at.UTC().Truncate(time.Second).Format(time.RFC3339))
	case !at.After(now):
		f.add("expires_at", "must be in the future; %s is past, the server's clock shows %s", at.UTC().Format(time.RFC3339), now.Format(time.RFC3339))
	case at.After(now.Add(maxExpiry)):
		f.add("expires_at", "must be within 100 years; leave it out for a key that never expires")
	}
}

// checkExpirySupported refuses an expiry where the platform's keys have none.
func checkExpirySupported(p *platform.Platform, at *time.Time) error {
	if at != nil && !p.Keys.Expiry {
		return unsupported("expires_at", "keys of %s never expire; leave it out", p.Title)
	}
	return nil
}

func checkDisableSupported(p *platform.Platform, enabled bool) error {
	if !enabled && !p.Keys.Disable {
		return unsupported("enabled", "keys of %s cannot be turned off; delete the key instead", p.Title)
	}
	return nil
}

func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	u := at.UTC()
	return &u
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
