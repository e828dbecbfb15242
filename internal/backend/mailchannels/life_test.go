package mailchannels

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

func TestAccount_TellsTheRulesAndCostsOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	w.front.requests()
	b := at(t, w.front.URL, w.server.Owner)
	for range 3 {
		a, err := b.Account(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		own, theirs := a.KeyRules(false), a.KeyRules(true)
		if a.Platform != "mailchannels" || !a.GrantsUnknown || a.Owner || a.Subaccounts.Used != 1 || *a.Subaccounts.KeyLimit != 100 || !a.Subaccounts.SendLimits ||
			a.Subaccounts.NameInState || a.Subaccounts.EditName || a.Subaccounts.KeyLimits || !a.Subaccounts.Generate || a.Subaccounts.MinName != 3 {
			t.Errorf("got %+v, %+v", a, a.Subaccounts)
		}
		if !strings.Contains(own.Unmanaged, "Console") || !strings.Contains(own.Unmanaged, "MAILCHANNELS_API_KEY") || theirs.Unmanaged != "" {
			t.Errorf("unmanaged: %q, %q", own.Unmanaged, theirs.Unmanaged)
		}
		if theirs.Rotate || !theirs.Replace || theirs.MaxOverlap.Hours() != 720 || theirs.EditScopes || theirs.Expiry || theirs.Disable || theirs.NameRequired ||
			!theirs.NameInState || !theirs.DescriptionInState || !slices.Equal(*theirs.FixedScopes, []string{"api"}) {
			t.Errorf("rules %+v", theirs)
		}
	}
	if now, err := b.Now(t.Context()); err != nil || now.IsZero() {
		t.Errorf("the clock: %v, %v", now, err)
	}
	if n := len(w.front.requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	catalogue, err := b.Catalogue(t.Context())
	if err != nil || !slices.Equal(catalogue.Names(), []string{"api", "inbound"}) {
		t.Errorf("the catalogue: %v, %v", catalogue, err)
	}
	detail, err := b.AccountNow(t.Context())
	if err != nil || detail.Subaccounts.Used != 1 || *detail.APIKeys.Limit != 100 {
		t.Errorf("the account now: %+v, %v", detail, err)
	}
}

func TestSubaccounts_Life(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	subs := w.Subaccounts()
	want := backend.Subaccount{
		ID: "acme1", Handle: "acme1", Name: "Acme", Status: backend.SubaccountSuspended, KeyLimit: ptr(100), SendLimit: ptr(int64(0)),
	}
	same := func(what string, got backend.Subaccount, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, want -, got +:\n%s", what, err, diff)
		}
	}
	got, err := subs.Create(t.Context(), backend.SubaccountInput{Handle: "acme1", Name: "Acme", Status: backend.SubaccountSuspended, SendLimit: ptr(int64(0)), Email: "a@example.com", IPAddresses: []string{"192.0.2.1"}})
	same("made", got, err)
	got, err = subs.Get(t.Context(), "acme1")
	same("read", got, err)
	want.Status, want.SendLimit = backend.SubaccountActive, ptr(int64(7))
	got, err = subs.Update(t.Context(), "acme1", backend.SubaccountChange{Status: ptr(backend.SubaccountActive), SendLimit: &backend.SendLimit{Most: ptr(int64(7))}}, 0)
	same("changed", got, err)
	key := w.key(t)
	want.Keys = 1
	got, err = subs.Get(t.Context(), "acme1")
	same("with a key", got, err)
	want.SendLimit = nil
	got, err = subs.Update(t.Context(), "acme1", backend.SubaccountChange{SendLimit: &backend.SendLimit{}}, 0)
	same("without a limit", got, err)

	random, err := subs.Create(t.Context(), backend.SubaccountInput{Name: "Other"})
	if err != nil || len(random.Handle) != 20 || random.Status != backend.SubaccountActive {
		t.Errorf("at random: %+v, %v", random, err)
	}
	all, err := subs.List(t.Context(), backend.SubaccountFilter{HandlePrefix: "acme", Status: backend.SubaccountActive})
	if err != nil || len(all) != 1 {
		t.Fatalf("listed %v, %v", all, err)
	}
	same("listed", all[0], nil)
	w.front.requests()
	if all, err = subs.List(t.Context(), backend.SubaccountFilter{Limit: 1}); err != nil || len(all) != 1 || len(w.front.requests()) > 3 {
		t.Errorf("one of them: %v, %v", all, err)
	}
	usage, err := subs.Usage(t.Context(), "acme1")
	if err != nil || usage.Sent != 0 || usage.Limit != nil || len(usage.PeriodStart) != 10 || usage.PeriodStart >= usage.PeriodEnd {
		t.Errorf("usage %+v, %v", usage, err)
	}

	says(t, "a handle twice", second(subs.Create(t.Context(), backend.SubaccountInput{Handle: "acme1", Name: "Acme"})), nil, "handle is the handle of another")
	says(t, "bad input", second(subs.Create(t.Context(), backend.SubaccountInput{Handle: "Acme", Name: "ab", APIKeyLimit: ptr(1)})), nil,
		"handle must be 3 to 128", "name must be 3 to 128 characters long, it has 2", "apikey_limit must be left out")
	says(t, "a name", second(subs.Update(t.Context(), "acme1", backend.SubaccountChange{Name: ptr("New")}, 0)), backend.ErrUnsupported, "name cannot be changed")
	says(t, "with keys", subs.Delete(t.Context(), "acme1", false), nil, "delete_apikeys must be true to delete the API keys "+key.ID)
	if err := subs.Delete(t.Context(), "acme1", true); err != nil {
		t.Fatal(err)
	}
	if err := subs.Delete(t.Context(), random.Handle, false); err != nil {
		t.Fatal(err)
	}
	says(t, "gone", second(subs.Get(t.Context(), "acme1")), backend.ErrNotFound)
	says(t, "deleted twice", subs.Delete(t.Context(), "acme1", true), backend.ErrNotFound)
	says(t, "changed when gone", second(subs.Update(t.Context(), "acme1", backend.SubaccountChange{Status: ptr(backend.SubaccountSuspended)}, 0)), backend.ErrNotFound)
	says(t, "its usage", second(subs.Usage(t.Context(), "acme1")), backend.ErrNotFound)
	says(t, "its keys", second(w.Keys("acme1").List(t.Context(), backend.APIKeyFilter{})), backend.ErrNotFound)
	says(t, "its key", second(w.Keys("acme1").Refresh(t.Context(), key.ID)), backend.ErrNotFound)
	says(t, "a key for it", second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})), backend.ErrNotFound)
	says(t, "no handle at all", second(w.Keys("..").List(t.Context(), backend.APIKeyFilter{})), backend.ErrNotFound)
}

func second[T any](_ T, err error) error { return err }

func TestKeys_Life(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	w.subaccount(t, "other1")
	keys := w.Keys("acme1")
	made := w.key(t)
	want := backend.APIKey{
		ID: made.ID, Scopes: []string{"api"}, EffectiveScopes: []string{"api"}, Enabled: true, Status: backend.StatusActive,
		SecretHint: made.Secret.Reveal()[:8] + "********",
	}
	for what, got := range map[string]func() (backend.APIKey, error){
		"made":      func() (backend.APIKey, error) { return made.APIKey, nil },
		"read":      func() (backend.APIKey, error) { return keys.Get(t.Context(), made.ID) },
		"refreshed": func() (backend.APIKey, error) { return keys.Refresh(t.Context(), made.ID) },
	} {
		k, err := got()
		if diff := cmp.Diff(want, k); diff != "" || err != nil {
			t.Errorf("%s: %v, want -, got +:\n%s", what, err, diff)
		}
	}
	if v := w.server.Do(t, http.MethodPost, "/v1/verify", `{"secret":"`+made.Secret.Reveal()+`","scopes":["api"]}`); !strings.Contains(v.Body, `"valid":true`) {
		t.Errorf("the secret does not work: %s", v.Body)
	}
	for filter, n := range map[backend.APIKeyFilter]int{{}: 1, {Status: "active"}: 1, {Status: "expired"}: 0, {Scope: "api"}: 1, {Scope: "inbound"}: 0} {
		if got, err := keys.List(t.Context(), filter); err != nil || len(got) != n {
			t.Errorf("%+v: %v, %v", filter, got, err)
		}
	}
	says(t, "by name", second(keys.List(t.Context(), backend.APIKeyFilter{Name: "ci"})), backend.ErrUnsupported, "names")
	says(t, "update", second(keys.Update(t.Context(), made.ID, backend.APIKeyChange{}, 0)), backend.ErrUnsupported)
	says(t, "rotate", second(keys.Rotate(t.Context(), made.ID, backend.Rotation{}, 0)), backend.ErrUnsupported)
	says(t, "another scope", second(keys.Create(t.Context(), backend.APIKeyInput{Scopes: []string{"inbound"}, Secret: secret.From("x")})), backend.ErrUnsupported, "scopes must be left out", "secret must be left out")
	says(t, "of another", second(w.Keys("other1").Get(t.Context(), made.ID)), backend.ErrNotFound)
	says(t, "an id of letters", keys.Delete(t.Context(), "abc"), backend.ErrNotFound)
	if err := keys.Delete(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	says(t, "gone", second(keys.Refresh(t.Context(), made.ID)), backend.ErrNotFound)

	own := w.Keys("")
	for what, err := range map[string]error{
		"get": second(own.Get(t.Context(), "1")), "refresh": second(own.Refresh(t.Context(), "1")), "list": second(own.List(t.Context(), backend.APIKeyFilter{})),
		"create": second(own.Create(t.Context(), backend.APIKeyInput{})), "update": second(own.Update(t.Context(), "1", backend.APIKeyChange{}, 0)),
		"rotate": second(own.Rotate(t.Context(), "1", backend.Rotation{}, 0)), "delete": own.Delete(t.Context(), "1"),
	} {
		says(t, "the account's own: "+what, err, backend.ErrUnsupported, "Console only")
	}
	says(t, "usage", second(w.APIKeyUsage(t.Context(), "", made.ID, 1)), backend.ErrUnsupported)
}

func TestKeys_TheLimitIsSaidInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	for range 100 {
		if a := w.server.Do(t, http.MethodPost, "/tx/v1/sub-account/acme1/api-key", ""); a.Status != http.StatusCreated {
			t.Fatal(a.Body)
		}
	}
	says(t, "the 101st", second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})), nil, "as many API keys as it may have")
}

func TestRefresh_CostsPagesAndNotKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	var ids []string
	for range 60 {
		var k struct{ ID json.Number }
		a := w.server.Do(t, http.MethodPost, "/tx/v1/sub-account/acme1/api-key", "")
		if err := json.Unmarshal([]byte(a.Body), &k); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, k.ID.String())
	}
	b := at(t, w.front.URL, w.server.Owner)
	w.front.requests()
	each(t, ids, func(id string) error { return second(b.Keys("acme1").Refresh(t.Context(), id)) })
	if seen := w.front.requests(); len(seen) != 1 {
		t.Errorf("a refresh of %d keys takes %d requests: %v", len(ids), len(seen), seen)
	}
	// Whoever must see it as it is now asks anew, and those who come together share.
	each(t, ids, func(id string) error { return second(b.Keys("acme1").Get(t.Context(), id)) })
	if n := len(w.front.requests()); n < 6 || n > 60 {
		t.Errorf("%d keys take %d requests", len(ids), n)
	}
	// A write makes the next refresh read anew.
	if err := b.Keys("acme1").Delete(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	w.front.requests()
	says(t, "deleted", second(b.Keys("acme1").Refresh(t.Context(), ids[0])), backend.ErrNotFound)
	if n := len(w.front.requests()); n != 2 {
		t.Errorf("a miss takes %d requests, want a second look", n)
	}
}

// each calls do for every item, on Terraform's ten workers.
func each(t *testing.T, items []string, do func(item string) error) {
	t.Helper()
	work := make(chan string)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for item := range work {
				if err := do(item); err != nil {
					t.Errorf("%s: %v", item, err)
				}
			}
		})
	}
	for _, item := range items {
		work <- item
	}
	close(work)
	wg.Wait()
}

func TestSubaccounts_BeyondOnePage(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out what only repeats at a larger size")
	}
	t.Parallel()
	w := newWorld(t)
	for i := range 1003 {
		body := fmt.Sprintf(`{"company_name":"Acme","handle":"acme%d"}`, i)
		if a := w.server.Do(t, http.MethodPost, "/tx/v1/sub-account", body); a.Status != http.StatusCreated {
			t.Fatal(a.Body)
		}
	}
	a, err := w.Account(t.Context())
	if err != nil || a.Subaccounts.Used != 1003 {
		t.Fatalf("%+v, %v", a.Subaccounts, err)
	}
	if seen := w.front.requests(); len(seen) != 2 {
		t.Errorf("requests: %v", seen)
	}
	each(t, []string{"acme0", "acme999", "acme1000", "acme1002"}, func(handle string) error { return second(w.Subaccounts().Get(t.Context(), handle)) })
	says(t, "none", second(w.Subaccounts().Get(t.Context(), "acme1003")), backend.ErrNotFound)
	var known *backend.Error
	if err := second(w.Subaccounts().Get(t.Context(), "acme1003")); !errors.As(err, &known) || !strings.Contains(known.Message, `"acme1003"`) {
		t.Errorf("got %v", err)
	}
}
