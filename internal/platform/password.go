package platform

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PasswordRules are those of a platform whose keys are API users: a username that
// is made for them, and a password that a person or a program chose.
type PasswordRules struct {
	UsernamePrefix string
	UsernameSuffix string
	MinLength      int      // in characters
	NotOnlyLetters bool     // at least one digit or other character that is no letter
	Forbidden      []string // words that it must not hold, in lower case; compared without regard to case
	LockAfter      int      // wrong passwords in a row that lock the user; 0 for never
}

// MaxPassword bounds what is hashed, in bytes.
const MaxPassword = 128

// Check says what is wrong with a password, or nil. No message repeats any of it.
func (r PasswordRules) Check(text string) error {
	switch {
	case text == "":
		return errors.New("is needed: send the password that the API user is to have")
	case len(text) > MaxPassword || !utf8.ValidString(text):
		return fmt.Errorf("must be at most %d bytes of UTF-8", MaxPassword)
	case utf8.RuneCountInString(text) < r.MinLength:
		return fmt.Errorf("must have at least %d characters", r.MinLength)
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("must not hold control characters")
	case r.NotOnlyLetters && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }):
		return errors.New("must hold at least one digit or other character that is no letter")
	}
	for _, word := range r.Forbidden {
		if strings.Contains(strings.ToLower(text), word) {
			return fmt.Errorf("must not hold the word %q", word)
		}
	}
	return nil
}
