package httpapi

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
)

// admit runs before every huma operation: it finds out who is calling, refuses
// what can be refused before a body is read, and reads the body.
func (a *API) admit(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	x := exchangeOf(w)
	who, err := a.authenticate(x, r, credential)
	if err == nil {
		err = checkRequest(r, ctx.Operation())
	}
	if err == nil && ctx.Operation().RequestBody != nil {
		var text []byte
		text, err = readBody(x, r)
		r.Body = io.NopCloser(bytes.NewReader(text))
	}
	if err != nil {
		x.fail(r, err)
		return
	}
	next(huma.WithValue(ctx, callerKey{}, who))
}

// checkRequest refuses what huma would pass over in silence.
func checkRequest(r *http.Request, op *huma.Operation) error {
	if _, err := query(r, op); err != nil {
		return err
	}
	for _, p := range op.Parameters {
		if p.In != "header" {
			continue
		}
		switch sent := r.Header.Values(p.Name); {
		case len(sent) > 1:
			return keyring.RefuseFields(api.CodeInvalidRequest, api.FieldError{Field: p.Name, Message: "must be sent once"})
		case len(sent) == 1 && strings.TrimSpace(sent[0]) == "":
			return keyring.RefuseFields(api.CodeInvalidRequest, api.FieldError{Field: p.Name, Message: "must not be empty; leave it out"})
		}
	}
	return nil
}

// query reads the query parameters. One that the operation does not have is
// refused: a misspelt filter would answer with more than was asked for. So is an
// empty one, for the same reason.
func query(r *http.Request, op *huma.Operation) (url.Values, error) {
	if r.URL.RawQuery == "" {
		return nil, nil
	}
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(api.CodeInvalidRequest, "The query is not well formed: percent-encode what is not a letter or a digit, and separate parameters by \"&\".")
	}
	var known []string
	repeatable := map[string]bool{}
	for _, p := range op.Parameters {
		if p.In == "query" {
			known = append(known, p.Name)
			repeatable[p.Name] = p.Explode != nil && *p.Explode
		}
	}
	var fields []api.FieldError
	for name, values := range sent {
		message := ""
		switch {
		case !slices.Contains(known, name):
			message = "is not a parameter of this call" + strictjson.Hint(name, known)
		case slices.Contains(values, ""):
			message = "must not be empty; leave it out"
		case len(values) > 1 && !repeatable[name]:
			message = "must be sent once"
		default:
			continue
		}
		fields = append(fields, api.FieldError{Field: strictjson.Shown(name), Message: message})
	}
	if len(fields) == 0 {
		return sent, nil
	}
	slices.SortFunc(fields, func(a, b api.FieldError) int { return strings.Compare(a.Field, b.Field) })
	return nil, keyring.RefuseFields(api.CodeInvalidRequest, fields...)
}
