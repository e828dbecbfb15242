// Package outside handles what comes from a service that may be broken or hostile: it bounds
// an answer while it is read, takes lists apart item by item, and makes texts fit to be
// shown. All that calls a service uses it. It needs the standard library only.
package outside

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The bounds of one answer. Real ones stay far below: a page of 500 keys with 50 scopes
// each has about 1 MiB, 500 objects and 60,000 values.
const (
	MostAnswer      = 16 << 20 // bytes after decompression
	MostSmallAnswer = 1 << 20  // bytes of an answer about one thing
	MostErrorAnswer = 64 << 10 // bytes of an answer that is an error
	mostObjects     = 200_000  // a year of a key's use has one for each day and scope
	mostValues      = 2_000_000
	mostDepth       = 32
	mostText        = 64 << 10 // bytes of one text, as JSON
)

// The bounds of a list.
const (
	// MostItems is the most items that one answer lists. Services that have pages send
	// 1,000 in one at most; SendGrid lists an account's keys, of which it allows 100, without.
	MostItems = 50_000
	// MostListed is the most items that a list has over all of its pages: several times
	// what the largest accounts have.
	MostListed = 500_000
	// MostListedBytes is the most that a list has over all of its pages and that is kept:
	// 5 KiB for each of 100,000 keys.
	MostListedBytes = 512 << 20
)

// Excess says which bound an answer goes beyond. It repeats nothing of the answer.
type Excess struct{ what string }

// Error returns what is too much, such as "is longer than 16 MiB".
func (e *Excess) Error() string { return e.what }

// Read reads an answer, and stops as soon as it goes beyond a bound: more bytes than most, or
// JSON of more objects or values, deeper or with longer texts than any answer has. What is
// read until then comes with the *Excess. Other errors are those of the reader.
func Read(from io.Reader, most int) ([]byte, error) {
	var body bytes.Buffer
	shape := &shape{}
	part := make([]byte, 32<<10)
	for {
		n, err := from.Read(part)
		if body.Len()+n > most {
			body.Write(part[:most-body.Len()])
			return body.Bytes(), &Excess{"is longer than " + size(most)}
		}
		if excess := shape.scan(part[:n]); excess != nil {
			return body.Bytes(), excess
		}
		body.Write(part[:n])
		switch {
		case errors.Is(err, io.EOF):
			return body.Bytes(), nil
		case err != nil:
			return body.Bytes(), err
		}
	}
}

func size(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// shape counts what a JSON text is made of while it passes. Whether the text is sound is the
// decoder's to say.
type shape struct {
	begun, foreign  bool // foreign is for what is no JSON, and is bounded by its length alone
	quoted, escaped bool
	depth           int
	objects, values int
	textLength      int
}

func (s *shape) scan(part []byte) *Excess {
	for _, b := range part {
		if s.foreign {
			return nil
		}
		if excess := s.take(b); excess != nil {
			return excess
		}
	}
	return nil
}

func (s *shape) take(b byte) *Excess {
	switch {
	case s.quoted:
		return s.inText(b)
	case b == ' ', b == '\t', b == '\r', b == '\n':
		return nil
	case !s.begun:
		s.begun, s.foreign = true, b != '{' && b != '['
	}
	switch b {
	case '"':
		s.quoted, s.textLength = true, 0
	case '{', '[':
		s.depth++
		s.values++
		if b == '{' {
			s.objects++
		}
	case '}', ']':
		s.depth--
	case ',':
		s.values++
	}
	switch {
	case s.foreign:
		return nil
	case s.depth > mostDepth:
		return &Excess{fmt.Sprintf("nests deeper than %d levels", mostDepth)}
	case s.objects > mostObjects:
		return &Excess{fmt.Sprintf("holds more than %d objects", mostObjects)}
	case s.values > mostValues:
		return &Excess{fmt.Sprintf("holds more than %d values", mostValues)}
	}
	return nil
}

func (s *shape) inText(b byte) *Excess {
	switch {
	case s.escaped:
		s.escaped = false
	case b == '\\':
		s.escaped = true
	case b == '"':
		s.quoted = false
	}
	if s.textLength++; s.textLength > mostText {
		return &Excess{"holds a text that is longer than " + size(mostText)}
	}
	return nil
}

// Items takes a JSON list apart, item by item, and stops at the first that will not do: one
// more than most, one that check finds something wrong with, or the second of a name. check
// returns the name of an item, or what is wrong with it, such as "has an API key without an
// id"; an empty name is not compared. Null is a list of nil.
func Items[T any](list json.RawMessage, most int, check func(*T) (name, lack string)) ([]T, error) {
	if list = bytes.TrimSpace(list); len(list) == 0 || string(list) == "null" {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(list))
	if start, err := decoder.Token(); err != nil || start != json.Delim('[') {
		return nil, errNoList
	}
	items, seen := []T{}, map[string]bool{}
	for decoder.More() {
		if len(items) == most {
			return nil, &Excess{fmt.Sprintf("lists more than %d items", most)}
		}
		var item T
		if err := decoder.Decode(&item); err != nil {
			return nil, errNoItem // the cause could quote the answer
		}
		name, lack := check(&item)
		switch {
		case lack != "":
			return nil, &Excess{lack}
		case name != "" && seen[name]:
			return nil, &Excess{"lists an item twice"}
		}
		seen[name] = true
		items = append(items, item)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errNoList
	}
	return items, nil
}

var (
	errNoList = errors.New("is not a list")
	errNoItem = errors.New("lists an item of another shape")
)
