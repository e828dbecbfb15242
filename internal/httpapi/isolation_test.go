package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

// attempt is what someone of another account tries on a route. In paths and
// bodies {id} stands for the id of a key that is not theirs, {secret} for its secret,
// {owner} for the id of its account's owner credential, {handle} for a sub-account of
// that account, {sub} for its id, {child} for a key of it and {name} for a scope that
// the account has defined.
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
	"GET /v1/apikeys":              {status: http.StatusOK, paths: []string{"/v1/apikeys", "/v1/apikeys?ids={id}", "/v1/apikeys?ids={child}", "/v1/apikeys?name=mine", "/v1/apikeys?scope=read&limit=500"}},
	"POST /v1/apikeys":             {status: http.StatusCreated, body: `{"name":"mine","scopes":["read"]}`}, // a name that is taken elsewhere
	"GET /v1/apikeys/{id}":         {status: http.StatusNotFound},
	"PATCH /v1/apikeys/{id}":       {status: http.StatusNotFound, body: `{"enabled":false}`},
	"DELETE /v1/apikeys/{id}":      {status: http.StatusNotFound},
	"POST /v1/apikeys/{id}/rotate": {status: http.StatusNotFound, body: `{}`},
	"POST /v1/apikeys/{id}/unlock": {status: http.StatusNotFound},
	"GET /v1/apikeys/{id}/usage":   {status: http.StatusNotFound},
	"GET /v1/scopes":               {status: http.StatusOK, paths: []string{"/v1/scopes", "/v1/scopes?limit=500"}},
	"POST /v1/scopes":              {status: http.StatusCreated, body: `{"name":"taken-elsewhere"}`},
	"GET /v1/scopes/{name}":        {status: http.StatusNotFound},
	"PATCH /v1/scopes/{name}":      {status: http.StatusNotFound, body: `{"implies":[]}`},
	"DELETE /v1/scopes/{name}":     {status: http.StatusNotFound},
	"GET /v1/scope-shapes":         {status: http.StatusOK},
	"POST /v1/verify":              {status: http.StatusOK, body: `{"secret":"{secret}","scopes":["read"]}`, want: `"valid":false`},
	"GET /v1/authorize":            {status: http.StatusUnauthorized, gateway: true, paths: []string{"/v1/authorize?scope=read"}},
	"GET /v1/audit-events": {status: http.StatusOK, paths: []string{
		"/v1/audit-events", "/v1/audit-events?target={id}", "/v1/audit-events?actor={owner}", "/v1/audit-events?subaccount={sub}", "/v1/audit-events?target={name}",
	}},
	"GET /v1/subaccounts":                               {status: http.StatusOK, paths: []string{"/v1/subaccounts", "/v1/subaccounts?handle_prefix={handle}"}},
	"POST /v1/subaccounts":                              {status: http.StatusCreated, body: `{"handle":"taken-elsewhere","name":"a"}`},
	"GET /v1/subaccounts/{handle}":                      {status: http.StatusNotFound},
	"PATCH /v1/subaccounts/{handle}":                    {status: http.StatusNotFound, body: `{"status":"suspended"}`},
	"DELETE /v1/subaccounts/{handle}":                   {status: http.StatusNotFound, paths: []string{"/v1/subaccounts/{handle}?delete_apikeys=true"}},
	"GET /v1/subaccounts/{handle}/apikeys":              {status: http.StatusNotFound},
	"POST /v1/subaccounts/{handle}/apikeys":             {status: http.StatusNotFound, body: `{"name":"a","scopes":["read"]}`},
	"GET /v1/subaccounts/{handle}/apikeys/{id}":         {status: http.StatusNotFound},
	"PATCH /v1/subaccounts/{handle}/apikeys/{id}":       {status: http.StatusNotFound, body: `{"enabled":false}`},
	"DELETE /v1/subaccounts/{handle}/apikeys/{id}":      {status: http.StatusNotFound},
	"POST /v1/subaccounts/{handle}/apikeys/{id}/rotate": {status: http.StatusNotFound, body: `{}`},
	"POST /v1/subaccounts/{handle}/apikeys/{id}/unlock": {status: http.StatusNotFound},
	"GET /v1/subaccounts/{handle}/apikeys/{id}/usage":   {status: http.StatusNotFound},
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
	sub := must[api.Subaccount](t, h, http.StatusCreated, http.MethodPost, pathSubs, `{"handle":"mine","name":"`+trace+`"}`, nil)
	child := h.createIn(t, "mine", `{"name":"mine","description":"`+trace+`","scopes":["read"]}`)
	unseen := h.createIn(t, "mine", `{"name":"never sent","description":"`+trace+`","scopes":["read"]}`)
	h.scope(t, `{"name":"only-mine","description":"`+trace+`","implies":["read"]}`)
	h.scope(t, `{"name":"taken-elsewhere","description":"`+trace+`"}`)
	h.subaccount(t, "taken-elsewhere")
	mineOwner := h.Owners(t, h.AccountID())[0]
	other, owner := h.NewAccount(t, "postern")
	_, limited := h.NewOwner(t, other, platform.Rights()...)
	admin := h.create(t, `{"name":"admin","scopes":["admin"]}`, map[string]string{api.HeaderAPIKey: owner})
	fill := strings.NewReplacer("{id}", mine.ID, "{secret}", mine.Secret.Reveal(), "{owner}", mineOwner, "{handle}", sub.Handle, "{sub}", sub.ID, "{child}", child.ID, "{name}", "only-mine")
	traces := []string{trace, never.ID, never.SecretHint, mine.SecretHint, h.AccountID(), mine.Secret.Reveal(), never.Secret.Reveal(), h.Owner, unseen.ID, child.SecretHint, child.Secret.Reveal()}
	before, records := h.state(t), h.VerifyAudit(t)

	for _, route := range h.routes(t) {
		try, covered := attempts[route]
		if !covered {
			t.Errorf("%s is not in the table of attempts: add what would show another account's data", route)
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		if try.paths == nil {
			try.paths = []string{path}
			if strings.HasPrefix(path, pathSubs) {
				try.paths = []string{strings.ReplaceAll(path, "{id}", "{child}")}
			}
		}
		for _, caller := range [][2]string{{"owner", owner}, {"limited", limited}, {"admin", admin.Secret.Reveal()}, {"nobody", "-"}} {
			who, credential := caller[0], caller[1]
			for _, path := range try.paths {
				header := map[string]string{api.HeaderAPIKey: credential}
				if try.gateway {
					header = map[string]string{api.HeaderAPIKey: mine.Secret.Reveal(), api.HeaderAuthorize: credential}
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
	if before != h.state(t) {
		t.Error("the account has changed")
	}
	if n := h.VerifyAudit(t) - records; n != 0 {
		t.Errorf("%d records were added to the account's trail", n)
	}
	for _, key := range []string{mine.Secret.Reveal(), child.Secret.Reveal()} {
		if v := h.verify(t, key, "read"); !v.Valid {
			t.Errorf("the key's verdict is %s", v.Code)
		}
		if v := must[api.Verification](t, h, http.StatusOK, http.MethodPost, pathVerify, `{"secret":"`+key+`"}`, as(owner)); v.Code != api.VerifyInvalid || v.APIKeyID != "" {
			t.Errorf("the other owner's verdict is %+v", v)
		}
	}
}
