package client

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func testSubaccount(handle string) api.Subaccount {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return api.Subaccount{ID: "sub_1", Handle: handle, Name: "n", Status: api.SubaccountActive, CreatedAt: at, UpdatedAt: at, Revision: 1}
}

func testScope(name string) api.ScopeDetail {
	return api.ScopeDetail{Scope: api.Scope{Name: name, Group: "custom", Class: "general", Implies: []string{"a"}, EffectiveScopes: []string{"a", name}, Revision: 1}}
}

func TestSubaccounts_List(t *testing.T) {
	t.Parallel()
	page := func(next string, handles ...string) reply {
		p := api.Page[api.Subaccount]{Items: []api.Subaccount{}, NextCursor: next}
		for _, h := range handles {
			p.Items = append(p.Items, testSubaccount(h))
		}
		return reveal(200, p)
	}
	c := scripted(t,
		step{method: "GET", path: "/v1/subaccounts", query: "", reply: page("")},
		step{method: "GET", path: "/v1/subaccounts", query: "handle_prefix=a&status=active&limit=500", reply: page("c", "acme")},
		step{method: "GET", path: "/v1/subaccounts", query: "handle_prefix=a&status=active&limit=500&cursor=c", reply: page("", "also")},
		step{method: "GET", path: "/v1/subaccounts/a.b@c%2F", reply: problem(404, api.CodeNotFound)},
	)
	if got, err := c.Subaccounts.List(t.Context(), ListSubaccounts{}); err != nil || len(got.Items) != 0 {
		t.Error(got, err)
	}
	var handles []string
	for sub, err := range c.Subaccounts.All(t.Context(), ListSubaccounts{HandlePrefix: "a", Status: api.SubaccountActive}) {
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, sub.Handle)
	}
	if diff := cmp.Diff([]string{"acme", "also"}, handles); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := c.Subaccounts.Get(t.Context(), "a.b@c/"); got != nil || !errors.Is(err, ErrNotFound) {
		t.Error(got, err)
	}
}

// A handle that is taken at a retry may be the call's own doing: what has it is read,
// and only what is just as asked for counts as such.
func TestSubaccounts_Create_taken_at_a_retry(t *testing.T) {
	t.Parallel()
	taken := problem(409, api.CodeHandleTaken)
	found := func(change func(*api.Subaccount)) []reply {
		sub := testSubaccount("acme")
		change(&sub)
		return []reply{reveal(200, sub)}
	}
	limit := 3
	for name, tt := range map[string]struct {
		lost  reply
		found []reply
		ours  bool
	}{
		"its own":          {drop, found(func(*api.Subaccount) {}), true},
		"half an answer":   {half, found(func(*api.Subaccount) {}), true},
		"gateway":          {text(502, "", ""), found(func(*api.Subaccount) {}), true},
		"another name":     {drop, found(func(s *api.Subaccount) { s.Name = "other" }), false},
		"another limit":    {drop, found(func(s *api.Subaccount) { s.APIKeyLimit = &limit }), false},
		"suspended":        {drop, found(func(s *api.Subaccount) { s.Status = api.SubaccountSuspended }), false},
		"changed since":    {drop, found(func(s *api.Subaccount) { s.Revision = 2 }), false},
		"gone meanwhile":   {drop, []reply{problem(404, api.CodeNotFound)}, false},
		"not read at all":  {drop, []reply{problem(403, api.CodeForbidden)}, false},
		"surely not ours":  {problem(429, api.CodeRateLimited), nil, false},
		"not even retried": {nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const body = `{"handle": "acme", "name": "n"}`
			var steps []step
			if tt.lost != nil {
				steps = append(steps, step{method: "POST", path: "/v1/subaccounts", body: body, header: map[string]string{api.HeaderIdempotencyKey: ""}, reply: tt.lost})
			}
			steps = append(steps, step{method: "POST", path: "/v1/subaccounts", body: body, reply: taken})
			for _, r := range tt.found {
				steps = append(steps, step{method: "GET", path: "/v1/subaccounts/acme", reply: r})
			}
			got, err := scripted(t, steps...).Subaccounts.Create(t.Context(), api.CreateSubaccount{Handle: "acme", Name: "n"})
			if tt.ours {
				if err != nil || got.ID != "sub_1" {
					t.Errorf("%v, %v", got, err)
				}
				return
			}
			if got != nil || !errors.Is(err, ErrConflict) || errors.Is(err, ErrUncertain) != (tt.found != nil) {
				t.Errorf("%v, %v, uncertain %v", got, err, errors.Is(err, ErrUncertain))
			}
		})
	}
}

// Without a handle nothing tells a second sub-account from the first one.
func TestSubaccounts_Create_without_a_handle_is_not_repeated(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		replies   []reply
		uncertain bool
	}{
		"dropped":                 {[]reply{drop}, true},
		"half an answer":          {[]reply{half}, true},
		"gateway":                 {[]reply{text(502, "", "")}, true},
		"storage broke":           {[]reply{problem(503, api.CodeStorageUnavailable)}, true},
		"rate limited, then lost": {[]reply{problem(429, api.CodeRateLimited), drop}, true},
		"rate limited":            {[]reply{problem(429, api.CodeRateLimited), reveal(201, testSubaccount("made"))}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var steps []step
			for _, r := range tt.replies {
				steps = append(steps, step{method: "POST", path: "/v1/subaccounts", body: `{"name": "n"}`, reply: r})
			}
			got, err := scripted(t, steps...).Subaccounts.Create(t.Context(), api.CreateSubaccount{Name: "n"})
			if errors.Is(err, ErrUncertain) != tt.uncertain || (got == nil) != tt.uncertain {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestScopes_Create_taken_at_a_retry(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*api.ScopeDetail)
		ours   bool
	}{
		"its own":         {func(*api.ScopeDetail) {}, true},
		"another text":    {func(s *api.ScopeDetail) { s.Description = "d" }, false},
		"implies more":    {func(s *api.ScopeDetail) { s.Implies = []string{"a", "b"} }, false},
		"another group":   {func(s *api.ScopeDetail) { s.Group = "mail" }, false},
		"a built-in one":  {func(s *api.ScopeDetail) { s.Revision = 0 }, false},
		"a changed since": {func(s *api.ScopeDetail) { s.Revision = 2 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := testScope("s")
			tt.change(&found)
			const body = `{"name": "s", "implies": ["a", "a"]}`
			c := scripted(t,
				step{method: "POST", path: "/v1/scopes", body: body, reply: drop},
				step{method: "POST", path: "/v1/scopes", body: body, reply: problem(409, api.CodeNameTaken)},
				step{method: "GET", path: "/v1/scopes/s", reply: reveal(200, found)},
			)
			got, err := c.Scopes.Create(t.Context(), api.CreateScope{Name: "s", Implies: []string{"a", "a"}})
			if tt.ours != (err == nil) || tt.ours != (got != nil) || !tt.ours && (!errors.Is(err, ErrConflict) || !errors.Is(err, ErrUncertain)) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// The keys of a sub-account have the same service at another path, which errors show
// as a template.
func TestSubaccounts_APIKeys(t *testing.T) {
	t.Parallel()
	const base = "/v1/subaccounts/a%2Fb/apikeys"
	key := testKey("key_1")
	key.Name = ""
	usage := api.APIKeyUsage{APIKeyID: "key_1", Since: "2026-01-01", ObservedSince: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Scopes: []api.ScopeUsage{}, Days: []api.DayUsage{}, UnusedScopes: []string{}}
	c := scripted(t,
		step{method: "GET", path: base + "/key_1", reply: reveal(200, key)},
		step{method: "GET", path: base, query: "name=n&limit=2", reply: reveal(200, keysPage(""))},
		step{method: "GET", path: base, query: "limit=500&status=locked", reply: reveal(200, keysPage("", "key_1"))},
		step{method: "POST", path: base, body: `{"preset": "p", "access": {"mail": "full"}}`, reply: reveal(201, testMade("key_1", ""))},
		step{method: "PATCH", path: base + "/key_1", body: `{"access": {"mail": "read"}}`, reply: reveal(200, key)},
		step{method: "POST", path: base + "/key_1/rotate", body: `{}`, reply: reveal(200, testRotated("key_1"))},
		step{method: "POST", path: base + "/key_1/unlock", reply: reveal(200, key)},
		step{method: "GET", path: base + "/key_1/usage", query: "days=7", reply: reveal(200, usage)},
		step{method: "GET", path: base + "/key_1/usage", query: "", reply: reveal(200, usage)},
		step{method: "DELETE", path: base + "/key_1", reply: problem(404, api.CodeNotFound)},
		step{method: "GET", path: base + "/key_1", reply: problem(404, api.CodeNotFound)},
	)
	keys, ctx := c.Subaccounts.APIKeys("a/b"), t.Context()
	if got, err := keys.Get(ctx, "key_1"); err != nil || got.Name != "" {
		t.Error(got, err)
	}
	var e *Error
	if _, err := keys.GetByName(ctx, "n"); !errors.As(err, &e) || e.Status != http.StatusNotFound || e.Message != `there is no API key of the name "n" in this sub-account` {
		t.Error(err)
	}
	for got, err := range keys.All(ctx, ListAPIKeys{Status: api.StatusLocked}) {
		if err != nil || got.ID != "key_1" {
			t.Error(got, err)
		}
	}
	if _, err := keys.Create(ctx, api.CreateAPIKey{Preset: "p", Access: map[string]string{"mail": "full"}}); err != nil {
		t.Error(err)
	}
	if _, err := keys.Update(ctx, "key_1", api.UpdateAPIKey{Scopes: []string{}, Access: map[string]string{"mail": "read"}}); err != nil {
		t.Error(err)
	}
	if _, err := keys.Rotate(ctx, "key_1", api.RotateAPIKey{}); err != nil {
		t.Error(err)
	}
	if _, err := keys.Unlock(ctx, "key_1"); err != nil {
		t.Error(err)
	}
	for _, days := range []int{7, 0} {
		if got, err := keys.Usage(ctx, "key_1", days); err != nil || got.APIKeyID != "key_1" {
			t.Error(got, err)
		}
	}
	if err := keys.Delete(ctx, "key_1"); !errors.Is(err, ErrNotFound) || !errors.As(err, &e) || e.Path != "/v1/subaccounts/{handle}/apikeys/{id}" {
		t.Error(err)
	}
}

// Who chose the secret gets none back, who did not must get one.
func TestAPIKeys_chosen_secret(t *testing.T) {
	t.Parallel()
	c := scripted(t,
		step{method: "POST", path: "/v1/apikeys", body: `{"secret": "` + testSecret + `"}`, reply: reveal(201, testMade("key_1", "").APIKey)},
		step{method: "POST", path: "/v1/apikeys/key_1/rotate", body: `{"secret": "` + testSecret + `"}`, reply: reveal(200, testRotated("key_1").APIKey)},
		step{method: "POST", path: "/v1/apikeys", body: `{}`, reply: reveal(201, testMade("key_1", "").APIKey)},
	)
	if got, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Secret: api.NewSecret(testSecret)}); err != nil || !got.Secret.IsZero() {
		t.Error(got, err)
	}
	if got, err := c.APIKeys.Rotate(t.Context(), "key_1", api.RotateAPIKey{Secret: api.NewSecret(testSecret)}); err != nil || !got.Secret.IsZero() {
		t.Error(got, err)
	}
	if got, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{}); got != nil || !errors.Is(err, ErrUnexpectedAnswer) {
		t.Error(got, err)
	}
}
