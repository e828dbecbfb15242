package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// scope defines a scope from a body of JSON.
func (h *harness) scope(t *testing.T, body string) api.ScopeDetail {
	t.Helper()
	return must[api.ScopeDetail](t, h, http.StatusCreated, http.MethodPost, pathScopes, body, nil)
}

func TestScopes_Life(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "one")
	a := h.send(t, http.MethodPost, pathScopes, `{"name":"mail:send","description":"Send mail.","implies":["write"]}`, nil)
	if a.status != http.StatusCreated || a.leadsTo(t, pathScopes) != pathScopes+"/mail:send" || a.header.Get("Etag") != `"1"` {
		t.Fatalf("%d %v: %s", a.status, a.header, a.body)
	}
	var made api.ScopeDetail
	a.decode(t, &made)
	if made.Builtin || made.Group != "custom" || made.Class != "general" || made.Revision != 1 || made.CreatedAt == nil || made.APIKeys != 0 ||
		!slices.Equal(made.EffectiveScopes, []string{"mail:send", "read", "write"}) {
		t.Errorf("made %+v", made)
	}
	h.scope(t, `{"name":"mail:all","implies":["mail:send"]}`)
	key := h.create(t, `{"name":"by name","scopes":["mail:send"]}`, nil)
	h.create(t, `{"name":"by implication","scopes":["mail:all"]}`, nil)
	h.createIn(t, "one", `{"name":"elsewhere","scopes":["mail:send"]}`)
	h.create(t, `{"name":"not at all","scopes":["read"]}`, nil)
	if got := must[api.ScopeDetail](t, h, http.StatusOK, http.MethodGet, pathScopes+"/mail:send", "", nil); got.APIKeys != 3 {
		t.Errorf("%d keys hold it, want 3", got.APIKeys)
	}
	if v := h.verify(t, key.Secret.Reveal(), "read"); !v.Valid {
		t.Errorf("before the change: %+v", v)
	}
	a = h.send(t, http.MethodPatch, pathScopes+"/mail:send", `{"implies":[]}`, map[string]string{"If-Match": `"1"`})
	if a.status != http.StatusOK || a.header.Get("Etag") != `"2"` || !strings.Contains(a.body, `"apikeys":3`) || !strings.Contains(a.body, `"effective_scopes":["mail:send"]`) {
		t.Errorf("a change: %d %v: %s", a.status, a.header, a.body)
	}
	if v := h.verify(t, key.Secret.Reveal(), "read"); v.Code != api.VerifyMissingScope {
		t.Errorf("after the change: %+v", v)
	}
	if same := h.send(t, http.MethodPatch, pathScopes+"/mail:send", `{"description":"Send mail."}`, nil); same.status != http.StatusOK || same.header.Get("Etag") != `"2"` {
		t.Errorf("a change that changes nothing: %d %v", same.status, same.header)
	}
	builtin := h.send(t, http.MethodGet, pathScopes+"/read", "", nil)
	if etag, ok := builtin.header["Etag"]; ok || !strings.Contains(builtin.body, `"revision":0`) || !strings.Contains(builtin.body, `"builtin":true`) {
		t.Errorf("a built-in scope: %v: %s", etag, builtin.body)
	}
	unused := h.scope(t, `{"name":"unused","class":"billing","group":"money"}`)
	if unused.Class != "billing" || unused.Group != "money" {
		t.Errorf("made %+v", unused)
	}
	must[struct{}](t, h, http.StatusNoContent, http.MethodDelete, pathScopes+"/unused", "", map[string]string{"If-Match": `"1"`})
	missing("", "", "").check(t, h.send(t, http.MethodGet, pathScopes+"/unused", "", nil))
}

func TestScopes_Refusals(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.scope(t, `{"name":"a","implies":["write"]}`)
	h.scope(t, `{"name":"b","implies":["a"]}`)
	h.scope(t, `{"name":"money","class":"billing"}`)
	key := h.create(t, `{"name":"holder","scopes":["a"]}`, nil)
	delegate := h.create(t, `{"name":"delegate","scopes":["scopes:write","read"]}`, nil)
	h.scope(t, `{"name":"strong","implies":["admin"]}`)
	h.scope(t, `{"name":"weak","implies":["read"]}`)
	weak := h.create(t, `{"name":"weak","scopes":["read"]}`, nil)
	_, limited := h.NewOwner(t, h.AccountID(), "scopes:write")
	const a = pathScopes + "/a"
	conflict, forbidden := http.StatusConflict, http.StatusForbidden
	exceeds := func(method, path, body string) scenario {
		return refused(method, path, body, forbidden, api.CodeGrantExceedsCaller, "implies", "does not hold", "Use a credential that holds these scopes too").by(delegate.Secret.Reveal())
	}
	h.refuse(t, map[string]scenario{
		"bad name":            invalid(http.MethodPost, pathScopes, `{"name":"Hush Hush"}`, "name").hides("Hush"),
		"no name":             invalid(http.MethodPost, pathScopes, `{}`, "name", "is required"),
		"name of a built-in":  refused(http.MethodPost, pathScopes, `{"name":"read"}`, conflict, api.CodeNameTaken, "name", "Choose another name"),
		"name of another":     refused(http.MethodPost, pathScopes, `{"name":"a"}`, conflict, api.CodeNameTaken, "name", "import that scope"),
		"implies itself":      invalid(http.MethodPost, pathScopes, `{"name":"c","implies":["c"]}`, "implies"),
		"unknown implied":     invalid(http.MethodPost, pathScopes, `{"name":"c","implies":["reed"]}`, "implies", `\"reed\" does not exist`, `the nearest is \"read\"`),
		"classes mixed":       invalid(http.MethodPost, pathScopes, `{"name":"c","class":"billing","implies":["read"]}`, "implies", `\"read\" is of class \"general\"`, "never mix"),
		"classes mixed later": invalid(http.MethodPatch, pathScopes+"/money", `{"implies":["a"]}`, "implies", "never mix"),
		"long description":    invalid(http.MethodPatch, a, `{"description":"`+strings.Repeat("x", 501)+`"}`, "description", "at most 500"),
		"cycle":               invalid(http.MethodPatch, a, `{"implies":["b"]}`, "implies", "must not lead back to the scope"),
		"unknown in a change": invalid(http.MethodPatch, a, `{"implies":["wrte"]}`, "implies", `\"write\"`),
		"implies in a string": invalid(http.MethodPatch, a, `{"implies":"read"}`, "implies", "must be an array"),
		"null implies":        invalid(http.MethodPatch, a, `{"implies":null}`, "implies", "must not be null"),
		"a new name":          invalid(http.MethodPatch, a, `{"name":"c"}`, "name", "is not a field of this request", "description, group, implies"),
		"a new class":         invalid(http.MethodPatch, a, `{"class":"billing"}`, "class", "is not a field of this request"),
		"change a built-in":   refused(http.MethodPatch, pathScopes+"/read", `{"description":"x"}`, conflict, api.CodeScopeBuiltin, "", "Define one of your own"),
		"delete a built-in":   refused(http.MethodDelete, pathScopes+"/read", "", conflict, api.CodeScopeBuiltin, "", "cannot be changed").matching(`"1"`),
		"read an unknown":     missing(http.MethodGet, pathScopes+"/reed", "", `the nearest is \"read\"`),
		"change an unknown":   missing(http.MethodPatch, pathScopes+"/c", `{"group":"x"}`),
		"delete an unknown":   missing(http.MethodDelete, pathScopes+"/c", ""),
		"a secret for a name": missing(http.MethodGet, pathScopes+"/"+key.Secret.Reveal(), "").hides(key.Secret.Reveal()),
		"stale change":        refused(http.MethodPatch, a, `{"group":"x"}`, http.StatusPreconditionFailed, api.CodeStaleRevision, "", "read it again").matching(`"4"`),
		"stale deletion":      refused(http.MethodDelete, pathScopes+"/money", "", http.StatusPreconditionFailed, api.CodeStaleRevision, "", "read it again").matching(`"4"`),
		"bad If-Match":        refused(http.MethodDelete, pathScopes+"/money", "", http.StatusBadRequest, api.CodeInvalidRequest, "If-Match").matching("W/\"1\""),
		"in use":              refused(http.MethodDelete, a, "", conflict, api.CodeInUse, "name", "is given to 1 API key", key.ID, "holder", `is implied by \"b\"`, "Take it from these first"),
		"without the right":   refused(http.MethodPost, pathScopes, `{"name":"c"}`, forbidden, api.CodeForbidden, "", "scopes:write").by(weak.Secret.Reveal()),
		"more than it holds":  exceeds(http.MethodPost, pathScopes, `{"name":"c","implies":["write"]}`),
		"widens one":          exceeds(http.MethodPatch, pathScopes+"/weak", `{"implies":["write"]}`),
		"narrows a stronger":  exceeds(http.MethodPatch, pathScopes+"/strong", `{"implies":["read"]}`),
		"limited credential":  refused(http.MethodPost, pathScopes, `{"name":"c","implies":["read"]}`, forbidden, api.CodeGrantExceedsCaller, "implies", "Use an owner credential").by(limited),
	})
	must[api.ScopeDetail](t, h, http.StatusCreated, http.MethodPost, pathScopes, `{"name":"c","implies":["read"]}`, as(delegate.Secret.Reveal()))
	must[api.ScopeDetail](t, h, http.StatusOK, http.MethodPatch, pathScopes+"/c", `{"implies":[]}`, as(delegate.Secret.Reveal()))
}

func TestScopes_ClosedPlatform(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"))
	h.refuse(t, map[string]scenario{
		"create":            unsupported(http.MethodPost, pathScopes, `{"name":"a"}`, "", "accounts define none", "GET /v1/scopes"),
		"change a built-in": refused(http.MethodPatch, pathScopes+"/reports:read", `{"group":"x"}`, http.StatusConflict, api.CodeScopeBuiltin, "", "cannot be changed"),
		"change an unknown": missing(http.MethodPatch, pathScopes+"/report:read", `{"group":"x"}`, `\"reports:read\"`),
		"delete a built-in": refused(http.MethodDelete, pathScopes+"/reports:read", "", http.StatusConflict, api.CodeScopeBuiltin, ""),
	})
	if got := must[api.ScopeDetail](t, h, http.StatusOK, http.MethodGet, pathScopes+"/contacts:write", "", nil); got.Level != "full" || got.Group != "contacts" {
		t.Errorf("a scope with a level: %+v", got)
	}
}

// A definition is another account's own: it is not there elsewhere, not even as a
// name that is near.
func TestScopes_AreTheAccountsOwn(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.scope(t, `{"name":"secret-project","description":"only here"}`)
	_, other := h.NewAccount(t, "postern")
	for _, s := range []scenario{
		missing(http.MethodGet, pathScopes+"/secret-project", "").hides("only here"),
		missing(http.MethodGet, pathScopes+"/secret-projec", "").hides("secret-project"),
		invalid(http.MethodPost, pathKeys, `{"name":"a","scopes":["secret-projec"]}`, "scopes").hides("secret-project"),
		invalid(http.MethodPost, pathScopes, `{"name":"a","implies":["secret-project"]}`, "implies"),
	} {
		s.forbid = append(s.forbid, `the nearest is \"secret-project\"`)
		if strings.Contains(s.path, "secret-projec") && !strings.HasSuffix(s.path, "t") || strings.Contains(s.body, `"secret-projec"`) {
			s.forbid = append(s.forbid, "secret-project")
		}
		s.check(t, h.send(t, s.method, s.path, s.body, as(other)))
	}
}
