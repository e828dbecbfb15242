package sendgrid_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

const (
	forbidden         = `{"errors":[{"field":null,"message":"access forbidden"}]}`
	forbiddenSubusers = `{"errors":[{"message":"you dont have permission to access this resource"}]}`
	required          = `{"errors":[{"field":null,"message":"authorization required"}]}`
	invalidGrant      = `{"errors":[{"field":null,"message":"The provided authorization grant is invalid, expired, or revoked"}]}`
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	h := start(t)
	for name, tc := range map[string]struct {
		header http.Header
		want   string
	}{
		"none":                 {http.Header{}, required},
		"another scheme":       {http.Header{"Authorization": {"Basic " + h.Owner}}, required},
		"a scheme alone":       {http.Header{"Authorization": {"Bearer "}}, required},
		"two":                  {http.Header{"Authorization": {"Bearer " + h.Owner, "Bearer " + h.Owner}}, required},
		"the management API's": {http.Header{"X-Api-Key": {h.Owner}}, required},
		"one that never was":   {http.Header{"Authorization": {"Bearer SG.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}, invalidGrant},
		"rubbish":              {http.Header{"Authorization": {"Bearer x"}}, invalidGrant},
	} {
		for _, e := range allCalls {
			a := h.raw(t, tc.header.Clone(), e.method, e.path, e.body)
			if a.status != 401 || a.body != tc.want || a.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s, %s %s: %d %s", name, e.method, e.path, a.status, a.body)
			}
		}
	}
}

// allCalls are one request of each kind, and the scope that it takes.
var allCalls = []struct{ method, path, body, scope string }{
	{"POST", "/v3/api_keys", `{"name":"n","scopes":["api_keys.create"]}`, "api_keys.create"},
	{"GET", "/v3/api_keys", "", "api_keys.read"},
	{"GET", "/v3/api_keys/AAAAAAAAAAAAAAAAAAAAAA", "", "api_keys.read"},
	{"PATCH", "/v3/api_keys/AAAAAAAAAAAAAAAAAAAAAA", `{"name":"n"}`, "api_keys.update"},
	{"PUT", "/v3/api_keys/AAAAAAAAAAAAAAAAAAAAAA", `{"name":"n","scopes":["mail.send"]}`, "api_keys.update"},
	{"DELETE", "/v3/api_keys/AAAAAAAAAAAAAAAAAAAAAA", "", "api_keys.delete"},
	{"GET", "/v3/scopes", "", ""},
	{"GET", "/v3/user/username", "", "user.username.read"},
	{"POST", "/v3/subusers", newSubuser("one"), "subusers.create"},
	{"GET", "/v3/subusers", "", "subusers.read"},
	{"GET", "/v3/subusers/one", "", "subusers.read"},
	{"PATCH", "/v3/subusers/one", `{"disabled":false}`, "subusers.update"},
	{"PUT", "/v3/subusers/one/ips", `["192.0.2.1"]`, "subusers.update"},
	{"DELETE", "/v3/subusers/one", "", "subusers.delete"},
}

func TestEachCallTakesTheScopeOfItsName(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, e := range allCalls {
		if e.scope == "" {
			continue
		}
		var others []string
		for _, other := range allCalls {
			if other.scope != e.scope && other.scope != "" {
				others = append(others, other.scope)
			}
		}
		without := h.key(t, "", "without "+e.scope, others...)
		want := forbidden
		if strings.HasPrefix(e.path, "/v3/subusers") {
			want = forbiddenSubusers
		}
		before := h.VerifyAudit(t)
		h.as(t, without.Secret, "", e.method, e.path, e.body).is(t, 403, want)
		if after := h.VerifyAudit(t); after != before+1 {
			t.Errorf("%s %s: the denial is not in the trail", e.method, e.path)
		}
		with := h.key(t, "", "with "+e.scope, e.scope)
		if a := h.as(t, with.Secret, "", e.method, e.path, e.body); a.status == 403 {
			t.Errorf("%s %s with %s: %d %s", e.method, e.path, e.scope, a.status, a.body)
		}
	}
}

func TestOtherPlatformsHaveNoSuchPaths(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, platform := range []string{"postern", "mailchannels"} {
		_, owner := h.NewAccount(t, platform)
		for _, e := range allCalls {
			h.as(t, owner, "", e.method, e.path, e.body).is(t, 403, forbidden)
		}
	}
	h.owner(t, http.MethodGet, "/v3/subusers", "").is(t, 200, `[]`)
}

func TestAnotherAccountOfTheSamePlatformSeesNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subuser(t, "shop")
	own, shop := h.key(t, "", "own", "mail.send"), h.key(t, "shop", "of shop", "mail.send")
	_, other := h.NewAccount(t, "sendgrid")
	as := func(subuser, method, path, body string) answer { return h.as(t, other, subuser, method, path, body) }
	as("", "GET", "/v3/api_keys", "").is(t, 200, `{"result":[]}`)
	as("", "GET", "/v3/subusers", "").is(t, 200, `[]`)
	as("shop", "GET", "/v3/api_keys", "").is(t, 404, `{"errors":[{"field":null,"message":"not found"}]}`)
	as("shop", "GET", "/v3/scopes", "").is(t, 404, `{"errors":[{"field":null,"message":"not found"}]}`)
	for _, place := range []string{"", "shop"} {
		for _, id := range []string{own.ID, shop.ID} {
			for _, e := range []struct{ method, body string }{
				{"GET", ""}, {"PATCH", `{"name":"taken"}`}, {"PUT", `{"name":"taken","scopes":["mail.send"]}`}, {"DELETE", ""},
			} {
				if a := as(place, e.method, "/v3/api_keys/"+id, e.body); a.status != 404 {
					t.Errorf("%s of a key, for %q: %d %s", e.method, place, a.status, a.body)
				}
			}
		}
	}
	as("", "PATCH", "/v3/subusers/shop", `{"disabled":true}`).is(t, 400, `{"errors":[{"message":"invalid username"}]}`)
	as("", "PUT", "/v3/subusers/shop/ips", `["192.0.2.1"]`).is(t, 400, `{"errors":[{"message":"invalid username"}]}`)
	as("", "DELETE", "/v3/subusers/shop", "").is(t, 404, `{"errors":[{"field":null,"message":"not found"}]}`)
	for _, k := range []issued{own, shop} {
		if a := h.as(t, k.Secret, "", "GET", "/v3/scopes", ""); a.status != 200 {
			t.Errorf("the key %q is not what it was: %d %s", k.Name, a.status, a.body)
		}
	}
}

func TestAnAccountInBadStandingIsForbidden(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.SetStanding(t, api.StandingSuspended)
	h.owner(t, http.MethodGet, "/v3/api_keys", "").is(t, 403, forbidden)
	h.owner(t, http.MethodGet, "/v3/scopes", "").is(t, 403, forbidden)
	h.owner(t, http.MethodGet, "/v3/subusers", "").is(t, 403, forbiddenSubusers)
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	h := start(t)
	weak := h.key(t, "", "weak", "api_keys.create", "api_keys.update", "api_keys.read", "mail.send")
	strong := h.key(t, "", "strong", "alerts.read")
	own := h.key(t, "", "own", "mail.send")
	h.as(t, weak.Secret, "", http.MethodPost, "/v3/api_keys", `{"name":"n","scopes":["mail.send","alerts.read"]}`).
		is(t, 400, `{"errors":[{"field":"scopes","message":"invalid or unassignable scopes were given: the credential does not hold \"alerts.read\""}]}`)
	h.as(t, weak.Secret, "", http.MethodPut, "/v3/api_keys/"+own.ID, `{"name":"n","scopes":["alerts.read"]}`).
		is(t, 400, `{"errors":[{"field":null,"message":"unauthorized scopes: the credential does not hold \"alerts.read\""}]}`)
	h.as(t, weak.Secret, "", http.MethodPatch, "/v3/api_keys/"+strong.ID, `{"name":"n"}`).is(t, 403, forbidden)
	a := h.as(t, weak.Secret, "", http.MethodPost, "/v3/api_keys", `{"name":"all that it may"}`)
	var k issued
	a.decode(t, &k)
	if a.status != 201 || !slices.Equal(k.Scopes, []string{"api_keys.create", "api_keys.read", "api_keys.update", "mail.send"}) {
		t.Errorf("without scopes: %d %s", a.status, a.body)
	}
}

func TestFullAccessIsAllButBillingAndValidations(t *testing.T) {
	t.Parallel()
	h := start(t)
	var all, full issued
	h.owner(t, http.MethodGet, "/v3/scopes", "").decode(t, &all)
	h.owner(t, http.MethodPost, "/v3/api_keys", `{"name":"full"}`).decode(t, &full)
	without := []string{
		"billing.create", "billing.delete", "billing.read", "billing.update", "validations.email.create", "validations.email.read",
		"2fa_required", "sender_verification_eligible",
	}
	if len(all.Scopes) != 274+2 || len(full.Scopes) != len(all.Scopes)-len(without) {
		t.Errorf("%d scopes, and a full key with %d", len(all.Scopes), len(full.Scopes))
	}
	for _, s := range without {
		if !slices.Contains(all.Scopes, s) || slices.Contains(full.Scopes, s) {
			t.Errorf("%s must be a scope and not in Full Access", s)
		}
	}
	if k := h.key(t, "", "billing", "billing.read"); !slices.Equal(k.Scopes, []string{"billing.read"}) {
		t.Errorf("billing alone: %v", k.Scopes)
	}
}

func TestScopesAreThoseOfTheCallingKey(t *testing.T) {
	t.Parallel()
	h := start(t)
	k := h.key(t, "", "k", "mail.send", "alerts.read")
	h.as(t, k.Secret, "", http.MethodGet, "/v3/scopes", "").is(t, 200, `{"scopes":["2fa_required","alerts.read","mail.send","sender_verification_eligible"]}`)
}

func TestALimitedOwnerCredentialGrantsNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	account, _ := h.NewAccount(t, "sendgrid")
	_, service := h.NewOwner(t, account, "apikeys:create", "apikeys:read")
	for _, body := range []string{`{"name":"n"}`, `{"name":"n","scopes":["mail.send"]}`} {
		a := h.as(t, service, "", http.MethodPost, "/v3/api_keys", body)
		a.is(t, 400, `{"errors":[{"field":"scopes","message":"invalid or unassignable scopes were given: the credential holds no scopes"}]}`)
	}
	h.as(t, service, "", http.MethodGet, "/v3/api_keys", "").is(t, 200, `{"result":[]}`)
}

func TestRateLimit_CountsByAccountAndEndpointAndEndsAtTheReset(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.SendGrid(servertest.SendGridQuirks{RequestsPerMinute: 2}))
	_, other := h.NewAccount(t, "sendgrid")
	list := func() answer { return h.owner(t, http.MethodGet, "/v3/api_keys", "") }
	for _, left := range []string{"1", "0"} {
		if a := list(); a.status != 200 || a.header.Get("X-RateLimit-Limit") != "2" || a.header.Get("X-RateLimit-Remaining") != left {
			t.Errorf("%d %v", a.status, a.header)
		}
	}
	refused := list()
	refused.is(t, 429, `{"errors":[{"field":null,"message":"too many requests"}]}`)
	if refused.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%v", refused.header)
	}
	if a := h.owner(t, http.MethodGet, "/v3/scopes", ""); a.status != 200 {
		t.Errorf("another endpoint: %d", a.status)
	}
	if a := h.as(t, other, "", http.MethodGet, "/v3/api_keys", ""); a.status != 200 {
		t.Errorf("another account: %d", a.status)
	}
	if a := h.raw(t, http.Header{}, http.MethodGet, "/v3/api_keys", ""); a.status != 401 || a.header.Get("X-RateLimit-Remaining") != "2" {
		t.Errorf("nobody: %d %v", a.status, a.header)
	}
	h.advanceTo(t, refused.header.Get("X-RateLimit-Reset"))
	if a := list(); a.status != 200 {
		t.Errorf("after the reset: %d", a.status)
	}
}
