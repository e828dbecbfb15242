package strictjson

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// scanner reads JSON in one pass, more strictly than encoding/json. Its errors
// name a place and never what is there, as that could be a secret.
type scanner struct {
	text []byte
	at   int
}

// broken says where the text is not as it must be.
func (s *scanner) broken(at int, what string) error {
	before := s.text[:min(at, len(s.text))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	return refuse("The body %s at line %d, column %d (byte %d of %d).", what, line, column, len(before), len(s.text))
}

func (s *scanner) invalid() error { return s.broken(s.at, "is not valid JSON") }

// checkUTF8 refuses text that encoding/json would silently change.
func (s *scanner) checkUTF8() error {
	if utf8.Valid(s.text) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(s.text[at:])
		if r == utf8.RuneError && size <= 1 {
			return s.broken(at, "is not valid UTF-8")
		}
		at += size
	}
}

// next passes over white space and returns the byte that follows, 0 at the end. A
// byte 0 in the text is no JSON either.
func (s *scanner) next() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take passes over the byte c, which must come next.
func (s *scanner) take(c byte) error {
	if s.next() != c {
		return s.invalid()
	}
	s.at++
	return nil
}

// str reads a string, and returns what is between its quotes, with every escape
// resolved.
func (s *scanner) str() ([]byte, error) {
	if err := s.take('"'); err != nil {
		return nil, err
	}
	start, escaped := s.at, false
	for ; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			raw := s.text[start:s.at]
			s.at++
			if !escaped {
				return raw, nil
			}
			var out string
			if err := json.Unmarshal(s.text[start-1:s.at], &out); err != nil {
				return nil, s.invalid()
			}
			return []byte(out), nil
		case c < ' ':
			return nil, s.invalid()
		case c == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return nil, err
			}
		}
	}
	return nil, s.invalid()
}

// escape passes over an escape but for its last byte.
func (s *scanner) escape() error {
	s.at++
	if s.at == len(s.text) {
		return s.invalid()
	}
	if s.text[s.at] != 'u' {
		if bytes.IndexByte([]byte(`"\/bfnrt`), s.text[s.at]) < 0 {
			return s.invalid()
		}
		return nil
	}
	unit, ok := s.hex(s.at + 1)
	switch {
	case !ok:
		return s.invalid()
	case unit >= 0xdc00 && unit < 0xe000:
		return s.broken(s.at-1, "has half of a character")
	case unit >= 0xd800 && unit < 0xdc00:
		low, ok := s.hex(s.at + 7)
		if !ok || s.text[s.at+5] != '\\' || s.text[s.at+6] != 'u' || low < 0xdc00 || low >= 0xe000 {
			return s.broken(s.at-1, "has half of a character")
		}
		s.at += 10
	default:
		s.at += 4
	}
	return nil
}

// hex reads four hexadecimal digits.
func (s *scanner) hex(at int) (int, bool) {
	if at+4 > len(s.text) {
		return 0, false
	}
	n := 0
	for _, c := range s.text[at : at+4] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | int(c-'0')
		case c >= 'a' && c <= 'f':
			n = n<<4 | int(c-'a'+10)
		case c >= 'A' && c <= 'F':
			n = n<<4 | int(c-'A'+10)
		default:
			return 0, false
		}
	}
	return n, true
}

// word passes over true, false or null.
func (s *scanner) word(want string) error {
	if !bytes.HasPrefix(s.text[s.at:], []byte(want)) {
		return s.invalid()
	}
	s.at += len(want)
	return nil
}

// number passes over a number.
func (s *scanner) number() error {
	if s.at < len(s.text) && s.text[s.at] == '-' {
		s.at++
	}
	first := s.at
	if s.digits() == 0 || s.text[first] == '0' && s.at > first+1 {
		s.at = first
		return s.invalid()
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		s.at++
		if s.digits() == 0 {
			return s.invalid()
		}
	}
	if s.at < len(s.text) && s.text[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.text) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		if s.digits() == 0 {
			return s.invalid()
		}
	}
	return nil
}

func (s *scanner) digits() int {
	start := s.at
	for s.at < len(s.text) && s.text[s.at] >= '0' && s.text[s.at] <= '9' {
		s.at++
	}
	return s.at - start
}
