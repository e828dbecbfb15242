package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, verifier := h.NewKey(t, "verify")
	off := h.create(t, `{"name":"off","scopes":["read"],"enabled":false}`, nil)
	ok := func(body string, want ...string) scenario {
		return scenario{method: http.MethodPost, path: pathVerify, body: body, status: http.StatusOK, want: want}
	}
	invalid := func(body, field string) scenario {
		return scenario{
			method: http.MethodPost, path: pathVerify, body: body, field: field,
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, forbid: []string{"hushhush"},
		}
	}
	delegated := ok(`{"secret":"{secret}"}`, `"code":"valid"`)
	delegated.header = map[string]string{api.HeaderAPIKey: verifier}
	h.run(t, map[string]scenario{
		"valid":          ok(`{"secret":"{secret}","scopes":["read"]}`, `"valid":true,"code":"valid","status":200`, `"effective_scopes":["read"]`),
		"any scope":      ok(`{"secret":"{secret}"}`, `"valid":true`),
		"missing scope":  ok(`{"secret":"{secret}","scopes":["admin"]}`, `"valid":false,"code":"missing_scope","status":403`, `"missing_scopes":["admin"`),
		"unknown":        ok(`{"secret":"hushhush"}`, `{"valid":false,"code":"invalid","status":401}`),
		"empty":          ok(`{"secret":""}`, `{"valid":false,"code":"invalid","status":401}`),
		"an owner's":     ok(`{"secret":"`+h.Owner+`"}`, `{"valid":false,"code":"invalid","status":401}`),
		"turned off":     ok(`{"secret":"`+off.Secret.Reveal()+`"}`, `"code":"inactive","status":401`),
		"with the right": delegated,
		"without the right": {
			method: http.MethodPost, path: pathVerify, body: `{"secret":"x"}`, header: map[string]string{api.HeaderAPIKey: "{secret}"},
			status: http.StatusForbidden, code: api.CodeForbidden,
		},
		"no secret":           invalid(`{"scopes":["read"]}`, "secret"),
		"null secret":         invalid(`{"secret":null}`, "secret"),
		"secret in a list":    invalid(`{"secret":["hushhush"]}`, "secret"),
		"null scopes":         invalid(`{"secret":"hushhush","scopes":null}`, "scopes"),
		"scope of no kind":    invalid(`{"secret":"hushhush","scopes":["read",{}]}`, "scopes[1]"),
		"unknown scope":       invalid(`{"secret":"hushhush","scopes":["reed"]}`, "scopes"),
		"unknown field":       invalid(`{"secret":"hushhush","scope":"read"}`, "scope"),
		"name in other case":  invalid(`{"Secret":"hushhush"}`, "Secret"),
		"broken":              {method: http.MethodPost, path: pathVerify, body: `{"secret":"hushhush}`, status: http.StatusBadRequest, code: api.CodeInvalidRequest, forbid: []string{"hushhush"}},
		"secret twice":        {method: http.MethodPost, path: pathVerify, body: `{"secret":"hushhush","secret":"b"}`, status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: "secret"},
		"no body":             {method: http.MethodPost, path: pathVerify, status: http.StatusBadRequest, code: api.CodeInvalidRequest},
		"secret in the query": {method: http.MethodPost, path: pathVerify + "?secret=hushhush", body: `{"secret":"x"}`, status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: "secret", forbid: []string{"hushhush"}},
	})
}

func TestVerify_ExpiryAndStanding(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Clock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)))
	key := h.create(t, `{"name":"ci","scopes":["read"],"expires_at":"2030-01-01T00:00:10Z"}`, nil)
	h.SetStanding(t, api.StandingPastDue)
	if v := h.verify(t, key.Secret.Reveal()); v.Code != api.VerifyAccountStanding || v.Status != http.StatusForbidden {
		t.Errorf("out of standing: %+v", v)
	}
	h.SetStanding(t, api.StandingOpen)
	h.Advance(9 * time.Second)
	if v := h.verify(t, key.Secret.Reveal()); !v.Valid {
		t.Errorf("a second before its end: %+v", v)
	}
	h.Advance(time.Second)
	if v := h.verify(t, key.Secret.Reveal()); v.Code != api.VerifyExpired || v.Status != http.StatusUnauthorized {
		t.Errorf("at its end: %+v", v)
	}
}

func TestAuthorize(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"))
	_, verifierless := func() (string, string) {
		key := h.create(t, `{"name":"gateway","scopes":["reports:read"]}`, nil)
		return key.ID, key.Secret.Reveal()
	}()
	key := h.create(t, `{"name":"caller","scopes":["contacts:write"]}`, nil)
	gateway := func(extra ...string) map[string]string {
		header := map[string]string{api.HeaderAPIKey: "-", api.HeaderAuthorize: h.Owner}
		for i := 0; i < len(extra); i += 2 {
			header[extra[i]] = extra[i+1]
		}
		return header
	}
	const invalid = `{"errors":[{"errorType":"UnauthorizedError","message":"Invalid API key"}]}`
	for name, tc := range map[string]struct {
		query  string
		header map[string]string
		status int
		code   api.Code
		body   string
	}{
		"let in":              {"?scope=contacts:read", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusNoContent, "", ""},
		"by bearer":           {"?scope=contacts:read&scope=contacts:write", gateway("Authorization", "bearer "+key.Secret.Reveal()), http.StatusNoContent, "", ""},
		"scopes in one":       {"?scope=contacts:read,contacts:write", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusNoContent, "", ""},
		"no scope":            {"", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusNoContent, "", ""},
		"missing scope":       {"?scope=reports:read", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusForbidden, "", `{"errors":[{"errorType":"ForbiddenError","message":"API key missing required scope: reports:read"}]}`},
		"no key":              {"?scope=contacts:read", gateway(), http.StatusUnauthorized, "", invalid},
		"unknown key":         {"", gateway(api.HeaderAPIKey, "bme_hushhush"), http.StatusUnauthorized, "", invalid},
		"beside a token":      {"", gateway(api.HeaderAPIKey, key.Secret.Reveal(), "Authorization", "Bearer x"), http.StatusNoContent, "", ""},
		"unknown scope":       {"?scope=contact:read", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusUnprocessableEntity, api.CodeValidationFailed, "contacts:read"},
		"unknown parameter":   {"?scopes=contacts:read", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusBadRequest, api.CodeInvalidRequest, `the nearest is \"scope\"`},
		"empty scope":         {"?scope=", gateway(api.HeaderAPIKey, key.Secret.Reveal()), http.StatusBadRequest, api.CodeInvalidRequest, "must not be empty"},
		"gateway unknown":     {"", gateway(api.HeaderAuthorize, "x"), http.StatusUnauthorized, api.CodeInvalidCredential, ""},
		"gateway says no key": {"", map[string]string{}, http.StatusUnauthorized, api.CodeMissingCredential, api.HeaderAuthorize},
		"gateway has no right": {
			"", gateway(api.HeaderAuthorize, verifierless, api.HeaderAPIKey, key.Secret.Reveal()), http.StatusForbidden, api.CodeForbidden, "verify",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.send(t, http.MethodGet, "/v1/authorize"+tc.query, "", tc.header)
			scenario{status: tc.status, code: tc.code, want: []string{tc.body}, forbid: []string{"hushhush"}}.check(t, a)
			if tc.code == "" && tc.body != "" && (a.body != tc.body || a.header.Get("Content-Type") != jsonType) {
				t.Errorf("%s: %s, want the platform's own body", a.header.Get("Content-Type"), a.body)
			}
			if tc.status == http.StatusNoContent && (a.header.Get("X-Postern-Apikey-Id") != key.ID ||
				a.header.Get("X-Postern-Account-Id") != h.AccountID() || a.header.Values("X-Postern-Scopes") != nil) {
				t.Errorf("headers %v", a.header)
			}
			if strings.Contains(a.body, key.Secret.Reveal()) {
				t.Error("the answer shows the secret")
			}
		})
	}
}
