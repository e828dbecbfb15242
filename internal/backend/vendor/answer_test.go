package vendor

import (
	"bytes"
	"compress/gzip"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
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
	const many = 49_000 // more than 1 MiB, and more than any service lists in one answer
	var text strings.Builder
	for i := range many {
		fmt.Fprintf(&text, `{"id":"%024d"},`, i)
	}
	caller, _ := fixed(t, says(http.StatusOK, "["+strings.TrimSuffix(text.String(), ",")+"]"))
	var into List[listed]
	if err := caller.Do(t.Context(), list(&into)); err != nil || len(into) != many {
		t.Errorf("%v, %d items", err, len(into))
	}
}

func list(into *List[listed]) Call {
	return Call{Method: http.MethodGet, Path: "/things", Route: "/things", Into: into, List: true}
}

// listed is a thing in a list.
type listed struct {
	ID string `json:"id"`
}

func (l listed) CheckItem() (name, lack string) {
	if l.ID == "" {
		return "", "lists a thing without an id"
	}
	return l.ID, ""
}

// A list costs what a service can send, whatever this one sends.
func TestAListIsBounded(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := io.WriteString(z, "["+strings.Repeat("{},", 5_000_000)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	numbered := func(n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `{"id":"%d"},`, i)
		}
		return "[" + text.String() + `{"id":"last"}]`
	}
	for name, c := range map[string]struct{ body, encoding, want string }{
		"empty items in gzip": {bomb.String(), "gzip", "holds more than 200000 objects"},
		"too many items":      {numbered(50_000), "", "lists more than 50000 items"},
		"a thing twice":       {`[{"id":"1"},{"id":"1"}]`, "", "lists an item twice"},
		"no id":               {`[{"id":"1"},{}]`, "", "lists a thing without an id"},
		"null":                {`[null]`, "", "lists a thing without an id"},
		"another shape":       {`[{"id":"1"},{"id":{"leaked":"MUSTnotSHOW"}}]`, "", "another shape"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			caller, _ := fixed(t, func(w http.ResponseWriter, _ *http.Request) {
				if c.encoding != "" {
					w.Header().Set("Content-Encoding", c.encoding)
				}
				_, _ = io.WriteString(w, c.body)
			})
			var into List[listed]
			if err := caller.Do(t.Context(), list(&into)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "MUSTnotSHOW") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	var bounds Bounds
	caller, _ := fixed(t, says(http.StatusOK, `[{"id":"1"}]`+strings.Repeat(" ", 1<<20)))
	for range 400 {
		var into List[listed]
		call := list(&into)
		call.Within = &bounds
		if err := caller.Do(t.Context(), call); err != nil {
			t.Fatal(err)
		}
		if err := bounds.Add(2_000); err != nil {
			if bounds.items <= outside.MostListed {
				t.Error(err)
			}
			return
		}
	}
	t.Error("the list has no end")
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
