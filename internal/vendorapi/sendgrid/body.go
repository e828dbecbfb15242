package sendgrid

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi"
)

// noObject begins what is said of a body that is not read as an object.
const noObject = "expected JSON request body"

// object is a JSON object, its values not read yet.
type object map[string]json.RawMessage

// object reads the body, whatever type it is said to have, as SendGrid does. Fields of
// other names than those that are known are passed over, as SendGrid does, too. A field
// that is there twice, or in another case, is refused: nobody can tell which was meant,
// and scopes that are passed over would give full access.
func (c *call) object(known ...string) (object, error) {
	text, err := vendorapi.ReadBody(c.r)
	if err != nil {
		return nil, err
	}
	members, err := strictjson.Object(text, known...)
	return members, expected(err)
}

// array reads a body that is an array of strings, which is called name in errors.
func (c *call) array(name string) ([]string, error) {
	text, err := vendorapi.ReadBody(c.r)
	if err != nil {
		return nil, err
	}
	if err := strictjson.Check(text); err != nil {
		return nil, expected(err)
	}
	all, ok := stringsOf(text)
	if !ok {
		return nil, invalid(name, "must be an array of strings")
	}
	return all, nil
}

// expected puts SendGrid's text before what is wrong with a body as a whole.
func expected(err error) error {
	if e, ok := errors.AsType[*keyring.Error](err); ok && len(e.Fields) == 0 {
		return refusal(http.StatusBadRequest, noObject+". "+e.Message)
	}
	return err
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
