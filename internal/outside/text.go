package outside

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of texts that are shown, in characters.
const (
	MostShort  = 100    // of a code, an id or a name
	MostLine   = 1_000  // of a sentence
	MostDetail = 20_000 // of all that one message says, lists of scopes among it
)

// Line makes a text fit to be shown: one line of at most so many characters, without control
// characters, escape sequences, and characters that are invisible or turn the direction of
// writing. Any terminal shows it as what it is.
func Line(text string, most int) string {
	text = clip(text, most)
	return bounded(strings.Join(strings.Fields(strings.Map(visible, text)), " "), most)
}

// Lines is Line for a text of several lines, which stay apart. It is for messages that the
// caller has put together; a text of a service in them goes through Line first.
func Lines(text string, most int) string {
	text = clip(text, most)
	return bounded(strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return visible(r)
	}, text), most)
}

// visible is the character, or a space where it must not be shown.
func visible(r rune) rune {
	if unicode.IsPrint(r) && r != utf8.RuneError {
		return r
	}
	return ' '
}

// clip spares the work on what will not be shown.
func clip(text string, most int) string {
	if enough := 8 * most; len(text) > enough {
		return text[:enough]
	}
	return text
}

func bounded(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "..."
}

// mostID is the longest id, in bytes. Those of the services here have up to 40.
const mostID = 128

// CheckID says what is wrong with the id that a service gave to a thing, or nil: it goes into
// states, paths and terminals, and holds letters and digits of ASCII, "-", "_" and "."
// only.
func CheckID(id string) error {
	switch {
	case id == "":
		return errors.New("has a thing without an id")
	case len(id) > mostID:
		return fmt.Errorf("has an id of %d bytes, and ids have at most %d", len(id), mostID)
	case strings.Trim(id, ".") == "":
		return errors.New("has an id of dots alone")
	}
	for _, r := range id {
		if !strings.ContainsRune("-_.", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return fmt.Errorf("has an id with the character %q", r)
		}
	}
	return nil
}

// CheckHandle says what is wrong with the handle of a sub-account as its service lists it, or
// nil. Services have handles with spaces, accents, "+", "%" and quotes, and these are
// theirs to choose; only what no service can mean is refused: an empty one, one over 256
// bytes, broken UTF-8, and characters that control a terminal or the direction of writing.
func CheckHandle(handle string) error {
	const most = 256
	switch {
	case handle == "":
		return errors.New("has a sub-account without a handle")
	case len(handle) > most:
		return fmt.Errorf("has a handle of %d bytes, and handles have at most %d", len(handle), most)
	case !utf8.ValidString(handle):
		return errors.New("has a handle that is no UTF-8")
	}
	for _, r := range handle {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return fmt.Errorf("has a handle with the character %U, which controls a terminal", r)
		}
	}
	return nil
}
