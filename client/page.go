package client

import (
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// checkPage checks the items of a page.
func checkPage[T any](check func(*T) string) func(*api.Page[T]) string {
	return func(page *api.Page[T]) string {
		if page.Items == nil {
			return "has no items, not even an empty list of them"
		}
		for i := range page.Items {
			if lack := check(&page.Items[i]); lack != "" {
				return lack
			}
		}
		return ""
	}
}

// pages goes through a list, and asks for a page only when the one before is used
// up.
func pages[T any](path, cursor string, fetch func(cursor string) (*api.Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		next := cursor
		seen := map[string]bool{next: true}
		for {
			page, err := fetch(next)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Items {
				if !yield(&page.Items[i], nil) {
					return
				}
			}
			next = page.NextCursor
			if next == "" {
				return
			}
			if seen[next] {
				yield(nil, fmt.Errorf("GET %s: %w: the server gave the same cursor twice, so the list would never end", path, ErrUnexpectedAnswer))
				return
			}
			seen[next] = true
		}
	}
}

// query collects the parameters that are not empty.
type query map[string][]string

func (q query) set(name, value string) {
	if value != "" {
		q[name] = []string{value}
	}
}

func (q query) time(name string, at time.Time) {
	if !at.IsZero() {
		q.set(name, at.UTC().Format(time.RFC3339Nano))
	}
}

func (q query) page(limit int, cursor string) {
	if limit != 0 {
		q.set("limit", strconv.Itoa(limit))
	}
	q.set("cursor", cursor)
}
