package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// as is the header of whoever holds the credential.
func as(credential string) map[string]string { return map[string]string{api.HeaderAPIKey: credential} }

// A delegated manager is a key with the right to manage keys. Rule 2, over HTTP.
func TestDelegate_GrantsRotatesAndEnablesOnlyWhatItHolds(t *testing.T) {
	t.Parallel()
	h := start(t)
	manager := h.create(t, `{"name":"manager","scopes":["apikeys:write","read"]}`, nil)
	strong := h.create(t, `{"name":"strong","scopes":["write"]}`, nil)
	off := h.create(t, `{"name":"off","scopes":["write"],"enabled":false}`, nil)
	weak := h.create(t, `{"name":"weak","scopes":["read"]}`, nil)
	before := h.keys(t)
	exceeds := func(method, path, body, missing string) scenario {
		return scenario{
			method: method, path: path, body: body, header: as(manager.Secret.Reveal()), status: http.StatusForbidden, code: api.CodeGrantExceedsCaller, field: "scopes",
			want: []string{"the credential does not hold", strings.ReplaceAll(missing, `"`, `\"`)}, forbid: []string{"ptn_key_"},
		}
	}
	h.run(t, map[string]scenario{
		"creates more than it holds":     exceeds(http.MethodPost, pathKeys, `{"name":"a","scopes":["write"]}`, `"write"`),
		"creates more by implication":    exceeds(http.MethodPost, pathKeys, `{"name":"a","scopes":["admin"]}`, `"admin"`),
		"widens a weak key":              exceeds(http.MethodPatch, pathKeys+"/"+weak.ID, `{"scopes":["read","write"]}`, `"write"`),
		"widens itself":                  exceeds(http.MethodPatch, pathKeys+"/"+manager.ID, `{"scopes":["admin"]}`, `"admin"`),
		"narrows a stronger key":         exceeds(http.MethodPatch, pathKeys+"/"+strong.ID, `{"scopes":["read"]}`, `"write"`),
		"renames a stronger key":         exceeds(http.MethodPatch, pathKeys+"/"+strong.ID, `{"name":"b"}`, `"write"`),
		"turns a stronger key on":        exceeds(http.MethodPatch, pathKeys+"/"+off.ID, `{"enabled":true}`, `"write"`),
		"turns a stronger key off":       exceeds(http.MethodPatch, pathKeys+"/"+strong.ID, `{"enabled":false}`, `"write"`),
		"rotates a stronger key":         exceeds(http.MethodPost, pathKeys+"/"+strong.ID+"/rotate", `{}`, `"write"`),
		"rotates one that is turned off": exceeds(http.MethodPost, pathKeys+"/"+off.ID+"/rotate", `{}`, `"write"`),
	})
	if v := h.verify(t, strong.Secret.Reveal(), "write"); !v.Valid {
		t.Errorf("the stronger key's verdict is %s", v.Code)
	}
	if v := h.verify(t, off.Secret.Reveal()); v.Code != api.VerifyInactive {
		t.Errorf("the verdict of the key that was turned off is %s", v.Code)
	}
	for _, k := range h.keys(t) {
		if i := slices.IndexFunc(before, func(b api.APIKey) bool { return b.ID == k.ID }); i >= 0 && before[i].Revision != k.Revision {
			t.Errorf("%s has changed", k.Name)
		}
	}

	// What it holds it may give, change, turn off and on, and rotate.
	given := h.create(t, `{"name":"given","scopes":["read"]}`, as(manager.Secret.Reveal()))
	for _, s := range []scenario{
		{method: http.MethodPatch, path: pathKeys + "/" + given.ID, body: `{"scopes":["apikeys:read","read"]}`, status: http.StatusOK},
		{method: http.MethodPatch, path: pathKeys + "/" + given.ID, body: `{"enabled":false}`, status: http.StatusOK},
		{method: http.MethodPatch, path: pathKeys + "/" + given.ID, body: `{"enabled":true}`, status: http.StatusOK},
		{method: http.MethodPost, path: pathKeys + "/" + given.ID + "/rotate", body: `{}`, status: http.StatusOK},
		{method: http.MethodPost, path: pathKeys + "/" + weak.ID + "/rotate", body: `{}`, status: http.StatusOK},
		{method: http.MethodDelete, path: pathKeys + "/" + given.ID, status: http.StatusNoContent},
	} {
		if a := h.send(t, s.method, s.path, s.body, as(manager.Secret.Reveal())); a.status != s.status {
			t.Errorf("%s %s %s: %d, want %d: %s", s.method, s.path, s.body, a.status, s.status, a.body)
		}
	}
}

// A manager that lost a scope since counts only what is left.
func TestDelegate_WhatItLostItGrantsNoMore(t *testing.T) {
	t.Parallel()
	h := start(t)
	manager := h.create(t, `{"name":"manager","scopes":["apikeys:write","write"]}`, nil)
	h.create(t, `{"name":"a","scopes":["write"]}`, as(manager.Secret.Reveal()))
	h.send(t, http.MethodPatch, pathKeys+"/"+manager.ID, `{"scopes":["apikeys:write","read"]}`, nil)
	scenario{status: http.StatusForbidden, code: api.CodeGrantExceedsCaller, field: "scopes"}.check(t,
		h.send(t, http.MethodPost, pathKeys, `{"name":"b","scopes":["write"]}`, as(manager.Secret.Reveal())))
	h.send(t, http.MethodPatch, pathKeys+"/"+manager.ID, `{"scopes":["read"]}`, nil)
	scenario{status: http.StatusForbidden, code: api.CodeForbidden}.check(t,
		h.send(t, http.MethodPost, pathKeys, `{"name":"b","scopes":["read"]}`, as(manager.Secret.Reveal())))
}

// Owner credentials are made and revoked on the server's own machine. No route
// reads or changes them, whoever asks, the strongest key and an owner included.
func TestDelegate_NoRouteTouchesOwners(t *testing.T) {
	t.Parallel()
	h := start(t)
	admin := h.create(t, `{"name":"admin","scopes":["admin"]}`, nil)
	full, _ := h.NewOwner(t, h.AccountID())
	limited, service := h.NewOwner(t, h.AccountID(), "verify")
	before := h.Owners(t, h.AccountID())
	for _, route := range h.routes(t) {
		if strings.Contains(route, "owner") {
			t.Errorf("%s is a route about owners", route)
		}
	}
	for _, id := range []string{full, limited, before[0]} {
		for who, credential := range map[string]string{"admin": admin.Secret.Reveal(), "owner": h.Owner} {
			for _, s := range []scenario{
				{method: http.MethodGet, path: "/" + id},
				{method: http.MethodPatch, path: "/" + id, body: `{"enabled":false}`},
				{method: http.MethodPatch, path: "/" + id, body: `{"scopes":["admin"]}`},
				{method: http.MethodPost, path: "/" + id + "/rotate", body: `{}`},
				{method: http.MethodDelete, path: "/" + id},
			} {
				s.status, s.code = http.StatusNotFound, api.CodeNotFound
				t.Run(fmt.Sprintf("%s %s %s", who, s.method, s.path), func(t *testing.T) {
					s.check(t, h.send(t, s.method, pathKeys+s.path, s.body, as(credential)))
				})
			}
		}
	}
	if a := h.send(t, http.MethodGet, pathKeys+"?limit=500", "", as(admin.Secret.Reveal())); strings.Contains(a.body, full) || strings.Contains(a.body, limited) {
		t.Errorf("the list of keys shows an owner: %s", a.body)
	}
	if v := h.verify(t, service); v.Valid || v.APIKeyID != "" {
		t.Errorf("a limited credential passes for a key: %+v", v)
	}
	if after := h.Owners(t, h.AccountID()); !slices.Equal(before, after) {
		t.Errorf("the owners were %v and are %v", before, after)
	}
}

// A gateway's limited credential can ask about keys and do nothing else, also where
// no scope of the platform gives a right.
func TestService_VerifiesAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"postern", "benchmark"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := start(t, servertest.Platform(name))
			scope := map[string]string{"postern": "read", "benchmark": "contacts:read"}[name]
			key := h.create(t, `{"name":"caller","scopes":["`+scope+`"]}`, nil)
			id, service := h.NewOwner(t, h.AccountID(), "verify")
			var account api.Account
			h.send(t, http.MethodGet, "/v1/account", "", as(service)).decode(t, &account)
			if c := account.Caller; c.Kind != api.CallerService || c.ID != id || !slices.Equal(c.Rights, []string{"verify"}) || len(c.EffectiveScopes) != 0 {
				t.Errorf("the caller is %+v", c)
			}
			a := h.send(t, http.MethodGet, "/v1/authorize?scope="+scope, "", map[string]string{api.HeaderAPIKey: key.Secret.Reveal(), api.HeaderAuthorize: service})
			if a.status != http.StatusNoContent {
				t.Errorf("it may not authorize: %d %s", a.status, a.body)
			}
			if a := h.send(t, http.MethodPost, pathVerify, `{"secret":"`+key.Secret.Reveal()+`"}`, as(service)); a.status != http.StatusOK || !strings.Contains(a.body, `"valid":true`) {
				t.Errorf("it may not verify: %d %s", a.status, a.body)
			}
			scenarios := map[string]scenario{
				"list":   {method: http.MethodGet, path: pathKeys},
				"read":   {method: http.MethodGet, path: pathKeys + "/" + key.ID},
				"create": {method: http.MethodPost, path: pathKeys, body: `{"name":"a","scopes":["` + scope + `"]}`},
				"change": {method: http.MethodPatch, path: pathKeys + "/" + key.ID, body: `{"name":"a"}`},
				"rotate": {method: http.MethodPost, path: pathKeys + "/" + key.ID + "/rotate", body: `{}`},
				"delete": {method: http.MethodDelete, path: pathKeys + "/" + key.ID},
			}
			for what, s := range scenarios {
				s.status, s.code = http.StatusForbidden, api.CodeForbidden
				t.Run(what, func(t *testing.T) { s.check(t, h.send(t, s.method, s.path, s.body, as(service))) })
			}
			if keys := h.keys(t); len(keys) != 1 || !sameKey(keys[0], key.APIKey) {
				t.Errorf("the keys are %+v", keys)
			}
		})
	}
}

// The account says when the caller ends, and what it asks for beyond that is refused on
// the field, so that a plan can say it before.
func TestAccount_TellsWhenTheCallerEnds(t *testing.T) {
	t.Parallel()
	h := start(t)
	end := h.Now().Add(time.Hour).UTC()
	ends, later := end.Format(time.RFC3339), end.Add(time.Second).Format(time.RFC3339)
	caller := h.create(t, `{"name":"caller","scopes":["admin"],"expires_at":"`+ends+`"}`, nil)
	if own := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", as(caller.Secret.Reveal())).Caller.ExpiresAt; own == nil || !own.Equal(end) {
		t.Errorf("the caller is told that it ends at %v", own)
	}
	if own := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", nil).Caller.ExpiresAt; own != nil {
		t.Errorf("an owner is told that it ends at %v", own)
	}
	exceeds := func(method, path, body string) scenario {
		return scenario{
			method: method, path: path, body: body, header: as(caller.Secret.Reveal()), status: http.StatusForbidden, code: api.CodeGrantExceedsCaller, field: "expires_at",
			want: []string{"the credential expires at " + ends}, forbid: []string{"ptn_key_"},
		}
	}
	itself := pathKeys + "/" + caller.ID
	h.refuse(t, map[string]scenario{
		"a key without an end":          exceeds(http.MethodPost, pathKeys, `{"name":"a","scopes":["read"]}`),
		"a key that ends later":         exceeds(http.MethodPost, pathKeys, `{"name":"a","scopes":["read"],"expires_at":"`+later+`"}`),
		"its own end away":              exceeds(http.MethodPatch, itself, `{"expires_at":null}`),
		"its own end later":             exceeds(http.MethodPatch, itself, `{"expires_at":"`+later+`"}`),
		"its own end away, by rotation": exceeds(http.MethodPost, itself+"/rotate", `{"expires_at":null}`),
	})
}
