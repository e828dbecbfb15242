package vendor

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

func TestAnAnswerThatIsNoneIsToldWithoutAWordOfIt(t *testing.T) {
	t.Parallel()
	const secret = "SG.leaked.secret-of-a-key"
	for name, c := range map[string]struct{ body, want string }{
		"a web page":                 {"<html>" + secret, "a web page"},
		"nothing":                    {"", "an empty answer"},
		"truncated JSON":             {`{"id":"` + secret, "cut off"},
		"no JSON":                    {"hello " + secret, "not JSON"},
		"null":                       {"null", "null"},
		"another shape":              {`{"id":{"x":"` + secret + `"}}`, "another shape"},
		"an error behind a 200":      {`{"errors":[{"message":"broken ` + secret + `"}],"id":"` + secret + `"}`, `"broken [secret]"`},
		"more than 1 MiB":            {`{"id":"` + strings.Repeat("x", 1<<20) + `"}`, "longer than"},
		"JSON with something behind": {`{"id":"1"}` + secret, "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller, _ := fixed(t, says(http.StatusOK, c.body))
			var into thing
			err := caller.Do(t.Context(), post(&into))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "leaked") || !errors.Is(err, ErrLost) {
				t.Errorf("the error shows the secret or is not told as lost: %v", err)
			}
			if err := caller.Do(t.Context(), get(&into)); err == nil || errors.Is(err, ErrLost) {
				t.Errorf("a read: %v", err)
			}
		})
	}
}

func TestALongListIsRead(t *testing.T) {
	t.Parallel()
	caller, _ := fixed(t, says(http.StatusOK, `{"id":"`+strings.Repeat("x", 2<<20)+`"}`))
	var into thing
	call := get(&into)
	call.List = true
	if err := caller.Do(t.Context(), call); err != nil || len(into.ID) != 2<<20 {
		t.Errorf("%v, %d bytes", err, len(into.ID))
	}
}

// Whoever answers something else may not be the service.
func TestADeletionIsBelievedWith204Only(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		body   string
		done   bool
	}{{http.StatusNoContent, "", true}, {http.StatusOK, "", false}, {http.StatusOK, "{}", false}, {http.StatusOK, "null", false}, {http.StatusAccepted, "", false}} {
		caller, _ := fixed(t, says(c.status, c.body))
		err := caller.Do(t.Context(), Call{Method: http.MethodDelete, Path: "/things/1", Route: "/things/{id}"})
		if (err == nil) != c.done {
			t.Errorf("%d %q: %v", c.status, c.body, err)
		}
	}
}

func TestAWebPageIsNoSuccessOfADelete(t *testing.T) {
	t.Parallel()
	call := Call{Method: http.MethodDelete, Path: "/things/1", Route: "/things/{id}"}
	caller, _ := fixed(t, says(http.StatusOK, "<html>please sign in"))
	if err := caller.Do(t.Context(), call); err == nil {
		t.Error("a page passes for a success")
	}
	caller, _ = fixed(t, says(http.StatusNoContent, ""))
	if err := caller.Do(t.Context(), call); err != nil {
		t.Error(err)
	}
}

func TestARedirectIsNotFollowedAndTheCredentialStays(t *testing.T) {
	t.Parallel()
	var visited atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Store(true) }))
	defer other.Close()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect} {
		caller, _ := fixed(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/?token=hunter2", status)
		})
		err := caller.Do(t.Context(), post(&thing{}))
		if err == nil || !strings.Contains(err.Error(), "redirect to "+other.URL+",") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
		if errors.Is(err, ErrLost) {
			t.Error("a redirect did nothing, so that nothing is lost")
		}
	}
	if visited.Load() {
		t.Error("the other host was called")
	}
}

func TestACertificateThatIsNotTrustedIsToldAtOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(says(http.StatusOK, `{"id":"1"}`))
	defer server.Close()
	caller, err := New(settings(server.URL))
	if err != nil {
		t.Fatal(err)
	}
	err = caller.Do(t.Context(), post(&thing{}))
	if err == nil || !strings.Contains(err.Error(), "certificate is not trusted") || !errors.Is(err, backend.ErrUnreachable) || errors.Is(err, ErrLost) {
		t.Errorf("got %v", err)
	}
	trusting := settings(server.URL)
	trusting.CACertificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	caller, err = New(trusting)
	if err != nil {
		t.Fatal(err)
	}
	if err := caller.Do(t.Context(), post(&thing{})); err != nil {
		t.Error(err)
	}
}

func TestRefusalsAreForbiddenAndWhatTheServiceSaidIsKept(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		caller, _ := fixed(t, says(status, `{"errors":[{"field":"scopes","message":"no `+credential+` here\nat all"}]}`))
		err := caller.Do(t.Context(), post(&thing{}))
		var failed *Error
		if !errors.As(err, &failed) || !errors.Is(err, backend.ErrForbidden) {
			t.Fatalf("got %v", err)
		}
		if failed.Status != status || failed.Sayings[0] != (Saying{Field: "scopes", Text: "no [credential] here at all"}) {
			t.Errorf("got %+v", failed)
		}
	}
}
