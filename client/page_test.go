package client

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func listStep(cursor string, r reply) step {
	q := "limit=500"
	if cursor != "" {
		q += "&cursor=" + cursor
	}
	return step{method: "GET", path: "/v1/apikeys", query: q, reply: r}
}

func collect(t *testing.T, c *Client, in ListAPIKeys) (ids []string, errs []error) {
	t.Helper()
	for key, err := range c.APIKeys.All(t.Context(), in) {
		if err != nil {
			if key != nil {
				t.Error("a key and an error")
			}
			errs = append(errs, err)
			continue
		}
		ids = append(ids, key.ID)
	}
	return ids, errs
}

func TestAPIKeys_All(t *testing.T) {
	t.Parallel()
	t.Run("pages", func(t *testing.T) {
		t.Parallel()
		c := scripted(t,
			listStep("", reveal(200, keysPage("c1", "a", "b"))),
			listStep("c1", reveal(200, keysPage("c2"))), // an empty page is not the end
			listStep("c2", reveal(200, keysPage("", "c"))),
		)
		ids, errs := collect(t, c, ListAPIKeys{})
		if !slices.Equal(ids, []string{"a", "b", "c"}) || errs != nil {
			t.Error(ids, errs)
		}
	})
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		c := scripted(t, listStep("", reveal(200, keysPage("", "a"))), listStep("", reveal(200, keysPage("", "b"))))
		all := c.APIKeys.All(t.Context(), ListAPIKeys{})
		for _, want := range []string{"a", "b"} {
			for key, err := range all {
				if err != nil || key.ID != want {
					t.Errorf("%v, %v, want %s", key, err, want)
				}
			}
		}
	})
	t.Run("lazy", func(t *testing.T) {
		t.Parallel()
		c := scripted(t, listStep("", reveal(200, keysPage("c1", "a", "b"))))
		all := c.APIKeys.All(t.Context(), ListAPIKeys{}) // no call yet
		for key, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			if key.ID == "b" {
				break // and none for the second page
			}
		}
	})
	t.Run("error once", func(t *testing.T) {
		t.Parallel()
		c := scripted(t,
			listStep("", reveal(200, keysPage("c1", "a"))),
			listStep("c1", problem(403, api.CodeForbidden)),
		)
		ids, errs := collect(t, c, ListAPIKeys{})
		if len(ids) != 1 || len(errs) != 1 || !errors.Is(errs[0], ErrForbidden) {
			t.Error(ids, errs)
		}
	})
	t.Run("break at error", func(t *testing.T) {
		t.Parallel()
		c := scripted(t, listStep("", problem(403, api.CodeForbidden)))
		for _, err := range c.APIKeys.All(t.Context(), ListAPIKeys{}) {
			if err != nil {
				break
			}
		}
	})
	t.Run("same cursor", func(t *testing.T) {
		t.Parallel()
		c := scripted(t,
			listStep("", reveal(200, keysPage("c1", "a"))),
			listStep("c1", reveal(200, keysPage("c2", "b"))),
			listStep("c2", reveal(200, keysPage("c1", "c"))),
		)
		ids, errs := collect(t, c, ListAPIKeys{})
		if len(ids) != 3 || len(errs) != 1 || !errors.Is(errs[0], ErrUnexpectedAnswer) || !strings.Contains(errs[0].Error(), "same cursor twice") {
			t.Error(ids, errs)
		}
	})
	t.Run("from a cursor", func(t *testing.T) {
		t.Parallel()
		c := scripted(t, step{method: "GET", path: "/v1/apikeys", query: "cursor=c9&limit=2&status=expired", reply: reveal(200, keysPage("", "z"))})
		ids, errs := collect(t, c, ListAPIKeys{Cursor: "c9", Limit: 2, Status: api.StatusExpired})
		if len(ids) != 1 || errs != nil {
			t.Error(ids, errs)
		}
	})
}

func TestAPIKeys_All_many_ids(t *testing.T) {
	t.Parallel()
	var ids, twice []string
	for i := range 201 {
		ids = append(ids, fmt.Sprintf("key_%03d", i))
	}
	twice = append(slices.Clone(ids), ids...)
	portion := func(from, to int, next string) step {
		return step{
			method: "GET", path: "/v1/apikeys", query: "limit=500&ids=" + strings.Join(ids[from:to], ","),
			reply: reveal(200, keysPage(next, ids[from:to]...)),
		}
	}
	c := scripted(t, portion(0, 100, ""), portion(100, 200, ""), portion(200, 201, ""))
	all := c.APIKeys.All(t.Context(), ListAPIKeys{IDs: twice})
	clear(twice) // the list was taken when All was called
	var got []string
	for key, err := range all {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, key.ID)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	// Neither an error nor a break goes on with the next portion.
	c = scripted(t, step{method: "GET", path: "/v1/apikeys", query: portion(0, 100, "").query, reply: problem(500, api.CodeInternal)})
	if _, errs := collect(t, c, ListAPIKeys{IDs: ids}); len(errs) != 1 {
		t.Error(errs)
	}
	c = scripted(t, portion(0, 100, ""))
	for _, err := range c.APIKeys.All(t.Context(), ListAPIKeys{IDs: ids}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
}

// endless answers every page with the same items, or with new ones, and another cursor.
func endless(t *testing.T, page func(n int) string) (*Client, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, page(int(calls.Add(1))))
	}))
	t.Cleanup(srv.Close)
	c, err := New(srv.URL, testCredential)
	if err != nil {
		t.Fatal(err)
	}
	return c, &calls
}

// A list ends, whatever its server says.
func TestAll_ends(t *testing.T) {
	t.Parallel()
	event := func(seq int) string {
		return fmt.Sprintf(`{"items": [{"seq": %d, "at": "2026-01-01T00:00:00Z", "action": "a", "outcome": "allowed"}], "next_cursor": "%[1]d"}`, seq)
	}
	for name, tc := range map[string]struct {
		page  func(n int) string
		most  int64 // calls
		want  string
		trail bool
	}{
		"the same keys again": {func(n int) string {
			return fmt.Sprintf(`{"items": [{"id": "a", "status": "active", "revision": 1}], "next_cursor": "%d"}`, n)
		}, 2, "listed an item twice", false},
		"empty pages":      {func(n int) string { return fmt.Sprintf(`{"items": [], "next_cursor": "%d"}`, n) }, mostEmptyPages, "empty pages", false},
		"the same cursor":  {func(int) string { return `{"items": [], "next_cursor": "a"}` }, 2, "the same cursor twice", false},
		"the same records": {func(int) string { return event(1) }, 2, "listed a record twice", true},
		"records back":     {func(n int) string { return event(10 - n) }, 2, "not in the order of the trail", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, calls := endless(t, tc.page)
			var last error
			if tc.trail {
				for _, err := range c.AuditEvents.All(t.Context(), ListAuditEvents{}) {
					last = err
				}
			} else {
				for _, err := range c.APIKeys.All(t.Context(), ListAPIKeys{}) {
					last = err
				}
			}
			if !errors.Is(last, ErrUnexpectedAnswer) || !strings.Contains(last.Error(), tc.want) || calls.Load() > tc.most {
				t.Errorf("after %d calls: %v", calls.Load(), last)
			}
		})
	}
}

// More keys than any account has go through.
func TestAll_goes_through_100000_keys(t *testing.T) {
	t.Parallel()
	const pagesOfKeys = 200
	c, _ := endless(t, func(n int) string {
		var page strings.Builder
		for i := range 500 {
			fmt.Fprintf(&page, `{"id": "key_%d_%d", "name": "n", "status": "active", "revision": 1, "scopes": ["read"]},`, n, i)
		}
		next := ""
		if n < pagesOfKeys {
			next = fmt.Sprint(n)
		}
		return `{"items": [` + strings.TrimSuffix(page.String(), ",") + `], "next_cursor": "` + next + `"}`
	})
	count := 0
	for _, err := range c.APIKeys.All(t.Context(), ListAPIKeys{}) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if count != 500*pagesOfKeys {
		t.Errorf("%d keys", count)
	}
}
