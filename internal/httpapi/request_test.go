package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const owner = "ptn_owner_hushhush"

func TestCredential(t *testing.T) {
	t.Parallel()
	h := start(t)
	_, weak := h.NewKey(t, "read")
	none := map[string]string{api.HeaderAPIKey: "-"}
	bearer := func(text string) map[string]string {
		return map[string]string{api.HeaderAPIKey: "-", "Authorization": text}
	}
	refused := func(header map[string]string, status int, code api.Code) scenario {
		return scenario{method: http.MethodGet, path: "/v1/account", header: header, status: status, code: code, forbid: []string{"hushhush"}}
	}
	h.run(t, map[string]scenario{
		"none":           refused(none, http.StatusUnauthorized, api.CodeMissingCredential),
		"empty":          refused(map[string]string{api.HeaderAPIKey: " "}, http.StatusUnauthorized, api.CodeMissingCredential),
		"unknown":        refused(map[string]string{api.HeaderAPIKey: owner}, http.StatusUnauthorized, api.CodeInvalidCredential),
		"not even text":  refused(map[string]string{api.HeaderAPIKey: "\xff\xfe"}, http.StatusUnauthorized, api.CodeInvalidCredential),
		"far too long":   refused(map[string]string{api.HeaderAPIKey: strings.Repeat("x", 8000)}, http.StatusUnauthorized, api.CodeInvalidCredential),
		"basic":          refused(bearer("Basic "+h.Owner), http.StatusUnauthorized, api.CodeMissingCredential),
		"scheme only":    refused(bearer("Bearer"), http.StatusUnauthorized, api.CodeMissingCredential),
		"wrong bearer":   refused(bearer("Bearer "+owner), http.StatusUnauthorized, api.CodeInvalidCredential),
		"two that agree": {method: http.MethodGet, path: "/v1/account", header: map[string]string{"Authorization": "Bearer " + h.Owner}, status: http.StatusOK},
		"two that differ": {
			method: http.MethodGet, path: "/v1/account", header: map[string]string{"Authorization": "Bearer " + weak},
			status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: "Authorization",
		},
		"bearer":            {method: http.MethodGet, path: "/v1/account", header: bearer("Bearer " + h.Owner), status: http.StatusOK, want: []string{`"kind":"owner"`}},
		"bearer in capital": {method: http.MethodGet, path: "/v1/account", header: bearer("BEARER  " + h.Owner), status: http.StatusOK},
		"key beside basic":  {method: http.MethodGet, path: "/v1/account", header: map[string]string{"Authorization": "Basic eDp5"}, status: http.StatusOK},
		"a weak key sees itself": {
			method: http.MethodGet, path: "/v1/account", header: map[string]string{api.HeaderAPIKey: weak},
			status: http.StatusOK, want: []string{`"kind":"apikey"`, `"rights":[]`, `"effective_scopes":["read"]`},
		},
		"a weak key may not create": {
			method: http.MethodPost, path: pathKeys, header: map[string]string{api.HeaderAPIKey: weak}, body: `{"name":"ci","scopes":["read"]}`,
			status: http.StatusForbidden, code: api.CodeForbidden, want: []string{`apikeys:create`, "Use an owner credential"},
		},
	})
	if got := h.send(t, http.MethodGet, "/v1/account", "", none).header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
		t.Errorf("WWW-Authenticate %q", got)
	}
}

// The body is not read, and so not judged, before the caller is known.
func TestCredential_ComesBeforeTheBody(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, path := range []string{pathKeys, pathVerify} {
		a := h.send(t, http.MethodPost, path, strings.Repeat("x", 65<<10), map[string]string{api.HeaderAPIKey: "-"})
		scenario{status: http.StatusUnauthorized, code: api.CodeMissingCredential}.check(t, a)
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	refused := func(query, field string, want ...string) scenario {
		return scenario{
			method: http.MethodGet, path: pathKeys + "?" + query, status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: field,
			want: want, forbid: []string{"hushhush"},
		}
	}
	invalid := func(query, field string) scenario {
		s := refused(query, field)
		s.status, s.code = http.StatusUnprocessableEntity, api.CodeValidationFailed
		return s
	}
	account := refused("x=1", "x", "which takes none")
	account.path = "/v1/account?x=1"
	start(t).run(t, map[string]scenario{
		"misspelt":               refused("nam=hushhush", "nam", `the nearest is \"name\"`),
		"unknown":                refused("organisation=hushhush", "organisation", "known are cursor, ids, limit, name, name_prefix, scope, status"),
		"a secret for a name":    refused("hushhushhushhushhushhushhushhushhushhush=1", "(a name of another kind)"),
		"twice":                  refused("name=hushhush&name=b", "name", "must be sent once"),
		"empty":                  refused("ids=", "ids", "must not be empty"),
		"not well formed":        refused("name=%zz", ""),
		"limit is no number":     refused("limit=hushhush", "limit", "must be a whole number"),
		"limit of 0":             invalid("limit=0", "limit"),
		"limit of 501":           invalid("limit=501", "limit"),
		"unknown status":         invalid("status=hushhush", "status"),
		"made up cursor":         invalid("cursor=hushhush", "cursor"),
		"none at all are known":  account,
		"scopes have two":        {method: http.MethodGet, path: "/v1/scopes?lmit=1", status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: "lmit"},
		"scopes of limit 0":      {method: http.MethodGet, path: "/v1/scopes?limit=0", status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: "limit"},
		"scopes' made up cursor": {method: http.MethodGet, path: "/v1/scopes?cursor=%21", status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: "cursor"},
	})
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	scenarios := map[string]scenario{}
	for name, sent := range map[string]string{
		"weak": `W/"1"`, "bare": `1`, "a list": `"1", "2"`, "a word": `"one"`, "half": `"1`, "with zeroes": `"01"`, "signed": `"+1"`, "empty": " ",
		"huge": `"99999999999999999999"`,
	} {
		for method, path := range map[string]string{
			http.MethodPatch: pathKeys + "/{id}", http.MethodDelete: pathKeys + "/{id}", http.MethodPost: pathKeys + "/{id}/rotate",
		} {
			s := scenario{method: method, path: path, header: map[string]string{"If-Match": sent}, status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: "If-Match"}
			if method == http.MethodPatch {
				s.body = `{"description":"x"}`
			}
			scenarios[method+" "+name] = s
		}
	}
	for method, path := range map[string]string{http.MethodDelete: "", http.MethodPost: "/rotate"} {
		scenarios[method+" stale"] = scenario{
			method: method, path: pathKeys + "/{id}" + path, header: map[string]string{"If-Match": `"7"`},
			status: http.StatusPreconditionFailed, code: api.CodeStaleRevision, want: []string{"revision 1"},
		}
	}
	scenarios["PATCH stale"] = scenario{
		method: http.MethodPatch, path: pathKeys + "/{id}", body: `{"description":"x"}`, header: map[string]string{"If-Match": `"7"`},
		status: http.StatusPreconditionFailed, code: api.CodeStaleRevision,
	}
	start(t).run(t, scenarios)
}

func TestIfMatch_AnyAndTheRightOneAreTaken(t *testing.T) {
	t.Parallel()
	h := start(t)
	key := h.create(t, `{"name":"ci","scopes":["read"]}`, nil)
	path := pathKeys + "/" + key.ID
	a := h.send(t, http.MethodPatch, path, `{"description":"x"}`, map[string]string{"If-Match": `"1"`})
	if a.status != http.StatusOK || a.header.Get("ETag") != `"2"` {
		t.Errorf("%d, ETag %s: %s", a.status, a.header.Get("ETag"), a.body)
	}
	if a := h.send(t, http.MethodPost, path+"/rotate", "", map[string]string{"If-Match": "*"}); a.status != http.StatusOK || a.header.Get("ETag") != `"3"` {
		t.Errorf("%d, ETag %s: %s", a.status, a.header.Get("ETag"), a.body)
	}
	if a := h.send(t, http.MethodDelete, path, "", map[string]string{"If-Match": `"3"`}); a.status != http.StatusNoContent {
		t.Errorf("%d: %s", a.status, a.body)
	}
}

func TestHeadersThatCountMustBeSentOnce(t *testing.T) {
	t.Parallel()
	h := start(t)
	id, _ := h.NewKey(t, "read")
	for _, name := range []string{"If-Match", api.HeaderIdempotencyKey} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.URL+pathKeys+"/"+id+"/rotate", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(api.HeaderAPIKey, h.Owner)
		req.Header.Add(name, `"1"`)
		req.Header.Add(name, `"2"`)
		scenario{status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: name}.check(t, h.do(t, req))
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.run(t, map[string]scenario{
		"unknown path":       {method: http.MethodGet, path: "/v1/nothing", status: http.StatusNotFound, code: api.CodeNoSuchPath},
		"root":               {method: http.MethodGet, path: "/", status: http.StatusNotFound, code: api.CodeNoSuchPath},
		"unknown key":        {method: http.MethodGet, path: pathKeys + "/key_00000000000000000000", status: http.StatusNotFound, code: api.CodeNotFound, want: []string{"key_00000000000000000000"}},
		"a secret for an id": {method: http.MethodGet, path: pathKeys + "/{secret}", status: http.StatusNotFound, code: api.CodeNotFound},
		"unknown scope":      {method: http.MethodGet, path: "/v1/scopes/reed", status: http.StatusNotFound, code: api.CodeNotFound, want: []string{`the nearest is \"read\"`}},
		"a secret for a scope": {
			method: http.MethodGet, path: "/v1/scopes/{secret}", status: http.StatusNotFound, code: api.CodeNotFound,
		},
		"unknown method": {method: http.MethodPut, path: pathKeys, status: http.StatusMethodNotAllowed, code: api.CodeMethodNotAllowed, want: []string{"GET, HEAD, POST"}},
		"no method":      {method: "BREW", path: pathVerify, status: http.StatusMethodNotAllowed, code: api.CodeMethodNotAllowed},
	})
	if got := h.send(t, http.MethodPut, pathKeys, "", nil).header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow %q", got)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	h := start(t)
	for sent, kept := range map[string]bool{
		"abc-DEF_123": true, strings.Repeat("x", 64): true,
		"": false, strings.Repeat("x", 65): false, "with space": false, "semi;colon": false, "new\tline": false, "\xff": false,
	} {
		got := h.send(t, http.MethodGet, "/v1/account", "", map[string]string{api.HeaderRequestID: sent}).header.Get(api.HeaderRequestID)
		if (got == sent) != kept || got == "" {
			t.Errorf("sent %q, got %q", sent, got)
		}
	}
	if log := h.Logs(); !strings.Contains(log, `"request_id":"abc-DEF_123"`) || strings.Contains(log, "semi;colon") {
		t.Error("the log does not name the request by its id")
	}
}
