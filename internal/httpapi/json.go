package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// maxDepth is far more than any request needs.
const maxDepth = 16

// parse reads one JSON value, more strictly than encoding/json: nothing after it,
// no key twice, valid UTF-8. Its errors name a place and never what is there,
// as that could be a secret. Numbers stay json.Number.
func parse(text []byte) (any, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, refuse(api.CodeInvalidRequest, "The request needs a body of JSON.")
	}
	if at := invalidUTF8(text); at >= 0 {
		return nil, errInvalidJSON(text, at, "is not valid UTF-8")
	}
	// The whole is checked first, because a token reader alone would take
	// the start of a broken body for a good one.
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		at := len(text)
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && syntax.Offset > 0 {
			at = int(syntax.Offset) - 1
		}
		return nil, errInvalidJSON(text, at, "is not valid JSON")
	}
	p := parser{text: text, tokens: json.NewDecoder(bytes.NewReader(text))}
	p.tokens.UseNumber()
	return p.value("", 0)
}

type parser struct {
	text   []byte
	tokens *json.Decoder
}

// value reads the value at the path. The text is known to be valid JSON.
func (p *parser) value(path string, depth int) (any, error) {
	token, err := p.tokens.Token()
	if err != nil {
		return nil, fmt.Errorf("reading checked JSON: %w", err)
	}
	if depth > maxDepth {
		return nil, errInvalidJSON(p.text, int(p.tokens.InputOffset())-1, "is nested too deeply")
	}
	switch token {
	case json.Delim('{'):
		return p.object(path, depth)
	case json.Delim('['):
		items := []any{}
		for p.tokens.More() {
			item, err := p.value(path+"["+strconv.Itoa(len(items))+"]", depth+1)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err = p.tokens.Token()
		return items, err //nolint:wrapcheck // cannot fail: the text was checked
	}
	return token, nil
}

func (p *parser) object(path string, depth int) (any, error) {
	members := map[string]any{}
	for p.tokens.More() {
		token, err := p.tokens.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("reading a name of checked JSON: %w", err)
		}
		if _, twice := members[name]; twice {
			return nil, refuseFields(api.CodeInvalidRequest, api.FieldError{Field: join(path, name), Message: "is there twice; send it once"})
		}
		if members[name], err = p.value(join(path, name), depth+1); err != nil {
			return nil, err
		}
	}
	_, err := p.tokens.Token()
	return members, err //nolint:wrapcheck // cannot fail: the text was checked
}

// join is the path of a member of the object at the path.
func join(path, name string) string {
	if path == "" {
		return shown(name)
	}
	return path + "." + shown(name)
}

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

// errInvalidJSON says where a body is broken.
func errInvalidJSON(text []byte, at int, what string) error {
	before := text[:min(max(at, 0), len(text))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + len(before) - (bytes.LastIndexByte(before, '\n') + 1)
	return refuse(api.CodeInvalidRequest, "The body %s at line %d, column %d (byte %d of %d).", what, line, column, len(before), len(text))
}
