package sendgrid

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// newKey is what the tests of this file ask for.
func newKey(known ...string) backend.APIKeyInput {
	return backend.APIKeyInput{Name: "twin", Scopes: []string{"mail.send"}, Enabled: true, Known: known}
}

// deleted are the paths that were deleted through a proxy.
func deleted(p *lies.Proxy) []string {
	var paths []string
	for _, call := range p.Calls() {
		if call.Method == http.MethodDelete {
			paths = append(paths, call.Path)
		}
	}
	return paths
}

// noKeys are lists without a key in them, as one that lags or a cache gives.
var noKeys = lies.Lie{Method: http.MethodGet, Suffix: routeKeys, Rewrite: lies.Body(http.StatusOK, `{"result":[]}`)}

// Whatever the answer to a create says, and whatever the lists say: a key that was there
// before is neither taken for the new one nor deleted.
func TestCreate_NeitherTakesNorDeletesAKeyThatWasThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := made(t, w.Keys(""), "twin", "mail.send")
	answers := map[string]lies.Rewrite{
		"the id of the other":   lies.Set("api_key_id", old.ID),
		"the other key":         lies.Body(http.StatusCreated, fmt.Sprintf(`{"api_key_id":%q,"api_key":"SG.%s.AAAA","name":"twin","scopes":["mail.send"]}`, old.ID, old.ID)),
		"another name":          lies.Set("name", "somebody's"),
		"another secret":        lies.Set("api_key", "SG."+old.ID+".AAAA"),
		"no name":               lies.Set("name", nil),
		"an id that is not one": lies.Set("api_key_id", "../scopes"),
		"nothing":               lies.Lost,
	}
	lists := map[string][]lies.Lie{
		"as they are":           nil,
		"without keys before":   {{Method: noKeys.Method, Suffix: noKeys.Suffix, Rewrite: noKeys.Rewrite, Times: 1}},
		"without keys":          {noKeys},
		"with another id":       {{Method: http.MethodGet, Suffix: routeKeys, Rewrite: lies.Set("api_key_id", old.ID)}},
		"of the name, all":      {{Method: http.MethodGet, Suffix: routeKeys, Rewrite: lies.Set("name", "twin")}},
		"empty, and no key too": {noKeys, {Method: http.MethodGet, Prefix: routeKeys + "/" + old.ID, Rewrite: lies.Body(http.StatusNotFound, `{"errors":[{"message":"unable to find API Key"}]}`)}},
	}
	for what, answer := range answers {
		for how, list := range lists {
			for _, known := range [][]string{nil, {old.ID}} {
				name := fmt.Sprintf("%s, lists %s, %d known", what, how, len(known))
				proxy := lies.Before(t, w.URL)
				for _, lie := range list {
					proxy.Tell(lie)
				}
				proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: routeKeys, Rewrite: answer})
				b := speak(t, proxy.URL, w.Owner)
				if got, err := b.Keys("").Create(t.Context(), newKey(known...)); err == nil && got.ID == old.ID {
					t.Errorf("%s: the old key is taken for the new one", name)
				} else if err == nil && how == "as they are" {
					t.Errorf("%s: no error", name)
				}
				if slices.Contains(deleted(proxy), routeKeys+"/"+old.ID) {
					t.Fatalf("%s: the old key was deleted", name)
				}
				left := w.left(t, old.ID)
				if how == "as they are" && len(left) != 0 {
					t.Errorf("%s: %d keys are left", name, len(left))
				}
				for _, key := range left {
					if err := w.direct(t).Delete(t.Context(), key.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// direct sees what is there. Each has an address of its own, and so a pace of its own.
func (w *world) direct(t *testing.T) backend.Keys {
	t.Helper()
	return speak(t, lies.Before(t, w.URL).URL, w.Owner).Keys("")
}

// left are the keys of the account but that one.
func (w *world) left(t *testing.T, but string) []backend.APIKey {
	t.Helper()
	all, err := w.direct(t).List(t.Context(), backend.APIKeyFilter{Brief: true})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(k backend.APIKey) bool { return k.ID == but })
}

// A colleague makes a key of the same name in the same seconds.
func TestCreate_ThatIsLostNeverDeletesAColleaguesKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, narrow := w.NewKey(t, "api_keys.create", "api_keys.read", "api_keys.delete", "mail.send")
	colleague := speak(t, w.URL, w.Owner)
	for name, c := range map[string]struct {
		credential string
		carriedOut bool
		left       int
	}{
		"with a mark":                       {w.Owner, true, 1},
		"with a mark, never carried out":    {w.Owner, false, 1},
		"without a mark":                    {narrow, true, 2},
		"without a mark, never carried out": {narrow, false, 1},
	} {
		var theirs backend.IssuedAPIKey
		proxy := lies.Before(t, w.URL)
		proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: routeKeys, Withheld: !c.carriedOut, Rewrite: func(r *http.Request, a *lies.Answer) {
			theirs = made(t, colleague.Keys(""), "twin", "mail.send")
			lies.Lost(r, a)
		}})
		_, err := speak(t, proxy.URL, c.credential).Keys("").Create(t.Context(), newKey())
		if _, other := colleague.Keys("").Get(t.Context(), theirs.ID); err == nil || other != nil {
			t.Fatalf("%s: the colleague's key: %v; %v", name, other, err)
		}
		var left []backend.APIKey
		for _, key := range w.left(t, "") {
			if strings.HasPrefix(key.Name, "twin") {
				left = append(left, key)
			}
		}
		if len(left) != c.left {
			t.Errorf("%s: %d keys are left: %v", name, len(left), err)
		}
		for _, key := range left {
			if told := strings.Contains(err.Error(), key.ID); told != (c.credential == narrow) {
				t.Errorf("%s: %s is named: %v: %v", name, key.ID, told, err)
			}
			if err := colleague.Keys("").Delete(t.Context(), key.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The service counts the request after its work, or a gateway sends it twice.
func TestCreate_ThatWasDoneInSpiteOfA429IsNotDoneTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, narrow := w.NewKey(t, "api_keys.create", "api_keys.read", "api_keys.delete", "mail.send")
	_, blind := w.NewKey(t, "api_keys.create", "mail.send")
	for name, c := range map[string]struct {
		credential string
		withheld   bool
		made, left int
	}{
		"with a mark":                       {w.Owner, false, 0, 0},
		"without a mark":                    {narrow, false, 0, 1},
		"unseen":                            {blind, false, 0, 1},
		"with a mark, never carried out":    {w.Owner, true, 1, 1},
		"without a mark, never carried out": {narrow, true, 1, 1},
		"unseen, never carried out":         {blind, true, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := lies.Before(t, w.URL)
			proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: routeKeys, Times: 1, Withheld: c.withheld, Rewrite: func(r *http.Request, a *lies.Answer) {
				a.Header.Del("X-Ratelimit-Reset") // that of the server is a minute away
				lies.Body(http.StatusTooManyRequests, `{"errors":[{"message":"too many requests"}]}`)(r, a)
			}})
			two := 2
			b, err := New(backend.Settings{Endpoint: proxy.URL, Credential: c.credential, UserAgent: "test", MaxRetries: &two})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(b.caller.CloseIdleConnections)
			_, err = b.Keys("").Create(t.Context(), newKey())
			if (err == nil) != (c.made == 1) {
				t.Errorf("%v", err)
			}
			left := slices.DeleteFunc(w.left(t, ""), func(k backend.APIKey) bool { return !strings.HasPrefix(k.Name, "twin") })
			if len(left) != c.left {
				t.Errorf("%d keys are left, want %d: %v", len(left), c.left, err)
			}
			for _, key := range left {
				if err := w.direct(t).Delete(t.Context(), key.ID); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestCreate_BelievesNoListThatLacksAKeyWhichLives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := made(t, w.Keys(""), "twin", "mail.send")
	proxy := lies.Before(t, w.URL)
	proxy.Tell(noKeys)
	_, err := speak(t, proxy.URL, w.Owner).Keys("").Create(t.Context(), newKey(old.ID))
	if err == nil || !strings.Contains(err.Error(), "not believed") || !strings.Contains(err.Error(), old.ID) || len(w.left(t, old.ID)) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestCreate_WhoseMarkStaysSaysSoAndKeepsTheSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	proxy := lies.Before(t, w.URL)
	proxy.Tell(lies.Lie{Method: http.MethodPatch, Withheld: true, Rewrite: lies.Body(http.StatusBadRequest, `{"errors":[{"message":"not now"}]}`)})
	b := speak(t, proxy.URL, w.Owner)
	key := made(t, b.Keys(""), "twin", "mail.send")
	if key.Secret.IsZero() || key.Name != "twin" || !strings.Contains(key.Unfinished, "not now") || !strings.Contains(key.Unfinished, key.ID) {
		t.Errorf("got %+v", key)
	}
	read, err := b.Keys("").Get(t.Context(), key.ID)
	if err != nil || read.MadeFor != "twin" || read.Name == "twin" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestUpdate_AnsweredWithAnotherKeyIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key, other := made(t, w.Keys(""), "a", "mail.send"), made(t, w.Keys(""), "b", "mail.send")
	name := "c"
	for method, change := range map[string]backend.APIKeyChange{http.MethodPatch: {Name: &name}, http.MethodPut: {Scopes: []string{"stats.read"}}} {
		proxy := lies.Before(t, w.URL)
		proxy.Tell(lies.Lie{Method: method, Rewrite: lies.Set("api_key_id", other.ID)})
		if _, err := speak(t, proxy.URL, w.Owner).Keys("").Update(t.Context(), key.ID, change, 0); err == nil || !strings.Contains(err.Error(), "about another") {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// No lie of the table costs a key that was there.
func TestCreate_NoLieCostsAKeyThatWasThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := made(t, w.Keys(""), "twin", "mail.send")
	runs := 0
	for name, lie := range lies.Table() {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch} {
			proxy := lies.Before(t, w.URL)
			proxy.Tell(lies.Lie{Method: method, Prefix: routeKeys, Rewrite: lie})
			got, err := speak(t, proxy.URL, w.Owner).Keys("").Create(t.Context(), newKey(old.ID))
			if err == nil && got.ID == old.ID {
				t.Errorf("%s, %s: the old key is taken for the new one", method, name)
			}
			if slices.Contains(deleted(proxy), routeKeys+"/"+old.ID) {
				t.Fatalf("%s, %s: the old key was deleted: %v", method, name, err)
			}
			for _, key := range w.left(t, old.ID) {
				if err := w.direct(t).Delete(t.Context(), key.ID); err != nil {
					t.Fatal(err)
				}
			}
			runs++
		}
	}
	t.Logf("%d runs, live keys touched: 0", runs)
}

// An answer with a made-up id and secret gets into no state; where what was made can be found
// by its mark, it goes again.
func TestCreate_TakesNoKeyThatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := lies.Then(lies.Set("api_key_id", "madeUp0000000000000000"), lies.Set("api_key", "SG.madeUp0000000000000000.AAAA"))
	proxy := lies.Before(t, w.URL)
	proxy.Tell(lies.Lie{Method: http.MethodPost, Suffix: routeKeys, Rewrite: made})
	got, err := speak(t, proxy.URL, w.Owner).Keys("").Create(t.Context(), newKey())
	if err == nil || !strings.Contains(err.Error(), "has no such key") || !strings.Contains(err.Error(), "deleted again") {
		t.Errorf("%+v, %v", got, err)
	}
	if left := names(t, w.Keys("")); len(left) != 0 {
		t.Errorf("there are %v", left)
	}
	// One 404 that the list contradicts is none, and a key that comes a little later is there.
	for name, lie := range map[string]lies.Lie{
		"a stray 404": {Method: http.MethodGet, Prefix: routeKeys + "/", Rewrite: lies.Body(http.StatusNotFound, `{"errors":[{"message":"unable to find API Key"}]}`)},
		"a lag":       {Method: http.MethodGet, Prefix: routeKeys + "/", Times: 1, Rewrite: lies.Body(http.StatusNotFound, `{"errors":[{"message":"unable to find API Key"}]}`)},
	} {
		proxy := lies.Before(t, w.URL)
		proxy.Tell(lie)
		if got, err := speak(t, proxy.URL, w.Owner).Keys("").Create(t.Context(), newKey()); err != nil || got.Secret.IsZero() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
