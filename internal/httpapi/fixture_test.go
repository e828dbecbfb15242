package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	pathSubs    = "/v1/subaccounts"
	pathScopes  = "/v1/scopes"
	pathAccount = "/v1/account"
)

// must sends a request that has to succeed with this status, and decodes its answer.
func must[T any](t *testing.T, h *harness, status int, method, path, body string, header map[string]string) T {
	t.Helper()
	a := h.send(t, method, path, body, header)
	if a.status != status {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.body)
	}
	var out T
	if a.body != "" {
		a.decode(t, &out)
	}
	return out
}

// subaccount makes a sub-account.
func (h *harness) subaccount(t *testing.T, handle string) api.Subaccount {
	t.Helper()
	return must[api.Subaccount](t, h, http.StatusCreated, http.MethodPost, pathSubs, `{"handle":"`+handle+`","name":"Sub-account `+handle+`"}`, nil)
}

// keysOf is the path of the keys of a sub-account.
func keysOf(handle string) string { return pathSubs + "/" + handle + "/apikeys" }

// createIn makes a key of a sub-account.
func (h *harness) createIn(t *testing.T, handle, body string) api.IssuedAPIKey {
	t.Helper()
	return must[api.IssuedAPIKey](t, h, http.StatusCreated, http.MethodPost, keysOf(handle), body, nil)
}

// state is all that an owner can list of the account.
func (h *harness) state(t *testing.T) string {
	t.Helper()
	paths := []string{pathKeys + "?limit=500", pathScopes + "?limit=500"}
	subs := h.send(t, http.MethodGet, pathSubs+"?limit=500", "", nil)
	if subs.status == http.StatusOK {
		var page api.Page[api.Subaccount]
		subs.decode(t, &page)
		for _, s := range page.Items {
			paths = append(paths, keysOf(s.Handle)+"?limit=500")
		}
		paths = append(paths, pathSubs+"?limit=500")
	}
	var all strings.Builder
	for _, path := range paths {
		a := h.send(t, http.MethodGet, path, "", nil)
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d: %s", path, a.status, a.body)
		}
		all.WriteString(a.body)
	}
	return all.String()
}

// refuse sends each scenario's request, none of which may change anything.
func (h *harness) refuse(t *testing.T, scenarios map[string]scenario) {
	t.Helper()
	before := h.state(t)
	for name, s := range scenarios {
		t.Run(name, func(t *testing.T) {
			s.check(t, h.send(t, s.method, s.path, s.body, s.header))
			if after := h.state(t); after != before {
				t.Errorf("a refused request changed the account:\n%s\n%s", before, after)
			}
		})
	}
}

// refused is a request that is refused; about names the field at fault, or is empty.
func refused(method, path, body string, status int, code api.Code, about string, want ...string) scenario {
	return scenario{method: method, path: path, body: body, status: status, code: code, field: about, want: want}
}

// invalid is a request with a field that is not valid.
func invalid(method, path, body, field string, want ...string) scenario {
	return refused(method, path, body, http.StatusUnprocessableEntity, api.CodeValidationFailed, field, want...)
}

// unsupported is a request for what the platform does not have.
func unsupported(method, path, body, field string, want ...string) scenario {
	return refused(method, path, body, http.StatusUnprocessableEntity, api.CodeUnsupported, field, want...)
}

// missing is a request about what is not there.
func missing(method, path, body string, want ...string) scenario {
	return refused(method, path, body, http.StatusNotFound, api.CodeNotFound, "", want...)
}

// by sends the scenario's request with another credential.
func (s scenario) by(credential string) scenario {
	s.header = as(credential)
	return s
}

// hides says what the answer must not hold.
func (s scenario) hides(text ...string) scenario {
	s.forbid = text
	return s
}

// matching sends the scenario's request for one revision only.
func (s scenario) matching(etag string) scenario {
	s.header = map[string]string{"If-Match": etag}
	return s
}
