package httpapi_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// attempt is what someone of another account tries on a route. In paths and
// bodies {id} stands for the id of a key that is not theirs, {secret} for its secret
// and {owner} for the id of its account's owner credential.
type attempt struct {
	paths   []string // the route itself when empty
	body    string
	gateway bool // the credential goes where a gateway's does, and the key where its caller's does
	status  int  // for an owner of the other account
	want    string
}

// attempts covers each route of the API. A route that is new has to be added here,
// with what would show most of another account.
var attempts = map[string]attempt{
	"GET /v1/account":              {status: http.StatusOK},
	"GET /v1/apikeys":              {status: http.StatusOK, paths: []string{"/v1/apikeys", "/v1/apikeys?ids={id}", "/v1/apikeys?name=mine", "/v1/apikeys?scope=read&limit=500"}},
	"POST /v1/apikeys":             {status: http.StatusCreated, body: `{"name":"mine","scopes":["read"]}`}, // a name that is taken elsewhere
	"GET /v1/apikeys/{id}":         {status: http.StatusNotFound},
	"PATCH /v1/apikeys/{id}":       {status: http.StatusNotFound, body: `{"enabled":false}`},
	"DELETE /v1/apikeys/{id}":      {status: http.StatusNotFound},
	"POST /v1/apikeys/{id}/rotate": {status: http.StatusNotFound, body: `{}`},
	"GET /v1/scopes":               {status: http.StatusOK},
	"GET /v1/scopes/{name}":        {status: http.StatusOK, paths: []string{"/v1/scopes/read"}},
	"POST /v1/verify":              {status: http.StatusOK, body: `{"secret":"{secret}","scopes":["read"]}`, want: `"valid":false`},
	"GET /v1/authorize":            {status: http.StatusUnauthorized, gateway: true, paths: []string{"/v1/authorize?scope=read"}},
	"GET /v1/audit-events":         {status: http.StatusOK, paths: []string{"/v1/audit-events", "/v1/audit-events?target={id}", "/v1/audit-events?actor={owner}"}},
}

// routes are all calls of the API that the served document has, but for those of a
// supervisor, which say nothing about any account.
func (h *harness) routes(t *testing.T) []string {
	t.Helper()
	var all []string
	for path, item := range object(at(h.contract.document, "paths")) {
		if path == "/healthz" || path == "/readyz" {
			continue
		}
		for method := range object(item) {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	if len(all) < 10 {
		t.Fatalf("the document has only %v", all)
	}
	slices.Sort(all)
	return all
}

func TestIsolation_NothingOfAnotherAccountOnAnyRoute(t *testing.T) {
	t.Parallel()
	h := start(t)
	const trace = "only in this account"
	mine := h.create(t, `{"name":"mine","description":"`+trace+`","scopes":["read"]}`, nil)
	never := h.create(t, `{"name":"never sent","description":"`+trace+`","scopes":["admin"]}`, nil)
	mineOwner := h.Owners(t, h.AccountID())[0]
	other, owner := h.NewAccount(t, "postern")
	_, limited := h.NewOwner(t, other, platform.Rights()...)
	admin := h.create(t, `{"name":"admin","scopes":["admin"]}`, map[string]string{api.HeaderAPIKey: owner})
	fill := strings.NewReplacer("{id}", mine.ID, "{secret}", mine.Secret, "{owner}", mineOwner)
	traces := []string{trace, never.ID, never.SecretHint, mine.SecretHint, h.AccountID(), mine.Secret, never.Secret, h.Owner}
	before, records := h.keys(t), h.VerifyAudit(t)

	for _, route := range h.routes(t) {
		try, covered := attempts[route]
		if !covered {
			t.Errorf("%s is not in the table of attempts: add what would show another account's data", route)
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		if try.paths == nil {
			try.paths = []string{path}
		}
		for _, caller := range [][2]string{{"owner", owner}, {"limited", limited}, {"admin", admin.Secret}, {"nobody", "-"}} {
			who, credential := caller[0], caller[1]
			for _, path := range try.paths {
				header := map[string]string{api.HeaderAPIKey: credential}
				if try.gateway {
					header = map[string]string{api.HeaderAPIKey: mine.Secret, api.HeaderAuthorize: credential}
				}
				a := h.send(t, method, fill.Replace(path), fill.Replace(try.body), header)
				switch {
				case who == "owner" && (a.status != try.status || !strings.Contains(a.body, try.want)):
					t.Errorf("%s by the other owner: %d, want %d and %q: %s", path, a.status, try.status, try.want, a.body)
				case who == "nobody" && a.status != http.StatusUnauthorized:
					t.Errorf("%s by nobody: %d: %s", route, a.status, a.body)
				case a.status >= http.StatusInternalServerError:
					t.Errorf("%s by %s: %d: %s", route, who, a.status, a.body)
				}
				for _, one := range traces {
					if strings.Contains(a.body, one) || slices.Contains(a.header["Location"], one) {
						t.Errorf("%s by %s shows %q: %s", path, who, one, a.body)
					}
				}
			}
		}
	}
	if !reflect.DeepEqual(before, h.keys(t)) {
		t.Error("the keys have changed")
	}
	if n := h.VerifyAudit(t) - records; n != 0 {
		t.Errorf("%d records were added to the account's trail", n)
	}
	if v := h.verify(t, mine.Secret, "read"); !v.Valid {
		t.Errorf("the key's verdict is %s", v.Code)
	}
}
