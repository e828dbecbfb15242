package client

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const anyIdempotencyKey = "0123456789abcdef"

func TestAPIKeys_Get(t *testing.T) {
	t.Parallel()
	c := scripted(t,
		step{method: "GET", path: "/v1/apikeys/key_1", header: map[string]string{"If-Match": "", api.HeaderIdempotencyKey: "", "Content-Type": ""}, reply: reveal(200, testKey("key_1"))},
		step{method: "GET", path: "/v1/apikeys/a%2Fb%20%C3%BC", reply: problem(404, api.CodeNotFound)},
	)
	got, err := c.APIKeys.Get(t.Context(), "key_1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testKey("key_1"), *got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err = c.APIKeys.Get(t.Context(), "a/b ü")
	if got != nil || !errors.Is(err, ErrNotFound) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAPIKeys_GetByName(t *testing.T) {
	t.Parallel()
	named := func(names ...string) reply {
		page := keysPage("")
		for i, name := range names {
			key := testKey(fmt.Sprint("key_", i))
			key.Name = name
			page.Items = append(page.Items, key)
		}
		return reveal(200, page)
	}
	for name, tt := range map[string]struct {
		reply reply
		want  error
	}{
		"one":     {named("ci & cd"), nil},
		"none":    {named(), ErrNotFound},
		"several": {named("ci & cd", "ci & cd"), ErrConflict},
		"other":   {named("CI & CD"), ErrUnexpectedAnswer},
		"refused": {problem(403, api.CodeForbidden), ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := scripted(t, step{method: "GET", path: "/v1/apikeys", query: "name=ci+%26+cd&limit=2", reply: tt.reply})
			got, err := c.APIKeys.GetByName(t.Context(), "ci & cd")
			if !errors.Is(err, tt.want) || (got == nil) != (err != nil) {
				t.Errorf("%v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestAPIKeys_List(t *testing.T) {
	t.Parallel()
	c := scripted(t,
		step{method: "GET", path: "/v1/apikeys", query: "", reply: reveal(200, keysPage(""))},
		step{
			method: "GET", path: "/v1/apikeys",
			query: "ids=key_1%2Ckey_2&name=n&name_prefix=p%26&status=active&scope=keys%3Aread&limit=7&cursor=c%2B1%2F%3D",
			reply: reveal(200, keysPage("next", "key_1", "key_2")),
		},
	)
	page, err := c.APIKeys.List(t.Context(), ListAPIKeys{})
	if err != nil || page.Items == nil || len(page.Items) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	page, err = c.APIKeys.List(t.Context(), ListAPIKeys{
		IDs: []string{"key_1", "key_2"}, Name: "n", NamePrefix: "p&", Status: api.StatusActive, Scope: "keys:read", Limit: 7, Cursor: "c+1/=",
	})
	if err != nil || len(page.Items) != 2 || page.NextCursor != "next" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestAPIKeys_Create(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	off := false
	s := newScript(t,
		step{
			method: "POST", path: "/v1/apikeys", header: map[string]string{"If-Match": ""},
			body:  `{"name": "ci", "description": "d", "scopes": ["a", "b"], "enabled": false, "expires_at": "2030-01-02T03:04:05Z"}`,
			reply: reveal(201, testMade("key_1", "ci")),
		},
		step{method: "POST", path: "/v1/apikeys", body: `{"name": "ci", "scopes": ["a"]}`, reply: reveal(200, testMade("key_2", "ci"))},
		step{
			method: "POST", path: "/v1/apikeys", header: map[string]string{api.HeaderIdempotencyKey: anyIdempotencyKey},
			body: `{"name": "ci", "scopes": ["a"]}`, reply: problem(409, api.CodeNameTaken),
		},
	)
	c := s.client()
	got, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "ci", Description: "d", Scopes: []string{"a", "b"}, Enabled: &off, ExpiresAt: &at})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testMade("key_1", "ci"), *got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := c.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "ci", Scopes: []string{"a"}}, IdempotencyKey("")); err != nil {
		t.Error(err)
	}
	got, err = c.APIKeys.Create(t.Context(), api.CreateAPIKey{Name: "ci", Scopes: []string{"a"}}, IdempotencyKey(anyIdempotencyKey))
	if got != nil || !errors.Is(err, ErrConflict) {
		t.Errorf("%v, %v", got, err)
	}
	first, second := s.seen[0].Header.Get(api.HeaderIdempotencyKey), s.seen[1].Header.Get(api.HeaderIdempotencyKey)
	if len(first) < 26 || len(first) > 128 || first == second {
		t.Errorf("idempotency keys %q and %q must be random and new for each call", first, second)
	}
}

func TestAPIKeys_Update(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	name, empty, on := "n", "", true
	c := scripted(t,
		step{method: "PATCH", path: "/v1/apikeys/key_1", body: `{}`, header: map[string]string{"If-Match": "", api.HeaderIdempotencyKey: ""}, reply: reveal(200, testKey("key_1"))},
		step{
			method: "PATCH", path: "/v1/apikeys/key_1", header: map[string]string{"If-Match": `"3"`},
			body:  `{"name": "n", "description": "", "scopes": ["a"], "enabled": true, "expires_at": "2030-01-02T03:04:05Z"}`,
			reply: reveal(200, testKey("key_1")),
		},
		step{method: "PATCH", path: "/v1/apikeys/key_1", body: `{"expires_at": null}`, reply: problem(409, api.CodeKeyExpired)},
		step{method: "PATCH", path: "/v1/apikeys/key_1", body: `{}`, header: map[string]string{"If-Match": `"9223372036854775807"`}, reply: problem(412, api.CodeStaleRevision)},
	)
	ctx := t.Context()
	if _, err := c.APIKeys.Update(ctx, "key_1", api.UpdateAPIKey{}); err != nil {
		t.Error(err)
	}
	all := api.UpdateAPIKey{Name: &name, Description: &empty, Scopes: []string{"a"}, Enabled: &on, ExpiresAt: api.SetTime(&at)}
	if got, err := c.APIKeys.Update(ctx, "key_1", all, IfMatch(3)); err != nil || got.Revision != 3 {
		t.Error(got, err)
	}
	if _, err := c.APIKeys.Update(ctx, "key_1", api.UpdateAPIKey{ExpiresAt: api.SetTime(nil)}); !errors.Is(err, ErrConflict) {
		t.Error(err)
	}
	got, err := c.APIKeys.Update(ctx, "key_1", api.UpdateAPIKey{}, IfMatch(1<<63-1))
	if got != nil || !errors.Is(err, ErrStale) || errors.Is(err, ErrUncertain) {
		t.Error(got, err)
	}
}

func TestAPIKeys_Delete(t *testing.T) {
	t.Parallel()
	c := scripted(t,
		step{method: "DELETE", path: "/v1/apikeys/key_1", header: map[string]string{"If-Match": "", api.HeaderIdempotencyKey: ""}, reply: text(204, "", "")},
		step{method: "DELETE", path: "/v1/apikeys/key_1", header: map[string]string{"If-Match": `"4"`}, reply: text(200, "text/plain", "gone")},
		step{method: "DELETE", path: "/v1/apikeys/key_1", reply: problem(404, api.CodeNotFound)},
		step{method: "GET", path: "/v1/apikeys/key_1", reply: problem(404, api.CodeNotFound)},
		step{method: "DELETE", path: "/v1/apikeys/key_1", reply: problem(404, api.CodeNotFound)},
		step{method: "GET", path: "/v1/apikeys/key_1", reply: reveal(200, testKey("key_1"))},
		step{method: "DELETE", path: "/v1/apikeys/key_1", reply: problem(404, api.CodeNotFound)},
		step{method: "GET", path: "/v1/apikeys/key_1", reply: problem(403, api.CodeForbidden)},
	)
	if err := c.APIKeys.Delete(t.Context(), "key_1"); err != nil {
		t.Error(err)
	}
	if err := c.APIKeys.Delete(t.Context(), "key_1", IfMatch(4)); !errors.Is(err, ErrUnexpectedAnswer) || !errors.Is(err, ErrUncertain) {
		t.Errorf("a page is taken for a deletion: %v", err)
	}
	if err := c.APIKeys.Delete(t.Context(), "key_1"); !errors.Is(err, ErrNotFound) || errors.Is(err, ErrUncertain) {
		t.Error(err)
	}
	if err := c.APIKeys.Delete(t.Context(), "key_1"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("a key that is shown is taken for gone: %v", err)
	}
	if err := c.APIKeys.Delete(t.Context(), "key_1"); !errors.Is(err, ErrForbidden) || errors.Is(err, ErrNotFound) {
		t.Errorf("a miss that cannot be looked into is believed: %v", err)
	}
}

func TestAPIKeys_Rotate(t *testing.T) {
	t.Parallel()
	s := newScript(t,
		step{method: "POST", path: "/v1/apikeys/key_1/rotate", body: `{}`, header: map[string]string{"If-Match": ""}, reply: reveal(200, testRotated("key_1"))},
		step{
			method: "POST", path: "/v1/apikeys/key_1/rotate", body: `{"overlap": "24h", "expires_at": null}`,
			header: map[string]string{"If-Match": `"3"`, api.HeaderIdempotencyKey: anyIdempotencyKey}, reply: reveal(200, testRotated("key_1")),
		},
	)
	c := s.client()
	got, err := c.APIKeys.Rotate(t.Context(), "key_1", api.RotateAPIKey{})
	if err != nil || got.Secret.Reveal() != testSecret {
		t.Error(got, err)
	}
	if key := s.seen[0].Header.Get(api.HeaderIdempotencyKey); len(key) < 26 {
		t.Errorf("idempotency key %q", key)
	}
	in := api.RotateAPIKey{Overlap: "24h", ExpiresAt: api.SetTime(nil)}
	if _, err := c.APIKeys.Rotate(t.Context(), "key_1", in, IfMatch(3), IdempotencyKey(anyIdempotencyKey)); err != nil {
		t.Error(err)
	}
}
