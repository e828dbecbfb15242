package client

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestScopes(t *testing.T) {
	t.Parallel()
	a := api.Scope{Name: "mail.send/all", Implies: []string{}, EffectiveScopes: []string{"mail.send/all"}, Builtin: true}
	c := scripted(t,
		step{method: "GET", path: "/v1/scopes/mail.send%2Fall", reply: reveal(200, api.ScopeDetail{Scope: a, APIKeys: 2})},
		step{method: "GET", path: "/v1/scopes/male", reply: problem(404, api.CodeNotFound)},
		step{method: "GET", path: "/v1/scopes", query: "", reply: reveal(200, api.Page[api.Scope]{Items: []api.Scope{a}})},
		step{method: "GET", path: "/v1/scopes", query: "limit=500", reply: reveal(200, api.Page[api.Scope]{Items: []api.Scope{a}, NextCursor: "x"})},
		step{method: "GET", path: "/v1/scopes", query: "limit=500&cursor=x", reply: reveal(200, api.Page[api.Scope]{Items: []api.Scope{{Name: "b"}}})},
	)
	ctx := t.Context()
	got, err := c.Scopes.Get(ctx, a.Name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(api.ScopeDetail{Scope: a, APIKeys: 2}, *got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := c.Scopes.Get(ctx, "male"); got != nil || !errors.Is(err, ErrNotFound) {
		t.Error(got, err)
	}
	if page, err := c.Scopes.List(ctx, ListScopes{}); err != nil || len(page.Items) != 1 {
		t.Error(page, err)
	}
	var names []string
	for scope, err := range c.Scopes.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, scope.Name)
	}
	if diff := cmp.Diff([]string{a.Name, "b"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAccount_Get(t *testing.T) {
	t.Parallel()
	limit := 100
	want := api.Account{
		ID: "acc_1", Name: "n", Platform: "postern", Standing: api.StandingOpen, APIKeys: api.Usage{Used: 1, Limit: &limit},
		KeyRules: api.KeyRules{UniqueNames: true, MaxOverlap: "168h0m0s"}, Caller: api.Caller{Kind: api.CallerOwner, ID: "own_1", Rights: []string{"apikeys:read"}, EffectiveScopes: []string{}},
		CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), ServerTime: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
	}
	c := scripted(t, step{method: "GET", path: "/v1/account", reply: reveal(200, want)})
	got, err := c.Account.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	good := api.Verification{Valid: true, Code: api.VerifyValid, Status: 200, APIKeyID: "key_1", Name: "n", AccountID: "acc_1", EffectiveScopes: []string{"a", "b"}}
	c := scripted(t,
		step{
			method: "POST", path: "/v1/verify", body: `{"secret": "` + testSecret + `", "scopes": ["a"]}`,
			header: map[string]string{api.HeaderIdempotencyKey: "", "If-Match": ""}, reply: reveal(200, good),
		},
		step{method: "POST", path: "/v1/verify", body: `{"secret": "x"}`, reply: reveal(200, api.Verification{Code: api.VerifyInvalid, Status: 401})},
	)
	got, err := c.Verify.Verify(t.Context(), api.VerifyRequest{Secret: api.NewSecret(testSecret), Scopes: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(good, *got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err = c.Verify.Verify(t.Context(), api.VerifyRequest{Secret: api.NewSecret("x")})
	if err != nil || got.Valid {
		t.Errorf("a bad secret is no error: %+v, %v", got, err)
	}
}

// An answer that is in doubt must not open a door.
func TestVerify_contradictions(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":        `{}`,
		"null":           `null`,
		"valid alone":    `{"valid": true}`,
		"wrong code":     `{"valid": true, "code": "expired", "status": 200, "apikey_id": "key_1"}`,
		"wrong status":   `{"valid": true, "code": "valid", "status": 401, "apikey_id": "key_1"}`,
		"no key":         `{"valid": true, "code": "valid", "status": 200}`,
		"missing scopes": `{"valid": true, "code": "valid", "status": 200, "apikey_id": "key_1", "missing_scopes": ["a"]}`,
		"not valid":      `{"valid": false, "code": "valid", "status": 200, "apikey_id": "key_1"}`,
		"bad with 200":   `{"valid": false, "code": "invalid", "status": 200}`,
		"text":           `{"valid": "true", "code": "valid", "status": 200, "apikey_id": "key_1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scripted(t, step{method: "POST", path: "/v1/verify", body: `{"secret": "x"}`, reply: text(200, "application/json", body)})
			if got, err := c.Verify.Verify(t.Context(), api.VerifyRequest{Secret: api.NewSecret("x")}); got != nil || !errors.Is(err, ErrUnexpectedAnswer) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
