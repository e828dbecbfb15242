package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// A header that is kept by mistake would make a call in another subuser.
func TestVendorLoad_EachKeyIsReadOnceAndOnBehalfOfItsOwnSubuser(t *testing.T) {
	t.Parallel()
	const n = 50
	w := onVendor(t, "sendgrid")
	var config strings.Builder
	w.makeHere("bystander", "mail.send")
	of := map[string]string{} // the subuser, by the key's id
	for i := range n {
		handle := fmt.Sprintf("acme%d", i)
		w.makeSubaccount(api.CreateSubaccount{Handle: handle, Name: "Acme"})
		made := w.makeKeyOf(handle, api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}})
		of[made.ID] = handle
		fmt.Fprintf(&config, "import {\n  to = postern_subaccount_apikey.of%d\n  id = \"%s/%s\"\n}\n", i, handle, made.ID)
		fmt.Fprintf(&config, "resource \"postern_subaccount_apikey\" \"of%d\" {\n  subaccount = %q\n  name = \"test\"\n  scopes = [\"mail.send\"]\n}\n", i, handle)
	}
	c := w.program(w.server.Owner, config.String())
	c.ok("apply", "-no-color", "-auto-approve", "-parallelism=50")
	w.server.Reset()
	c.ok("plan", "-no-color", "-detailed-exitcode", "-parallelism=50")
	reads, others := map[string]int{}, 0
	for _, r := range w.server.Requests() {
		id, one := strings.CutPrefix(r.Path, "/v3/api_keys/")
		switch subuser := r.Header.Get("On-Behalf-Of"); {
		case !one || r.Method != http.MethodGet:
			others++
		case subuser != of[id] || r.Status != http.StatusOK:
			t.Errorf("key %s of %s was asked for on behalf of %q: %d", id, of[id], subuser, r.Status)
		default:
			reads[id]++
		}
	}
	const few = 5
	if len(reads) != n || others > few {
		t.Errorf("%d keys were read, and there were %d other requests", len(reads), others)
	}
	for id, times := range reads {
		if times != 1 {
			t.Errorf("key %s was read %d times", id, times)
		}
	}
}

func TestVendorLoad_TheLimitOfKeysIsWarnedOfAndTheApplyKeepsWhatFits(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	var there []api.IssuedAPIKey
	for i := range 98 {
		there = append(there, w.makeHere(fmt.Sprintf("there-%d", i), "mail.send"))
	}
	c := w.program(w.server.Owner, strings.Replace(key(`name = "test-${count.index}"`, `scopes = ["mail.send"]`), "{\n", "{\n  count = 5\n", 1))
	told(t, c.ok(planIt...), "may be one more than the limit of API keys", "holds 98 of 100 API keys, and this plan makes")
	c.fails(applyIt, "Cannot create more than 100 API Keys", "Delete one that is not needed any more.")
	for _, secret := range secretsIn(c) {
		if got := w.verdict(secret, "mail.send"); got != api.VerifyValid {
			t.Errorf("a secret is %s", got)
		}
	}
	if inState, live := len(secretsIn(c)), len(w.keys()); inState != 2 || live != 2 {
		t.Errorf("%d keys in the state, %d live", inState, live)
	}
	for _, k := range there[:3] {
		if err := w.client.APIKeys.Delete(t.Context(), k.ID); err != nil {
			t.Fatal(err)
		}
	}
	c.ok(applyIt...)
	if inState := len(secretsIn(c)); inState != 5 {
		t.Errorf("%d keys in the state", inState)
	}
	c.unchanged()
}
