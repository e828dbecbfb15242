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

func TestAPIKeys_Create(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.send(t, http.MethodPost, pathKeys, `{"name":"ci","description":"for builds","scopes":["write","read"],"expires_at":null}`, nil)
	var issued api.IssuedAPIKey
	a.decode(t, &issued)
	if a.status != http.StatusCreated || a.leadsTo(t, pathKeys) != pathKeys+"/"+issued.ID || a.header.Get("ETag") != `"1"` {
		t.Errorf("%d, Location %s, ETag %s", a.status, a.header.Get("Location"), a.header.Get("ETag"))
	}
	if !slices.Equal(issued.Scopes, []string{"read", "write"}) || issued.Status != api.StatusActive || issued.ExpiresAt != nil || !issued.CreatedAt.Equal(h.Now()) {
		t.Errorf("got %+v", issued.APIKey)
	}
	if !strings.HasPrefix(issued.Secret.Reveal(), "ptn_key_") || !strings.HasPrefix(issued.Secret.Reveal(), strings.TrimSuffix(issued.SecretHint, "...")) {
		t.Errorf("hint %s does not fit the secret", issued.SecretHint)
	}
	got := h.send(t, http.MethodGet, a.leadsTo(t, pathKeys), "", nil)
	if got.status != http.StatusOK || got.header.Get("ETag") != `"1"` || strings.Contains(got.body, issued.Secret.Reveal()) || strings.Contains(got.body, `"secret":`) {
		t.Errorf("reading it back: %d: %s", got.status, got.body)
	}
}

func TestAPIKeys_Conflicts(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(t, `{"name":"taken","scopes":["read"]}`, nil)
	h.run(t, map[string]scenario{
		"name taken": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"taken","scopes":["read"]}`,
			status: http.StatusConflict, code: api.CodeNameTaken, field: "name",
		},
		"name taken by a change": {
			method: http.MethodPatch, path: pathKeys + "/{id}", body: `{"name":"taken"}`,
			status: http.StatusConflict, code: api.CodeNameTaken, field: "name",
		},
		"change of an unknown key": {
			method: http.MethodPatch, path: pathKeys + "/key_00000000000000000000", body: `{"name":"x"}`,
			status: http.StatusNotFound, code: api.CodeNotFound,
		},
	})
}

func TestAPIKeys_LimitAndRulesOfThePlatform(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"), servertest.Plan("free"))
	key := h.create(t, `{"name":"one","scopes":["reports:read"]}`, nil)
	h.create(t, `{"name":"two","scopes":["reports:read"]}`, nil)
	scenario{status: http.StatusConflict, code: api.CodeLimitReached, want: []string{"limit of the plan"}}.
		check(t, h.send(t, http.MethodPost, pathKeys, `{"name":"three","scopes":["reports:read"]}`, nil))
	scenario{status: http.StatusUnprocessableEntity, code: api.CodeUnsupported, field: "overlap"}.
		check(t, h.send(t, http.MethodPost, pathKeys+"/"+key.ID+"/rotate", `{"overlap":"1h"}`, nil))
	if n := len(h.keys(t)); n != 2 {
		t.Errorf("%d keys, want 2", n)
	}
}

func TestAPIKeys_Patch(t *testing.T) {
	t.Parallel()
	h := start(t)
	key := h.create(t, `{"name":"ci","scopes":["read"],"expires_at":"2100-01-01T01:00:00+01:00"}`, nil)
	if want := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC); key.ExpiresAt == nil || !key.ExpiresAt.Equal(want) {
		t.Errorf("expires %v, want %v", key.ExpiresAt, want)
	}
	var got api.APIKey
	a := h.send(t, http.MethodPatch, pathKeys+"/"+key.ID, `{"scopes":["write"],"enabled":false,"expires_at":null}`, nil)
	a.decode(t, &got)
	if got.ExpiresAt != nil || got.Enabled || got.Status != api.StatusInactive || got.Name != "ci" || !slices.Equal(got.EffectiveScopes, []string{"read", "write"}) {
		t.Errorf("got %s", a.body)
	}
	if v := h.verify(t, key.Secret.Reveal()); v.Code != api.VerifyInactive {
		t.Errorf("a key that was turned off is %s", v.Code)
	}
	if a := h.send(t, http.MethodPatch, pathKeys+"/"+key.ID, `{}`, nil); a.status != http.StatusOK || a.header.Get("ETag") != `"2"` {
		t.Errorf("a change of nothing: %d, ETag %s", a.status, a.header.Get("ETag"))
	}
}

func TestAPIKeys_Delete(t *testing.T) {
	t.Parallel()
	h := start(t)
	id, key := h.NewKey(t, "read")
	if a := h.send(t, http.MethodDelete, pathKeys+"/"+id, "", nil); a.status != http.StatusNoContent || a.body != "" {
		t.Errorf("%d: %s", a.status, a.body)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		scenario{status: http.StatusNotFound, code: api.CodeNotFound}.check(t, h.send(t, method, pathKeys+"/"+id, "", nil))
	}
	if v := h.verify(t, key); v.Valid || v.Code != api.VerifyInvalid || v.APIKeyID != "" {
		t.Errorf("a deleted key verifies as %+v", v)
	}
}

func TestAPIKeys_Rotate(t *testing.T) {
	t.Parallel()
	h := start(t)
	key := h.create(t, `{"name":"ci","scopes":["read"]}`, nil)
	a := h.send(t, http.MethodPost, pathKeys+"/"+key.ID+"/rotate", `{"overlap":"1h","expires_at":"2100-01-01T00:00:00Z"}`, nil)
	var rotated api.IssuedAPIKey
	a.decode(t, &rotated)
	if a.status != http.StatusOK || rotated.SecretVersion != 2 || rotated.Secret.Equal(key.Secret) || rotated.ExpiresAt == nil || rotated.ID != key.ID {
		t.Errorf("%d: %+v", a.status, rotated.APIKey)
	}
	if v := h.verify(t, key.Secret.Reveal()); !v.Valid || v.ExpiresAt == nil || !v.ExpiresAt.Equal(h.Now().Add(time.Hour)) {
		t.Errorf("the old secret within its overlap: %+v", v)
	}
	h.Advance(time.Hour)
	if v := h.verify(t, key.Secret.Reveal()); v.Valid {
		t.Error("the old secret outlives its overlap")
	}
	if v := h.verify(t, rotated.Secret.Reveal()); !v.Valid {
		t.Errorf("the new secret is %s", v.Code)
	}
	if a := h.send(t, http.MethodPost, pathKeys+"/"+key.ID+"/rotate", "", nil); a.status != http.StatusOK {
		t.Errorf("without a body: %d: %s", a.status, a.body)
	}
	if v := h.verify(t, rotated.Secret.Reveal()); v.Valid {
		t.Error("without an overlap the old secret ends at once")
	}
}

func TestAPIKeys_List(t *testing.T) {
	t.Parallel()
	h := start(t)
	var ids []string
	for i := range 5 {
		key := h.create(t, fmt.Sprintf(`{"name":"ci %d","scopes":[%q]}`, i, []string{"read", "write"}[i%2]), nil)
		ids = append(ids, key.ID)
		h.Advance(time.Second)
	}
	h.create(t, `{"name":"other%","scopes":["read"],"enabled":false}`, nil)
	for query, want := range map[string]int{
		"": 6, "name=ci+1": 1, "name=ci": 0, "name_prefix=ci": 5, "name_prefix=%25": 0, "scope=write": 2, "status=inactive": 1,
		"status=active&scope=read": 3, "ids=" + ids[0] + "," + ids[4]: 2, "ids=" + ids[0] + ",nope": 1, "ids=" + ids[0] + "&scope=write": 0,
	} {
		var page api.Page[api.APIKey]
		h.send(t, http.MethodGet, pathKeys+"?"+query, "", nil).decode(t, &page)
		if len(page.Items) != want {
			t.Errorf("%q finds %d keys, want %d", query, len(page.Items), want)
		}
	}
	var got []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		query := "?limit=2&name_prefix=ci"
		if cursor != "" {
			query += "&cursor=" + cursor
		}
		var page api.Page[api.APIKey]
		h.send(t, http.MethodGet, pathKeys+query, "", nil).decode(t, &page)
		for _, key := range page.Items {
			got = append(got, key.ID)
		}
		if cursor = page.NextCursor; pages > 3 {
			t.Fatal("the pages do not end")
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("the pages hold %v, want %v", got, ids)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	h := start(t)
	var names []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		query := "?limit=3"
		if cursor != "" {
			query += "&cursor=" + cursor
		}
		var page api.Page[api.Scope]
		h.send(t, http.MethodGet, "/v1/scopes"+query, "", nil).decode(t, &page)
		for _, s := range page.Items {
			names = append(names, s.Name)
		}
		cursor = page.NextCursor
	}
	if len(names) != 10 || !slices.IsSorted(names) || len(slices.Compact(names)) != 10 {
		t.Errorf("the pages hold %v", names)
	}
	var s api.Scope
	h.send(t, http.MethodGet, "/v1/scopes/write", "", nil).decode(t, &s)
	if !s.Builtin || !slices.Equal(s.EffectiveScopes, []string{"read", "write"}) {
		t.Errorf("got %+v", s)
	}
}

// The owner of a suspended account can still see why all else is refused.
func TestAccount_AnswersWhateverTheStanding(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.SetStanding(t, api.StandingSuspended)
	if a := h.send(t, http.MethodGet, "/v1/account", "", nil); a.status != http.StatusOK || !strings.Contains(a.body, `"standing":"suspended"`) {
		t.Errorf("%d: %s", a.status, a.body)
	}
	scenario{status: http.StatusForbidden, code: api.CodeAccountStanding, want: []string{"suspended"}}.check(t, h.send(t, http.MethodGet, pathKeys, "", nil))
}
