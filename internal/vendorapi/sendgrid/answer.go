package sendgrid

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// fault is an error in SendGrid's envelope.
type fault struct {
	status int
	Errors []item `json:"errors"`
}

// item is one error. Field is JSON: a string, null, or nothing at all, as some of the
// subusers' errors have it.
type item struct {
	Field   json.RawMessage `json:"field,omitempty"`
	Message string          `json:"message"`
}

func (f *fault) Error() string { return fmt.Sprintf("%d %s", f.status, f.Errors[0].Message) }

// refusal is an error about no field.
func refusal(status int, message string) *fault {
	return &fault{status: status, Errors: []item{{Field: json.RawMessage("null"), Message: message}}}
}

// invalid is an error about a field of the request.
func invalid(field, message string) *fault {
	f := &fault{status: http.StatusBadRequest}
	f.add(field, message)
	return f
}

// bare is an error whose envelope has no field.
func bare(status int, message string) *fault {
	return &fault{status: status, Errors: []item{{Message: message}}}
}

func (f *fault) add(field, message string) {
	quoted, err := json.Marshal(field)
	if err != nil {
		panic(err) // a string always encodes
	}
	f.Errors = append(f.Errors, item{Field: quoted, Message: message})
}

// send sends an answer as JSON.
func send(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(fmt.Errorf("encoding an answer: %w", err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // one that cannot be delivered concerns only the caller
}

const (
	// badScopes is the text of the teammates' paths; whether those of keys have the
	// same one is not documented. What is wrong follows it.
	badScopes = "invalid or unassignable scopes were given"
	// unauthorizedScopes begins what PUT was seen to answer in 2025, with no field.
	unauthorizedScopes = "unauthorized scopes"
	// tooManyKeys is the text of the 2018 reference. It names 100 also where an
	// operator has set a lower limit for a subuser.
	tooManyKeys = "Cannot create more than 100 API Keys"
)

// translate is the one table from errors to SendGrid's answers.
func (e endpoint) translate(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	known, ok := errors.AsType[*keyring.Error](err)
	if !ok {
		known = &keyring.Error{Code: api.CodeInternal}
	}
	switch known.Code {
	case api.CodeMissingCredential:
		return refusal(http.StatusUnauthorized, "authorization required")
	case api.CodeInvalidCredential:
		return refusal(http.StatusUnauthorized, "The provided authorization grant is invalid, expired, or revoked")
	case api.CodeForbidden, api.CodeSecretReplaced, api.CodeAccountStanding:
		return e.forbidden()
	case api.CodeGrantExceedsCaller:
		if e.method == http.MethodPost || e.method == http.MethodPut {
			return e.fields(known)
		}
		return e.forbidden()
	case api.CodeLimitReached:
		return refusal(http.StatusForbidden, tooManyKeys)
	case api.CodeNotFound:
		return refusal(http.StatusNotFound, e.missing)
	case api.CodeHandleTaken:
		return bare(http.StatusBadRequest, "username exists")
	case api.CodeBodyTooLarge:
		return refusal(http.StatusRequestEntityTooLarge, "request body too large")
	case api.CodeRateLimited:
		return refusal(http.StatusTooManyRequests, "too many requests")
	case api.CodeValidationFailed, api.CodeUnsupported, api.CodeInvalidRequest:
		return e.fields(known)
	default:
		return refusal(http.StatusInternalServerError, "internal server error")
	}
}

// forbidden is the answer to a caller without the right. About subusers it is the
// OpenAPI's, about all else what the service was seen to answer.
func (e endpoint) forbidden() *fault {
	if e.subusers {
		return bare(http.StatusForbidden, "you dont have permission to access this resource")
	}
	return refusal(http.StatusForbidden, "access forbidden")
}

// faultyScopes is a 400 about scopes. What is wrong with them follows the text.
func faultyScopes(method, what string) *fault {
	if method == http.MethodPut {
		return refusal(http.StatusBadRequest, unauthorizedScopes+what)
	}
	return invalid("scopes", badScopes+what)
}

// fields is a 400 with what the domain says about each field, by SendGrid's names.
func (e endpoint) fields(known *keyring.Error) *fault {
	f := &fault{status: http.StatusBadRequest}
	for _, field := range known.Fields {
		switch {
		case known.Code == api.CodeInvalidRequest: // about what was sent, not what it means
			f.add(field.Field, field.Message)
		case field.Field == "scopes":
			f.Errors = append(f.Errors, faultyScopes(e.method, ": "+field.Message).Errors...)
		case field.Field == "handle":
			f.add("username", field.Message)
		default:
			f.add(field.Field, field.Message)
		}
	}
	if len(f.Errors) == 0 {
		return refusal(http.StatusBadRequest, known.Message)
	}
	return f
}
