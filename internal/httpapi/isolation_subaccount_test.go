package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// bound covers each route of the API with what the strongest key of the sub-account
// "one" may try on the rest of its account: the account's own keys, {own}, a sibling
// sub-account, "two" with the id {two}, a key of that, {theirs}, and a scope of the
// account, "house". A route that is new has to be added here.
var bound = map[string][]attempt{
	"GET /v1/account": {{status: http.StatusOK, want: `"name":""`}},
	"GET /v1/apikeys": {{status: http.StatusOK, paths: []string{
		"/v1/apikeys", "/v1/apikeys?limit=500", "/v1/apikeys?ids={own},{theirs}", "/v1/apikeys?name=ci", "/v1/apikeys?name_prefix=c", "/v1/apikeys?status=active",
	}}},
	"POST /v1/apikeys":             {{status: http.StatusCreated, body: `{"name":"free in one","scopes":["read"]}`, want: `"subaccount":"one"`}},
	"GET /v1/apikeys/{id}":         elsewhere("", ""),
	"PATCH /v1/apikeys/{id}":       elsewhere("", `{"enabled":false}`),
	"DELETE /v1/apikeys/{id}":      elsewhere("", ""),
	"POST /v1/apikeys/{id}/rotate": elsewhere("/rotate", `{}`),
	"POST /v1/apikeys/{id}/unlock": elsewhere("/unlock", ""),
	"GET /v1/apikeys/{id}/usage":   elsewhere("/usage", ""),

	"GET /v1/subaccounts": {{status: http.StatusOK, paths: []string{
		"/v1/subaccounts", "/v1/subaccounts?handle_prefix=t", "/v1/subaccounts?status=active&limit=500", "/v1/subaccounts?limit=1",
	}}},
	"POST /v1/subaccounts":            {{status: http.StatusForbidden, body: `{"name":"a"}`, paths: []string{"/v1/subaccounts"}}},
	"GET /v1/subaccounts/{handle}":    {{status: http.StatusNotFound, paths: []string{"/v1/subaccounts/two", "/v1/subaccounts/three"}}},
	"PATCH /v1/subaccounts/{handle}":  {{status: http.StatusForbidden, body: `{"status":"suspended"}`, paths: []string{"/v1/subaccounts/two", "/v1/subaccounts/one", "/v1/subaccounts/three"}}},
	"DELETE /v1/subaccounts/{handle}": {{status: http.StatusForbidden, paths: []string{"/v1/subaccounts/two?delete_apikeys=true", "/v1/subaccounts/one?delete_apikeys=true"}}},

	"GET /v1/subaccounts/{handle}/apikeys":              {{status: http.StatusNotFound, paths: []string{"/v1/subaccounts/two/apikeys", "/v1/subaccounts/three/apikeys"}}},
	"POST /v1/subaccounts/{handle}/apikeys":             {{status: http.StatusNotFound, body: `{"name":"a","scopes":["read"]}`, paths: []string{"/v1/subaccounts/two/apikeys", "/v1/subaccounts/three/apikeys"}}},
	"GET /v1/subaccounts/{handle}/apikeys/{id}":         within("", ""),
	"PATCH /v1/subaccounts/{handle}/apikeys/{id}":       within("", `{"enabled":false}`),
	"DELETE /v1/subaccounts/{handle}/apikeys/{id}":      within("", ""),
	"POST /v1/subaccounts/{handle}/apikeys/{id}/rotate": within("/rotate", `{}`),
	"POST /v1/subaccounts/{handle}/apikeys/{id}/unlock": within("/unlock", ""),
	"GET /v1/subaccounts/{handle}/apikeys/{id}/usage":   within("/usage", ""),

	// What there is to choose from is the account's, and no secret to those whose keys
	// are made of it. How often it is used elsewhere is none of their business.
	"GET /v1/scopes":           {{status: http.StatusOK, paths: []string{"/v1/scopes?limit=500"}}},
	"POST /v1/scopes":          {{status: http.StatusForbidden, body: `{"name":"mine"}`}},
	"GET /v1/scopes/{name}":    {{status: http.StatusOK, paths: []string{"/v1/scopes/house", "/v1/scopes/read"}, want: `"apikeys":0`}},
	"PATCH /v1/scopes/{name}":  {{status: http.StatusForbidden, body: `{"implies":[]}`, paths: []string{"/v1/scopes/house", "/v1/scopes/read", "/v1/scopes/none"}}},
	"DELETE /v1/scopes/{name}": {{status: http.StatusForbidden, paths: []string{"/v1/scopes/house", "/v1/scopes/none"}}},
	"GET /v1/scope-shapes":     {{status: http.StatusOK}},

	"POST /v1/verify": {
		{status: http.StatusOK, body: `{"secret":"{own secret}"}`, want: `{"valid":false,"code":"invalid","status":401}`},
		{status: http.StatusOK, body: `{"secret":"{their secret}"}`, want: `{"valid":false,"code":"invalid","status":401}`},
		{status: http.StatusOK, body: `{"secret":"{owner secret}"}`, want: `{"valid":false,"code":"invalid","status":401}`},
	},
	"GET /v1/authorize": {{status: http.StatusUnauthorized, gateway: true}},
	"GET /v1/audit-events": {{status: http.StatusOK, paths: []string{
		"/v1/audit-events", "/v1/audit-events?limit=500", "/v1/audit-events?subaccount={two}", "/v1/audit-events?target={own}", "/v1/audit-events?target={theirs}",
		"/v1/audit-events?actor={owner}&limit=1", "/v1/audit-events?action=account.", "/v1/audit-events?target=house",
	}}},
}

// elsewhere is a call on a key that is not in the caller's own place.
func elsewhere(path, body string) []attempt {
	return []attempt{{status: http.StatusNotFound, body: body, paths: []string{"/v1/apikeys/{own}" + path, "/v1/apikeys/{theirs}" + path}}}
}

// within is the same by the path of a sub-account.
func within(path, body string) []attempt {
	return []attempt{{status: http.StatusNotFound, body: body, paths: []string{
		"/v1/subaccounts/two/apikeys/{theirs}" + path, "/v1/subaccounts/one/apikeys/{theirs}" + path, "/v1/subaccounts/one/apikeys/{own}" + path,
		"/v1/subaccounts/two/apikeys/{mine}" + path, "/v1/subaccounts/three/apikeys/{theirs}" + path,
	}}}
}

// household is an account with two sub-accounts and keys everywhere.
type household struct {
	*harness
	one, two api.Subaccount
	admin    api.IssuedAPIKey // of one, with all scopes
	traces   []string         // that nobody in one may see
	fill     *strings.Replacer
	own      api.IssuedAPIKey
	theirs   api.IssuedAPIKey
}

func startHousehold(t *testing.T) household {
	t.Helper()
	h := household{harness: start(t)}
	const trace = "none of one's business"
	h.one = h.subaccount(t, "one")
	h.two = must[api.Subaccount](t, h.harness, http.StatusCreated, http.MethodPost, pathSubs, `{"handle":"two","name":"`+trace+`"}`, nil)
	h.scope(t, `{"name":"house","implies":["write"]}`)
	body := `{"name":"ci","description":"` + trace + `","scopes":["house"]}`
	h.own, h.theirs = h.create(t, body, nil), h.createIn(t, "two", body)
	unseen := []api.IssuedAPIKey{
		h.create(t, `{"name":"never sent","description":"`+trace+`","scopes":["admin"]}`, nil),
		h.createIn(t, "two", `{"name":"never sent","description":"`+trace+`","scopes":["admin"]}`),
	}
	h.admin = h.createIn(t, "one", `{"name":"admin","scopes":["admin"]}`)
	mine := h.createIn(t, "one", `{"name":"mine","scopes":["read"]}`)
	owner := h.Owners(t, h.AccountID())[0]
	h.traces = []string{trace, "never sent", h.own.SecretHint, h.theirs.SecretHint, h.own.Secret.Reveal(), h.theirs.Secret.Reveal(), h.Owner}
	for _, k := range unseen {
		h.traces = append(h.traces, k.ID, k.SecretHint, k.Secret.Reveal())
	}
	h.fill = strings.NewReplacer("{own}", h.own.ID, "{theirs}", h.theirs.ID, "{mine}", mine.ID, "{two}", h.two.ID, "{owner}", owner,
		"{own secret}", h.own.Secret.Reveal(), "{their secret}", h.theirs.Secret.Reveal(), "{owner secret}", h.Owner)
	return h
}

// others is all that there is outside of one, as the owner sees it.
func (h household) others(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, path := range []string{pathKeys + "?limit=500", keysOf("two") + "?limit=500", pathSubs + "/two", pathScopes + "?limit=500", "/v1/audit-events?subaccount=" + h.two.ID} {
		a := h.send(t, http.MethodGet, path, "", nil)
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d: %s", path, a.status, a.body)
		}
		all.WriteString(a.body)
	}
	return all.String()
}

// try sends one attempt of one's strongest key, once for each of its paths.
func (h household) try(t *testing.T, route string, one attempt, check func(path string, a answer)) {
	t.Helper()
	method, path, _ := strings.Cut(route, " ")
	if one.paths == nil {
		one.paths = []string{path}
	}
	for _, path := range one.paths {
		header := as(h.admin.Secret.Reveal())
		if one.gateway {
			header = map[string]string{api.HeaderAPIKey: h.own.Secret.Reveal(), api.HeaderAuthorize: h.admin.Secret.Reveal()}
		}
		check(method+" "+path, h.send(t, method, h.fill.Replace(path), h.fill.Replace(one.body), header))
	}
}

func TestIsolation_ASubaccountReachesNothingBeyondIt(t *testing.T) {
	t.Parallel()
	h := startHousehold(t)
	before := h.others(t)
	refusals := map[string]string{} // by route: a sibling and nobody are told the same
	for _, route := range h.routes(t) {
		if bound[route] == nil {
			t.Errorf("%s is not in the table: add what would reach beyond a sub-account", route)
		}
		for _, one := range bound[route] {
			h.try(t, route, one, func(path string, a answer) {
				if a.status != one.status || !strings.Contains(a.body, one.want) {
					t.Errorf("%s: %d, want %d and %q: %s", path, a.status, one.status, one.want, a.body)
				}
				for _, trace := range h.traces {
					if strings.Contains(a.body, trace) || strings.Contains(a.header.Get("Location"), trace) {
						t.Errorf("%s shows %q: %s", path, trace, a.body)
					}
				}
				h.onlyOne(t, path, a)
				if strings.Contains(path, "/two/") || strings.Contains(path, "/three/") || strings.HasSuffix(path, "/two") || strings.HasSuffix(path, "/three") {
					var p api.Problem
					a.decode(t, &p)
					if known := refusals[route]; known != "" && known != p.Detail {
						t.Errorf("%s: a sibling and nobody are told apart: %q and %q", route, known, p.Detail)
					}
					refusals[route] = p.Detail
				}
			})
		}
	}
	if after := h.others(t); after != before {
		t.Errorf("what is beyond it has changed:\n%s\n%s", before, after)
	}
	for _, key := range []string{h.own.Secret.Reveal(), h.theirs.Secret.Reveal()} {
		if v := h.verify(t, key, "write"); !v.Valid {
			t.Errorf("a key beyond it is %s", v.Code)
		}
	}
	h.FlushDenials(t)
	denied := 0
	for _, e := range h.trail(t, "?limit=500&actor="+h.admin.ID).Items {
		var sum struct {
			Times int `json:"times"`
		}
		if err := json.Unmarshal(e.Detail, &sum); err != nil {
			t.Fatal(err)
		}
		if e.Outcome == "denied" {
			denied += max(1, sum.Times)
		}
		if e.Subaccount != h.one.ID {
			t.Errorf("%s %s by its key is recorded for %q", e.Action, e.Outcome, e.Subaccount)
		}
	}
	if denied < 8 {
		t.Errorf("%d denials are recorded", denied)
	}
}

// onlyOne checks that all items of a list belong to one.
func (h household) onlyOne(t *testing.T, path string, a answer) {
	t.Helper()
	if a.status != http.StatusOK {
		return
	}
	switch {
	case strings.HasPrefix(path, "GET /v1/apikeys"):
		var page api.Page[api.APIKey]
		a.decode(t, &page)
		for _, k := range page.Items {
			if k.Subaccount != "one" {
				t.Errorf("%s holds a key of %q", path, k.Subaccount)
			}
		}
	case strings.HasPrefix(path, "GET /v1/subaccounts"):
		var page api.Page[api.Subaccount]
		a.decode(t, &page)
		for _, s := range page.Items {
			if s.Handle != "one" {
				t.Errorf("%s holds the sub-account %q", path, s.Handle)
			}
		}
	case strings.HasPrefix(path, "GET /v1/audit-events"):
		var page api.Page[api.AuditEvent]
		a.decode(t, &page)
		for _, e := range page.Items {
			if e.Subaccount != h.one.ID {
				t.Errorf("%s holds a record of %q: %+v", path, e.Subaccount, e)
			}
		}
	}
}

// Within its own sub-account a key does what its scopes allow, by both paths.
func TestIsolation_ASubaccountReachesItself(t *testing.T) {
	t.Parallel()
	h := startHousehold(t)
	me := as(h.admin.Secret.Reveal())
	made := must[api.IssuedAPIKey](t, h.harness, http.StatusCreated, http.MethodPost, keysOf("one"), `{"name":"made","scopes":["read"]}`, me)
	for _, keys := range []string{pathKeys, keysOf("one")} {
		must[api.APIKey](t, h.harness, http.StatusOK, http.MethodPatch, keys+"/"+made.ID, `{"description":"`+keys+`"}`, me)
		must[api.IssuedAPIKey](t, h.harness, http.StatusOK, http.MethodPost, keys+"/"+made.ID+"/rotate", `{}`, me)
		must[api.APIKeyUsage](t, h.harness, http.StatusOK, http.MethodGet, keys+"/"+made.ID+"/usage?days=1", "", me)
		if page := must[api.Page[api.APIKey]](t, h.harness, http.StatusOK, http.MethodGet, keys, "", me); len(page.Items) != 3 {
			t.Errorf("%s holds %d keys, want 3", keys, len(page.Items))
		}
	}
	if own := must[api.Subaccount](t, h.harness, http.StatusOK, http.MethodGet, pathSubs+"/one", "", me); own.ID != h.one.ID {
		t.Errorf("it sees %+v", own)
	}
	if v := must[api.Verification](t, h.harness, http.StatusOK, http.MethodPost, pathVerify, `{"secret":"`+h.admin.Secret.Reveal()+`","scopes":["read"]}`, me); !v.Valid || v.Subaccount != "one" {
		t.Errorf("the verdict is %+v", v)
	}
	if events := must[api.Page[api.AuditEvent]](t, h.harness, http.StatusOK, http.MethodGet, "/v1/audit-events?actor="+h.admin.ID, "", me); len(events.Items) != 5 {
		t.Errorf("it sees %d records of its own, want 5", len(events.Items))
	}
	must[struct{}](t, h.harness, http.StatusNoContent, http.MethodDelete, pathKeys+"/"+made.ID, "", me)
}

// A credential of a suspended sub-account, and of an account out of standing, is told
// who it is and nothing else. A gateway's question is answered, and lets nobody in.
func TestIsolation_OutOfStandingNothingAnswers(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(t *testing.T, h household){
		"sub-account": func(t *testing.T, h household) {
			t.Helper()
			must[api.Subaccount](t, h.harness, http.StatusOK, http.MethodPatch, pathSubs+"/one", `{"status":"suspended"}`, nil)
		},
		"account": func(t *testing.T, h household) {
			t.Helper()
			h.SetStanding(t, api.StandingSuspended)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHousehold(t)
			stop(t, h)
			for _, route := range h.routes(t) {
				for _, one := range bound[route] {
					h.try(t, route, one, func(path string, a answer) {
						switch route {
						case "GET /v1/account", "POST /v1/verify", "GET /v1/authorize":
							if a.status != one.status || !strings.Contains(a.body, one.want) {
								t.Errorf("%s: %d, want %d and %q: %s", path, a.status, one.status, one.want, a.body)
							}
						default:
							refused("", "", "", http.StatusForbidden, api.CodeAccountStanding, "", "nothing but GET /v1/account answers").hides(h.traces...).check(t, a)
						}
					})
				}
			}
			if a := h.send(t, http.MethodPost, pathVerify, `{"secret":"`+h.admin.Secret.Reveal()+`"}`, as(h.admin.Secret.Reveal())); a.status != http.StatusOK || !strings.Contains(a.body, `"valid":false`) {
				t.Errorf("it lets itself in: %d %s", a.status, a.body)
			}
			if a := h.send(t, http.MethodGet, "/v1/authorize", "", map[string]string{api.HeaderAPIKey: h.admin.Secret.Reveal(), api.HeaderAuthorize: h.admin.Secret.Reveal()}); a.status != http.StatusForbidden {
				t.Errorf("its gateway lets its own key in: %d %s", a.status, a.body)
			}
		})
	}
}
