package sendgrid

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// hiding answers lists of subusers as if there were none, and a question for one alone by
// the hook.
func hiding(alone func(http.ResponseWriter, *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	empty := body(http.StatusOK, "application/json", `[]`)
	return func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method != http.MethodGet:
			return false
		case r.URL.Path == routeSubusers:
			return empty(w, r)
		case strings.HasPrefix(r.URL.Path, routeSubusers+"/"):
			return alone(w, r)
		}
		return false
	}
}

const asJSON = "application/json"

func TestASubuserIsGoneOnlyWhenItIsAskedForByNameAndAnswered404(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(t, "shop")
	through := func(http.ResponseWriter, *http.Request) bool { return false }
	w.front.answer(hiding(through))
	if sub, err := w.Subaccounts().Get(t.Context(), "shop"); err != nil || sub.Handle != "shop" {
		t.Errorf("one that no list shows: %+v, %v", sub, err)
	}
	if _, err := w.Subaccounts().Get(t.Context(), "nobody"); !errors.Is(err, backend.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	const forbidden = `{"errors":[{"field":null,"message":"access forbidden"}]}`
	for name, alone := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"forbidden":             body(http.StatusForbidden, asJSON, forbidden),
		"no such method":        body(http.StatusMethodNotAllowed, asJSON, `{"errors":[{"field":null,"message":"method not allowed"}]}`),
		"a bad request":         body(http.StatusBadRequest, asJSON, `{"errors":[{"field":null,"message":"bad request"}]}`),
		"not valid any more":    body(http.StatusUnauthorized, asJSON, `{"errors":[{"field":null,"message":"authorization required"}]}`),
		"a failure":             body(http.StatusInternalServerError, asJSON, `{"errors":[{"field":null,"message":"internal server error"}]}`),
		"a proxy's 404":         body(http.StatusNotFound, "text/html", "<html>not found"),
		"an empty 404":          body(http.StatusNotFound, asJSON, ""),
		"a 404 of another kind": body(http.StatusNotFound, asJSON, `{"message":"no Route matched with those values"}`),
		"a 410":                 body(http.StatusGone, asJSON, forbidden),
		"another subuser":       body(http.StatusOK, asJSON, `{"id":7,"username":"shop2","email":"","disabled":false}`),
		"in another case":       body(http.StatusOK, asJSON, `{"id":7,"username":"SHOP","email":"","disabled":false}`),
		"no subuser":            body(http.StatusOK, asJSON, `{}`),
		"a list":                body(http.StatusOK, asJSON, `[]`),
		"null":                  body(http.StatusOK, asJSON, `null`),
		"a page":                body(http.StatusOK, "text/html", "<html>"),
		"an error with 200":     body(http.StatusOK, asJSON, forbidden),
		"no answer":             func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
	} {
		// Each has a front of its own, so that it is not held back by the calls of the others.
		f := newFront(t, w.URL)
		f.answer(hiding(alone))
		subs := speak(t, f.URL, w.Owner).Subaccounts()
		suspended := backend.SubaccountSuspended
		for what, call := range map[string]func() error{
			"get": func() error { _, err := subs.Get(t.Context(), "shop"); return err },
			// The service says that it is not there, which lists and this call are to confirm.
			"update": func() error {
				_, err := subs.Update(t.Context(), "nobody", backend.SubaccountChange{Status: &suspended}, 0)
				return err
			},
			"delete": func() error { return subs.Delete(t.Context(), "nobody", true) },
		} {
			if err := call(); err == nil || errors.Is(err, backend.ErrNotFound) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		if _, err := subs.Get(t.Context(), "shop"); !errors.Is(err, backend.ErrUnconfirmed) || !strings.Contains(err.Error(), "shop") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysOfASubuserThatNoListShowsAreNotGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(t, "shop")
	key := made(t, w.Keys("shop"), "x", "mail.send")
	notFound := body(http.StatusNotFound, asJSON, `{"errors":[{"field":null,"message":"not found"}]}`)
	stray := func(alone func(http.ResponseWriter, *http.Request) bool) {
		hidden := hiding(alone)
		w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(r.URL.Path, routeKeys) {
				return notFound(rw, r)
			}
			return hidden(rw, r)
		})
	}
	for name, alone := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"it is there": func(http.ResponseWriter, *http.Request) bool { return false },
		"not known":   body(http.StatusMethodNotAllowed, asJSON, `{"errors":[{"field":null,"message":"method not allowed"}]}`),
	} {
		stray(alone)
		if _, err := w.Keys("shop").Refresh(t.Context(), key.ID); err == nil || errors.Is(err, backend.ErrNotFound) {
			t.Errorf("%s, read: %v", name, err)
		}
		if err := w.Keys("shop").Delete(t.Context(), key.ID); err == nil || errors.Is(err, backend.ErrNotFound) {
			t.Errorf("%s, delete: %v", name, err)
		}
		if err := w.Subaccounts().Delete(t.Context(), "shop", false); err == nil || errors.Is(err, backend.ErrNotFound) {
			t.Errorf("%s, delete of the subuser: %v", name, err)
		}
	}
	stray(notFound)
	if _, err := w.Keys("shop").Refresh(t.Context(), key.ID); !errors.Is(err, backend.ErrNotFound) {
		t.Errorf("gone: %v", err)
	}
}

// Who may not see subusers learns nothing of them from a stray 404.
func TestWhoMayNotSeeSubusersForgetsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(t, "shop")
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, routeSubusers):
			return body(http.StatusForbidden, asJSON, `{"errors":[{"message":"you dont have permission to access this resource"}]}`)(rw, r)
		case r.Header.Get("On-Behalf-Of") != "":
			return body(http.StatusNotFound, asJSON, `{"errors":[{"field":null,"message":"not found"}]}`)(rw, r)
		}
		return false
	})
	if err := w.Subaccounts().Delete(t.Context(), "shop", false); err == nil || errors.Is(err, backend.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestADisabledSubuserThatTheListLeavesOutIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.SendGrid(servertest.SendGridQuirks{ListOmitsDisabled: true}))
	w.make(t, "shop", "blog")
	suspended := backend.SubaccountSuspended
	sub, err := w.Subaccounts().Update(t.Context(), "shop", backend.SubaccountChange{Status: &suspended}, 0)
	if err != nil || sub.Status != suspended {
		t.Fatalf("%+v, %v", sub, err)
	}
	if sub, err = w.Subaccounts().Get(t.Context(), "shop"); err != nil || sub.Status != suspended || sub.Email != "shop@example.com" {
		t.Errorf("%+v, %v", sub, err)
	}
	if err := w.Subaccounts().Delete(t.Context(), "shop", false); err != nil {
		t.Error(err)
	}
	if _, err := w.Subaccounts().Get(t.Context(), "shop"); !errors.Is(err, backend.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

func TestASubuserIsNotNamedAsAPathOfSendGrid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, handle := range []string{"stats", "reputations", "Stats"} {
		_, err := w.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: handle, Email: "a@example.com", IPAddresses: []string{"192.0.2.1"}})
		if failed, ok := errors.AsType[*backend.Error](err); !ok || failed.Fields["handle"] == "" {
			t.Errorf("%s: %v", handle, err)
		}
	}
	if n := w.front.requests(http.MethodPost, routeSubusers); n != 0 {
		t.Errorf("%d were sent", n)
	}
}
