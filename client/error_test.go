package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

var sentinels = []error{
	ErrUnauthorized, ErrForbidden, ErrConflict, ErrStale, ErrValidation, ErrRateLimited, ErrUnavailable, ErrNotFound,
	ErrUnexpectedAnswer, ErrUnreachable, ErrUncertain,
}

// getError is the error of one GET that gets this answer and no second chance.
func getError(t *testing.T, r reply) *Error {
	t.Helper()
	c := newScript(t, step{method: "GET", path: "/v1/apikeys/key_1", reply: r}).client(WithMaxRetries(0))
	key, err := c.APIKeys.Get(t.Context(), "key_1")
	var e *Error
	if key != nil || !errors.As(err, &e) {
		t.Fatalf("%v, %v", key, err)
	}
	return e
}

func TestError_sentinels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		code   api.Code
		want   error // nil for none
	}{
		{400, api.CodeInvalidRequest, ErrValidation},
		{401, api.CodeMissingCredential, ErrUnauthorized},
		{401, api.CodeInvalidCredential, ErrUnauthorized},
		{403, api.CodeForbidden, ErrForbidden},
		{403, api.CodeGrantExceedsCaller, ErrForbidden},
		{403, api.CodeAccountStanding, ErrForbidden},
		{404, api.CodeNotFound, ErrNotFound},
		{404, api.CodeNoSuchPath, nil},
		{405, api.CodeMethodNotAllowed, nil},
		{409, api.CodeNameTaken, ErrConflict},
		{409, api.CodeKeyExpired, ErrConflict},
		{409, api.CodeLimitReached, ErrConflict},
		{412, api.CodeStaleRevision, ErrStale},
		{413, api.CodeBodyTooLarge, ErrValidation},
		{415, api.CodeUnsupportedMediaType, ErrValidation},
		{422, api.CodeValidationFailed, ErrValidation},
		{422, api.CodeUnsupported, ErrValidation},
		{422, api.CodeIdempotencyKeyReused, ErrConflict},
		{429, api.CodeRateLimited, ErrRateLimited},
		{500, api.CodeInternal, nil},
		{502, "", ErrUnavailable},
		{503, api.CodeStorageUnavailable, ErrUnavailable},
		{504, "", ErrUnavailable},
		{507, api.CodeStorageFull, nil},
		// A code of a later release keeps the meaning of its status.
		{409, "some_new_code", ErrConflict},
		{404, "some_new_code", nil},
		{404, "", nil},
	} {
		e := getError(t, problem(tt.status, tt.code))
		if e.Status != tt.status || e.Code != tt.code {
			t.Errorf("%d %s: %d %s", tt.status, tt.code, e.Status, e.Code)
		}
		for _, sentinel := range sentinels {
			if got := errors.Is(e, sentinel); got != (tt.want == sentinel) { //nolint:errorlint // compares sentinels
				t.Errorf("%d %s: is %v: %v", tt.status, tt.code, sentinel, got)
			}
		}
	}
}

func TestError_of_the_API(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(api.Problem{
		Status: 422, Code: api.CodeValidationFailed, Detail: "The request is not valid: see scopes.", RequestID: "req_body",
		Errors: []api.FieldError{{Field: "scopes[1]", Message: "no such scope"}, {Field: "name", Message: "must not be empty"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := getError(t, text(422, "application/problem+json; charset=utf-8", string(body)))
	want := &Error{
		Status: 422, Code: api.CodeValidationFailed, Message: "The request is not valid: see scopes.", RequestID: "req_test",
		Fields: []api.FieldError{{Field: "scopes[1]", Message: "no such scope"}, {Field: "name", Message: "must not be empty"}},
		Method: "GET", Path: "/v1/apikeys/{id}",
	}
	if diff := cmp.Diff(want, e, cmpopts.IgnoreUnexported(Error{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const line = "GET /v1/apikeys/{id}: 422 validation_failed: The request is not valid: see scopes; " +
		"scopes[1]: no such scope; name: must not be empty (request req_test)"
	if e.Error() != line {
		t.Errorf("%s\nwant %s", e, line)
	}
	// Behind a proxy that strips headers, the body still names the request.
	if e := getError(t, text(422, "application/json", string(body), api.HeaderRequestID, "")); e.RequestID != "req_body" {
		t.Errorf("request id %q", e.RequestID)
	}
}

// Whatever a proxy answers with, the status is told and no word of the body.
func TestError_of_something_else(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		reply reply
		want  string
	}{
		"html":           {text(502, "text/html; charset=utf-8", "<h1>HIDDEN</h1>"), "502: bad gateway, with a body of text/html and not"},
		"empty":          {text(403, "", ""), "403: forbidden, with an empty body and not"},
		"no kind":        {text(404, "", "HIDDEN"), "404: not found, with a body of an unknown kind and not"},
		"evil kind":      {text(404, "HIDDEN/hidden", "HIDDEN"), "with a body of an unknown kind"},
		"cut off":        {text(400, "application/problem+json", `{"code": "invalid_request", "detail": "HID`), "with a body of application/problem+json and not"},
		"other JSON":     {text(401, "application/json", `{"message": "HIDDEN"}`), "401: unauthorized, with a body of application/json and not"},
		"other types":    {text(401, "application/json", `{"code": 17, "detail": ["HIDDEN"]}`), "401: unauthorized, with a body of application/json"},
		"a list":         {text(500, "application/json", `["HIDDEN"]`), "500: internal server error"},
		"null":           {text(500, "application/json", `null`), "500: internal server error"},
		"too long":       {text(500, "application/json", `{"code": "internal", "detail": "HIDDEN`+strings.Repeat("x", outside.MostErrorAnswer)+`"}`), "with a body of application/json that is longer than 64 KiB"},
		"status without": {text(499, "text/plain", "HIDDEN"), "499: a status without a name"},
		"broken off": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "99")
			w.WriteHeader(400)
			_ = http.NewResponseController(w).Flush()
			drop(w)
		}, "400: bad request, with an empty body"},
		"code, no detail":  {text(409, "application/json", `{"code": "name_taken"}`), "409 name_taken: conflict"},
		"redirect nowhere": {text(302, "text/html", "HIDDEN"), "302: the server answers with a redirect, which is never followed"},
		"not modified":     {func(w http.ResponseWriter) { w.WriteHeader(304) }, "304: the server answers with a redirect"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := getError(t, tt.reply)
			if !strings.Contains(e.Error(), tt.want) || strings.Contains(strings.ToUpper(fmt.Sprintf("%v %+v %#v", e, e, e)), "HIDDEN") {
				t.Errorf("%v, want %q", e, tt.want)
			}
			if errors.Is(e, ErrNotFound) {
				t.Error("only the management API can say that there is no key")
			}
		})
	}
}

func TestError_cleans_texts(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(api.Problem{
		Code: "a\nb", Detail: "line\r\n\x1b[31mred\u202e \x00" + strings.Repeat("é", 2000),
		Errors: []api.FieldError{{Field: "f\t1", Message: "\u2028m" + strings.Repeat("x", 2000)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := getError(t, text(400, "application/json", string(body), api.HeaderRequestID, "req"+strings.Repeat("x", 500)))
	if want := "line [31mred " + strings.Repeat("é", 1000-len("line [31mred ")) + "..."; e.Message != want {
		t.Errorf("message %q", e.Message)
	}
	if e.Code != "a b" || e.Fields[0].Field != "f 1" || !strings.HasPrefix(e.Fields[0].Message, "mxx") || len(e.Fields[0].Message) != 1003 || len(e.RequestID) != 103 {
		t.Errorf("%+v", *e)
	}
}
