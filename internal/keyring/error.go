package keyring

import (
	"errors"
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Error is a refusal or failure that the caller may read. Whatever is not an
// *Error is internal: the caller is told no more than that, and the log holds
// the rest.
type Error struct {
	Code    api.Code
	Message string // whole sentences, safe to show: what happened and what to do
	Fields  []api.FieldError
	cause   error
	reason  string // for the audit trail: what the caller may not know; may be empty
}

func (e *Error) Error() string {
	text := e.Message
	for _, f := range e.Fields {
		text += " " + f.Field + ": " + f.Message
	}
	return text
}

// Unwrap returns what lies behind it, for the log.
func (e *Error) Unwrap() error { return e.cause }

// Cause is what lies behind an error, for the log: the words for the caller say less.
func Cause(err error) string {
	if known, ok := errors.AsType[*Error](err); ok && known.cause != nil {
		return known.cause.Error()
	}
	return err.Error()
}

func refuse(code api.Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// faults collects what is wrong with the fields of one request, so that a caller
// learns all of it at once.
type faults []api.FieldError

func (f *faults) add(field, format string, args ...any) {
	*f = append(*f, api.FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return RefuseFields(api.CodeValidationFailed, f...)
}

// RefuseFields is an error about some fields, headers or parameters of a request.
func RefuseFields(code api.Code, fields ...api.FieldError) *Error {
	var names []string
	for _, f := range fields {
		names = append(names, f.Field)
	}
	return &Error{Code: code, Message: fmt.Sprintf("The request is not valid: see %s.", strings.Join(names, ", ")), Fields: fields}
}

func unsupported(field, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return &Error{Code: api.CodeUnsupported, Message: "The account's platform does not support this.", Fields: []api.FieldError{{Field: field, Message: message}}}
}
