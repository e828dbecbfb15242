package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// body is a request's body of JSON. huma describes it by the schema of T and
// leaves reading it to decode, so that every call has one decoder.
type body[T any] struct {
	value T
	fault error
}

// Schema is the schema of T.
func (body[T]) Schema(r huma.Registry) *huma.Schema { return schemaOf[T](r) }

// Resolve reports what was wrong with the body.
func (b *body[T]) Resolve(huma.Context) []error {
	if b.fault == nil {
		return nil
	}
	return []error{b.fault}
}

func (b *body[T]) read(r huma.Registry, text []byte) {
	b.value, b.fault = decode[T](r, schemaOf[T](r), text)
}

// jsonFormat makes huma read bodies with decode and write answers as JSON.
func jsonFormat(r huma.Registry) huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, answer any) error { return json.NewEncoder(w).Encode(answer) },
		Unmarshal: func(text []byte, v any) error {
			b, ok := v.(interface {
				read(r huma.Registry, text []byte)
			})
			if !ok {
				return errors.New("a body that is not a body[T]")
			}
			b.read(r, text)
			return nil
		},
	}
}

// schemaOf returns a reference to the schema of T, which it adds to the document
// when it is not there yet.
func schemaOf[T any](r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// decode reads a body into a T and names every field that does not fit.
func decode[T any](r huma.Registry, schema *huma.Schema, text []byte) (T, error) {
	var out T
	tree, err := parse(text)
	if err != nil {
		return out, err
	}
	c := checker{registry: r}
	c.check("", schema, tree)
	if len(c.faults) > 0 {
		return out, refuseFields(api.CodeValidationFailed, c.faults...)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, errors.New("a body fits its schema but not its type") // the cause could quote a secret
	}
	return out, nil
}

// checker compares a JSON value with its schema.
type checker struct {
	registry huma.Registry
	faults   []api.FieldError
}

func (c *checker) fault(path, message string) {
	if path == "" {
		path = "body"
	}
	c.faults = append(c.faults, api.FieldError{Field: path, Message: message})
}

func (c *checker) check(path string, s *huma.Schema, v any) {
	for s.Ref != "" {
		s = c.registry.SchemaFromRef(s.Ref)
	}
	if v == nil {
		if !s.Nullable {
			c.fault(path, "must not be null; leave it out")
		}
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Type == huma.TypeObject {
			c.object(path, s, v)
			return
		}
	case []any:
		if s.Type == huma.TypeArray {
			for i, item := range v {
				c.check(fmt.Sprintf("%s[%d]", path, i), s.Items, item)
			}
			return
		}
	case string:
		if s.Type == huma.TypeString {
			c.text(path, s, v)
			return
		}
	case bool:
		if s.Type == huma.TypeBoolean {
			return
		}
	}
	c.fault(path, "must be "+kindOf(s)+", not "+kind(v))
}

// object checks what is there, in the order of names, then what is missing.
func (c *checker) object(path string, s *huma.Schema, members map[string]any) {
	known := slices.Sorted(maps.Keys(s.Properties))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if property, ok := s.Properties[name]; ok {
			c.check(join(path, name), property, members[name])
		} else {
			c.fault(join(path, name), "is not a field of this request"+hint(name, known))
		}
	}
	for _, name := range s.Required {
		if _, ok := members[name]; !ok {
			c.fault(join(path, name), "is required")
		}
	}
}

func (c *checker) text(path string, s *huma.Schema, text string) {
	if s.Format != "date-time" {
		return
	}
	var at time.Time
	if err := at.UnmarshalText([]byte(text)); err != nil {
		c.fault(path, "must be a time as in RFC 3339, such as \"2030-01-31T12:00:00Z\"")
	}
}

// kindOf is what a schema wants, in words.
func kindOf(s *huma.Schema) string {
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

// kind is what was sent, in words.
func kind(v any) string {
	switch v.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}
