package client

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// The bounds of a list beside those of a page, so that a broken server keeps nobody busy
// without an end.
const (
	mostEmptyPages = 1_000 // one after the other; a filter can leave pages empty
	mostCursor     = 4 << 10
)

// callPage is call for a page. It takes the items one by one, so that an endless page costs
// no more than a full one, and refuses one that has an item twice.
func callPage[T any](ctx context.Context, c *core, o operation, name, check func(*T) string) (*api.Page[T], error) {
	a, err := c.do(ctx, o)
	if err != nil {
		return nil, err
	}
	var in struct {
		Items json.RawMessage `json:"items"`
		Next  string          `json:"next_cursor"`
	}
	if lack := decode(a, &in); lack != "" {
		return nil, c.unexpected(o, a, lack)
	}
	items, err := outside.Items(in.Items, api.MaxPageSize, func(item *T) (string, string) { return name(item), check(item) })
	switch {
	case err != nil:
		return nil, c.unexpected(o, a, err.Error())
	case items == nil:
		return nil, c.unexpected(o, a, "has no items, not even an empty list of them")
	case len(in.Next) > mostCursor:
		return nil, c.unexpected(o, a, "has a cursor that is longer than any")
	}
	return &api.Page[T]{Items: items, NextCursor: in.Next}, nil
}

// sequence says what is wrong with the place of an item in its list; empty for nothing.
type sequence[T any] func(*T) string

// distinct wants each item once, and not endlessly many.
func distinct[T any](name func(*T) string) sequence[T] {
	seen := map[string]bool{}
	return func(item *T) string {
		n := name(item)
		switch {
		case seen[n]:
			return "the server listed an item twice"
		case len(seen) == outside.MostListed:
			return fmt.Sprintf("the server listed more than %d items", outside.MostListed)
		}
		seen[n] = true
		return ""
	}
}

// pages goes through a list, and asks for a page only when the one before is used
// up. The order is made anew for each time that the list is gone through.
func pages[T any](path, cursor string, order func() sequence[T], fetch func(cursor string) (*api.Page[T], error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		fail := func(why string) { yield(nil, fmt.Errorf("GET %s: %w: %s", path, ErrUnexpectedAnswer, why)) }
		next, check, empty := cursor, order(), 0
		seen := map[string]bool{next: true}
		for {
			page, err := fetch(next)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Items {
				if wrong := check(&page.Items[i]); wrong != "" {
					fail(wrong + ", so the list cannot be trusted")
					return
				}
				if !yield(&page.Items[i], nil) {
					return
				}
			}
			if empty++; len(page.Items) > 0 {
				empty = 0
			}
			next = page.NextCursor
			switch {
			case next == "":
				return
			case seen[next]:
				fail("the server gave the same cursor twice, so the list would never end")
				return
			case empty == mostEmptyPages:
				fail(fmt.Sprintf("the server gave %d empty pages, so the list may never end", empty))
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
