package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// create is a POST of a key that is refused for what is wrong with its body.
func refusedCreate(body, field string, want ...string) scenario {
	return scenario{
		method: http.MethodPost, path: pathKeys, body: body,
		status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: field, want: want,
	}
}

func TestAPIKeys_BadFieldsAreNamed(t *testing.T) {
	t.Parallel()
	start(t).run(t, map[string]scenario{
		"misspelt scope":      refusedCreate(`{"name":"ci","scopes":["reed"]}`, "scopes", `the nearest is \"read\"`),
		"two misspelt scopes": refusedCreate(`{"name":"ci","scopes":["reed","wrte"]}`, "scopes", `\"read\"`, `\"write\"`),
		"empty scopes":        refusedCreate(`{"name":"ci","scopes":[]}`, "scopes", "never means everything"),
		"no scopes":           refusedCreate(`{"name":"ci"}`, "scopes", "never means everything"),
		"null scopes":         refusedCreate(`{"name":"ci","scopes":null}`, "scopes", "must not be null"),
		"a scope that is no string": refusedCreate(`{"name":"ci","scopes":["read","write",7]}`,
			"scopes[2]", "must be a string, not a number"),
		"a null scope":            refusedCreate(`{"name":"ci","scopes":[null]}`, "scopes[0]", "must not be null"),
		"scopes in one string":    refusedCreate(`{"name":"ci","scopes":"read"}`, "scopes", "must be an array, not a string"),
		"expiry in the past":      refusedCreate(`{"name":"ci","scopes":["read"],"expires_at":"2001-01-01T00:00:00Z"}`, "expires_at", "must be in the future"),
		"expiry in fractions":     refusedCreate(`{"name":"ci","scopes":["read"],"expires_at":"2100-01-01T00:00:00.5Z"}`, "expires_at", "whole seconds"),
		"expiry that is no time":  refusedCreate(`{"name":"ci","scopes":["read"],"expires_at":"tomorrow"}`, "expires_at", "RFC 3339"),
		"expiry that is a number": refusedCreate(`{"name":"ci","scopes":["read"],"expires_at":1900000000}`, "expires_at", "must be a time in a string, not a number"),
		"name too long":           refusedCreate(`{"name":"`+strings.Repeat("n", 101)+`","scopes":["read"]}`, "name", "at most 100 characters"),
		"empty name":              refusedCreate(`{"name":"","scopes":["read"]}`, "name", "must not be empty"),
		"name of a space":         refusedCreate(`{"name":" ","scopes":["read"]}`, "name"),
		"control character":       refusedCreate(`{"name":"a\u0007b","scopes":["read"]}`, "name", "U+0007"),
		"line feed":               refusedCreate(`{"name":"a\nb","scopes":["read"]}`, "name", "U+000A"),
		"invisible character":     refusedCreate(`{"name":"a\u202eb","scopes":["read"]}`, "name", "U+202E"),
		"control in description":  refusedCreate(`{"name":"ci","description":"a\u0000b","scopes":["read"]}`, "description", "U+0000"),
		"unknown field":           refusedCreate(`{"name":"ci","scope":["read"],"scopes":["read"]}`, "scope", `the nearest is \"scopes\"`),
		"field in other letters":  refusedCreate(`{"Name":"ci","name":"ci","scopes":["read"]}`, "Name", `the nearest is \"name\"`),
		"far field":               refusedCreate(`{"name":"ci","scopes":["read"],"permissions":[]}`, "permissions", "known are access, description, enabled, expires_at, name, preset, scopes, secret"),
		"enabled in a string":     refusedCreate(`{"name":"ci","scopes":["read"],"enabled":"true"}`, "enabled", "must be true or false, not a string"),
		"null enabled":            refusedCreate(`{"name":"ci","scopes":["read"],"enabled":null}`, "enabled", "must not be null"),
		"array":                   refusedCreate(`[]`, "body", "must be an object, not an array"),
		"null":                    refusedCreate(`null`, "body", "must not be null"),
		"several faults at once":  refusedCreate(`{"name":"","scopes":[],"description":"a\tb"}`, "scopes", `"field":"name"`, `"field":"description"`),
		"null name in a change": {
			method: http.MethodPatch, path: pathKeys + "/{id}", body: `{"name":null}`,
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: "name", want: []string{"must not be null"},
		},
		"overlap without a unit": {
			method: http.MethodPost, path: pathKeys + "/{id}/rotate", body: `{"overlap":"24"}`,
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: "overlap", want: []string{`\"24h\"`},
		},
		"overlap in days": {
			method: http.MethodPost, path: pathKeys + "/{id}/rotate", body: `{"overlap":"7d"}`,
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: "overlap", want: []string{"days are not a unit"},
		},
		"overlap too long": {
			method: http.MethodPost, path: pathKeys + "/{id}/rotate", body: `{"overlap":"721h"}`,
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: "overlap", want: []string{"at most 720h"},
		},
	})
}

// brokenCreate is a POST of a body that is not JSON as it must be.
func brokenCreate(body, want string) scenario {
	return scenario{
		method: http.MethodPost, path: pathKeys, body: body,
		status: http.StatusBadRequest, code: api.CodeInvalidRequest, want: []string{want}, forbid: []string{"hushhush"},
	}
}

func TestAPIKeys_BrokenBodiesAreLocated(t *testing.T) {
	t.Parallel()
	start(t).run(t, map[string]scenario{
		"cut off":          brokenCreate(`{"name":"hushhush"`, "is not valid JSON at line 1, column 19 (byte 18 of 18)"),
		"second line":      brokenCreate("{\"name\":\"ci\",\n \"scopes\":hushhush}", "line 2, column 11"),
		"no JSON at all":   brokenCreate("hushhush", "line 1, column 1"),
		"after its end":    brokenCreate(`{"name":"ci","scopes":["read"]} hushhush`, "column 33"),
		"two values":       brokenCreate(`{"name":"ci","scopes":["read"]}{}`, "column 32"),
		"trailing comma":   brokenCreate(`{"name":"ci","scopes":["read"],}`, "column 32"),
		"not UTF-8":        brokenCreate("{\"name\":\"\xff hushhush\"}", "is not valid UTF-8 at line 1, column 10"),
		"byte order mark":  brokenCreate("\ufeff{}", "line 1, column 1"),
		"only white space": brokenCreate("  \n ", "needs a body of JSON"),
		"a field twice":    brokenCreate(`{"name":"ci","name":"hushhush","scopes":["read"]}`, `"field":"name","message":"is there twice; send it once"`),
		"nested deeply":    brokenCreate(strings.Repeat("[", 30)+strings.Repeat("]", 30), "is nested too deeply"),
		"no body": {
			method: http.MethodPost, path: pathKeys,
			status: http.StatusBadRequest, code: api.CodeInvalidRequest, want: []string{"needs a body of JSON"},
		},
		"65 KiB": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"` + strings.Repeat("x", 65<<10-11) + `"}`,
			status: http.StatusRequestEntityTooLarge, code: api.CodeBodyTooLarge, want: []string{"65536"},
		},
		"65 KiB to verify": {
			method: http.MethodPost, path: pathVerify, body: `{"secret":"` + strings.Repeat("x", 65<<10-13) + `"}`,
			status: http.StatusRequestEntityTooLarge, code: api.CodeBodyTooLarge, want: []string{"65536"},
		},
		"a form": {
			method: http.MethodPost, path: pathKeys, body: "name=ci", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			status: http.StatusUnsupportedMediaType, code: api.CodeUnsupportedMediaType, want: []string{"application/json"},
		},
		"no type": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"ci","scopes":["read"]}`, header: map[string]string{"Content-Type": "-"},
			status: http.StatusUnsupportedMediaType, code: api.CodeUnsupportedMediaType,
		},
		"another charset": {
			method: http.MethodPost, path: pathVerify, body: `{"secret":"x"}`, header: map[string]string{"Content-Type": "application/json; charset=latin1"},
			status: http.StatusUnsupportedMediaType, code: api.CodeUnsupportedMediaType,
		},
	})
}

func TestAPIKeys_BodyOfExactlyTheLimitIsRead(t *testing.T) {
	t.Parallel()
	body := `{"name":"` + strings.Repeat("x", api.MaxBody-11) + `"}`
	a := start(t).send(t, http.MethodPost, pathKeys, body, nil)
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("%d bytes: %d: %s", len(body), a.status, a.body)
	}
}

// A body without a length is cut at the limit, too.
func TestAPIKeys_ChunkedBodyTooLarge(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, path := range []string{pathKeys, pathVerify} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+path, struct{ *strings.Reader }{strings.NewReader(strings.Repeat(" ", 65<<10))})
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(api.HeaderAPIKey, h.Owner)
		req.Header.Set("Content-Type", jsonType)
		scenario{status: http.StatusRequestEntityTooLarge, code: api.CodeBodyTooLarge}.check(t, h.do(t, req))
	}
}
