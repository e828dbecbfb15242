package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/faults"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// leave sends a request, closes its own side of the connection at once, which ends the
// request's context, and reads the answer all the same.
func (h *harness) leave(t *testing.T, method, path, key string) (int, string) {
	t.Helper()
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nX-Request-Id: same\r\n\r\n", method, path, key); err != nil {
		t.Fatal(err)
	}
	if tcp, ok := c.(*net.TCPConn); !ok || tcp.CloseWrite() != nil {
		t.Fatal("the connection cannot be half closed")
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestFaults_ACallerThatLeavesLearnsNothingAndIsRecorded(t *testing.T) {
	t.Parallel()
	h := start(t)
	strong := h.create(t, `{"name":"strong","scopes":["admin"]}`, nil)
	for i := range faults.Rounds(t, 15) {
		off := h.create(t, fmt.Sprintf(`{"name":"off %d","scopes":["read"],"enabled":false}`, i), nil)
		weak := h.create(t, fmt.Sprintf(`{"name":"weak %d","scopes":["read"]}`, i), nil)
		status, known := h.leave(t, http.MethodGet, pathKeys, off.Secret.Reveal())
		if status != http.StatusUnauthorized {
			t.Errorf("a key that is turned off: %d: %s", status, known)
		}
		if status, body := h.leave(t, http.MethodGet, pathKeys, "sk_"+secret.Random("base62", 40)); status != http.StatusUnauthorized || body != known {
			t.Errorf("a key that nobody has: %d: %s, and one that is turned off: %s", status, body, known)
		}
		if status, body := h.leave(t, http.MethodDelete, pathKeys+"/"+strong.ID, weak.Secret.Reveal()); status != http.StatusForbidden {
			t.Errorf("a weak key that deletes: %d: %s", status, body)
		}
		for _, actor := range []string{off.ID, weak.ID} {
			if n := len(h.events(t, "?outcome=denied&actor="+actor)); n != 1 {
				t.Errorf("%d denials of %s are recorded", n, actor)
			}
		}
	}
}

// events are the records of the trail that the filter selects.
func (h *harness) events(t *testing.T, filter string) []string {
	t.Helper()
	var page struct {
		Items []struct {
			Action string `json:"action"`
		} `json:"items"`
	}
	h.send(t, http.MethodGet, "/v1/audit-events"+filter, "", nil).decode(t, &page)
	var actions []string
	for _, e := range page.Items {
		actions = append(actions, e.Action)
	}
	return actions
}
