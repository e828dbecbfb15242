package sendgrid

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// readBody reads a body of at most api.MaxBody bytes. Which type it is said to have
// does not matter, as with SendGrid.
func (c *call) readBody() ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, api.MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, refusal(http.StatusRequestEntityTooLarge, "request body too large")
	}
	if err != nil || !utf8.Valid(text) {
		return nil, refusal(http.StatusBadRequest, "unable to read the request body")
	}
	return text, nil
}

// object is a JSON object, its values not read yet.
type object map[string]json.RawMessage

// object reads the body. Fields that nobody asks for are passed over, as SendGrid
// does; one that is there twice is refused, as nobody can tell which was meant.
func (c *call) object() (object, error) {
	text, err := c.readBody()
	if err != nil {
		return nil, err
	}
	bad := refusal(http.StatusBadRequest, "expected JSON request body")
	dec := json.NewDecoder(bytes.NewReader(text))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, bad
	}
	o := object{}
	for dec.More() {
		name, err := dec.Token()
		field, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || dec.Decode(&value) != nil {
			return nil, bad
		}
		if _, twice := o[field]; twice {
			return nil, refusal(http.StatusBadRequest, "expected JSON request body without duplicate properties")
		}
		o[field] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, bad
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, bad
	}
	return o, nil
}

// has reports whether the field is there with a value.
func (o object) has(field string) bool {
	value, ok := o[field]
	return ok && string(value) != "null"
}

// text returns a string that must be there.
func (o object) text(field string) (string, *fault) {
	if !o.has(field) {
		return "", invalid(field, "missing required argument")
	}
	var s string
	if json.Unmarshal(o[field], &s) != nil {
		return "", invalid(field, "must be a string")
	}
	if s == "" {
		return "", invalid(field, "missing required argument")
	}
	return s, nil
}

// texts returns an array of strings that must be there. Null is none: it is not said
// whether it means everything or nothing.
func (o object) texts(field string) ([]string, *fault) {
	value, ok := o[field]
	if !ok {
		return nil, invalid(field, "missing required argument")
	}
	all, ok := stringsOf(value)
	if !ok {
		return nil, invalid(field, "must be an array of strings")
	}
	return all, nil
}

// stringsOf reads an array of strings.
func stringsOf(value json.RawMessage) ([]string, bool) {
	var all []*string
	if json.Unmarshal(value, &all) != nil || all == nil {
		return nil, false
	}
	plain := make([]string, 0, len(all))
	for _, s := range all {
		if s == nil {
			return nil, false
		}
		plain = append(plain, *s)
	}
	return plain, true
}

// boolean returns a boolean that may be left out and is false then.
func (o object) boolean(field string) (bool, *fault) {
	if !o.has(field) {
		return false, nil
	}
	var b bool
	if json.Unmarshal(o[field], &b) != nil {
		return false, invalid(field, "must be true or false")
	}
	return b, nil
}
