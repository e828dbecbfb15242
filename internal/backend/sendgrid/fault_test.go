package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestALostCreateLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made(t, w.Keys(""), "twin", "mail.send") // has the name, and was there before
	for name, lose := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"broken":    func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"page":      body(http.StatusOK, "text/html", "<html>SG.aaaa.leaked"),
		"empty":     body(http.StatusCreated, "application/json", ""),
		"truncated": body(http.StatusCreated, "application/json", `{"api_key":"SG.aaaa.leaked`),
		"error 200": body(http.StatusOK, "application/json", `{"errors":[{"message":"SG.aaaa.leaked"}]}`),
		"no key":    body(http.StatusCreated, "application/json", `{"name":"SG.aaaa.leaked"}`),
		"error 500": body(http.StatusInternalServerError, "application/json", `{"errors":[{"field":null,"message":"internal server error"}]}`),
	} {
		// The server does its work, and its answer is replaced.
		w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost {
				return false
			}
			forward(t, w.URL, r)
			return lose(rw, r)
		})
		_, err := w.Keys("").Create(t.Context(), backend.APIKeyInput{Name: "twin", Scopes: []string{"mail.send"}, Enabled: true})
		if err == nil || !strings.Contains(err.Error(), "deleted again") || strings.Contains(err.Error(), "leaked") {
			t.Errorf("%s: %v", name, err)
		}
		w.front.answer(nil)
		if got := names(t, w.Keys("")); !slices.Equal(got, []string{"twin"}) {
			t.Fatalf("%s: there are %v", name, got)
		}
	}
}

// forward lets the server carry out a request and throws its answer away.
func forward(t *testing.T, base string, r *http.Request) {
	req, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, base+r.URL.Path, r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	req.Header = r.Header.Clone()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	_ = res.Body.Close()
}

func TestACreateGivenUpOnItsWayLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.front.answer(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		forward(t, w.URL, r)
		cancel()
		panic(http.ErrAbortHandler)
	})
	if _, err := w.Keys("").Create(ctx, backend.APIKeyInput{Name: "x", Scopes: []string{"mail.send"}, Enabled: true}); err == nil {
		t.Fatal("no error")
	}
	if got := names(t, w.Keys("")); len(got) != 0 {
		t.Errorf("there are %v", got)
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, key := w.NewKey(t, "api_keys.read", "mail.send")
	reader := speak(t, w.front.URL, key)
	in := backend.APIKeyInput{Name: "x", Scopes: []string{"mail.send"}, Enabled: true}
	_, err := reader.Keys("").Create(t.Context(), in)
	if !errors.Is(err, backend.ErrForbidden) || !strings.Contains(err.Error(), "api_keys.create") || !strings.Contains(err.Error(), "access forbidden") {
		t.Errorf("without the right: %v", err)
	}
	in.Scopes = []string{"no.such.scope"}
	_, err = w.Keys("").Create(t.Context(), in)
	if failed, ok := errors.AsType[*backend.Error](err); !ok || failed.Fields["scopes"] == "" {
		t.Errorf("an unknown scope: %v", err)
	}
	_, err = w.Keys("").Update(t.Context(), id, backend.APIKeyChange{Scopes: in.Scopes}, 0)
	if failed, ok := errors.AsType[*backend.Error](err); !ok || !strings.Contains(failed.Fields["scopes"], "unauthorized scopes") {
		t.Errorf("an unknown scope in a change: %v", err)
	}
	in.Scopes = []string{"mail.send"}
	if _, err = w.Keys("nobody").Create(t.Context(), in); !errors.Is(err, backend.ErrNotFound) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("an unknown subuser: %v", err)
	}
	if err := w.Keys("").Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"account": func() error { _, err := reader.Account(t.Context()); return err },
		"create":  func() error { _, err := reader.Keys("").Create(t.Context(), in); return err },
	} {
		if err := call(); !errors.Is(err, backend.ErrForbidden) || !strings.Contains(err.Error(), "revoked") || !strings.Contains(err.Error(), "Make a new one") {
			t.Errorf("%s with a revoked key: %v", name, err)
		}
	}
}

func TestTheKeyAfterTheLastSaysTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 100 {
		w.NewKey(t, "mail.send")
	}
	_, err := w.Keys("").Create(t.Context(), backend.APIKeyInput{Name: "x", Scopes: []string{"mail.send"}, Enabled: true})
	if err == nil || !strings.Contains(err.Error(), "at most 100 API keys") || errors.Is(err, backend.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

func TestARefusalForASubuserThatIsNotThereSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(t, "there")
	// What SendGrid answers then is not documented.
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		return r.Header.Get("On-Behalf-Of") != "" && body(http.StatusForbidden, "application/json", `{"errors":[{"field":null,"message":"access forbidden"}]}`)(rw, r)
	})
	for handle, want := range map[string]error{"nobody": backend.ErrNotFound, "there": backend.ErrForbidden} {
		if _, err := w.Keys(handle).List(t.Context(), backend.APIKeyFilter{}); !errors.Is(err, want) {
			t.Errorf("%s: %v", handle, err)
		}
	}
}

func TestAProxysRefusalSaysNothingAboutRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.front.answer(body(http.StatusForbidden, "text/html", "<html>blocked"))
	if _, err := w.Account(t.Context()); err == nil || !strings.Contains(err.Error(), "proxy") {
		t.Errorf("got %v", err)
	}
}

func TestFaultsOfReadsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var visited atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Store(true) }))
	defer elsewhere.Close()
	for want, f := range map[string]servertest.Fault{
		"an empty answer": {Kind: servertest.Empty}, "cut off": {Kind: servertest.Truncated}, "a redirect": {Kind: servertest.Redirect, Location: elsewhere.URL},
		"502": {Kind: servertest.HTML}, "too many requests": {Kind: servertest.RateLimited},
	} {
		w.Inject(f)
		if _, err := w.Keys("").List(t.Context(), backend.APIKeyFilter{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		w.ClearFaults()
	}
	if visited.Load() {
		t.Error("a redirect was followed")
	}
}

func TestSubusersAreNeverMixedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	places := []string{"", "alice", "bobby", "carol"}
	w.make(t, places[1:]...)
	var wg sync.WaitGroup
	for _, place := range places {
		for i := range 3 {
			wg.Go(func() {
				k := w.Keys(place)
				key, err := k.Create(t.Context(), backend.APIKeyInput{Name: fmt.Sprintf("%s-%d", place, i), Scopes: []string{"mail.send"}, Enabled: true})
				if err != nil {
					t.Errorf("%q: %v", place, err)
					return
				}
				if _, err := k.Refresh(t.Context(), key.ID); err != nil {
					t.Errorf("%q: %v", place, err)
				}
			})
		}
	}
	wg.Wait()
	for _, place := range places {
		got := names(t, w.Keys(place))
		for _, name := range got {
			if !strings.HasPrefix(name, place+"-") {
				t.Errorf("%q has %s", place, name)
			}
		}
		if len(got) != 3 {
			t.Errorf("%q has %v", place, got)
		}
	}
}
