// Package strictjson reads the JSON of requests, more strictly than encoding/json does. The
// management API and the vendors' paths share it, so that they take and refuse the same
// texts.
//
// An error is a *keyring.Error. It names the place and the field, and repeats nothing of
// the text that may be a secret.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Bounds far beyond what any request needs.
const (
	maxDepth   = 16
	maxMembers = 64
	maxFaults  = 20 // of which a caller is told at once
)

// Decode reads a body into a T and names every field that does not fit. It is
// stricter than encoding/json: nothing unknown, nothing twice, names to the
// letter, null only where the schema has it, nothing after the end.
//
// A text that is no such JSON is api.CodeInvalidRequest, fields that do not fit are
// api.CodeValidationFailed.
func Decode[T any](r huma.Registry, schema *huma.Schema, text []byte) (T, error) {
	var out T
	if len(bytes.TrimSpace(text)) == 0 {
		return out, ErrNoBody()
	}
	d := decoder{scanner: scanner{text: text}, registry: r}
	if err := d.whole(schema); err != nil {
		return out, err
	}
	if len(d.faults) > 0 {
		return out, keyring.RefuseFields(api.CodeValidationFailed, d.faults...)
	}
	switch err := json.Unmarshal(text, &out); {
	case errors.Is(err, api.ErrRedacted):
		// A program has sent what it read in a log or in a printed request.
		return out, keyring.RefuseFields(api.CodeValidationFailed, api.FieldError{Field: "secret", Message: "is \"" + api.Redacted + "\", which stands for a secret wherever one is printed; send the secret itself"})
	case err != nil:
		return out, errors.New("a body fits its schema but not its type") // the cause could quote a secret
	}
	return out, nil
}

// ErrNoBody is for a request that has no body and needs one.
func ErrNoBody() error { return refuse("The request needs a body of JSON.") }

func refuse(format string, args ...any) *keyring.Error {
	return &keyring.Error{Code: api.CodeInvalidRequest, Message: fmt.Sprintf(format, args...)}
}

// decoder compares JSON with its schema while it reads it. An error says that the
// text is no JSON to begin with; faults are about the fields.
type decoder struct {
	scanner
	registry huma.Registry
	named    []string // members of the whole that may be named where there is no schema
	path     []step
	faults   []api.FieldError
}

// step leads from a value into one of its parts.
type step struct {
	name  []byte
	index int
}

func (d *decoder) whole(schema *huma.Schema) error {
	if err := d.checkUTF8(); err != nil {
		return err
	}
	if err := d.value(schema); err != nil {
		return err
	}
	if d.next(); d.at < len(d.text) {
		return d.invalid()
	}
	return nil
}

// where is the path as an answer names it, such as scopes[2].
func (d *decoder) where() string {
	var out strings.Builder
	for i, s := range d.path {
		switch {
		case s.name == nil:
			fmt.Fprintf(&out, "[%d]", s.index)
		case i == 0:
			out.WriteString(Shown(string(s.name)))
		default:
			out.WriteString("." + Shown(string(s.name)))
		}
	}
	if out.Len() == 0 {
		return "body"
	}
	return out.String()
}

func (d *decoder) fault(format string, args ...any) {
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, api.FieldError{Field: d.where(), Message: fmt.Sprintf(format, args...)})
	}
}

// value reads the value that comes next. Without a schema it is only passed over.
func (d *decoder) value(schema *huma.Schema) error {
	for schema != nil && schema.Ref != "" {
		schema = d.registry.SchemaFromRef(schema.Ref)
	}
	if len(d.path) > maxDepth {
		return d.broken(d.at, "is nested too deeply")
	}
	switch c := d.next(); c {
	case '{':
		return d.object(d.fits(schema, huma.TypeObject, "an object"))
	case '[':
		return d.array(d.fits(schema, huma.TypeArray, "an array"))
	case '"':
		text, err := d.str()
		if err != nil {
			return err
		}
		if s := d.fits(schema, huma.TypeString, "a string"); s != nil && s.Format == "date-time" {
			d.time(text)
		}
		return nil
	case 't', 'f':
		d.fits(schema, huma.TypeBoolean, "a boolean")
		if c == 't' {
			return d.word("true")
		}
		return d.word("false")
	case 'n':
		if schema != nil && !schema.Nullable {
			d.fault("must not be null; leave it out")
		}
		return d.word("null")
	}
	start := d.at
	if err := d.number(); err != nil {
		return err
	}
	if schema != nil && schema.Type == huma.TypeInteger {
		d.integer(d.text[start:d.at])
		return nil
	}
	d.fits(schema, "", "a number") // no request has any other number in its body
	return nil
}

// integer notes a fault when the number is no whole one, or too large to count by.
func (d *decoder) integer(text []byte) {
	if _, err := strconv.ParseInt(string(text), 10, 32); err != nil {
		d.fault("must be a whole number of at most %d, written with digits only", math.MaxInt32)
	}
}

// fits returns the schema when it is of the type, and notes a fault when not.
func (d *decoder) fits(schema *huma.Schema, sent, words string) *huma.Schema {
	if schema == nil || schema.Type == sent {
		return schema
	}
	d.fault("must be %s, not %s", Words(schema), words)
	return nil
}

func (d *decoder) time(text []byte) {
	var at time.Time
	if err := at.UnmarshalText(text); err != nil {
		d.fault(`must be a time as in RFC 3339, such as "2030-01-31T12:00:00Z"`)
	}
}

func (d *decoder) array(schema *huma.Schema) error {
	d.at++
	for n := 0; ; n++ {
		if d.next() == ']' && n == 0 {
			break
		}
		var items *huma.Schema
		if schema != nil {
			items = schema.Items
		}
		d.path = append(d.path, step{index: n})
		if err := d.value(items); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
		if d.next() != ',' {
			break
		}
		d.at++
	}
	return d.take(']')
}

func (d *decoder) object(schema *huma.Schema) error {
	d.at++
	var seen [][]byte
	for d.next() != '}' || len(seen) > 0 {
		start := d.at
		name, err := d.str()
		if err != nil {
			return err
		}
		if len(seen) == maxMembers {
			return d.broken(start, "has too many fields in one object")
		}
		d.path = append(d.path, step{name: d.told(schema, name)})
		if slices.ContainsFunc(seen, func(s []byte) bool { return bytes.Equal(s, name) }) {
			return keyring.RefuseFields(api.CodeInvalidRequest, api.FieldError{Field: d.where(), Message: "is there twice; send it once"})
		}
		seen = append(seen, name)
		if err := d.member(schema, name); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
		if d.next() != ',' {
			break
		}
		d.at++
	}
	if schema != nil {
		d.required(schema, seen)
	}
	return d.take('}')
}

// told is the name of a member as faults may repeat it. Where no object belongs, its
// names are as likely a secret as its values.
func (d *decoder) told(schema *huma.Schema, name []byte) []byte {
	if schema != nil || len(d.path) == 0 && slices.Contains(d.named, string(name)) {
		return name
	}
	return []byte{}
}

// member reads what follows the name of a member.
func (d *decoder) member(schema *huma.Schema, name []byte) error {
	var property *huma.Schema
	if schema != nil {
		values, isMap := schema.AdditionalProperties.(*huma.Schema)
		switch property = schema.Properties[string(name)]; {
		case property != nil:
		case isMap:
			property = values
		default:
			d.fault("is not a field of this request%s", Hint(string(name), slices.Sorted(maps.Keys(schema.Properties))))
		}
	}
	if err := d.take(':'); err != nil {
		return err
	}
	return d.value(property)
}

func (d *decoder) required(schema *huma.Schema, seen [][]byte) {
	for _, name := range schema.Required {
		if !slices.ContainsFunc(seen, func(s []byte) bool { return string(s) == name }) {
			d.path = append(d.path, step{name: []byte(name)})
			d.fault("is required")
			d.path = d.path[:len(d.path)-1]
		}
	}
}

// Words say what a schema asks for.
func Words(s *huma.Schema) string {
	switch {
	case s.Format == "date-time":
		return "a time in a string"
	case s.Type == huma.TypeBoolean:
		return "true or false"
	case s.Type == huma.TypeInteger:
		return "a whole number"
	case s.Type == huma.TypeString:
		return "a string"
	}
	return "an " + s.Type // object or array
}
