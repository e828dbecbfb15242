package mailchannels

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

const endKeys = "/api-key"

func TestCreate_ALostAnswerNamesWhatIsNewAndDeletesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	bystander := w.key(t)
	asJSON := "application/json"
	for what, lose := range map[string]func(){
		"no answer": func() { w.front.loses(endKeys, nil) },
		"a page":    func() { w.front.replaces(200, "text/html", "<html><b>Welcome</b></html>") },
		"nothing":   func() { w.front.replaces(201, asJSON, "") },
		"a half":    func() { w.front.replaces(201, asJSON, `{"id":12`) },
		"no key":    func() { w.front.replaces(201, asJSON, `{"id":123}`) },
		"the other": func() { w.front.replaces(201, asJSON, `{"id":`+bystander.ID+`,"key":"somebody-elses-secret"}`) },
		"an error":  func() { w.front.replaces(200, asJSON, `{"errors":["something broke"]}`) },
		"a 502":     func() { w.front.replaces(502, "text/plain", "bad gateway somewhere") },
		"a 429":     func() { w.front.replaces(429, asJSON, `{"message":"slow down"}`) },
	} {
		lose()
		w.front.requests()
		err := second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{}))
		w.front.set(nil)
		seen := w.front.requests()
		if count(seen, "POST") != 1 || count(seen, "DELETE") != 0 {
			t.Errorf("%s: requests %v", what, seen)
		}
		ids := slices.DeleteFunc(w.ids(t), func(id string) bool { return id == bystander.ID })
		if len(ids) != 1 || len(w.ids(t)) != 2 {
			t.Fatalf("%s: the keys are %v", what, w.ids(t))
		}
		says(t, what, err, nil, "API key "+ids[0]+".", "nothing was deleted", "DELETE /tx/v1/sub-account/acme1/api-key/"+ids[0])
		if err := at(t, w.server.URL, w.server.Owner).Keys("acme1").Delete(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
	}
	w.key(t) // and it goes on
}

// replaces lets each creation of a key be carried out and answers it with something
// else.
func (f *front) replaces(status int, contentType, body string) {
	f.set(func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, endKeys) {
			return false
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
		return true
	})
}

func TestCreate_WhereOthersMakeKeysToo_NoneIsDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	other := at(t, w.server.URL, w.server.Owner)
	var theirs backend.IssuedAPIKey
	w.front.loses(endKeys, func() { theirs, _ = other.Keys("acme1").Create(t.Context(), backend.APIKeyInput{}) })
	w.front.requests()
	err := second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{}))
	w.front.set(nil)
	ids := w.ids(t)
	says(t, "two new keys", err, nil, append(ids, "nothing was deleted")...)
	if len(ids) != 2 || !slices.Contains(ids, theirs.ID) || count(w.front.requests(), "DELETE") != 0 {
		t.Errorf("the keys are %v", ids)
	}
}

func TestCreate_WhatNeverArrivedIsSaidNotToBeMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	w.front.set(func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method == http.MethodPost {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	says(t, "never arrived", second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})), backend.ErrUnreachable, "No API key was made")

	var lists atomic.Int32
	w.front.set(func(rw http.ResponseWriter, r *http.Request, next http.Handler) bool {
		switch {
		case r.Method == http.MethodPost:
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case r.Method == http.MethodGet && lists.Add(1) > 1:
			http.Error(rw, "down for a moment", http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	err := second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{}))
	w.front.set(nil)
	says(t, "nothing can be listed", err, nil, "Whether an API key was made is not known", "Before, it had none")
}

func TestCreate_ACallerWhoLeavesIsToldWhatIsNew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	ctx, cancel := context.WithCancel(t.Context())
	w.front.set(func(_ http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != http.MethodPost {
			return false
		}
		next.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
		cancel()
		<-r.Context().Done()
		return true
	})
	err := second(w.Keys("acme1").Create(ctx, backend.APIKeyInput{}))
	w.front.set(nil)
	ids := w.ids(t)
	says(t, "left", err, context.Canceled, append(ids, "nothing was deleted")...)
	if len(ids) != 1 {
		t.Errorf("the keys are %v", ids)
	}
}

func TestCreate_ParallelCreatesDoNotMistakeOneAnothersKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	var posts atomic.Int32
	w.front.set(func(_ http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != http.MethodPost || posts.Add(1)%3 != 0 {
			return false
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	made, lost := make(chan string, 30), make(chan error, 30)
	each(t, make([]string, 30), func(string) error {
		k, err := w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})
		if err != nil {
			lost <- err
		} else {
			made <- k.ID
		}
		return nil
	})
	w.front.set(nil)
	close(made)
	close(lost)
	got := w.ids(t)
	for id := range made {
		got = slices.DeleteFunc(got, func(one string) bool { return one == id })
	}
	if len(got) != 10 {
		t.Errorf("%d keys are nobody's, want one for each lost answer", len(got))
	}
	for err := range lost {
		// Each names the one key that is its own.
		says(t, "lost", err, nil, "nothing was deleted")
		got = slices.DeleteFunc(got, func(id string) bool { return strings.Contains(err.Error(), "API key "+id+".") })
	}
	if len(got) != 0 {
		t.Errorf("no error names %v", got)
	}
}

func TestSubaccountCreate_HalfWayLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	subs := w.Subaccounts()
	in := backend.SubaccountInput{Handle: "acme1", Name: "Acme", Status: backend.SubaccountSuspended, SendLimit: ptr(int64(5))}
	for what, c := range map[string]struct{ method, end string }{"the limit": {http.MethodPut, "/limit"}, "the status": {http.MethodPost, "/suspend"}} {
		w.front.answers(c.method, c.end, http.StatusBadRequest, "application/json", `{"message":"not now"}`)
		says(t, what, second(subs.Create(t.Context(), in)), nil, `"acme1" was made`, "deleted again", "not now")
		w.front.set(nil)
		says(t, what+": gone", second(subs.Get(t.Context(), "acme1")), backend.ErrNotFound)
	}
	w.front.set(func(rw http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method != http.MethodPut && r.Method != http.MethodDelete {
			return false
		}
		http.Error(rw, "not now either", http.StatusBadRequest)
		return true
	})
	says(t, "both", second(subs.Create(t.Context(), in)), nil, "could not be deleted again", "Import it")
	w.front.set(nil)

	// The limit stays when the status fails, and the error says so.
	w.front.answers(http.MethodPost, "/suspend", http.StatusBadRequest, "application/json", `{}`)
	says(t, "half a change", second(subs.Update(t.Context(), "acme1", backend.SubaccountChange{Status: ptr(backend.SubaccountSuspended), SendLimit: &backend.SendLimit{Most: ptr(int64(9))}}, 0)),
		nil, "limit of messages of the sub-account \"acme1\" was set; its status was not")
}

func TestSubaccountCreate_ALostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	subs := w.Subaccounts()
	w.front.loses("/sub-account", nil)
	if got, err := subs.Create(t.Context(), backend.SubaccountInput{Handle: "acme1", Name: "Acme"}); err != nil || got.Handle != "acme1" {
		t.Errorf("one with a handle is found: %+v, %v", got, err)
	}
	err := second(subs.Create(t.Context(), backend.SubaccountInput{Name: "Other"}))
	w.front.set(nil)
	found, listErr := subs.List(t.Context(), backend.SubaccountFilter{})
	if listErr != nil || len(found) != 2 {
		t.Fatalf("%v, %v", found, listErr)
	}
	random := found[0].Handle
	if random == "acme1" {
		random = found[1].Handle
	}
	says(t, "one at random is named", err, nil, random, "Import")
	w.front.set(func(http.ResponseWriter, *http.Request, http.Handler) bool { return false })
	w.front.answers(http.MethodPost, "/sub-account", 502, "text/plain", "no gateway here")
	says(t, "one that was not made", second(subs.Create(t.Context(), backend.SubaccountInput{Handle: "acme3", Name: "Acme"})), nil, "No sub-account was made")
	w.front.answers(http.MethodPost, "/sub-account", 201, "application/json", `{"company_name":"Acme","enabled":true,"handle":"acme9"}`)
	says(t, "another one", second(subs.Create(t.Context(), backend.SubaccountInput{Handle: "acme3", Name: "Acme"})), nil, "without the sub-account that was asked for")

	// A suspension that was carried out counts, and one that was not does not.
	w.front.loses("/suspend", nil)
	if got, err := subs.Update(t.Context(), "acme1", backend.SubaccountChange{Status: ptr(backend.SubaccountSuspended)}, 0); err != nil || got.Status != backend.SubaccountSuspended {
		t.Errorf("a lost suspension: %+v, %v", got, err)
	}
	w.front.answers(http.MethodPost, "/activate", 502, "text/plain", "no gateway here")
	says(t, "an activation", second(subs.Update(t.Context(), "acme1", backend.SubaccountChange{Status: ptr(backend.SubaccountActive)}, 0)), nil, "502")
}

func TestCreate_TellsWhoMayNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	w.front.answers(http.MethodPost, endKeys, http.StatusForbidden, "application/json", `{"errors":["no"]}`)
	w.front.requests()
	says(t, "403", second(w.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})), backend.ErrForbidden, "may not do this")
	if seen := w.front.requests(); len(seen) != 2 {
		t.Errorf("a refusal is followed by more: %v", seen)
	}
	if errors.Is(second(w.Keys("acme1").Get(t.Context(), "1")), backend.ErrForbidden) {
		t.Error("reading is forbidden, too")
	}
}

func TestDelete_ThatWasCarriedOutAndIsSentAgainIsNoMiss(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	made := w.key(t)
	b, err := open(backend.Settings{Endpoint: w.front.URL, Credential: w.server.Owner, MaxRetries: ptr(1)}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.caller.CloseIdleConnections)
	var deletes atomic.Int32
	w.front.set(func(rw http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != http.MethodDelete {
			return false
		}
		if deletes.Add(1) == 1 {
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		http.Error(rw, "no such key", http.StatusNotFound)
		return true
	})
	if err := b.Keys("acme1").Delete(t.Context(), made.ID); err != nil || deletes.Load() != 2 {
		t.Errorf("%d attempts: %v", deletes.Load(), err)
	}
}
