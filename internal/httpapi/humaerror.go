package httpapi

import (
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
)

// overrideHuma makes every error that huma answers a problem of ours. huma keeps
// these functions in package variables, so this is done once for the program.
var overrideHuma = sync.OnceFunc(func() {
	// Without a context there is no request: huma only looks at the type, to
	// describe it.
	huma.NewError = func(status int, message string, _ ...error) huma.StatusError {
		return &problem{api.Problem{Title: http.StatusText(status), Status: status, Detail: message}}
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		r, w := humago.Unwrap(ctx)
		return exchangeOf(w).problem(r, fromHuma(ctx.Operation(), status, errs))
	}
})

// fromHuma gives an error that huma reports a code and our words. huma's own
// details hold the value that was sent, which may be a secret: only the place
// is taken from them.
func fromHuma(op *huma.Operation, status int, errs []error) error {
	var fields []api.FieldError
	for _, err := range errs {
		known := &keyring.Error{}
		if errors.As(err, &known) {
			return err
		}
		detail := &huma.ErrorDetail{}
		if !errors.As(err, &detail) {
			if status == http.StatusInternalServerError {
				return err // what a handler returned
			}
			continue
		}
		where, name, _ := strings.Cut(detail.Location, ".")
		fields = append(fields, api.FieldError{Field: name, Message: "must be " + wanted(op, where, name)})
	}
	if len(fields) > 0 {
		return keyring.RefuseFields(api.CodeInvalidRequest, fields...)
	}
	return strictjson.ErrNoBody()
}

// wanted is what a parameter must be, in words.
func wanted(op *huma.Operation, where, name string) string {
	for _, p := range op.Parameters {
		if p.In == where && p.Name == name {
			if p.Schema.Format == "date-time" {
				return `a time as in RFC 3339, such as 2030-01-31T12:00:00Z, and a "+" in it written as %2B`
			}
			return strictjson.Words(p.Schema)
		}
	}
	return "as the API's document says"
}
