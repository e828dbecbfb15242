package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Only the refusal that was expected counts as one.
func TestRefused(t *testing.T) {
	t.Parallel()
	no := &client.Error{Code: api.CodeUnsupported, Message: "No."}
	field := &client.Error{Code: api.CodeUnsupported, Message: "No.", Fields: []api.FieldError{{Field: "scopes", Message: "they stay"}}}
	for name, one := range map[string]struct {
		err  error
		want string // empty for an error
	}{
		"as a whole":   {no, "No."},
		"wrapped":      {fmt.Errorf("trying: %w", no), "No."},
		"a field":      {field, "they stay"},
		"not at all":   {nil, ""},
		"another code": {&client.Error{Code: api.CodeForbidden, Message: "No."}, ""},
		"no answer":    {errors.New("no route"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := refused(one.err, api.CodeUnsupported); got != one.want || (err == nil) != (one.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
