package plan

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// presence is what is known of a value. The zero value is null.
type presence uint8

const (
	null presence = iota
	unknown
	known
)

// Value is a value of a configuration, a state or a plan. Two are equal by ==, but for
// secrets: these are compared by Equal alone.
type Value[T any] struct {
	presence presence
	value    T
}

// Known is the value v.
func Known[T any](v T) Value[T] { return Value[T]{known, v} }

// Null is the value of what is left out.
func Null[T any]() Value[T] { return Value[T]{} }

// Unknown is the value of what is known after the apply only.
func Unknown[T any]() Value[T] { return Value[T]{presence: unknown} }

// Equal reports whether both are the same.
func (v Value[T]) Equal(other Value[T]) bool {
	if v.presence != other.presence {
		return false
	}
	if one, ok := any(v.value).(interface{ Equal(T) bool }); ok {
		return one.Equal(other.value)
	}
	return any(v.value) == any(other.value)
}

// IsNull reports whether there is no value.
func (v Value[T]) IsNull() bool { return v.presence == null }

// IsUnknown reports whether the value is known after the apply only.
func (v Value[T]) IsUnknown() bool { return v.presence == unknown }

// Get returns the value, and whether there is one that is known.
func (v Value[T]) Get() (T, bool) { return v.value, v.presence == known }

// Or returns the value, or other where none is known.
func (v Value[T]) Or(other T) T {
	if v.presence == known {
		return v.value
	}
	return other
}

// Zero returns the value, or that of nothing, such as "", where none is known.
func (v Value[T]) Zero() T { return v.value }

// String is the value as its own type prints it, so that a secret stays one.
func (v Value[T]) String() string {
	switch v.presence {
	case null:
		return "null"
	case unknown:
		return "unknown"
	default:
		return fmt.Sprint(v.value)
	}
}

// GoString is String.
func (v Value[T]) GoString() string { return v.String() }

// Text is the value of a text attribute.
type Text = Value[string]

// Secret is the value of a secret, which nothing prints.
type Secret = Value[SecretText]

// SecretText is what a secret is known as.
type SecretText = secret.Secret

// Instant is a time as it is written, in RFC 3339: two spellings of one time are two values.
type Instant string

// InstantOf writes a time.
func InstantOf(at time.Time) Value[Instant] { return Known(Instant(at.UTC().Format(time.RFC3339))) }

// At returns the time; nil where there is none.
func At(v Value[Instant]) *time.Time {
	text, ok := v.Get()
	if !ok {
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return nil // validation has refused it
	}
	at = at.UTC()
	return &at
}

// Set is a set of texts that may be known in part. It never changes.
type Set struct {
	presence presence
	names    []string // those that are known: sorted, each once
	open     int      // how many members are not known
}

// NullSet is a set that is left out.
func NullSet() Set { return Set{} }

// UnknownSet is a set of which not even the size is known.
func UnknownSet() Set { return Set{presence: unknown} }

// SetOf is the set of the names.
func SetOf(names ...string) Set { return Set{presence: known, names: scope.Normal(names)} }

// PartOf is the set of the names and as many that are not known.
func PartOf(open int, names ...string) Set {
	s := SetOf(names...)
	s.open = open
	return s
}

// ChosenOf is the set of the names, or null for none: what has no scopes leaves them out.
func ChosenOf(names []string) Set {
	if len(names) == 0 {
		return NullSet()
	}
	return SetOf(names...)
}

// IsNull reports whether the set is left out.
func (s Set) IsNull() bool { return s.presence == null }

// IsUnknown reports whether nothing of the set is known.
func (s Set) IsUnknown() bool { return s.presence == unknown }

// Names returns the members that are known, and whether there are no others. A set that is
// left out is known, and has none.
func (s Set) Names() (names []string, all bool) {
	return s.names, s.presence != unknown && s.open == 0
}

// Members returns the members that are known, and how many are not.
func (s Set) Members() (names []string, open int) { return s.names, s.open }

// Equal reports whether both are the same set, as far as it is known.
func (s Set) Equal(other Set) bool {
	return s.presence == other.presence && s.open == other.open && slices.Equal(s.names, other.names)
}

// Map is a map of texts that may be known in part. It never changes.
type Map struct {
	presence presence
	values   map[string]Text
}

// UnknownMap is a map of which nothing is known.
func UnknownMap() Map { return Map{presence: unknown} }

// MapOf is the map of the values.
func MapOf(values map[string]Text) Map { return Map{known, values} }

// IsNull reports whether the map is left out.
func (m Map) IsNull() bool { return m.presence == null }

// IsUnknown reports whether nothing of the map is known.
func (m Map) IsUnknown() bool { return m.presence == unknown }

// Open reports whether the map, or one of its values, is not known.
func (m Map) Open() bool {
	for _, v := range m.values {
		if v.IsUnknown() {
			return true
		}
	}
	return m.presence == unknown
}

// Len is how many members are known to be there.
func (m Map) Len() int { return len(m.values) }

// Equal reports whether both are the same map, as far as it is known.
func (m Map) Equal(other Map) bool {
	return m.presence == other.presence && maps.Equal(m.values, other.values)
}
