package sendgrid

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

func TestAKeyIsMadeReadChangedAndDeleted(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]servertest.SendGridQuirks{
		"as is": {}, "with echoes": {PutEchoesScopes: true, AutomaticScopes: []string{"2fa_exempt", "ui.provision"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, servertest.SendGrid(quirks))
			k := w.Keys("")
			issued := made(t, k, "mail", "mail.send", "alerts.read")
			if !strings.HasPrefix(issued.Secret.Reveal(), "SG."+issued.ID+".") || issued.SecretHint != "SG."+issued.ID {
				t.Errorf("id %s, hint %s", issued.ID, issued.SecretHint)
			}
			if diff := cmp.Diff([]string{"alerts.read", "mail.send"}, issued.Scopes); diff != "" {
				t.Error(diff)
			}
			if len(issued.AutomaticScopes) != 2 || issued.Status != backend.StatusActive || !issued.CreatedAt.IsZero() || issued.SecretVersion != 0 {
				t.Errorf("got %+v", issued.APIKey)
			}
			read, err := k.Refresh(t.Context(), issued.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(issued.APIKey, read); diff != "" {
				t.Error(diff)
			}
			newName := "renamed"
			if read, err = k.Update(t.Context(), issued.ID, backend.APIKeyChange{Name: &newName}, 0); err != nil || read.Name != newName || len(read.Scopes) != 2 {
				t.Errorf("%+v, %v", read, err)
			}
			if read, err = k.Update(t.Context(), issued.ID, backend.APIKeyChange{Scopes: []string{"stats.read"}}, 0); err != nil || read.Name != newName || !slices.Equal(read.Scopes, []string{"stats.read"}) {
				t.Errorf("%+v, %v", read, err)
			}
			if w.front.requests(http.MethodPatch, routeKeys+"/"+issued.ID) != 2 || w.front.requests(http.MethodPut, routeKeys+"/"+issued.ID) != 1 {
				t.Error("a name takes one PATCH beside that of the creation, scopes one PUT")
			}
			if err := k.Delete(t.Context(), issued.ID); err != nil {
				t.Error(err)
			}
			if _, err := k.Get(t.Context(), issued.ID); !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("after the delete: %v", err)
			}
			if err := k.Delete(t.Context(), issued.ID); !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("the second delete: %v", err)
			}
		})
	}
}

func TestWhatSendGridCannotHoldIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := backend.APIKeyInput{Name: "x", Scopes: []string{"mail.send"}, Enabled: true}
	for field, change := range map[string]func(*backend.APIKeyInput){
		"scopes":  func(in *backend.APIKeyInput) { in.Scopes = nil },
		"name":    func(in *backend.APIKeyInput) { in.Name = "" },
		"enabled": func(in *backend.APIKeyInput) { in.Enabled = false },
		"secret":  func(in *backend.APIKeyInput) { in.Secret = secret.From("mine") },
	} {
		in := good
		change(&in)
		_, err := w.Keys("").Create(t.Context(), in)
		if failed, ok := errors.AsType[*backend.Error](err); !ok || failed.Fields[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	in := good
	in.Scopes = []string{"mail.send", "2fa_required"}
	if _, err := w.Keys("").Create(t.Context(), in); err == nil {
		t.Error("an automatic scope is sent")
	}
	if len(w.Requests()) != 0 {
		t.Errorf("%d requests were sent", len(w.Requests()))
	}
}

func TestListsFilterAndBriefOnesTakeOneRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Keys("")
	for _, name := range []string{"web-1", "web-2", "job"} {
		made(t, k, name, "mail.send")
	}
	w.Reset()
	for _, c := range []struct {
		filter backend.APIKeyFilter
		want   int
	}{
		{backend.APIKeyFilter{Brief: true}, 3}, {backend.APIKeyFilter{Brief: true, NamePrefix: "web-"}, 2}, {backend.APIKeyFilter{Brief: true, Name: "job"}, 1},
		{backend.APIKeyFilter{Brief: true, Status: backend.StatusExpired}, 0},
	} {
		listed, err := k.List(t.Context(), c.filter)
		if err != nil || len(listed) != c.want {
			t.Errorf("%+v: %d, %v", c.filter, len(listed), err)
		}
	}
	if got := w.front.requests(http.MethodGet, routeKeys); got != 6 || len(w.Requests()) != 3 {
		t.Errorf("%d lists in all, %d requests", got, len(w.Requests()))
	}
	listed, err := k.List(t.Context(), backend.APIKeyFilter{Scope: "mail.send", Brief: true})
	if err != nil || len(listed) != 3 || len(listed[0].Scopes) != 1 {
		t.Errorf("%+v, %v", listed, err)
	}
}

func TestAStray404NeverDropsAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := made(t, w.Keys(""), "live", "mail.send")
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		return r.URL.Path == routeKeys+"/"+key.ID && body(http.StatusNotFound, "text/html", "<html>no such page")(rw, r)
	})
	if _, err := w.Keys("").Get(t.Context(), key.ID); err == nil || errors.Is(err, backend.ErrNotFound) {
		t.Errorf("a read: %v", err)
	}
	if err := w.Keys("").Delete(t.Context(), key.ID); err == nil || errors.Is(err, backend.ErrNotFound) {
		t.Errorf("a delete: %v", err)
	}
	// And where even the list is no list.
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == routeKeys {
			return body(http.StatusOK, "application/json", `{}`)(rw, r)
		}
		return body(http.StatusNotFound, "application/json", `{}`)(rw, r)
	})
	if _, err := w.Keys("").Get(t.Context(), key.ID); err == nil || errors.Is(err, backend.ErrNotFound) {
		t.Errorf("without a list: %v", err)
	}
}

func TestReadsOfOneKeyAtOnceAreOneRequestAndAWriteEndsThat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.Keys("")
	key := made(t, k, "old", "mail.send")
	path := routeKeys + "/" + key.ID
	before := w.front.requests(http.MethodGet, path)
	arrived, pass := make(chan bool, 9), make(chan bool)
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || r.URL.Path != path {
			return false
		}
		arrived <- true
		<-pass
		return false
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := k.Refresh(t.Context(), key.ID); err != nil {
			t.Error(err)
		}
	})
	<-arrived
	left, leave := context.WithCancel(t.Context())
	leave()
	for range 5 {
		// They join the read on its way, and need not wait for it.
		if _, err := k.Refresh(left, key.ID); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	w.front.answer(nil)
	name := "new"
	if _, err := k.Update(t.Context(), key.ID, backend.APIKeyChange{Name: &name}, 0); err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if fresh, err := k.Refresh(soon, key.ID); err != nil || fresh.Name != name {
		t.Errorf("after the write: %q, %v", fresh.Name, err)
	}
	close(pass)
	wg.Wait()
	if got := w.front.requests(http.MethodGet, path) - before; got != 3 {
		t.Errorf("%d requests, want one of the reads, one of the update and one after it", got)
	}
}

func TestAScopeThatDidNotStickIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := made(t, w.Keys(""), "x", "mail.send")
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodPut && body(http.StatusOK, "application/json", `{"api_key_id":"`+key.ID+`","name":"x"}`)(rw, r)
	})
	_, err := w.Keys("").Update(t.Context(), key.ID, backend.APIKeyChange{Scopes: []string{"mail.send", "stats.read"}}, 0)
	if failed, ok := errors.AsType[*backend.Error](err); !ok || !strings.Contains(failed.Fields["scopes"], "stats.read") || strings.Contains(failed.Fields["scopes"], "mail.send") {
		t.Errorf("got %v", err)
	}
	w.front.answer(nil)
	// A new key without one of its scopes does not stay.
	proxy := lies.Before(t, w.URL)
	proxy.Tell(lies.Lie{Method: http.MethodGet, Prefix: routeKeys + "/", Rewrite: lies.Set("scopes", []any{})})
	_, err = speak(t, proxy.URL, w.Owner).Keys("").Create(t.Context(), backend.APIKeyInput{Name: "y", Scopes: []string{"mail.send"}, Enabled: true})
	if failed, ok := errors.AsType[*backend.Error](err); !ok || failed.Fields["scopes"] == "" {
		t.Errorf("got %v", err)
	}
	if got := names(t, w.Keys("")); !slices.Equal(got, []string{"x"}) {
		t.Errorf("there are %v", got)
	}
}

func TestANewKeyIsKeptWhereItCannotBeReadBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		return strings.HasPrefix(r.URL.Path, routeKeys+"/") && body(http.StatusBadGateway, "text/html", "<html>")(rw, r)
	})
	key := made(t, w.Keys(""), "x", "mail.send")
	if key.Secret.IsZero() || !slices.Equal(key.Scopes, []string{"mail.send"}) {
		t.Errorf("got %+v", key.APIKey)
	}
}
