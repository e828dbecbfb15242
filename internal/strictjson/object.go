package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Check refuses a text that is not one JSON value as Decode would take it.
func Check(text []byte) error { return check(text, nil) }

// Object reads one JSON object and returns its members by name, each as valid JSON. It is
// for an API that leaves its objects open: a member that is not known is passed over. One
// whose name is known in another case is refused, as its sender meant the known one.
// Errors are api.CodeInvalidRequest.
func Object(text []byte, known ...string) (map[string]json.RawMessage, error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return nil, ErrNoBody()
	}
	if err := check(text, known); err != nil {
		return nil, err
	}
	if trimmed[0] != '{' {
		return nil, refuse("The body must be a JSON object.")
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return nil, errors.New("a text was checked and is no object") // the cause could quote a secret
	}
	var faults []api.FieldError
	for name := range members {
		if meant, ok := Variant(name, known); ok && len(faults) < maxFaults {
			faults = append(faults, api.FieldError{Field: Shown(name), Message: "is not a field of this request; the nearest is \"" + meant + "\""})
		}
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b api.FieldError) int { return strings.Compare(a.Field, b.Field) })
		return nil, keyring.RefuseFields(api.CodeInvalidRequest, faults...)
	}
	return members, nil
}

func check(text []byte, known []string) error {
	d := decoder{scanner: scanner{text: text}, named: known}
	return d.whole(nil)
}

// Variant returns the known name that differs from this one in the case of its letters
// only.
func Variant(name string, known []string) (string, bool) {
	for _, one := range known {
		if name != one && strings.EqualFold(name, one) {
			return one, true
		}
	}
	return "", false
}
