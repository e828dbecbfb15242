package vendorapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
)

// ReadBody reads a body of at most api.MaxBody bytes, and needs no more memory than has
// arrived: what a request says about its length costs nothing. Errors are
// api.CodeBodyTooLarge and api.CodeInvalidRequest.
func ReadBody(r *http.Request) ([]byte, error) {
	tooLarge := &keyring.Error{Code: api.CodeBodyTooLarge, Message: fmt.Sprintf("The body is too large: at most %d bytes are read.", api.MaxBody)}
	if r.ContentLength > api.MaxBody {
		return nil, tooLarge
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, api.MaxBody))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, tooLarge
	}
	if err != nil {
		return nil, &keyring.Error{Code: api.CodeInvalidRequest, Message: "The body could not be read to its end."}
	}
	return text, nil
}

// Query reads the query. Parameters that are not known are passed over, as the vendors do.
// What could make a list longer than its caller meant is refused with
// api.CodeInvalidRequest: a query that is not well formed, and a known parameter that is
// empty, sent twice, or written in another case.
func Query(r *http.Request, known ...string) (url.Values, error) {
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &keyring.Error{
			Code:    api.CodeInvalidRequest,
			Message: "The query is not well formed: percent-encode what is not a letter or a digit, and separate parameters by \"&\".",
		}
	}
	var faults []api.FieldError
	for name, values := range sent {
		meant, variant := strictjson.Variant(name, known)
		message := ""
		switch {
		case variant:
			message = "is not a parameter of this call; the nearest is \"" + meant + "\""
		case !slices.Contains(known, name):
			continue
		case len(values) > 1:
			message = "must be sent once"
		case values[0] == "":
			message = "must not be empty; leave it out"
		default:
			continue
		}
		faults = append(faults, api.FieldError{Field: strictjson.Shown(name), Message: message})
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b api.FieldError) int { return strings.Compare(a.Field, b.Field) })
		return nil, keyring.RefuseFields(api.CodeInvalidRequest, faults...)
	}
	return sent, nil
}
