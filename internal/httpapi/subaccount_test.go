package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestSubaccounts_Life(t *testing.T) {
	t.Parallel()
	h := start(t)
	a := h.send(t, http.MethodPost, pathSubs, `{"handle":"one","name":"One","apikey_limit":null}`, nil)
	if a.status != http.StatusCreated || a.leadsTo(t, pathSubs) != pathSubs+"/one" || a.header.Get("Etag") != `"1"` {
		t.Fatalf("%d %v: %s", a.status, a.header, a.body)
	}
	var one api.Subaccount
	a.decode(t, &one)
	want := api.Subaccount{ID: one.ID, Handle: "one", Name: "One", Status: api.SubaccountActive, Revision: 1}
	if diff := cmp.Diff(want, one, cmpopts.IgnoreFields(api.Subaccount{}, "CreatedAt", "UpdatedAt")); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	h.Advance(time.Second)
	made := must[api.Subaccount](t, h, http.StatusCreated, http.MethodPost, pathSubs, `{"name":"at random","status":"suspended","apikey_limit":3}`, nil)
	if len(made.Handle) < 16 || made.Status != api.SubaccountSuspended || *made.APIKeyLimit != 3 || *made.APIKeys.Limit != 3 {
		t.Errorf("made %+v", made)
	}
	a = h.send(t, http.MethodPatch, pathSubs+"/one", `{"name":"Uno","apikey_limit":0}`, map[string]string{"If-Match": `"1"`})
	if a.status != http.StatusOK || a.header.Get("Etag") != `"2"` || !strings.Contains(a.body, `"name":"Uno"`) || !strings.Contains(a.body, `"apikey_limit":0`) {
		t.Errorf("a change: %d %v: %s", a.status, a.header, a.body)
	}
	if back := must[api.Subaccount](t, h, http.StatusOK, http.MethodPatch, pathSubs+"/one", `{"apikey_limit":null}`, nil); back.APIKeyLimit != nil || back.Name != "Uno" {
		t.Errorf("the limit taken back: %+v", back)
	}
	if same := h.send(t, http.MethodPatch, pathSubs+"/one", `{"name":"Uno"}`, nil); same.header.Get("Etag") != `"3"` {
		t.Errorf("a change that changes nothing: %v", same.header)
	}
	if got := h.send(t, http.MethodGet, pathSubs+"/one", "", nil); got.header.Get("Etag") != `"3"` {
		t.Errorf("read: %v: %s", got.header, got.body)
	}
	for query, handles := range map[string]string{
		"": "one " + made.Handle, "?handle_prefix=on": "one", "?status=suspended": made.Handle, "?handle_prefix=on&status=suspended": "",
	} {
		var found []string
		for _, s := range must[api.Page[api.Subaccount]](t, h, http.StatusOK, http.MethodGet, pathSubs+query, "", nil).Items {
			found = append(found, s.Handle)
		}
		if strings.Join(found, " ") != handles {
			t.Errorf("%s: %v, want %s", query, found, handles)
		}
	}
	first := must[api.Page[api.Subaccount]](t, h, http.StatusOK, http.MethodGet, pathSubs+"?limit=1", "", nil)
	second := must[api.Page[api.Subaccount]](t, h, http.StatusOK, http.MethodGet, pathSubs+"?limit=1&cursor="+first.NextCursor, "", nil)
	if len(first.Items) != 1 || len(second.Items) != 1 || first.Items[0].Handle == second.Items[0].Handle || second.NextCursor != "" {
		t.Errorf("two pages: %+v %+v", first, second)
	}
	key := h.createIn(t, "one", `{"name":"k","scopes":["read"]}`)
	must[struct{}](t, h, http.StatusNoContent, http.MethodDelete, pathSubs+"/one?delete_apikeys=true", "", map[string]string{"If-Match": `"3"`})
	must[struct{}](t, h, http.StatusNoContent, http.MethodDelete, pathSubs+"/"+made.Handle, "", nil)
	if v := h.verify(t, key.Secret.Reveal()); v.Code != api.VerifyInvalid {
		t.Errorf("the key of the deleted sub-account is %s", v.Code)
	}
}

func TestSubaccounts_Refusals(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "one")
	key := h.createIn(t, "one", `{"name":"ci of one","scopes":["read"]}`)
	const one = pathSubs + "/one"
	unprocessable := http.StatusUnprocessableEntity
	h.refuse(t, map[string]scenario{
		"bad handle":         invalid(http.MethodPost, pathSubs, `{"handle":"Hush!","name":"a"}`, "handle", "must be 3 to 64 lower case letters").hides("Hush"),
		"short handle":       invalid(http.MethodPost, pathSubs, `{"handle":"ab","name":"a"}`, "handle", "must be 3 to 64"),
		"line feed after it": invalid(http.MethodPost, pathSubs, `{"handle":"abc\n","name":"a"}`, "handle", "must be 3 to 64"),
		"taken handle":       refused(http.MethodPost, pathSubs, `{"handle":"one","name":"a"}`, http.StatusConflict, api.CodeHandleTaken, "handle", "import that sub-account"),
		"no name":            invalid(http.MethodPost, pathSubs, `{"handle":"two"}`, "name", "is required"),
		"empty name":         invalid(http.MethodPost, pathSubs, `{"handle":"two","name":""}`, "name", "must not be empty"),
		"status":             invalid(http.MethodPost, pathSubs, `{"name":"a","status":"closed"}`, "status", `must be \"active\" or \"suspended\"`),
		"null status":        invalid(http.MethodPatch, one, `{"status":null}`, "status", "must not be null"),
		"negative limit":     invalid(http.MethodPost, pathSubs, `{"name":"a","apikey_limit":-1}`, "apikey_limit", "must not be negative"),
		"limit in a string":  invalid(http.MethodPost, pathSubs, `{"name":"a","apikey_limit":"7"}`, "apikey_limit", "must be a whole number, not a string"),
		"limit in fractions": invalid(http.MethodPost, pathSubs, `{"name":"a","apikey_limit":1.5}`, "apikey_limit", "must be a whole number of at most 2147483647"),
		"limit in powers":    invalid(http.MethodPatch, one, `{"apikey_limit":1e3}`, "apikey_limit", "digits only"),
		"limit too large":    invalid(http.MethodPatch, one, `{"apikey_limit":99999999999999999999}`, "apikey_limit", "at most 2147483647"),
		"name as a number":   invalid(http.MethodPatch, one, `{"name":7}`, "name", "must be a string, not a number"),
		"a new handle":       invalid(http.MethodPatch, one, `{"handle":"two"}`, "handle", "is not a field of this request", "apikey_limit, name, status"),
		"empty change name":  invalid(http.MethodPatch, one, `{"name":" "}`, "name"),
		"change of unknown":  missing(http.MethodPatch, pathSubs+"/two", `{"name":"a"}`, "no such sub-account"),
		"read of unknown":    missing(http.MethodGet, pathSubs+"/two", "", "no such sub-account"),
		"delete of unknown":  missing(http.MethodDelete, pathSubs+"/two", "", "no such sub-account"),
		"no handle at all":   missing(http.MethodGet, pathSubs+"/hush%20hush!", "").hides("hush"),
		"stale change":       refused(http.MethodPatch, one, `{"name":"b"}`, http.StatusPreconditionFailed, api.CodeStaleRevision, "", "at revision 1, the request was made for 9", "read it again").matching(`"9"`),
		"stale deletion":     refused(http.MethodDelete, one+"?delete_apikeys=true", "", http.StatusPreconditionFailed, api.CodeStaleRevision, "", "read it again").matching(`"9"`),
		"bad If-Match":       refused(http.MethodPatch, one, `{"name":"b"}`, http.StatusBadRequest, api.CodeInvalidRequest, "If-Match", "with its quotes").matching(`9`),
		"in use": refused(http.MethodDelete, one, "", http.StatusConflict, api.CodeInUse, "delete_apikeys", "has 1 API key", "must be true",
			key.ID, "ci of one"),
		"in use, said so":       refused(http.MethodDelete, one+"?delete_apikeys=false", "", http.StatusConflict, api.CodeInUse, "delete_apikeys"),
		"neither true nor":      refused(http.MethodDelete, one+"?delete_apikeys=yes", "", http.StatusBadRequest, api.CodeInvalidRequest, "delete_apikeys", "must be true or false"),
		"list of a status":      invalid(http.MethodGet, pathSubs+"?status=closed", "", "status"),
		"list from nowhere":     invalid(http.MethodGet, pathSubs+"?cursor=x", "", "cursor", "start again without it"),
		"list of none":          invalid(http.MethodGet, pathSubs+"?limit=0", "", "limit", "1 to 500"),
		"list by a wrong word":  refused(http.MethodGet, pathSubs+"?handle_prefx=a", "", http.StatusBadRequest, api.CodeInvalidRequest, "handle_prefx", `the nearest is \"handle_prefix\"`),
		"no body":               refused(http.MethodPost, pathSubs, "", http.StatusBadRequest, api.CodeInvalidRequest, "", "needs a body"),
		"an array for a change": refused(http.MethodPatch, one, `[]`, unprocessable, api.CodeValidationFailed, "body"),
		"another method":        refused(http.MethodPut, one, `{}`, http.StatusMethodNotAllowed, api.CodeMethodNotAllowed, "", "DELETE"),
	})
}

func TestSubaccounts_PlatformWithout(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("benchmark"))
	scenarios := map[string]scenario{}
	for _, route := range h.routes(t) {
		if method, path, _ := strings.Cut(route, " "); strings.HasPrefix(path, pathSubs) {
			body := map[string]string{http.MethodPost: `{"name":"a"}`, http.MethodPatch: `{"name":"a"}`}[method]
			if strings.HasSuffix(path, "/unlock") {
				body = ""
			} else if strings.HasSuffix(path, "/rotate") {
				body = `{}`
			}
			path = strings.NewReplacer("{handle}", "one", "{id}", "key_00000000000000000000").Replace(path)
			scenarios[route] = unsupported(method, path, body, "", "Benchmark Email has no sub-accounts.")
		}
	}
	if len(scenarios) != 13 {
		t.Errorf("%d routes of sub-accounts", len(scenarios))
	}
	h.refuse(t, scenarios)
	if account := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", nil); account.Subaccounts != nil || account.SubaccountRules != nil {
		t.Errorf("the account says %+v %+v", account.Subaccounts, account.SubaccountRules)
	}
}

func TestSubaccounts_LimitOfThePlatform(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("mailchannels"))
	h.subaccount(t, "one")
	h.refuse(t, map[string]scenario{
		"create": invalid(http.MethodPost, pathSubs, `{"name":"a","apikey_limit":101}`, "apikey_limit", "at most 100, which is what MailChannels allows", "leave it out"),
		"change": invalid(http.MethodPatch, pathSubs+"/one", `{"apikey_limit":101}`, "apikey_limit", "at most 100"),
		"handle": invalid(http.MethodPost, pathSubs, `{"handle":"a-b","name":"a"}`, "handle", "must be 3 to 128 lower case letters and digits"),
	})
	account := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", nil)
	fixed, most := []string{"api"}, 100
	want := api.SubaccountRules{Handle: "3 to 128 lower case letters and digits", Pattern: account.SubaccountRules.Pattern, Generate: true, FixedScopes: &fixed, APIKeyLimit: &most}
	if diff := cmp.Diff(&want, account.SubaccountRules); diff != "" || !strings.Contains(want.Pattern, "[a-z0-9]{3,128}") {
		t.Errorf("%s: want -, got +:\n%s", want.Pattern, diff)
	}
	if account.Subaccounts == nil || account.Subaccounts.Used != 1 || account.Subaccounts.Limit != nil {
		t.Errorf("sub-accounts %+v", account.Subaccounts)
	}
}
