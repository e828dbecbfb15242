package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestShapes(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("sendgrid"))
	shapes := must[api.ScopeShapes](t, h, http.StatusOK, http.MethodGet, "/v1/scope-shapes", "", nil)
	i := slices.IndexFunc(shapes.Groups, func(g api.ScopeGroup) bool { return g.Name == "mail" })
	j := slices.IndexFunc(shapes.Presets, func(p api.Preset) bool { return p.Name == "stats" })
	if i < 0 || j < 0 {
		t.Fatalf("shapes %+v", shapes)
	}
	if g := shapes.Groups[i]; g.Title != "Mail" || !slices.Contains(g.Full, "mail.send") || slices.Contains(g.Read, "mail.send") {
		t.Errorf("the group is %+v", g)
	}
	if p := shapes.Presets[j]; p.Description == "" || !slices.Equal(p.Scopes, []string{"stats.global.read", "stats.read"}) {
		t.Errorf("the preset is %+v", p)
	}
	key := h.create(t, `{"name":"a","scopes":["alerts.read"],"access":{"mail":"read","stats":"none"},"preset":"stats"}`, nil)
	if want := []string{"alerts.read", "mail.batch.read", "stats.global.read", "stats.read"}; !slices.Equal(key.Scopes, want) {
		t.Errorf("the scopes are %v, want %v", key.Scopes, want)
	}
	if !slices.Equal(key.AutomaticScopes, []string{"2fa_required", "sender_verification_eligible"}) {
		t.Errorf("the automatic scopes are %v", key.AutomaticScopes)
	}
	if changed := must[api.APIKey](t, h, http.StatusOK, http.MethodPatch, pathKeys+"/"+key.ID, `{"access":{"mail":"read"}}`, nil); !slices.Equal(changed.Scopes, []string{"mail.batch.read"}) {
		t.Errorf("changed to %v", changed.Scopes)
	}
	if kept := must[api.APIKey](t, h, http.StatusOK, http.MethodPatch, pathKeys+"/"+key.ID, `{"name":"b"}`, nil); !slices.Equal(kept.Scopes, []string{"mail.batch.read"}) {
		t.Errorf("a new name changed the scopes to %v", kept.Scopes)
	}
	change := pathKeys + "/" + key.ID
	h.refuse(t, map[string]scenario{
		"unknown group":         invalid(http.MethodPost, pathKeys, `{"name":"a","access":{"mial":"read"}}`, "access.mial", `the nearest is \"mail\"`),
		"unknown group, change": invalid(http.MethodPatch, change, `{"access":{"mial":"read"}}`, "access.mial", `the nearest is \"mail\"`),
		"unknown level":         invalid(http.MethodPost, pathKeys, `{"name":"a","access":{"mail":"write"}}`, "access.mail", "must be none, read or full"),
		"level of a wrong type": invalid(http.MethodPost, pathKeys, `{"name":"a","access":{"mail":true}}`, "access.mail", "must be a string, not a boolean"),
		"null level":            invalid(http.MethodPost, pathKeys, `{"name":"a","access":{"mail":null}}`, "access.mail", "must not be null"),
		"access in a list":      invalid(http.MethodPost, pathKeys, `{"name":"a","access":["mail"]}`, "access", "must be an object, not an array"),
		"null access":           invalid(http.MethodPost, pathKeys, `{"name":"a","access":null}`, "access", "must not be null"),
		"a group twice":         refused(http.MethodPost, pathKeys, `{"name":"a","access":{"mail":"read","mail":"full"}}`, http.StatusBadRequest, api.CodeInvalidRequest, "access.mail", "is there twice"),
		"unknown preset":        invalid(http.MethodPost, pathKeys, `{"name":"a","preset":"stat"}`, "preset", `the nearest is \"stats\"`),
		"far preset":            invalid(http.MethodPost, pathKeys, `{"name":"a","preset":"Hush Hush Hush"}`, "preset", "use one of", "whitelabel").hides("Hush"),
		"nothing in the end":    invalid(http.MethodPost, pathKeys, `{"name":"a","access":{"mail":"none"}}`, "scopes", "never means everything"),
		"nothing, change":       invalid(http.MethodPatch, change, `{"access":{"mail":"none"}}`, "scopes", "never means everything"),
		"no scopes, change":     invalid(http.MethodPatch, change, `{"scopes":[]}`, "scopes", "never means everything"),
		"classes mixed":         invalid(http.MethodPost, pathKeys, `{"name":"a","preset":"billing","access":{"mail":"full"}}`, "scopes", "mix the classes"),
		"an automatic one":      invalid(http.MethodPost, pathKeys, `{"name":"a","scopes":["2fa_required","mail.send"]}`, "scopes", "is added by SendGrid itself; leave it out"),
		"everything at once":    invalid(http.MethodPost, pathKeys, `{"access":{"mial":"read","stats":"all"},"preset":"x"}`, "preset", `"field":"access.mial"`, `"field":"access.stats"`, `"field":"name"`),
	})
}

func TestShapes_PlatformWithout(t *testing.T) {
	t.Parallel()
	h := start(t)
	if a := h.send(t, http.MethodGet, "/v1/scope-shapes", "", nil); strings.TrimSpace(a.body) != `{"presets":[],"groups":[]}` {
		t.Errorf("%d: %s", a.status, a.body)
	}
	h.refuse(t, map[string]scenario{
		"access": invalid(http.MethodPost, pathKeys, `{"name":"a","access":{"mail":"read"}}`, "access.mail", "the platform has none"),
		"preset": invalid(http.MethodPost, pathKeys, `{"name":"a","preset":"mail"}`, "preset", "the platform has none"),
	})
}
