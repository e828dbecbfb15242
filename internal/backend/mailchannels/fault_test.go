package mailchannels

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

func TestFaults_ABadAnswerIsNeverTakenForAMiss(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	made := w.key(t)
	long := strings.Repeat("x", 40)
	for what, c := range map[string]struct {
		status                 int
		contentType, body, say string
	}{
		"a page":          {200, "text/html", "<html>Sign in</html>", "web page"},
		"nothing":         {200, "application/json", "", "empty"},
		"a half":          {200, "application/json", `[{"id":1,"ke`, "cut off"},
		"an error in 200": {200, "application/json", `{"errors":["over quota"]}`, "over quota"},
		"an object":       {200, "application/json", `{"items":[]}`, "another shape"},
		"null":            {200, "application/json", `null`, "null"},
		"other items":     {200, "application/json", `[{"name":"x"}]`, "never sends"},
		"a secret":        {400, "text/plain", "wrong key " + long, "[secret]"},
		"a 404":           {404, "text/html", "<html>nothing here</html>", "404"},
		"a 500":           {500, "application/json", `{"errors":["it broke"]}`, "it broke"},
		"a redirect":      {302, "text/html", "", "redirect"},
		"a 429":           {429, "application/json", `{"message":"slow down"}`, "too many requests"},
	} {
		for place, call := range map[string]func(b *Backend) error{
			"keys":         func(b *Backend) error { return second(b.Keys("acme1").Get(t.Context(), made.ID)) },
			"refresh":      func(b *Backend) error { return second(b.Keys("acme1").Refresh(t.Context(), made.ID)) },
			"sub-accounts": func(b *Backend) error { return second(b.Subaccounts().Get(t.Context(), "acme1")) },
			"the account":  func(b *Backend) error { return second(b.Account(t.Context())) },
		} {
			f := newFront(t, w.server.URL) // a host of its own, whose pace a 429 slows
			f.set(func(rw http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
				rw.Header().Set("Content-Type", c.contentType)
				rw.WriteHeader(c.status)
				_, _ = rw.Write([]byte(c.body))
				return true
			})
			b := at(t, f.URL, w.server.Owner)
			err := call(b)
			says(t, what+", "+place, err, nil, c.say)
			if isMiss(err) || strings.Contains(fmt.Sprint(err), long) || strings.Contains(fmt.Sprint(err), w.server.Owner) {
				t.Errorf("%s, %s: got %v", what, place, err)
			}
			f.set(nil)
			if c.status != http.StatusTooManyRequests { // nothing bad is kept
				if err := call(b); err != nil {
					t.Errorf("%s, %s: afterwards %v", what, place, err)
				}
			}
		}
	}
}

func TestFaults_ASub404IsLookedInto(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	made := w.key(t)
	for _, end := range []string{endKeys, "/limit", "/usage"} {
		w.front.answers(http.MethodGet, end, http.StatusNotFound, "application/json", `{"error":"not found here"}`)
		err := second(w.Keys("acme1").Get(t.Context(), made.ID))
		if end == "/limit" {
			err = second(w.Subaccounts().Get(t.Context(), "acme1"))
		}
		if end == "/usage" {
			err = second(w.Subaccounts().Usage(t.Context(), "acme1"))
		}
		says(t, end, err, nil, "lists the sub-account \"acme1\" all the same")
		if isMiss(err) {
			t.Errorf("%s: a stray 404 is taken for a miss", end)
		}
	}
	w.front.answers(http.MethodDelete, made.ID, http.StatusNotFound, "application/json", `{}`)
	err := w.Keys("acme1").Delete(t.Context(), made.ID)
	says(t, "delete", err, nil, "lists the API key all the same")
	if isMiss(err) {
		t.Error("a stray 404 is taken for a deletion")
	}
	w.front.set(nil)
	if err := w.Keys("acme1").Delete(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	w.front.answers(http.MethodDelete, made.ID, http.StatusNotFound, "application/json", `{}`)
	says(t, "deleted", w.Keys("acme1").Delete(t.Context(), made.ID), backend.ErrNotFound)
}

// isMiss reports whether an error drops something from the state.
func isMiss(err error) bool { return errors.Is(err, backend.ErrNotFound) }

func TestFaults_ARevokedKeyIsSaidToBeOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subaccount(t, "acme1")
	stranger := at(t, w.server.URL, "mch_unknown_to_the_server")
	says(t, "unknown", second(stranger.Account(t.Context())), backend.ErrForbidden, "MAILCHANNELS_API_KEY")
	says(t, "unknown, create", second(stranger.Keys("acme1").Create(t.Context(), backend.APIKeyInput{})), backend.ErrForbidden, "MAILCHANNELS_API_KEY")
	w.server.SetStanding(t, api.StandingSuspended)
	says(t, "suspended", second(w.Subaccounts().Get(t.Context(), "acme1")), backend.ErrForbidden, "may not do this")
	w.server.Stop(t)
	says(t, "stopped", second(at(t, w.server.URL, w.server.Owner).Account(t.Context())), backend.ErrUnreachable, "cannot connect")
}

func TestSettings_EndpointMayHoldTheVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, end := range []string{"", "/", "/tx/v1", "/tx/v1/"} {
		if _, err := at(t, w.server.URL+end, w.server.Owner).Account(t.Context()); err != nil {
			t.Errorf("%q: %v", end, err)
		}
	}
	b, err := New(backend.Settings{Credential: "x"})
	if err != nil || b.caller.Host() != "api.mailchannels.net" {
		t.Errorf("the default: %v, %v", b, err)
	}
	refused := func(what string, in backend.Settings, part string) {
		if _, err := New(in); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("no credential", backend.Settings{}, "credential is empty")
	refused("plain http", backend.Settings{Endpoint: "http://example.com", Credential: "x"}, "plain http")
}
