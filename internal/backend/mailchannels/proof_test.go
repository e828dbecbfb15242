package mailchannels

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// spoken is a backend behind a proxy that lies.
func spoken(t *testing.T, w *world, all ...lies.Lie) (*Backend, *lies.Proxy) {
	t.Helper()
	proxy := lies.Before(t, w.server.URL)
	for _, lie := range all {
		proxy.Tell(lie)
	}
	return at(t, proxy.URL, w.server.Owner), proxy
}

func deletes(p *lies.Proxy) int {
	n := 0
	for _, call := range p.Calls() {
		if call.Method == http.MethodDelete {
			n++
		}
	}
	return n
}

// MailChannels shows nothing of a key that tells who made it: whatever happens, a create
// deletes none, and takes none that was there for the new one.
func TestCreate_DeletesNothingAndTakesNoKeyThatWasThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	other := w.key(t)
	empty := lies.Lie{Method: http.MethodGet, Suffix: endKeys, Rewrite: lies.Body(http.StatusOK, "[]")}
	once := empty
	once.Times = 1
	answers := lies.Table()
	answers["the other's id"] = lies.Set("id", other.ID)
	answers["a 429"] = lies.Body(http.StatusTooManyRequests, `{"message":"slow down"}`)
	runs := 0
	for name, answer := range answers {
		for how, list := range map[string][]lies.Lie{"as they are": nil, "empty before": {once}, "empty": {empty}} {
			b, proxy := spoken(t, w, append(list, lies.Lie{Method: http.MethodPost, Suffix: endKeys, Rewrite: answer})...)
			got, err := b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{Known: []string{other.ID}})
			if err == nil && got.ID == other.ID {
				t.Errorf("%s, lists %s: the other key is taken for the new one", name, how)
			}
			if n := deletes(proxy); n != 0 {
				t.Errorf("%s, lists %s: %d deletions: %v", name, how, n, err)
			}
			runs++
		}
	}
	if !slices.Contains(w.ids(t), other.ID) {
		t.Error("the other key is gone")
	}
	t.Logf("%d runs, live keys touched: 0", runs)
}

func TestCreate_BelievesNoListThatLacksAKeyOfTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	other := w.key(t)
	empty := lies.Lie{Method: http.MethodGet, Suffix: endKeys, Rewrite: lies.Body(http.StatusOK, "[]")}
	b, _ := spoken(t, w, empty)
	err := second(b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{Known: []string{other.ID}}))
	says(t, "lacks one", err, nil, "not believed", other.ID)
	if got := w.ids(t); !slices.Equal(got, []string{other.ID}) {
		t.Errorf("there are %v", got)
	}
}

// The service counts the request after its work, or a gateway sends it twice.
func TestCreate_ThatWasDoneInSpiteOfA429IsNotDoneTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	for _, withheld := range []bool{false, true} {
		proxy := lies.Before(t, w.server.URL)
		proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: endKeys, Times: 1, Withheld: withheld, Rewrite: lies.Body(http.StatusTooManyRequests, `{"message":"slow down"}`)})
		b, err := open(backend.Settings{Endpoint: proxy.URL, Credential: w.server.Owner, MaxRetries: ptr(2)}, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.caller.CloseIdleConnections)
		before := len(w.ids(t))
		_, err = b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})
		if got := len(w.ids(t)) - before; got != 1 || (err == nil) != withheld {
			t.Errorf("withheld %v: %d keys more, %v", withheld, got, err)
		}
		if !withheld {
			says(t, "carried out", err, nil, "nothing was deleted")
		}
	}
	for _, withheld := range []bool{false, true} {
		proxy := lies.Before(t, w.server.URL)
		proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: "/sub-account", Times: 1, Withheld: withheld, Rewrite: lies.Body(http.StatusTooManyRequests, `{"message":"slow down"}`)})
		b, err := open(backend.Settings{Endpoint: proxy.URL, Credential: w.server.Owner, MaxRetries: ptr(2)}, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.caller.CloseIdleConnections)
		name := fmt.Sprint("At random ", withheld)
		_, err = b.Subaccounts().Create(t.Context(), backend.SubaccountInput{Name: name})
		all, listErr := at(t, w.server.URL, w.server.Owner).Subaccounts().List(t.Context(), backend.SubaccountFilter{})
		n := 0
		for _, one := range all {
			if strings.HasPrefix(one.Name, name) {
				n++
			}
		}
		if n != 1 || listErr != nil || (err == nil) != withheld {
			t.Errorf("withheld %v: %d sub-accounts, %v, %v", withheld, n, err, listErr)
		}
	}
}

// Ids count up: one that no key has yet is somebody else's before long.
func TestCreate_TakesNoIDThatNoListShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	other := w.key(t)
	b, proxy := spoken(t, w, lies.Lie{Method: http.MethodPost, Suffix: endKeys, Times: 1, Rewrite: lies.Set("id", 4711)})
	err := second(b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{Known: []string{other.ID}}))
	says(t, "an id that is in no list", err, nil, "4711", "does not show it")
	for _, id := range w.ids(t) {
		if id != other.ID {
			says(t, "the key that was made", err, nil, "something new", id)
		}
	}
	if n := deletes(proxy); n != 0 || len(w.ids(t)) != 2 {
		t.Errorf("%d deletions, %v", n, w.ids(t))
	}
	// A list that cannot be read proves nothing, and loses no secret.
	b, proxy = spoken(t, w)
	proxy.Tell(lies.Lie{Method: http.MethodGet, Suffix: endKeys, Skip: 1, Rewrite: lies.Status(http.StatusInternalServerError)})
	if got, err := b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{}); err != nil || got.Secret.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

// A list that shows a new key a little later is no reason to lose its secret.
func TestCreate_WaitsForAListThatLags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	other := w.key(t)
	stale := lies.Stale()
	b, _ := spoken(t, w, lies.Lie{Method: http.MethodGet, Suffix: endKeys, Times: looks, Rewrite: stale})
	if got, err := b.Keys("acme1").Create(t.Context(), backend.APIKeyInput{Known: []string{other.ID}}); err != nil || got.Secret.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}
