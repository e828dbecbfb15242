package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// noSecrets walks an error and all that it wraps.
func noSecrets(t *testing.T, err error) {
	t.Helper()
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := strings.ToLower(fmt.Sprintf(format, err)); strings.Contains(text, "mustnotshow") || strings.Contains(text, "name=n") {
			t.Errorf("%s shows a secret or a query: %s", format, text)
		}
	}
	if text, err := json.Marshal(err); err == nil && strings.Contains(string(text), "MUSTnotSHOW") {
		t.Errorf("JSON shows a secret: %s", text)
	}
	switch wrapped := err.(type) { //nolint:errorlint // walks the tree itself
	case interface{ Unwrap() error }:
		if wrapped.Unwrap() != nil {
			noSecrets(t, wrapped.Unwrap())
		}
	case interface{ Unwrap() []error }:
		for _, one := range wrapped.Unwrap() {
			noSecrets(t, one)
		}
	}
}

// Even a server that repeats all it was sent, and more, gets no secret into an
// error: not the credential, not a secret in a request, not one in an answer.
func TestErrors_show_no_secrets(t *testing.T) {
	t.Parallel()
	leak := testCredential + " " + testSecret
	problemText := fmt.Sprintf(`{"code": "internal", "detail": %q, "request_id": %[1]q, "errors": [{"field": %[1]q, "message": %[1]q}], "title": %[1]q}`, testCredential)
	replies := map[string]reply{
		"html":           text(500, "text/html", leak, api.HeaderRequestID, testCredential),
		"kind":           text(500, testCredential, leak),
		"problem":        text(500, "application/problem+json", problemText),
		"code":           text(500, "application/problem+json", `{"code": "`+testCredential+`"}`),
		"redirect":       text(302, "", leak, "Location", "https://host/"+leak, "Retry-After", leak),
		"bad redirect":   text(302, "", leak, "Location", "http://["+leak),
		"userinfo":       text(302, "", leak, "Location", "https://"+testCredential+":"+testSecret+"@host/"),
		"redirect host":  text(302, "", leak, "Location", "https://"+testCredential+"/"),
		"success html":   text(200, "text/html", leak),
		"success string": text(200, "application/json", `"`+leak+`"`),
		"success type":   text(200, "application/json", `{"id": "x", "secret": "`+testSecret+`", "revision": "`+testSecret+`", "items": "`+leak+`", "valid": "`+leak+`"}`),
		"success half":   text(200, "application/json", `{"secret": "`+testSecret+`"}`),
		"not HTTP":       hijacked(leak + "\r\n\r\n"),
		"bad status":     hijacked("HTTP/1.1 " + leak + "\r\n\r\n"),
		"bad header":     hijacked("HTTP/1.1 200 OK\r\n" + leak + "\r\n\r\n"),
		"bad length":     hijacked("HTTP/1.1 200 OK\r\nContent-Length: " + testCredential + "\r\n\r\n"),
		"bad encoding":   hijacked("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + testCredential + "\r\n\r\n"),
		"bad chunk":      hijacked("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + testCredential + "\r\n"),
		"bad gzip":       hijacked("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 33\r\n\r\n" + leak[:33]),
		"half":           half,
		"dropped":        drop,
	}
	for name, r := range replies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for op, o := range operations() {
				only := o.step
				only.reply = r
				err := o.call(t.Context(), newScript(t, only).client(WithMaxRetries(0)))
				if err == nil {
					if !strings.HasPrefix(op, "delete") || !strings.HasPrefix(name, "success") {
						t.Errorf("%s: no error", op)
					}
					continue
				}
				noSecrets(t, err)
				var broken *ConnectionError
				if errors.As(err, &broken) {
					noSecrets(t, fmt.Errorf("%+v %#v", *broken, *broken))
				}
			}
		})
	}
	t.Run("the secret in question", func(t *testing.T) {
		t.Parallel()
		s := newScript(t, step{
			method: "POST", path: "/v1/verify", body: `{"secret": "` + testSecret + `"}`,
			reply: text(422, "application/json", fmt.Sprintf(`{"code": "validation_failed", "detail": "not good: %s", "errors": [{"field": "secret", "message": "%[1]s is short"}]}`, testSecret)),
		})
		_, err := s.client().Verify.Verify(t.Context(), api.VerifyRequest{Secret: api.NewSecret(testSecret)})
		noSecrets(t, err)
		if !strings.Contains(err.Error(), "[redacted] is short") {
			t.Error(err)
		}
	})
	t.Run("a chosen secret", func(t *testing.T) {
		t.Parallel()
		const chosen = `a "chosen\secret" that MUSTnotSHOW`
		body, err := json.Marshal(map[string]string{"secret": chosen})
		if err != nil {
			t.Fatal(err)
		}
		for path, call := range map[string]func(*Client) error{
			"/v1/apikeys": func(c *Client) error {
				_, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Secret: api.NewSecret(chosen)})
				return err
			},
			"/v1/apikeys/key_1/rotate": func(c *Client) error {
				_, err := c.APIKeys.Rotate(t.Context(), "key_1", api.RotateAPIKey{Secret: api.NewSecret(chosen)})
				return err
			},
		} {
			for how, said := range map[string]string{"plain": chosen, "quoted": fmt.Sprintf("%q", chosen)} {
				only := step{method: "POST", path: path, body: string(body), reply: reveal(422, api.Problem{
					Status: 422, Code: api.CodeValidationFailed, Detail: said, Errors: []api.FieldError{{Field: "secret", Message: said + " is short"}},
				})}
				err := call(scripted(t, only))
				noSecrets(t, err)
				if !strings.Contains(err.Error(), "[redacted]") {
					t.Errorf("%s, %s: %v", path, how, err)
				}
			}
		}
	})
	t.Run("the idempotency key", func(t *testing.T) {
		t.Parallel()
		const key = "key-that-MUSTnotSHOW"
		s := newScript(t, step{method: "POST", path: "/v1/apikeys", body: `{}`, reply: text(422, "application/json", `{"code": "validation_failed", "detail": "`+key+`"}`)})
		_, err := s.client().APIKeys.Create(t.Context(), api.CreateAPIKey{}, IdempotencyKey(key))
		noSecrets(t, err)
	})
}

// hijacked answers with bytes that need not be HTTP.
func hijacked(raw string) reply {
	return func(w http.ResponseWriter) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = conn.Write([]byte(raw))
		_ = conn.Close()
	}
}
