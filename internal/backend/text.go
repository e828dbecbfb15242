package backend

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// CheckText says what is wrong with a text that is to be at most that many characters long,
// or nil: it holds no control or invisible characters.
func CheckText(text string, most int) error {
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Errorf("must be at most %d characters long, it has %d", most, n)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Errorf("must not hold control or invisible characters, it has %U", r)
	}
	return nil
}

// CheckName is CheckText for a name, so that two names which look alike to a reviewer are
// alike: no spaces at the ends, and one way only to write a letter.
func CheckName(name string, most int) error {
	switch {
	case strings.TrimSpace(name) != name:
		return errors.New("must not begin or end with a space")
	case !norm.NFC.IsNormalString(name):
		return errors.New("must be in Unicode's form NFC, in which an accented letter is one character; write it as " + strconv.QuoteToASCII(norm.NFC.String(name)))
	}
	return CheckText(name, most)
}

// SameName reports whether Terraform takes two names for the same one: it keeps all texts in
// Unicode's form NFC, whatever form a service has them in.
func SameName(a, b string) bool { return norm.NFC.String(a) == norm.NFC.String(b) }
