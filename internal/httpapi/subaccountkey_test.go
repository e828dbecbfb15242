package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func TestSubaccountKeys_Life(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "one")
	own := h.create(t, `{"name":"ci","scopes":["read"]}`, nil)
	a := h.send(t, http.MethodPost, keysOf("one"), `{"name":"ci","scopes":["write"]}`, nil) // a name of the account's own, too
	var key api.IssuedAPIKey
	a.decode(t, &key)
	path := keysOf("one") + "/" + key.ID
	if a.status != http.StatusCreated || a.leadsTo(t, keysOf("one")) != path || key.Subaccount != "one" || own.Subaccount != "" {
		t.Fatalf("%d %v: %s", a.status, a.header, a.body)
	}
	if got := h.send(t, http.MethodGet, a.leadsTo(t, keysOf("one")), "", nil); got.status != http.StatusOK || got.header.Get("Etag") != `"1"` || !strings.Contains(got.body, `"subaccount":"one"`) {
		t.Errorf("read: %d: %s", got.status, got.body)
	}
	changed := must[api.APIKey](t, h, http.StatusOK, http.MethodPatch, path, `{"scopes":["read"]}`, map[string]string{"If-Match": `"1"`})
	rotated := must[api.IssuedAPIKey](t, h, http.StatusOK, http.MethodPost, path+"/rotate", `{"overlap":"1h"}`, map[string]string{"If-Match": `"2"`})
	if changed.Revision != 2 || rotated.SecretVersion != 2 || rotated.Secret.IsZero() {
		t.Errorf("changed %+v, rotated %+v", changed, rotated.APIKey)
	}
	v := h.verify(t, rotated.Secret.Reveal(), "read")
	if !v.Valid || v.Subaccount != "one" || v.AccountID != h.AccountID() {
		t.Errorf("the verdict is %+v", v)
	}
	usage := must[api.APIKeyUsage](t, h, http.StatusOK, http.MethodGet, path+"/usage", "", nil)
	if usage.APIKeyID != key.ID || len(usage.Days) != 1 || usage.Days[0].Scope != "read" || usage.LastUsedAt == nil || len(usage.UnusedScopes) != 0 {
		t.Errorf("usage %+v", usage)
	}
	list := must[api.Page[api.APIKey]](t, h, http.StatusOK, http.MethodGet, keysOf("one")+"?status=active&name=ci&scope=read", "", nil)
	if len(list.Items) != 1 || list.Items[0].ID != key.ID || len(h.keys(t)) != 1 {
		t.Errorf("the lists hold %+v and %+v", list.Items, h.keys(t))
	}
	if sub := must[api.Subaccount](t, h, http.StatusOK, http.MethodGet, pathSubs+"/one", "", nil); sub.APIKeys.Used != 1 {
		t.Errorf("the sub-account counts %+v", sub.APIKeys)
	}
	if account := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", nil); account.APIKeys.Used != 1 || account.Subaccounts.Used != 1 {
		t.Errorf("the account counts %+v", account)
	}
	must[struct{}](t, h, http.StatusNoContent, http.MethodDelete, path, "", map[string]string{"If-Match": `"3"`})
	if v := h.verify(t, rotated.Secret.Reveal()); v.Code != api.VerifyInvalid || v.Subaccount != "" {
		t.Errorf("after the deletion: %+v", v)
	}
}

func TestSubaccountKeys_Refusals(t *testing.T) {
	t.Parallel()
	h := start(t)
	own := h.create(t, `{"name":"ci","scopes":["read"]}`, nil)
	must[api.Subaccount](t, h, http.StatusCreated, http.MethodPost, pathSubs, `{"handle":"one","name":"One","apikey_limit":1}`, nil)
	h.subaccount(t, "two")
	key := h.createIn(t, "one", `{"name":"ci","scopes":["read"]}`)
	h.createIn(t, "two", `{"name":"ci","scopes":["read"]}`)
	scenarios := map[string]scenario{
		"name of another key there": refused(http.MethodPost, keysOf("two"), `{"name":"ci","scopes":["read"]}`, http.StatusConflict, api.CodeNameTaken, "name", "is the name of key", "is the name of key"),
		"one too many": refused(http.MethodPost, keysOf("one"), `{"name":"b","scopes":["read"]}`, http.StatusConflict, api.CodeLimitReached, "",
			"The sub-account has 1 API key and its limit is 1", "Delete one"),
		"bad scope":         invalid(http.MethodPost, keysOf("two"), `{"name":"b","scopes":["reed"]}`, "scopes", `the nearest is \"read\"`),
		"stale change":      refused(http.MethodPatch, keysOf("one")+"/"+key.ID, `{"name":"b"}`, http.StatusPreconditionFailed, api.CodeStaleRevision, "", "read it again").matching(`"7"`),
		"bad days":          invalid(http.MethodGet, keysOf("one")+"/"+key.ID+"/usage?days=401", "", "days", "1 to 400"),
		"no days":           invalid(http.MethodGet, pathKeys+"/"+own.ID+"/usage?days=0", "", "days", "1 to 400"),
		"days in words":     refused(http.MethodGet, pathKeys+"/"+own.ID+"/usage?days=all", "", http.StatusBadRequest, api.CodeInvalidRequest, "days", "must be a whole number"),
		"status":            invalid(http.MethodGet, keysOf("one")+"?status=closed", "", "status", "locked"),
		"unlock of no user": unsupported(http.MethodPost, keysOf("one")+"/"+key.ID+"/unlock", "", "", "have no password"),
		"a key for a path":  missing(http.MethodGet, keysOf(key.Secret.Reveal()), "").hides(key.Secret.Reveal()),
	}
	// The key of one place is not there in the others.
	for where, path := range map[string]string{
		"the account's in one": keysOf("one") + "/" + own.ID, "one's in the account": pathKeys + "/" + key.ID,
		"one's in two": keysOf("two") + "/" + key.ID, "one's nowhere": keysOf("three") + "/" + key.ID,
	} {
		for what, s := range map[string]scenario{
			"read":   missing(http.MethodGet, path, ""),
			"change": missing(http.MethodPatch, path, `{"name":"b"}`),
			"delete": missing(http.MethodDelete, path, ""),
			"rotate": missing(http.MethodPost, path+"/rotate", `{}`),
			"unlock": missing(http.MethodPost, path+"/unlock", ""),
			"usage":  missing(http.MethodGet, path+"/usage", ""),
		} {
			scenarios[what+" "+where] = s
		}
	}
	scenarios["list nowhere"] = missing(http.MethodGet, keysOf("three"), "", "no such sub-account")
	scenarios["create nowhere"] = missing(http.MethodPost, keysOf("three"), `{"name":"b","scopes":["read"]}`, "no such sub-account")
	h.refuse(t, scenarios)
}

// One Idempotency-Key is for one request, and the place belongs to that.
func TestSubaccountKeys_IdempotencyKnowsThePlace(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "one")
	const body = `{"name":"ci","scopes":["read"]}`
	first := must[api.IssuedAPIKey](t, h, http.StatusCreated, http.MethodPost, keysOf("one"), body, newKey)
	a := h.send(t, http.MethodPost, keysOf("one"), body, newKey)
	var again api.IssuedAPIKey
	a.decode(t, &again)
	if again.ID != first.ID || !again.Secret.Equal(first.Secret) || a.leadsTo(t, keysOf("one")) != keysOf("one")+"/"+first.ID {
		t.Errorf("again: %v: %s", a.header, a.body)
	}
	scenario{status: http.StatusUnprocessableEntity, code: api.CodeIdempotencyKeyReused, field: api.HeaderIdempotencyKey}.check(t, h.send(t, http.MethodPost, pathKeys, body, newKey))
}

// Nothing turns the empty handle into the account itself.
func TestSubaccountKeys_EmptyHandle(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(t, `{"name":"ci","scopes":["read"]}`, nil)
	for _, handle := range []string{"%2F", "%20", "%00", "+", "-", "one%2F", "%2e"} {
		if a := h.send(t, http.MethodGet, keysOf(handle), "", nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d: %s", handle, a.status, a.body)
		}
	}
}
