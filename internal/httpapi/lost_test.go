package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const once = "0123456789abcdef-once"

var newKey = map[string]string{api.HeaderIdempotencyKey: once}

func TestIdempotency_TheSameRequestGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"name":"ci","scopes":["read","write"]}`
	first := h.create(t, body, newKey)
	again := h.create(t, ` {"scopes":["write","read"],"name":"ci"}`, newKey)
	if first.ID != again.ID || !first.Secret.Equal(again.Secret) {
		t.Errorf("two answers: %s and %s", first.ID, again.ID)
	}
	var answers []api.IssuedAPIKey
	for range 2 {
		var issued api.IssuedAPIKey
		h.send(t, http.MethodPost, pathKeys+"/"+first.ID+"/rotate", `{"overlap":"1h"}`, newKey2()).decode(t, &issued)
		answers = append(answers, issued)
	}
	if !answers[0].Secret.Equal(answers[1].Secret) || answers[1].SecretVersion != 2 {
		t.Errorf("rotated twice: versions %d and %d", answers[0].SecretVersion, answers[1].SecretVersion)
	}
	if n := len(h.keys(t)); n != 1 {
		t.Errorf("%d keys, want 1", n)
	}
}

func newKey2() map[string]string { return map[string]string{api.HeaderIdempotencyKey: once + "-2"} }

func TestIdempotency_AnotherRequestUnderTheSameKeyIsRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.create(t, `{"name":"ci","scopes":["read"]}`, newKey)
	h.run(t, map[string]scenario{
		"another body": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"other","scopes":["read"]}`, header: newKey,
			status: http.StatusUnprocessableEntity, code: api.CodeIdempotencyKeyReused, field: api.HeaderIdempotencyKey,
		},
		"another call": {
			method: http.MethodPost, path: pathKeys + "/{id}/rotate", header: newKey,
			status: http.StatusUnprocessableEntity, code: api.CodeIdempotencyKeyReused, field: api.HeaderIdempotencyKey,
		},
		"too short": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"other","scopes":["read"]}`, header: map[string]string{api.HeaderIdempotencyKey: "1"},
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: api.HeaderIdempotencyKey,
		},
		"not ASCII": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"other","scopes":["read"]}`, header: map[string]string{api.HeaderIdempotencyKey: "0123456789abcdef\xff"},
			status: http.StatusUnprocessableEntity, code: api.CodeValidationFailed, field: api.HeaderIdempotencyKey,
		},
		"empty": {
			method: http.MethodPost, path: pathKeys, body: `{"name":"other","scopes":["read"]}`, header: map[string]string{api.HeaderIdempotencyKey: " "},
			status: http.StatusBadRequest, code: api.CodeInvalidRequest, field: api.HeaderIdempotencyKey,
		},
	})
}

// dial opens a connection to the server, to send less than a whole request on it.
func (h *harness) dial(t *testing.T) net.Conn {
	t.Helper()
	at, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// raw is a create as it goes over the wire, said to have a body of that length.
func (h *harness) raw(body string, length int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: test\r\n%s: %s\r\n%s: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		pathKeys, api.HeaderAPIKey, h.Owner, api.HeaderIdempotencyKey, once, length, body)
}

// await waits until the server is done with n requests.
func (h *harness) await(t *testing.T, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); len(h.Requests()) < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the server is done with %d requests, want %d", len(h.Requests()), n)
		}
	}
}

func TestCreate_ClientLeavesInTheMiddleOfTheBody(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"name":"ci","scopes":["read"]}`
	for _, sent := range []int{0, 1, len(body) / 2, len(body) - 1} {
		h.Reset()
		conn := h.dial(t)
		if _, err := conn.Write([]byte(h.raw(body[:sent], len(body)))); err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		h.await(t, 1)
	}
	if n := len(h.keys(t)); n != 0 {
		t.Fatalf("%d keys of half a request", n)
	}
	if log := h.Logs(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("a caller that leaves is no failure of the server:\n%s", log)
	}
	if v := h.verify(t, h.create(t, body, newKey).Secret.Reveal(), "read"); !v.Valid {
		t.Errorf("the retry's secret is %s", v.Code)
	}
}

// A whole create is sent, and the client is gone at some moment of it. Whatever
// the server had done by then, the retry ends with one key and its secret.
func TestCreate_ClientLeavesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{0, 100 * time.Microsecond, 300 * time.Microsecond, time.Millisecond, 5 * time.Millisecond} {
		t.Run(wait.String(), func(t *testing.T) {
			t.Parallel()
			h := start(t)
			const body = `{"name":"ci","scopes":["read"]}`
			conn := h.dial(t)
			if _, err := conn.Write([]byte(h.raw(body, len(body)))); err != nil {
				t.Fatal(err)
			}
			time.Sleep(wait)
			_ = conn.Close()
			issued := h.create(t, body, newKey)
			h.await(t, 3) // the document, the one that was left, and this
			if n := len(h.keys(t)); n != 1 {
				t.Errorf("%d keys, want 1", n)
			}
			if v := h.verify(t, issued.Secret.Reveal(), "read"); !v.Valid {
				t.Errorf("the secret is %s", v.Code)
			}
			if log := h.Logs(); strings.Contains(log, `"level":"ERROR"`) {
				t.Errorf("a caller that leaves is no failure of the server:\n%s", log)
			}
			h.VerifyAudit(t)
		})
	}
}

func TestCreate_LostAnswerIsRepeatedAfterARestart(t *testing.T) {
	t.Parallel()
	h := start(t)
	const body = `{"name":"ci","scopes":["read"]}`
	h.LoseAnswers(1, http.MethodPost, pathKeys)
	conn := h.dial(t)
	if _, err := conn.Write([]byte(h.raw(body, len(body)))); err != nil {
		t.Fatal(err)
	}
	h.await(t, 2) // the document, and this
	h.Restart(t)
	issued := h.create(t, body, newKey)
	if n := len(h.keys(t)); n != 1 {
		t.Errorf("%d keys, want 1", n)
	}
	if v := h.verify(t, issued.Secret.Reveal(), "read"); !v.Valid {
		t.Errorf("the secret is %s", v.Code)
	}
}

func TestCreate_DiskFull(t *testing.T) {
	t.Parallel()
	h := start(t)
	kept := h.create(t, `{"name":"kept","scopes":["read"]}`, nil)
	h.FillDisk(t)
	before, err := json.Marshal(h.keys(t))
	if err != nil {
		t.Fatal(err)
	}
	full := scenario{status: http.StatusInsufficientStorage, code: api.CodeStorageFull, want: []string{"Nothing was written"}}
	for range 3 {
		full.check(t, h.send(t, http.MethodPost, pathKeys, `{"name":"ci","scopes":["read"]}`, newKey))
	}
	full.check(t, h.send(t, http.MethodPatch, pathKeys+"/"+kept.ID, `{"description":"`+strings.Repeat("x", 500)+`"}`, nil))
	if after, _ := json.Marshal(h.keys(t)); string(after) != string(before) {
		t.Errorf("something was written:\n%s\n%s", before, after)
	}
	if v := h.verify(t, kept.Secret.Reveal(), "read"); !v.Valid {
		t.Errorf("a full disk must not stop verification: %+v", v)
	}
	if a := h.send(t, http.MethodGet, "/readyz", "", nil); a.status != http.StatusOK || a.body != `{"status":"storage_full"}` {
		t.Errorf("/readyz: %d: %s", a.status, a.body)
	}
	if a := h.send(t, http.MethodGet, "/metrics", "", nil); !strings.Contains(a.body, "postern_storage_full 1") || !strings.Contains(a.body, "postern_storage_nearly_full 1") {
		t.Errorf("the metrics lack that the storage is full: %s", a.body)
	}
	if a := h.send(t, http.MethodPatch, pathKeys+"/"+kept.ID, `{"enabled":false}`, nil); a.status != http.StatusOK || h.verify(t, kept.Secret.Reveal()).Valid {
		t.Errorf("a key cannot be disabled on a full disk: %d: %s", a.status, a.body)
	}
	h.FreeDisk(t)
	if v := h.verify(t, h.create(t, `{"name":"ci","scopes":["read"]}`, newKey).Secret.Reveal()); !v.Valid {
		t.Errorf("with space again: %+v", v)
	}
	h.VerifyAudit(t)
}
