package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAuditEvents_OfASubaccount(t *testing.T) {
	t.Parallel()
	h := start(t)
	one, two := h.subaccount(t, "one"), h.subaccount(t, "two")
	h.create(t, `{"name":"a","scopes":["read"]}`, nil)
	key := h.createIn(t, "one", `{"name":"a","scopes":["read"]}`)
	h.send(t, http.MethodPatch, keysOf("one")+"/"+key.ID, `{"name":"b"}`, as(key.Secret.Reveal()))
	h.send(t, http.MethodPatch, pathSubs+"/two", `{"status":"suspended"}`, nil)
	h.send(t, http.MethodDelete, pathSubs+"/one?delete_apikeys=true", "", nil)
	for id, want := range map[string][]string{
		one.ID: {"subaccount.create allowed", "apikey.create allowed", "apikey.update denied", "subaccount.delete allowed"},
		two.ID: {"subaccount.create allowed", "subaccount.update allowed"},
	} {
		var got []string
		for _, e := range h.trail(t, "?subaccount="+id).Items {
			got = append(got, e.Action+" "+e.Outcome)
			if e.Subaccount != id {
				t.Errorf("%s is of %q", e.Action, e.Subaccount)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	}
	if all := h.trail(t, "").Items; len(all) != 8 || all[0].Subaccount != "" {
		t.Errorf("%d records, the first of %q", len(all), all[0].Subaccount)
	}
	invalid(http.MethodGet, pathAudit, "", "subaccount", "must be the id", "not its handle").check(t, h.send(t, http.MethodGet, pathAudit+"?subaccount=one", "", nil))
	h.VerifyAudit(t)
}
