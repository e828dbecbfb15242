package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const problemType = "application/problem+json"

// statusOf is the one table from codes to HTTP statuses.
func statusOf(code api.Code) int {
	switch code {
	case api.CodeInvalidRequest:
		return http.StatusBadRequest
	case api.CodeMissingCredential, api.CodeInvalidCredential:
		return http.StatusUnauthorized
	case api.CodeForbidden, api.CodeGrantExceedsCaller, api.CodeSecretReplaced, api.CodeAccountStanding:
		return http.StatusForbidden
	case api.CodeNotFound, api.CodeNoSuchPath:
		return http.StatusNotFound
	case api.CodeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case api.CodeNameTaken, api.CodeKeyExpired, api.CodeLimitReached, api.CodeInUse, api.CodeHandleTaken, api.CodeScopeBuiltin:
		return http.StatusConflict
	case api.CodeStaleRevision:
		return http.StatusPreconditionFailed
	case api.CodeBodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case api.CodeUnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case api.CodeValidationFailed, api.CodeUnsupported, api.CodeIdempotencyKeyReused:
		return http.StatusUnprocessableEntity
	case api.CodeRateLimited:
		return http.StatusTooManyRequests
	case api.CodeStorageUnavailable, api.CodeStopping:
		return http.StatusServiceUnavailable
	case api.CodeStorageFull:
		return http.StatusInsufficientStorage
	case api.CodeInternal:
	}
	return http.StatusInternalServerError
}

// refuse is an error that the caller may read.
func refuse(code api.Code, format string, args ...any) *keyring.Error {
	return &keyring.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// problem is the body of an error answer. It is what huma writes, too, so that
// there is one shape.
type problem struct {
	api.Problem
}

// Error returns the sentence for people.
func (p *problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// ContentType tells huma that this is no plain JSON.
func (*problem) ContentType(string) string { return problemType }

// problem turns an error into its answer, with the headers that belong to it.
// What the caller may not know is logged here, and only here.
func (x *exchange) problem(r *http.Request, err error) *problem {
	known := &keyring.Error{}
	if !errors.As(err, &known) {
		known = refuse(api.CodeInternal, "The server failed. Its log holds the cause under this request id.")
	}
	status := statusOf(known.Code)
	if x.reason == "" {
		x.reason = string(known.Code)
	}
	switch {
	case status < http.StatusInternalServerError:
	case r.Context().Err() != nil:
		// Whatever failed, failed because the caller left.
		x.gone = true
	default:
		x.log.Error("request failed", "request_id", x.id, "route", template(r.Pattern), "code", string(known.Code), "cause", keyring.Cause(err))
	}
	switch status {
	case http.StatusUnauthorized:
		x.Header().Set("WWW-Authenticate", `Bearer realm="postern"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		x.Header().Set("Retry-After", "1")
	}
	return &problem{api.Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: known.Code,
		Detail: known.Message, RequestID: x.id, Errors: known.Fields,
	}}
}

// fail answers with the error.
func (x *exchange) fail(r *http.Request, err error) {
	p := x.problem(r, err)
	body, encodeErr := json.Marshal(p)
	if encodeErr != nil {
		panic(fmt.Errorf("encoding a problem: %w", encodeErr))
	}
	x.send(p.Status, problemType, body)
}
